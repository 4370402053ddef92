// A depthwise convolution of a channels-last map: every channel by itself, from size × size positions around, zeros
// beyond the edge. What is inlined for a size and a step has its taps unrolled.

/// Positions of a row that are made together, so that the taps are loaded once for all of them.
enum { CK_NAME(depthwise_block) = 4 };

/// `count` neighbouring positions of one vector of channels. `in` is at the first position's upper left tap; the taps
/// of `first_tap` ..< `last_tap` lie within the row.
static inline __attribute__((always_inline)) void CK_NAME(depthwise_positions)(
    const float *const *rows, size_t first_tap, size_t last_tap, size_t count, size_t size, size_t step, size_t stride,
    size_t channels, const float *taps, const float *bias, ck_activation activation, float *out, size_t out_stride,
    size_t lanes) {
  vfloat sums[CK_NAME(depthwise_block)];
  const vfloat start = bias ? v_load_some(bias, lanes) : v_all(0);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < count; i++) sums[i] = start;
#pragma clang loop unroll(full)
  for (size_t y = 0; y < size; y++) {
    const float *row = rows[y];
    if (!row) continue;
    for (size_t x = first_tap; x < last_tap; x++) {
      const vfloat tap = v_load_some(taps + (y * size + x) * channels, lanes);
#pragma clang loop unroll(full)
      for (size_t i = 0; i < count; i++)
        sums[i] += tap * v_load_some(row + (ptrdiff_t)((i * step + x) * stride), lanes);
    }
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < count; i++)
    v_store_some(out + i * out_stride, CK_NAME(activate)(sums[i], activation), lanes);
}

static inline __attribute__((always_inline)) void CK_NAME(depthwise_rows)(
    const float *in, size_t height, size_t width, size_t channels, size_t stride, const float *taps, const float *bias,
    size_t size, size_t step, ck_activation activation, float *out, size_t out_stride, size_t first_row,
    size_t last_row) {
  const size_t padding = size / 2;
  const size_t out_width = (width + step - 1) / step;
  // Of a row, the positions all of whose taps lie within it.
  const size_t inner_first = (padding + step - 1) / step;
  const size_t inner_last = width + padding >= size ? (width + padding - size) / step + 1 : 0;
  for (size_t y = first_row; y < last_row; y++, out += out_width * out_stride) {
    const float *rows[CK_MAX_TAPS];
    for (size_t tap = 0; tap < size; tap++) {
      const size_t row = y * step + tap;
      rows[tap] = row >= padding && row - padding < height ? in + (row - padding) * width * stride : NULL;
    }
    for (size_t x = 0; x < out_width;) {
      const ptrdiff_t left = (ptrdiff_t)(x * step) - (ptrdiff_t)padding;
      const bool is_inner = x >= inner_first && x < inner_last;
      const bool is_block = is_inner && x + CK_NAME(depthwise_block) <= inner_last;
      const size_t first_tap = left < 0 ? (size_t)-left : 0;
      const size_t last_tap = is_inner ? size : (size_t)((ptrdiff_t)width - left < (ptrdiff_t)size
                                                             ? (ptrdiff_t)width - left : (ptrdiff_t)size);
      for (size_t c = 0; c < channels; c += CK_WIDTH) {
        const float *at[CK_MAX_TAPS];
        for (size_t tap = 0; tap < size; tap++)
          at[tap] = rows[tap] ? rows[tap] + left * (ptrdiff_t)stride + c : NULL;
        const float *shift = bias ? bias + c : NULL;
        float *to = out + x * out_stride + c;
        const size_t rest = channels - c;
        if (is_block && rest >= CK_WIDTH)
          CK_NAME(depthwise_positions)(
              at, 0, size, CK_NAME(depthwise_block), size, step, stride, channels, taps + c, shift, activation, to,
              out_stride, CK_WIDTH);
        else if (is_block)
          CK_NAME(depthwise_positions)(
              at, 0, size, CK_NAME(depthwise_block), size, step, stride, channels, taps + c, shift, activation, to,
              out_stride, rest);
        else
          CK_NAME(depthwise_positions)(
              at, first_tap, last_tap, 1, size, step, stride, channels, taps + c, shift, activation, to, out_stride,
              rest < CK_WIDTH ? rest : CK_WIDTH);
      }
      x += is_block ? CK_NAME(depthwise_block) : 1;
    }
  }
}

void CK_NAME(depthwise)(
    const float *in, size_t height, size_t width, size_t channels, size_t stride, const float *taps, const float *bias,
    size_t size, size_t step, ck_activation activation, float *out, size_t out_stride, size_t first_row,
    size_t last_row) {
#define CK_DEPTHWISE(size, step) \
  CK_NAME(depthwise_rows)( \
      in, height, width, channels, stride, taps, bias, size, step, activation, out, out_stride, first_row, last_row)
  if (size == 3) {
    if (step == 1) CK_DEPTHWISE(3, 1);
    else CK_DEPTHWISE(3, 2);
  } else {
    if (step == 1) CK_DEPTHWISE(5, 1);
    else CK_DEPTHWISE(5, 2);
  }
#undef CK_DEPTHWISE
}
