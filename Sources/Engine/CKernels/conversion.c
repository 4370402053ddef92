#include "half.h"
#include "include/CKernels.h"

#include <math.h>
#include <string.h>

// Plain loops over bytes that need not be aligned; compilers vectorise them.

void ck_floats_from_doubles(const void *in, float *out, size_t count) {
  const char *bytes = in;
  for (size_t i = 0; i < count; i++) {
    double value;
    memcpy(&value, bytes + i * sizeof value, sizeof value);
    out[i] = (float)value;
  }
}

void ck_floats_from_bfloats(const void *in, float *out, size_t count) {
  const char *bytes = in;
  for (size_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, bytes + i * sizeof half, sizeof half);
    const uint32_t bits = (uint32_t)half << 16;
    memcpy(out + i, &bits, sizeof bits);
  }
}

void ck_floats_from_halves(const void *in, float *out, size_t count) {
  const char *bytes = in;
  for (size_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, bytes + i * sizeof half, sizeof half);
    out[i] = ck_float_from_half(half);
  }
}

uint16_t ck_half_from_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 is the first float that rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // A subnormal half is a multiple of 2^-24: adding 0.5, whose last place is that, rounds to one.
    const float half = 0.5f, sum = fabsf(x) + half;
    uint32_t a, b;
    memcpy(&a, &sum, sizeof a);
    memcpy(&b, &half, sizeof b);
    return sign | (uint16_t)(a - b);
  }
  return sign | (uint16_t)((magnitude - 0x38000000 + 0x0fff + (magnitude >> 13 & 1)) >> 13);
}

bool ck_all_finite(const float *x, size_t count) {
  uint32_t found = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    // Carries into the sign only where the exponent is all ones.
    found |= (bits & 0x7fffffff) + 0x00800000;
  }
  return found >> 31 == 0;
}
