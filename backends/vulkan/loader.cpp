// The one place that compiles volk's function pointers. Vulkan is loaded when first asked for, so that a
// machine without it can still run everything that needs no device.
#define VOLK_IMPLEMENTATION
#include <volk.h>
