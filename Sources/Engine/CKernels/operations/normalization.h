// Layer norm over the last dimension, in two passes (mean, then squared deviations), as torch does.

static inline float CK_NAME(row_sum)(const float *x, size_t n) {
  vfloat sum = v_all(0);
  size_t i = 0;
  for (; i + CK_WIDTH <= n; i += CK_WIDTH) sum += v_load(x + i);
  if (i < n) sum += v_load_part(x + i, n - i, 0);
  return v_sum(sum);
}

static inline float CK_NAME(row_squared_deviations)(const float *x, size_t n, float mean) {
  vfloat sum = v_all(0);
  size_t i = 0;
  for (; i + CK_WIDTH <= n; i += CK_WIDTH) {
    const vfloat d = v_load(x + i) - mean;
    sum += d * d;
  }
  if (i < n) {
    const vfloat d = v_load_part(x + i, n - i, mean) - mean;
    sum += d * d;
  }
  return v_sum(sum);
}

void CK_NAME(layer_norm)(
    const float *x, float *y, size_t rows, size_t columns, const float *scale, const float *shift,
    float epsilon) {
  for (size_t row = 0; row < rows; row++) {
    const float *in = x + row * columns;
    float *out = y + row * columns;
    const float mean = CK_NAME(row_sum)(in, columns) / (float)columns;
    const float variance = CK_NAME(row_squared_deviations)(in, columns, mean) / (float)columns;
    const float inverse = 1.0f / sqrtf(variance + epsilon);
    size_t i = 0;
    for (; i + CK_WIDTH <= columns; i += CK_WIDTH)
      v_store(out + i, (v_load(in + i) - mean) * inverse * v_load(scale + i) + v_load(shift + i));
    for (; i < columns; i++) out[i] = (in[i] - mean) * inverse * scale[i] + shift[i];
  }
}

// Adds every channel's sum and sum of squares over the rows of x to `sums` and `squares`. Runs of rows
// are summed in single precision and then added in double: a map has tens of thousands of rows.
void CK_NAME(channel_sums)(
    const float *x, size_t rows, size_t channels, double *sums, double *squares) {
  enum { RUN = 32 };
  for (size_t first = 0; first < rows; first += RUN) {
    const size_t run = rows - first < RUN ? rows - first : RUN;
    const float *block = x + first * channels;
    size_t c = 0;
    for (; c + CK_WIDTH <= channels; c += CK_WIDTH) {
      vfloat sum = v_all(0), square = v_all(0);
      for (size_t r = 0; r < run; r++) {
        const vfloat v = v_load(block + r * channels + c);
        sum += v;
        square += v * v;
      }
      for (size_t lane = 0; lane < CK_WIDTH; lane++) {
        sums[c + lane] += sum[lane];
        squares[c + lane] += square[lane];
      }
    }
    for (; c < channels; c++) {
      for (size_t r = 0; r < run; r++) {
        const double v = block[r * channels + c];
        sums[c] += v;
        squares[c] += v * v;
      }
    }
  }
}

void CK_NAME(scale_shift)(
    const float *x, float *y, size_t rows, size_t channels, const float *scale, const float *shift,
    bool relu) {
  for (size_t row = 0; row < rows; row++, x += channels, y += channels) {
    size_t c = 0;
    for (; c + CK_WIDTH <= channels; c += CK_WIDTH) {
      const vfloat v = v_load(x + c) * v_load(scale + c) + v_load(shift + c);
      v_store(y + c, relu ? v_relu(v) : v);
    }
    for (; c < channels; c++) {
      const float v = x[c] * scale[c] + shift[c];
      y[c] = relu && v < 0 ? 0 : v;
    }
  }
}
