// One invocation per item: an element, or a quad of four contiguous ones.
//
// Defined before this text:
//   #define  ITEMS LOCAL_SIZE (uint literals)
//   hook     void compute(int item)
// Workgroups: ceil(ITEMS / LOCAL_SIZE)

void $run(uint group) {
  uint item = group * $LOCAL_SIZE + gl_LocalInvocationID.x;
  // Grids of up to 65,535 workgroups are launched exactly, without surplus ones. On llvmpipe a branch around the
  // whole body masks every access.
  if ($ITEMS % $LOCAL_SIZE == 0u && $ITEMS / $LOCAL_SIZE <= 65535u || item < $ITEMS) $compute(int(item));
}
