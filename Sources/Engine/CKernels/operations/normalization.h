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

// Group norm of a channels-last map [pixels, channels]: each group of neighbouring channels is
// normalised over all pixels. Sums run in double precision: a map has millions of values.
void CK_NAME(group_norm)(
    const float *x, float *y, size_t pixels, size_t channels, size_t groups, const float *scale,
    const float *shift, float epsilon, double *sums, bool relu) {
  double *squares = sums + channels;
  memset(sums, 0, 2 * channels * sizeof(double));
  for (size_t p = 0; p < pixels; p++) {
    const float *in = x + p * channels;
    for (size_t c = 0; c < channels; c++) {
      const double v = in[c];
      sums[c] += v;
      squares[c] += v * v;
    }
  }
  const size_t width = channels / groups;
  for (size_t g = 0; g < groups; g++) {
    double sum = 0, square = 0;
    for (size_t c = g * width; c < (g + 1) * width; c++) {
      sum += sums[c];
      square += squares[c];
    }
    const double count = (double)(pixels * width);
    const double mean = sum / count;
    const double variance = square / count - mean * mean;
    const double inverse = 1.0 / sqrt((variance > 0 ? variance : 0) + epsilon);
    for (size_t c = g * width; c < (g + 1) * width; c++) {
      sums[c] = inverse * scale[c];
      squares[c] = shift[c] - mean * inverse * scale[c];
    }
  }
  for (size_t p = 0; p < pixels; p++) {
    const float *in = x + p * channels;
    float *out = y + p * channels;
    for (size_t c = 0; c < channels; c++) {
      const float v = in[c] * (float)sums[c] + (float)squares[c];
      out[c] = relu && v < 0 ? 0 : v;
    }
  }
}
