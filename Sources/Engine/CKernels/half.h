#ifndef CRAYON_HALF_H
#define CRAYON_HALF_H

#include <stdint.h>
#include <string.h>

// A half as a float, exactly, without branches that depend on the value.
static inline float ck_float_from_half(uint16_t half) {
  // Exponent and fraction move to their places in a float, whose exponent counts from another start;
  // subnormal halves are normalised by a subtraction, infinities and NaN get the largest exponent.
  const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  const uint32_t exponent = magnitude & 0x0f800000;
  uint32_t bits = magnitude + ((127 - 15) << 23);
  if (exponent == 0x0f800000) bits += (128 - 16) << 23;
  if (exponent == 0) {
    bits += 1 << 23;
    const uint32_t least = 113 << 23;
    float value, offset;
    memcpy(&value, &bits, sizeof value);
    memcpy(&offset, &least, sizeof offset);
    value -= offset;
    memcpy(&bits, &value, sizeof bits);
  }
  bits |= (uint32_t)(half & 0x8000) << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
