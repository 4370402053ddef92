// Small vector algebra and the few functions that the C library rounds differently on different machines.
#ifndef CRAYON_CRASTER_VECTOR_H
#define CRAYON_CRASTER_VECTOR_H

#pragma STDC FP_CONTRACT OFF

#include "include/CRaster.h"

#include <math.h>
#include <string.h>

static inline cr_vec3 v3(float x, float y, float z) { return (cr_vec3){x, y, z}; }
static inline cr_vec3 add(cr_vec3 a, cr_vec3 b) { return v3(a.x + b.x, a.y + b.y, a.z + b.z); }
static inline cr_vec3 sub(cr_vec3 a, cr_vec3 b) { return v3(a.x - b.x, a.y - b.y, a.z - b.z); }
static inline cr_vec3 mul(cr_vec3 a, cr_vec3 b) { return v3(a.x * b.x, a.y * b.y, a.z * b.z); }
static inline cr_vec3 scaled(cr_vec3 a, float s) { return v3(a.x * s, a.y * s, a.z * s); }
static inline cr_vec3 mix(cr_vec3 a, cr_vec3 b, float t) { return add(a, scaled(sub(b, a), t)); }
static inline float dot(cr_vec3 a, cr_vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline cr_vec3 cross(cr_vec3 a, cr_vec3 b) {
  return v3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static inline cr_vec3 unit(cr_vec3 a) {
  float length = sqrtf(dot(a, a));
  return length > 1e-20f ? scaled(a, 1 / length) : v3(0, 1, 0);
}
static inline float clampf(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
static inline float lerp(float a, float b, float t) { return a + (b - a) * t; }
static inline float smooth(float low, float high, float x) {
  float t = clampf((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}
// Of finite values within the range of int32.
static inline float floor_of(float x) {
  float t = (float)(int32_t)x;
  return t > x ? t - 1 : t;
}
static inline float fraction(float x) { return x - floor_of(x); }
static inline float absolute(float x) { return x < 0 ? -x : x; }
static inline float smaller(float a, float b) { return a < b ? a : b; }
static inline float larger(float a, float b) { return a > b ? a : b; }

// 2^x for −126 < x < 126, to about 2e-6.
static inline float exp2_of(float x) {
  x = clampf(x, -125, 125);
  float whole = floor_of(x);
  float f = x - whole;
  float p = 1 + f * (0.69314718f + f * (0.24022651f + f * (0.05550411f + f * (0.00961813f + f * (0.00133336f + f * 0.00015469f)))));
  uint32_t bits = (uint32_t)((int32_t)whole + 127) << 23;
  float power;
  memcpy(&power, &bits, 4);
  return power * p;
}

// log2 of a positive normal number, to about 1e-5.
static inline float log2_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  int32_t exponent = (int32_t)(bits >> 23) - 127;
  bits = (bits & 0x007fffff) | 0x3f800000;
  float m;
  memcpy(&m, &bits, 4);
  if (m > 1.41421356f) {
    m *= 0.5f;
    exponent += 1;
  }
  float s = (m - 1) / (m + 1), q = s * s;
  return (float)exponent + s * (2.88539008f + q * (0.96179669f + q * (0.57707802f + q * 0.4121986f)));
}

static inline float power_of(float x, float y) { return x <= 1e-30f ? 0 : exp2_of(y * log2_of(x)); }

// Sine of turns (1 is a full circle), to about 1e-6.
static inline float sine_of_turns(float t) {
  t -= floor_of(t + 0.5f);
  if (t > 0.25f) t = 0.5f - t;
  if (t < -0.25f) t = -0.5f - t;
  float q = t * t;
  return t * (6.2831853f + q * (-41.341702f + q * (81.605249f + q * (-76.705859f + q * 42.0293f))));
}

// atan2 in turns, −0.5 to 0.5, to about 2e-5.
static inline float angle_in_turns(float y, float x) {
  float ax = absolute(x), ay = absolute(y);
  float m = larger(ax, ay);
  if (m < 1e-20f) return 0;
  float r = smaller(ax, ay) / m, q = r * r;
  float a = r * (0.159134f + q * (-0.0525688f + q * (0.0286703f + q * (-0.0135493f + q * 0.00331601f))));
  if (ay > ax) a = 0.25f - a;
  if (x < 0) a = 0.5f - a;
  return y < 0 ? -a : a;
}

static inline uint32_t mixed(uint32_t h) {
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h *= 0x846ca68bU;
  h ^= h >> 16;
  return h;
}
static inline uint32_t hash3(int32_t x, int32_t y, int32_t z, uint32_t seed) {
  return mixed((uint32_t)x * 0x8da6b343U + (uint32_t)y * 0xd8163841U + (uint32_t)z * 0xcb1ab31fU + seed);
}
// 0 to 1.
static inline float fraction_of_hash(uint32_t h) { return (float)(h >> 8) * (1.0f / 16777216.0f); }

// Smooth noise, 0 to 1, of features about 1 wide.
float cr_noise(cr_vec3 at, uint32_t seed);
// Three octaves of it.
float cr_cloudy_noise(cr_vec3 at, uint32_t seed);

// A material's colour where local coordinates, surface coordinates and the width of a pixel there are given.
cr_vec3 cr_texture(const cr_material *material, cr_vec3 local, float u, float v, float footprint);

#endif
