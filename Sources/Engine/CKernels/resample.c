#include "include/CKernels.h"

// Pillow's precision: 8-bit values times weights of 22 fractional bits stay within 32 bits.
enum { PRECISION = 22 };

static inline uint8_t rounded(int32_t sum) {
  const int32_t value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

void ck_resample_columns(
    const uint8_t *in, size_t rows, size_t width, uint8_t *out, size_t out_width,
    const int32_t *starts, const int32_t *counts, const int32_t *weights, size_t taps) {
  for (size_t y = 0; y < rows; y++, in += width * 3) {
    for (size_t x = 0; x < out_width; x++, out += 3) {
      const uint8_t *from = in + (size_t)starts[x] * 3;
      const int32_t *weight = weights + x * taps;
      int32_t r = 1 << (PRECISION - 1), g = r, b = r;
      for (int32_t i = 0; i < counts[x]; i++, from += 3) {
        r += from[0] * weight[i];
        g += from[1] * weight[i];
        b += from[2] * weight[i];
      }
      out[0] = rounded(r);
      out[1] = rounded(g);
      out[2] = rounded(b);
    }
  }
}

void ck_resample_rows(
    const uint8_t *in, size_t row_bytes, uint8_t *out, size_t first_row, size_t last_row,
    const int32_t *starts, const int32_t *counts, const int32_t *weights, size_t taps) {
  for (size_t y = first_row; y < last_row; y++) {
    const uint8_t *from = in + (size_t)starts[y] * row_bytes;
    const int32_t *weight = weights + y * taps;
    uint8_t *to = out + y * row_bytes;
    for (size_t x = 0; x < row_bytes; x++) {
      int32_t sum = 1 << (PRECISION - 1);
      for (int32_t i = 0; i < counts[y]; i++) sum += from[(size_t)i * row_bytes + x] * weight[i];
      to[x] = rounded(sum);
    }
  }
}
