// Several kernels in one dispatch of persistent workgroups, for devices on which a dispatch costs more than a small
// kernel. There are as many workgroups as the device has compute units. They execute the kernels in order; each
// claims one piece of a kernel's groups after another.
//
// Where a kernel depends on earlier ones, a workgroup waits until all of their pieces are finished. Vulkan does not
// guarantee that other workgroups make progress meanwhile, so the wait is bounded: then the workgroup returns and
// leaves the rest to the others. The workgroup that finishes the last piece has nothing to wait for, so at least one
// makes progress under any scheduling.
//
// Defined before this text:
//   extensions  GL_KHR_shader_subgroup_basic, GL_KHR_shader_subgroup_shuffle
//   #define     KERNELS (their number), TURNS (the most polls of a wait, at least one), PROGRESS (a binding), all
//               uint literals
// A workgroup is one subgroup. All loops of an invocation together, including TURNS of each wait, must stay below
// 65,535 iterations on llvmpipe.

// All zero before and after a dispatch.
layout(set = 0, binding = PROGRESS, std430) coherent buffer Progress {
  uint left;              // workgroups that have returned
  uint finished;          // pieces, of all kernels together
  uint claimed[KERNELS];  // claims, also failed ones
} progress;

// The next unclaimed piece of a kernel; its number of pieces, or more, when none is left.
uint claim(uint kernel) {
  uint piece = 0u;
  if (gl_SubgroupInvocationID == 0u) piece = atomicAdd(progress.claimed[kernel], 1u);
  return subgroupShuffle(piece, 0u);
}

void finish() {
  memoryBarrier();
  if (gl_SubgroupInvocationID == 0u) atomicAdd(progress.finished, 1u);
}

// Whether `pieces` were finished within the bound.
bool wait_for(uint pieces) {
  uint finished = 0u;
  if (gl_SubgroupInvocationID == 0u) {
    for (uint turn = 0u; turn < TURNS && finished < pieces; ++turn) finished = atomicAdd(progress.finished, 0u);
  }
  memoryBarrier();
  return subgroupShuffle(finished, 0u) >= pieces;
}

// The last workgroup to return resets the counters.
void leave() {
  if (gl_SubgroupInvocationID != 0u || atomicAdd(progress.left, 1u) + 1u < gl_NumWorkGroups.x) return;
  progress.left = 0u;
  progress.finished = 0u;
  for (uint kernel = 0u; kernel < KERNELS; ++kernel) progress.claimed[kernel] = 0u;
}
