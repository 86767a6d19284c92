// A fold: LANES invocations together fold LENGTH elements for one item, an output or four neighbouring ones.
//
// With one lane (software devices) an invocation walks its elements in order. With more, lane l takes the elements
// l, l + LANES, ... so that neighbours read neighbours, and a tree over shared memory joins the lanes' results. Either
// way the order is fixed.
//
// Wanted before this text:
//   #define  ITEMS LENGTH LOCAL_SIZE (uint literals), LANES (a plain power of two that divides LOCAL_SIZE),
//            ELEMENT (type of what is folded), START (its neutral element)
//   hooks    ELEMENT element(int item, int position), ELEMENT combine(ELEMENT a, ELEMENT b),
//            void finish(int item, ELEMENT folded)
// Workgroups: ceil(ITEMS * LANES / LOCAL_SIZE)
// Shared memory: LOCAL_SIZE elements when LANES > 1

layout(local_size_x = LOCAL_SIZE) in;

const uint lanes = LANES;

#if LANES > 1
shared ELEMENT partial[LOCAL_SIZE];
#endif

void main() {
  uint group = gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x;
  uint invocation = group * LOCAL_SIZE + gl_LocalInvocationID.x;
  uint item = invocation / lanes;
  uint lane = invocation % lanes;
  ELEMENT folded = START;
  if (item < ITEMS) {
    for (uint position = lane; position < LENGTH; position += lanes) {
      folded = combine(folded, element(int(item), int(position)));
    }
  }
#if LANES > 1
  uint place = gl_LocalInvocationID.x;
  partial[place] = folded;
  for (uint half_lanes = lanes / 2u; half_lanes > 0u; half_lanes /= 2u) {
    barrier();
    if (lane < half_lanes) partial[place] = combine(partial[place], partial[place + half_lanes]);
  }
  folded = partial[place];
#endif
  if (item < ITEMS && lane == 0u) finish(int(item), folded);
}
