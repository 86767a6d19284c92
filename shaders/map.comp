// One invocation per item: an element, or four neighbouring ones.
//
// Wanted before this text:
//   #define  ITEMS LOCAL_SIZE (uint literals)
//   hook     void compute(int item)
// Workgroups: ceil(ITEMS / LOCAL_SIZE)

void $run(uint group) {
  uint item = group * $LOCAL_SIZE + gl_LocalInvocationID.x;
  // Grids up to 65,535 are exact, and a branch around everything costs llvmpipe a mask on every access.
  if ($ITEMS % $LOCAL_SIZE == 0u && $ITEMS / $LOCAL_SIZE <= 65535u || item < $ITEMS) $compute(int(item));
}
