#include "vector.h"

float cr_noise(cr_vec3 at, uint32_t seed) {
  float fx = floor_of(at.x), fy = floor_of(at.y), fz = floor_of(at.z);
  int32_t x = (int32_t)fx, y = (int32_t)fy, z = (int32_t)fz;
  float tx = at.x - fx, ty = at.y - fy, tz = at.z - fz;
  tx = tx * tx * (3 - 2 * tx);
  ty = ty * ty * (3 - 2 * ty);
  tz = tz * tz * (3 - 2 * tz);
  float corner[8];
  for (int i = 0; i < 8; i++)
    corner[i] = fraction_of_hash(hash3(x + (i & 1), y + (i >> 1 & 1), z + (i >> 2), seed));
  float near_low = lerp(corner[0], corner[1], tx), near_high = lerp(corner[2], corner[3], tx);
  float far_low = lerp(corner[4], corner[5], tx), far_high = lerp(corner[6], corner[7], tx);
  return lerp(lerp(near_low, near_high, ty), lerp(far_low, far_high, ty), tz);
}

float cr_cloudy_noise(cr_vec3 at, uint32_t seed) {
  float a = cr_noise(at, seed);
  float b = cr_noise(scaled(at, 2.03f), seed + 101);
  float c = cr_noise(scaled(at, 4.11f), seed + 202);
  return (a * 4 + b * 2 + c) * (1.0f / 7);
}
