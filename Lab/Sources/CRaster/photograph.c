// From light to the bytes of a photograph: lens, sensor, JPEG.
#include "vector.h"

void cr_blur(cr_vec3 *light, cr_vec3 *scratch, int32_t width, int32_t height, float sigma) {
  if (sigma < 0.15f) return;
  float weights[16];
  int radius = (int)(sigma * 2.5f + 1);
  if (radius > 15) radius = 15;
  float total = 0;
  for (int i = 0; i <= radius; i++) {
    weights[i] = exp2_of(-0.7213475f * (float)(i * i) / (sigma * sigma));
    total += i ? 2 * weights[i] : weights[i];
  }
  for (int i = 0; i <= radius; i++) weights[i] /= total;
  for (int pass = 0; pass < 2; pass++) {
    const cr_vec3 *from = pass ? scratch : light;
    cr_vec3 *to = pass ? light : scratch;
    for (int32_t y = 0; y < height; y++) {
      for (int32_t x = 0; x < width; x++) {
        cr_vec3 sum = v3(0, 0, 0);
        for (int i = -radius; i <= radius; i++) {
          int32_t px = pass ? x : x + i, py = pass ? y + i : y;
          px = px < 0 ? 0 : px >= width ? width - 1 : px;
          py = py < 0 ? 0 : py >= height ? height - 1 : py;
          sum = add(sum, scaled(from[(int64_t)py * width + px], weights[i < 0 ? -i : i]));
        }
        to[(int64_t)y * width + x] = sum;
      }
    }
  }
}

static float to_srgb(float x) {
  x = clampf(x, 0, 1);
  return x <= 0.0031308f ? 12.92f * x : 1.055f * power_of(x, 1 / 2.4f) - 0.055f;
}

// Bends what is brighter than white back below it.
static float shoulder(float x) {
  const float knee = 0.75f;
  if (x <= knee) return x;
  float over = (x - knee) / (1 - knee);
  return knee + (1 - knee) * over / (1 + over);
}

// About normal, mean 0, deviation 1: the sum of four even numbers.
static float grain(uint32_t h) {
  uint32_t g = mixed(h);
  float sum = (float)(h & 0xffff) + (float)(h >> 16) + (float)(g & 0xffff) + (float)(g >> 16);
  return (sum * (1.0f / 65536) - 2) * 1.7320508f;
}

void cr_expose(
    const cr_vec3 *light, int32_t width, int32_t height, const cr_sensor *sensor, uint8_t *pixels) {
  float table[1025];
  for (int i = 0; i <= 1024; i++) table[i] = to_srgb((float)i / 1024 * ((float)i / 1024));
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x++) {
      int64_t pixel = (int64_t)y * width + x;
      float rx = ((float)x + 0.5f) / (float)width - 0.5f, ry = ((float)y + 0.5f) / (float)height - 0.5f;
      float fall = 1 - sensor->vignette * 2 * (rx * rx + ry * ry);
      cr_vec3 l = scaled(mul(light[pixel], sensor->gain), fall);
      float value[3] = {l.x, l.y, l.z};
      float grey = 0.3f * l.x + 0.59f * l.y + 0.11f * l.z;
      for (int channel = 0; channel < 3; channel++) {
        float s = shoulder(larger(lerp(grey, value[channel], sensor->saturation), 0));
        // The table is even in the square root, where sRGB is nearly straight.
        float at = sqrtf(s) * 1024;
        int32_t index = (int32_t)smaller(at, 1023);
        float tone = lerp(table[index], table[index + 1], at - (float)index);
        tone = (tone - 0.5f) * sensor->contrast + 0.5f;
        float noise = sensor->read_noise + sensor->shot_noise * (1 - 0.5f * absolute(2 * tone - 1));
        if (noise > 0) tone += noise * grain(hash3(x, y, channel, sensor->seed));
        pixels[pixel * 3 + channel] = (uint8_t)(clampf(tone, 0, 1) * 255 + 0.5f);
      }
    }
  }
}

