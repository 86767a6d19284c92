// Replacements for drivers whose functions lose NaN or infinities (SwiftShader). The macros at the end redirect calls
// to them.

float hk_ieee_exp(float x) { return isnan(x) ? x : exp(x); }
vec4 hk_ieee_exp(vec4 x) { return mix(exp(x), x, isnan(x)); }
float hk_ieee_exp2(float x) { return isnan(x) ? x : exp2(x); }
vec4 hk_ieee_exp2(vec4 x) { return mix(exp2(x), x, isnan(x)); }

// SwiftShader's logarithm of a negative number is that of its magnitude, and that of 0 is finite. `y` is the driver's
// result.
float hk_ieee_log_of(float x, float y) {
  if (isnan(x) || isinf(x) && x > 0.0) return x;
  if (x > 0.0) return y;
  return uintBitsToFloat(x < 0.0 ? 0x7fc00000u : 0xff800000u);
}
float hk_ieee_log(float x) { return hk_ieee_log_of(x, log(x)); }
vec4 hk_ieee_log(vec4 x) { return vec4(hk_ieee_log(x.x), hk_ieee_log(x.y), hk_ieee_log(x.z), hk_ieee_log(x.w)); }
float hk_ieee_log2(float x) { return hk_ieee_log_of(x, log2(x)); }
vec4 hk_ieee_log2(vec4 x) { return vec4(hk_ieee_log2(x.x), hk_ieee_log2(x.y), hk_ieee_log2(x.z), hk_ieee_log2(x.w)); }

uint hk_ieee_pack_half(vec2 x) {
  uvec2 bits = floatBitsToUint(x);
  uvec2 size = bits & 0x7fffffffu;
  uint packed = packHalf2x16(mix(x, vec2(0.0), greaterThanEqual(size, uvec2(0x7f800000u))));
  for (int i = 0; i < 2; ++i) {
    uint half_bits = bits[i] >> 16 & 0x8000u | (size[i] > 0x7f800000u ? 0x7e00u : 0x7c00u);
    if (size[i] >= 0x7f800000u) packed |= half_bits << 16 * i;
  }
  return packed;
}

vec2 hk_ieee_unpack_half(uint bits) {
  vec2 result = unpackHalf2x16(bits);
  for (int i = 0; i < 2; ++i) {
    uint half_bits = bits >> 16 * i & 0xffffu;
    if ((half_bits & 0x7c00u) == 0x7c00u)
      result[i] = uintBitsToFloat((half_bits & 0x8000u) << 16 | 0x7f800000u | (half_bits & 0x3ffu) << 13);
  }
  return result;
}

#define exp(x) hk_ieee_exp(x)
#define exp2(x) hk_ieee_exp2(x)
#define log(x) hk_ieee_log(x)
#define log2(x) hk_ieee_log2(x)
#define packHalf2x16(x) hk_ieee_pack_half(x)
#define unpackHalf2x16(x) hk_ieee_unpack_half(x)
