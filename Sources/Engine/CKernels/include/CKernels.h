// The kernels of crayon: plain C, written once over vectors of a width that each instruction set chooses,
// picked at run time by what the processor has. Matrices are row-major and dense unless a stride is given.
#ifndef CRAYON_CKERNELS_H
#define CRAYON_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ck_quantized.h"

typedef enum ck_activation {
  CK_ACTIVATION_NONE,
  CK_ACTIVATION_RELU,
  CK_ACTIVATION_LEAKY_RELU,  // a tenth of what is below zero
  CK_ACTIVATION_GELU,  // the exact one, by the error function
  CK_ACTIVATION_SIGMOID,
  CK_ACTIVATION_QUICK_GELU,  // x * sigmoid(1.702 x)
} ck_activation;

// One level of a feature pyramid whose levels lie one after the other: `start` is its first row.
typedef struct ck_level {
  size_t start;
  size_t height;
  size_t width;
} ck_level;

// The largest size of a depthwise convolution.
enum { CK_MAX_TAPS = 5 };

// Columns of a packed matrix that lie together.
enum { CK_PANEL = 32 };

// Rows that a product of pairs rounds at a time.
enum { CK_PANEL_ROUNDED = 12 };

// c = activation(a · b + bias + c if accumulate) + residual.
typedef struct ck_panel_product {
  const float *a;  // [rows, inner]
  size_t a_stride;
  size_t rows;
  size_t inner;
  const float *panels;  // b: [columns / CK_PANEL rounded up, inner, CK_PANEL], zeros beyond the last column
  const uint16_t *pairs;  // the same as bfloats: [columns / CK_PANEL rounded up, inner / 2 rounded up, CK_PANEL, 2]
  uint16_t *rounded;  // for pairs, room for CK_PANEL_ROUNDED rows of a, each of inner rounded up to a whole pair
  size_t columns;
  const float *bias;  // [columns] or NULL
  bool accumulate;
  ck_activation activation;
  const float *residual;  // [rows, columns], its rows as far apart as those of c, or NULL
  float *c;
  size_t c_stride;
} ck_panel_product;

// A depthwise convolution with zeros beyond the edge: of size 3 or 5; a step of 1 or 2; a dilation of 1, or of 2 for a size
// of 5 and a step of 1. The result has height and width divided by the step, rounded up.
typedef struct ck_depthwise {
  const float *in;  // [height, width, channels], its positions `stride` apart
  size_t height;
  size_t width;
  size_t channels;
  size_t stride;
  const float *taps;  // [size, size, channels]
  const float *bias;  // [channels] or NULL
  size_t size;
  size_t step;
  size_t dilation;
  size_t padding;  // zeros before the first row and column
  ck_activation activation;
  float *out;  // the rows first_row ..< last_row of the result, their positions `out_stride` apart
  size_t out_stride;
  size_t first_row;
  size_t last_row;
} ck_depthwise;

// Positions of a context that lie together.
enum { CK_PAGE = 128 };

// Some queries of one position that share a head's keys and values. A page holds of every head the keys
// [width, CK_PAGE], position beside position, and behind them the values [CK_PAGE, width].
typedef struct ck_attention {
  const float *queries;  // [query_count, width]
  size_t query_count;
  size_t width;
  const void *const *pages;
  size_t offset;  // of the head in every page, in values
  bool halves;  // values of 16 bits in place of 32
  size_t count;  // positions that are seen, at least 1
  float scale;
  float *scores;  // scratch, [4, count rounded up to whole pages]
  float *out;  // [query_count, width]
} ck_attention;

