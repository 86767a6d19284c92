// Several kernels in one dispatch, for devices on which a dispatch costs more than a small kernel: as many
// workgroups as the device has units work through the kernels in order, each claiming one piece of a kernel's
// groups after another.
//
// Where a kernel needs what earlier ones wrote, a workgroup waits until all their pieces are finished. Nothing
// promises that the others run meanwhile, so it does not wait for ever: it leaves the rest to them. Whoever
// finishes the last piece has nobody to wait for, so that one at least goes on, whatever runs when.
//
// Wanted before this text:
//   extensions  GL_KHR_shader_subgroup_basic, GL_KHR_shader_subgroup_shuffle
//   #define     KERNELS (their number), TURNS (how often a wait looks, at least once), PROGRESS (a binding), all
//               uint literals
// A workgroup is one subgroup. All loops of an invocation together, TURNS of each wait included, must stay below
// 65,535 iterations on llvmpipe.

// All zero before a dispatch and after it.
layout(set = 0, binding = PROGRESS, std430) coherent buffer Progress {
  uint left;              // workgroups
  uint finished;          // pieces of all kernels
  uint claimed[KERNELS];  // pieces, and attempts to get one
} progress;

// The next piece of a kernel that nobody has taken; as many as it has, or more, when there is none.
uint claim(uint kernel) {
  uint piece = 0u;
  if (gl_SubgroupInvocationID == 0u) piece = atomicAdd(progress.claimed[kernel], 1u);
  return subgroupShuffle(piece, 0u);
}

void finish() {
  memoryBarrier();
  if (gl_SubgroupInvocationID == 0u) atomicAdd(progress.finished, 1u);
}

// Whether `pieces` were finished in time.
bool wait_for(uint pieces) {
  uint finished = 0u;
  if (gl_SubgroupInvocationID == 0u) {
    for (uint turn = 0u; turn < TURNS && finished < pieces; ++turn) finished = atomicAdd(progress.finished, 0u);
  }
  memoryBarrier();
  return subgroupShuffle(finished, 0u) >= pieces;
}

// The last one cleans up.
void leave() {
  if (gl_SubgroupInvocationID != 0u || atomicAdd(progress.left, 1u) + 1u < gl_NumWorkGroups.x) return;
  progress.left = 0u;
  progress.finished = 0u;
  for (uint kernel = 0u; kernel < KERNELS; ++kernel) progress.claimed[kernel] = 0u;
}
