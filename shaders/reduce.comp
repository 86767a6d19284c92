// A reduction: LANES invocations together reduce LENGTH elements for each item, an output or a quad of outputs.
//
// With one lane (software devices) an invocation iterates over its elements in order. With more, lane l takes the
// elements l, l + LANES, ... and a tree reduction combines the lanes' results: inside subgroups by shuffles if
// SUBGROUP_SHUFFLE is 1, and everything else through shared memory. Either way the order is fixed. For coalesced
// loads, adjacent invocations are lanes of one item where its elements are contiguous, and different items where the
// items are contiguous (ACROSS).
//
// Defined before this text:
//   #define  ITEMS LENGTH LOCAL_SIZE (uint literals), LANES (a plain power of two that divides LOCAL_SIZE),
//            ELEMENT (the type of the elements), START (its identity element), FOUR_A_TURN (plain 0 or 1; with 1 LENGTH
//            is a multiple of 4 * LANES), ACROSS (plain 0 or 1), SUBGROUP_SHUFFLE (plain 0 or 1; with 1 the subgroup's
//            size divides LOCAL_SIZE, ACROSS is 0, and GL_KHR_shader_subgroup_shuffle_relative is on)
//   hooks    ELEMENT element(int item, int position), ELEMENT combine(ELEMENT a, ELEMENT b),
//            void finish(int item, ELEMENT folded)
// Workgroups: ceil(ITEMS * LANES / LOCAL_SIZE) Shared memory: LOCAL_SIZE elements when LANES > 1

const uint $lanes = $LANES;
const uint $group_items = $LOCAL_SIZE / $lanes;
// Grids of up to 65,535 workgroups are launched exactly, without surplus ones. On llvmpipe a branch around the whole
// body masks every access.
const bool $exact = $ITEMS % $group_items == 0u && $ITEMS / $group_items <= 65535u;

#if $LANES > 1
shared $ELEMENT $partial[$LOCAL_SIZE];
#endif

void $run(uint group) {
#if $SUBGROUP_SHUFFLE
  // How invocations map to subgroups is implementation-defined, so places are numbered by subgroup.
  uint place = gl_SubgroupID * gl_SubgroupSize + gl_SubgroupInvocationID;
#else
  uint place = gl_LocalInvocationID.x;
#endif
#if $ACROSS
  uint item = group * $group_items + place % $group_items;
  uint lane = place / $group_items;
  const uint next_lane = $group_items;  // distance in places between adjacent lanes of an item
#else
  uint item = group * $group_items + place / $lanes;
  uint lane = place % $lanes;
  const uint next_lane = 1u;
#endif
  $ELEMENT folded = $START;
  if ($exact || item < $ITEMS) {
#if $FOUR_A_TURN
    for (uint position = lane; position < $LENGTH; position += 4u * $lanes) {
      $ELEMENT a = $element(int(item), int(position));
      $ELEMENT b = $element(int(item), int(position + $lanes));
      $ELEMENT c = $element(int(item), int(position + 2u * $lanes));
      $ELEMENT d = $element(int(item), int(position + 3u * $lanes));
      folded = $combine($combine($combine($combine(folded, a), b), c), d);
    }
#else
    for (uint position = lane; position < $LENGTH; position += $lanes) {
      folded = $combine(folded, $element(int(item), int(position)));
    }
#endif
  }
#if $LANES > 1
  uint apart = $lanes;  // partial results of an item still to be combined, lanes / apart places from one to the next
#if $SUBGROUP_SHUFFLE
  // Combines inside subgroups first, so that one partial result per subgroup is left.
  uint inside = min($lanes, gl_SubgroupSize);
  for (uint distance = inside / 2u; distance > 0u; distance /= 2u)
    folded = $combine(folded, subgroupShuffleDown(folded, distance));
  apart = $lanes / inside;
#endif
  if (apart > 1u) {
    uint stride = $lanes / apart;
    $partial[place] = folded;
    for (uint half_lanes = apart / 2u; half_lanes > 0u; half_lanes /= 2u) {
      barrier();
      if (lane % stride == 0u && lane / stride < half_lanes)
        $partial[place] = $combine($partial[place], $partial[place + half_lanes * stride * next_lane]);
    }
    folded = $partial[place];
  }
#endif
  if (($exact || item < $ITEMS) && ($lanes == 1u || lane == 0u)) $finish(int(item), folded);
}