typedef struct ck_operations {
  const char *name;

  // x = activation(x + bias) + residual, in place; bias [columns] and residual may be NULL.
  void (*bias_activation)(
      float *x, size_t rows, size_t columns, size_t stride, const float *bias,
      ck_activation activation, const float *residual, size_t residual_stride);

  // y = (x - mean) / sqrt(variance + epsilon) * scale + shift for every row; y may be x.
  void (*layer_norm)(
      const float *x, float *y, size_t rows, size_t columns, const float *scale,
      const float *shift, float epsilon);

  // Adds the sums and the sums of squares of every channel of x [rows, channels] to what is there.
  void (*channel_sums)(
      const float *x, size_t rows, size_t channels, double *sums, double *squares);

  // y = x * scale + shift channel by channel, optionally followed by ReLU; y may be x.
  void (*scale_shift)(
      const float *x, float *y, size_t rows, size_t channels, const float *scale,
      const float *shift, bool relu);

  // x = softmax(x * scale + bias + mask) along every row, in place; bias and mask may be NULL.
  void (*softmax)(
      float *x, size_t rows, size_t columns, float scale, const float *bias, const float *mask);

  // y[i * columns + j] = a[i] + b[j]
  void (*outer_sum)(
      const float *a, size_t rows, const float *b, size_t columns, float *y);

  // values [sum of level sizes, heads, head_width], references [queries, 2] (x, y as fractions),
  // offsets [queries, heads, levels, points, 2] in pixels of the level, weights [queries, heads,
  // levels, points], out [queries, heads, head_width]; levels * points is at most 256.
  void (*deformable_attention)(
      const ck_level *levels, size_t level_count, size_t points, size_t heads, size_t head_width,
      const float *values, const float *references, const float *offsets, const float *weights,
      float *out, size_t queries);

  // in [height, width, channels], resized to [out_height, out_width, channels], of which the rows
  // first_row ..< last_row are made; out [last_row - first_row, out_width, channels].
  void (*resize_bilinear)(
      const float *in, size_t height, size_t width, size_t channels, float *out,
      size_t out_height, size_t out_width, size_t first_row, size_t last_row, bool add);

  void (*panel_product)(const ck_panel_product *product);

  // The same of `pairs`, a rounded to bfloats too, and the sums of products in 32 bits; NULL where no processor that has
  // the set has instructions for it.
  void (*panel_product_of_pairs)(const ck_panel_product *product);

  void (*depthwise)(const ck_depthwise *convolution);

  // The largest of 3×3 around every second position of in [height, width, channels], rows first_row ..< last_row of
  // the result, which has half the size, rounded up.
  void (*max_pool)(
      const float *in, size_t height, size_t width, size_t channels, float *out, size_t first_row,
      size_t last_row);

  // out[row][2 i] = a[row][i], out[row][2 i + 1] = b[row][i]; a and b [rows, columns], out [rows, 2 columns].
  void (*interleave)(
      const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns, float *out);

  // Of a row of `count` values between `upper` and, by `share`, `lower`: adds to `inside` how many are above the
  // threshold, to `free` how many of these have an id that yields (−1 in `yields`, which has 0 or −1 for every id
  // from 0 on), and to `sum` the values of those. An `id` other than 0 is written there.
  void (*mask_row)(
      const float *upper, const float *lower, float share, float threshold, int32_t *ids, size_t count,
      int32_t id, const int32_t *yields, size_t *inside, size_t *free, float *sum);

  // For every row of x [rows, candidates]: multiplies each value by its candidate's score, stores the
  // index of the first largest product in `winners`, and counts in `reached` the candidates whose
  // product is at least `threshold`.
  void (*scored_argmax)(
      const float *x, size_t rows, size_t candidates, const float *scores, float threshold,
      int32_t *winners, int32_t *reached);

  // Rows first_row ..< last_row of a matrix as floats, bit for bit as the reference packages give them.
  void (*dequantize)(const ck_matrix *matrix, size_t first_row, size_t last_row, float *out);

  // A row of activations in 16 bits; columns is a multiple of 32. See ck_row.
  void (*quantize_row)(const float *x, size_t columns, int16_t *whole, float *scales);

  // y[row] = matrix[row] · x for the rows first_row ..< last_row. Q4_0, Q4_1, Q8_0 and (but in the portable
  // set) nf4 use x.whole, the others x.floats.
  void (*matrix_row)(
      const ck_matrix *matrix, const ck_row *x, size_t first_row, size_t last_row, float *y);

  // One tile of ck_byte_rows: rows of x `stride` apart; columns is a multiple of 32.
  void (*quantize_bytes)(
      const float *x, size_t stride, size_t rows, size_t columns, int8_t *whole, float *scales);

  // y[i, row] = matrix[row] · x[i] for the rows first_row ..< last_row, the rows of y `stride` apart; of Q4_0, Q4_1, Q8_0
  // and NF4. scratch has room for some panels, of byte_panel_bytes for every 32 columns of the matrix each.
  void (*byte_product)(
      const ck_matrix *matrix, const ck_byte_rows *x, size_t first_row, size_t last_row, void *scratch, size_t panels,
      float *y, size_t stride);

  size_t byte_panel_bytes;

  // Whether byte_product is faster than products of floats; elsewhere it is for comparisons.
  bool has_byte_products;

  // y += sum over the rows of factors[row] * matrix[row], columns first ..< last; CK_FORMAT_F16 only.
  void (*add_scaled_rows)(
      const ck_matrix *matrix, const float *factors, size_t first, size_t last, float *y);

  // y = x / sqrt(mean of squares + epsilon) * scale for every row; y may be x.
  void (*rms_norm)(
      const float *x, float *y, size_t rows, size_t columns, const float *scale, float epsilon);

  // gate = silu(gate) * up
  void (*swiglu)(float *gate, const float *up, size_t count);

  // Rotates the pairs of one head in place; cosines and sines [width / 2]. Pairs are neighbours, or half a
  // head apart.
  void (*rotate)(
      float *head, size_t width, const float *cosines, const float *sines, bool neighbours);

  // Queries of one position over what a context has stored.
  void (*attend)(const ck_attention *attention);

  // 16-bit floats, rounded to nearest even.
  void (*halves_from_floats)(const float *x, uint16_t *out, size_t count);

  // The upper halves of 32-bit floats, rounded to nearest even.
  void (*bfloats_from_floats)(const float *x, uint16_t *out, size_t count);

  // Blocks of 64 values to nf4: two codes a byte, the first in the high half; scales [blocks] are the largest
  // magnitudes; borders [15] lie half-way between the values that the codes stand for.
  void (*quantize_nf4)(
      const float *x, size_t blocks, const float *borders, uint8_t *packed, float *scales);

  // Blocks of 32 values to ggml's Q8_0, 34 bytes each.
  void (*quantize_q8_0)(const float *x, size_t blocks, uint8_t *out);
} ck_operations;

