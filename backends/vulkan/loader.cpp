// The volk implementation: compiles volk's function pointers. Vulkan is loaded on first use, so that a
// machine without it can run everything that needs no device.
#define VOLK_IMPLEMENTATION
#include <volk.h>