static const uint8_t luma_steps[64] = {
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

static const uint8_t chroma_steps[64] = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

static void transform(float block[64], const float basis[64], int inverse) {
  float half[64];
  for (int y = 0; y < 8; y++)
    for (int k = 0; k < 8; k++) {
      float sum = 0;
      for (int x = 0; x < 8; x++) sum += block[y * 8 + x] * (inverse ? basis[x * 8 + k] : basis[k * 8 + x]);
      half[y * 8 + k] = sum;
    }
  for (int x = 0; x < 8; x++)
    for (int k = 0; k < 8; k++) {
      float sum = 0;
      for (int y = 0; y < 8; y++) sum += half[y * 8 + x] * (inverse ? basis[y * 8 + k] : basis[k * 8 + y]);
      block[k * 8 + x] = sum;
    }
}

// `width` and `height` are multiples of 8.
static void quantize(float *plane, int32_t width, int32_t height, const float steps[64], const float basis[64]) {
  for (int32_t by = 0; by < height; by += 8)
    for (int32_t bx = 0; bx < width; bx += 8) {
      float block[64];
      for (int i = 0; i < 64; i++) block[i] = plane[(int64_t)(by + i / 8) * width + bx + i % 8];
      transform(block, basis, 0);
      for (int i = 0; i < 64; i++) block[i] = floor_of(block[i] / steps[i] + 0.5f) * steps[i];
      transform(block, basis, 1);
      for (int i = 0; i < 64; i++) plane[(int64_t)(by + i / 8) * width + bx + i % 8] = block[i];
    }
}

static uint8_t byte_of(float x) { return (uint8_t)(clampf(x, 0, 255) + 0.5f); }

void cr_compress(uint8_t *pixels, int32_t width, int32_t height, int32_t quality, float *planes) {
  quality = quality < 1 ? 1 : quality > 100 ? 100 : quality;
  int32_t scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  float basis[64], luma_table[64], chroma_table[64];
  for (int k = 0; k < 8; k++)
    for (int x = 0; x < 8; x++)
      basis[k * 8 + x] = (k ? 0.5f : 0.35355339f) * sine_of_turns((float)((2 * x + 1) * k) / 32 + 0.25f);
  for (int i = 0; i < 64; i++) {
    luma_table[i] = clampf((float)((luma_steps[i] * scale + 50) / 100), 1, 255);
    chroma_table[i] = clampf((float)((chroma_steps[i] * scale + 50) / 100), 1, 255);
  }
  int32_t full_width = (width + 15) & ~15, full_height = (height + 15) & ~15;
  int32_t half_width = full_width / 2, half_height = full_height / 2;
  float *luma = planes, *blue = luma + (int64_t)full_width * full_height;
  float *red = blue + (int64_t)half_width * half_height;
  memset(blue, 0, sizeof(float) * (size_t)half_width * (size_t)half_height * 2);
  for (int32_t y = 0; y < full_height; y++)
    for (int32_t x = 0; x < full_width; x++) {
      int32_t px = x < width ? x : width - 1, py = y < height ? y : height - 1;
      const uint8_t *p = &pixels[((int64_t)py * width + px) * 3];
      float r = p[0], g = p[1], b = p[2];
      float l = 0.299f * r + 0.587f * g + 0.114f * b;
      luma[(int64_t)y * full_width + x] = l - 128;
      int64_t at = (int64_t)(y / 2) * half_width + x / 2;
      blue[at] += (b - l) * (0.564f * 0.25f);
      red[at] += (r - l) * (0.713f * 0.25f);
    }
  quantize(luma, full_width, full_height, luma_table, basis);
  quantize(blue, half_width, half_height, chroma_table, basis);
  quantize(red, half_width, half_height, chroma_table, basis);
  for (int32_t y = 0; y < height; y++)
    for (int32_t x = 0; x < width; x++) {
      uint8_t *p = &pixels[((int64_t)y * width + x) * 3];
      float l = luma[(int64_t)y * full_width + x] + 128;
      // Chroma is spread out again as decoders do it: three parts of the nearer, one of the farther.
      int32_t cx = x / 2, cy = y / 2;
      int32_t nx = x & 1 ? cx + 1 : cx - 1, ny = y & 1 ? cy + 1 : cy - 1;
      nx = nx < 0 ? 0 : nx >= half_width ? half_width - 1 : nx;
      ny = ny < 0 ? 0 : ny >= half_height ? half_height - 1 : ny;
      int64_t near_near = (int64_t)cy * half_width + cx, far_near = (int64_t)cy * half_width + nx;
      int64_t near_far = (int64_t)ny * half_width + cx, far_far = (int64_t)ny * half_width + nx;
      float cb = (blue[near_near] * 9 + (blue[far_near] + blue[near_far]) * 3 + blue[far_far]) * (1.0f / 16);
      float cr = (red[near_near] * 9 + (red[far_near] + red[near_far]) * 3 + red[far_far]) * (1.0f / 16);
      p[0] = byte_of(l + 1.402f * cr);
      p[1] = byte_of(l - 0.344136f * cb - 0.714136f * cr);
      p[2] = byte_of(l + 1.772f * cb);
    }
}