// The set in use: the best that the processor has, or the one that CRAYON_KERNELS names.
const ck_operations *ck_best_operations(void);

// The sets that this processor can run, from the portable one upwards; NULL past the last.
const ck_operations *ck_available_operations(size_t index);

// One pass of a separable resampling of 8-bit RGB rows, in the fixed-point arithmetic of Pillow, so that
// results are equal to the last bit. Output position i is the rounded sum of `counts[i]` inputs from
// `starts[i]` on, weighted by weights[i * taps ...] in units of 2^-22.
void ck_resample_columns(
    const uint8_t *in, size_t rows, size_t width, uint8_t *out, size_t out_width,
    const int32_t *starts, const int32_t *counts, const int32_t *weights, size_t taps);
void ck_resample_rows(
    const uint8_t *in, size_t row_bytes, uint8_t *out, size_t first_row, size_t last_row,
    const int32_t *starts, const int32_t *counts, const int32_t *weights, size_t taps);

// Numbers of other widths as floats; `in` need not be aligned.
void ck_floats_from_doubles(const void *in, float *out, size_t count);
void ck_floats_from_bfloats(const void *in, float *out, size_t count);
void ck_floats_from_halves(const void *in, float *out, size_t count);

// The nearest half, ties to even; what is too large is infinite.
uint16_t ck_half_from_float(float x);

// Whether no value is infinite or NaN.
bool ck_all_finite(const float *x, size_t count);

// The number of processors that this process may run on, at least 1.
size_t ck_processor_count(void);

// Calls task(context) on the calling thread and on up to `workers` - 1 others, which then wait for more: for a while
// awake, so that a chain of short calls costs a microsecond each and not a wake-up. Returns when the calls that
// began have ended; one that has not begun by the time the caller's own returns is left out, so the calls share
// out the work among themselves. False, with nothing called, while another thread is using the team.
bool ck_team_run(size_t workers, void (*task)(void *context), void *context);

#endif
