// Matrices whose values are stored in fewer than 32 bits, and what is done with them.
#ifndef CRAYON_CK_QUANTIZED_H
#define CRAYON_CK_QUANTIZED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How the values of a row are stored. The block formats are ggml's; nf4 is that of bitsandbytes.
typedef enum ck_format {
  CK_FORMAT_F32,
  CK_FORMAT_F16,
  CK_FORMAT_BF16,
  CK_FORMAT_Q4_0,
  CK_FORMAT_Q4_1,
  CK_FORMAT_Q5_0,
  CK_FORMAT_Q5_1,
  CK_FORMAT_Q8_0,
  CK_FORMAT_Q4_K,
  CK_FORMAT_Q5_K,
  CK_FORMAT_Q6_K,
  CK_FORMAT_NF4,
} ck_format;

enum { CK_NF4_BLOCK = 64, CK_NF4_NESTED_BLOCK = 256 };

// The scales of an nf4 matrix: block i (64 values) has the scale
// map[absmax[i]] * nested_absmax[i / 256] + offset.
typedef struct ck_nf4_scales {
  const uint8_t *absmax;
  const float *nested_absmax;
  const float *nested_map;  // [256]
  float offset;
  const float *map;  // [16]
} ck_nf4_scales;

// [rows, columns], rows stored one after the other.
typedef struct ck_matrix {
  ck_format format;
  size_t rows;
  size_t columns;
  const void *values;
  ck_nf4_scales nf4;  // of CK_FORMAT_NF4 only
} ck_matrix;

// Values in a block; every row is whole blocks.
size_t ck_block_values(ck_format format);
// In bytes; of nf4 without its scale.
size_t ck_block_bytes(ck_format format);

// A row of activations in two forms: as floats, and in 16 bits with a scale for every 32 values, so that
// products with small integers are sums of whole numbers. The rounding is 2^-16 of a block's largest value.
typedef struct ck_row {
  const float *floats;
  const int16_t *whole;  // [columns], a multiple of 32; of every 32 the even places, then the odd ones
  const float *scales;   // [columns / 32, 2]: the scale, and the sum of the block's values
} ck_row;

// Rows of activations done together in products of bytes, and columns of their results.
enum { CK_BYTE_ROWS = 6, CK_BYTE_COLUMNS = 32 };

// How many of some rows make a tile, nearly equal ones of at most CK_BYTE_ROWS; the last may have fewer.
static inline size_t ck_byte_tile(size_t rows) {
  const size_t tiles = (rows + CK_BYTE_ROWS - 1) / CK_BYTE_ROWS;
  return tiles > 0 ? (rows + tiles - 1) / tiles : 1;
}

// The largest magnitude of an activation, 128 · 127: as two bytes, both are within ±127.
#define CK_BYTE_LARGEST 16256.0f

// Rows of activations in 15 bits with a scale for every 32 values, tile after tile.
typedef struct ck_byte_rows {
  const int8_t *whole;  // of a tile [columns / 32, high and low, 8, rows, 4], or of 16 bits [columns / 32, 16, rows, 2]
  const float *scales;  // of a tile [columns / 32, 2, rows]: the scales, and the sums of the blocks' values
  size_t rows;
} ck_byte_rows;

#endif
