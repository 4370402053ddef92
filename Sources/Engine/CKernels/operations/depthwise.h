// A depthwise convolution of a channels-last map: every channel by itself, from size × size positions around, zeros
// beyond the edge. What is inlined for a size, a step and a dilation has its taps unrolled.

/// Positions of a row that are made together, so that the taps are loaded once for all of them; as many as the registers
/// hold sums of.
enum { CK_NAME(depthwise_block) = CK_WIDTH == 16 ? 8 : 4 };

/// `count` neighbouring positions of one vector of channels. `rows` are at the first position's left taps, NULL beyond
/// the edge; the taps of `first_tap` ..< `last_tap` lie within the row.
static inline __attribute__((always_inline)) void CK_NAME(depthwise_positions)(
    const float *const *rows, size_t first_tap, size_t last_tap, size_t count, size_t size, size_t step, size_t dilation,
    size_t stride, size_t channels, const float *taps, const float *bias, ck_activation activation, float *out,
    size_t out_stride, size_t lanes) {
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
        sums[i] += tap * v_load_some(row + (ptrdiff_t)((i * step + x * dilation) * stride), lanes);
    }
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < count; i++)
    v_store_some(out + i * out_stride, CK_NAME(activate)(sums[i], activation), lanes);
}

static inline __attribute__((always_inline)) void CK_NAME(depthwise_rows)(
    const ck_depthwise *d, const size_t size, const size_t step, const size_t dilation) {
  const size_t reach = (size - 1) * dilation + 1;
  const size_t out_width = (d->width + step - 1) / step;
  // Of a row, the positions all of whose taps lie within it.
  const size_t inner_first = (d->padding + step - 1) / step;
  const size_t inner_last = d->width + d->padding >= reach ? (d->width + d->padding - reach) / step + 1 : 0;
  const bool has_blocks = inner_first + CK_NAME(depthwise_block) <= inner_last;
  float *out = d->out;
  for (size_t y = d->first_row; y < d->last_row; y++, out += out_width * d->out_stride) {
    const float *rows[CK_MAX_TAPS];
    for (size_t tap = 0; tap < size; tap++) {
      const size_t row = y * step + tap * dilation;
      rows[tap] = row >= d->padding && row - d->padding < d->height
                      ? d->in + (ptrdiff_t)((row - d->padding) * d->width * d->stride) : NULL;
    }
    for (size_t x = 0; x < out_width;) {
      const bool is_block = has_blocks && x >= inner_first && x < inner_last;
      // The last block begins where it fits, and makes some positions again.
      if (is_block && x + CK_NAME(depthwise_block) > inner_last) x = inner_last - CK_NAME(depthwise_block);
      const ptrdiff_t left = (ptrdiff_t)(x * step) - (ptrdiff_t)d->padding;
      const size_t first_tap = left < 0 ? ((size_t)-left + dilation - 1) / dilation : 0;
      const size_t within = ((size_t)((ptrdiff_t)d->width - left) + dilation - 1) / dilation;
      const size_t last_tap = within < size ? within : size;
      for (size_t c = 0; c < d->channels; c += CK_WIDTH) {
        const float *at[CK_MAX_TAPS];
        for (size_t tap = 0; tap < size; tap++)
          at[tap] = rows[tap] ? rows[tap] + left * (ptrdiff_t)d->stride + c : NULL;
        const float *shift = d->bias ? d->bias + c : NULL;
        float *to = out + x * d->out_stride + c;
        const size_t rest = d->channels - c;
        if (is_block && rest >= CK_WIDTH)
          CK_NAME(depthwise_positions)(
              at, 0, size, CK_NAME(depthwise_block), size, step, dilation, d->stride, d->channels, d->taps + c, shift,
              d->activation, to, d->out_stride, CK_WIDTH);
        else if (is_block)
          CK_NAME(depthwise_positions)(
              at, 0, size, CK_NAME(depthwise_block), size, step, dilation, d->stride, d->channels, d->taps + c, shift,
              d->activation, to, d->out_stride, rest);
        else
          CK_NAME(depthwise_positions)(
              at, first_tap, last_tap, 1, size, step, dilation, d->stride, d->channels, d->taps + c, shift,
              d->activation, to, d->out_stride, rest < CK_WIDTH ? rest : CK_WIDTH);
      }
      x += is_block ? CK_NAME(depthwise_block) : 1;
    }
  }
}

void CK_NAME(depthwise)(const ck_depthwise *d) {
  if (d->size == 3) {
    if (d->step == 1) CK_NAME(depthwise_rows)(d, 3, 1, 1);
    else CK_NAME(depthwise_rows)(d, 3, 2, 1);
  } else {
    if (d->dilation == 2) CK_NAME(depthwise_rows)(d, 5, 1, 2);
    else if (d->step == 1) CK_NAME(depthwise_rows)(d, 5, 1, 1);
    else CK_NAME(depthwise_rows)(d, 5, 2, 1);
  }
}
