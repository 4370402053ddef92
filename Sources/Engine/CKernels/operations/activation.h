// y = activation(x + bias) + residual, over rows.

static inline vfloat CK_NAME(activate)(vfloat x, ck_activation activation) {
  switch (activation) {
    case CK_ACTIVATION_NONE: return x;
    case CK_ACTIVATION_RELU: return v_relu(x);
    case CK_ACTIVATION_LEAKY_RELU: return v_max(x, 0.1f * x);
    case CK_ACTIVATION_GELU: return 0.5f * x * (1.0f + v_erf(x * 0.70710678f));
    case CK_ACTIVATION_SIGMOID: return 1.0f / (1.0f + v_exp(-x));
    case CK_ACTIVATION_QUICK_GELU: return x / (1.0f + v_exp(-1.702f * x));
  }
  return x;
}

void CK_NAME(bias_activation)(
    float *x, size_t rows, size_t columns, size_t stride, const float *bias,
    ck_activation activation, const float *residual, size_t residual_stride) {
  for (size_t row = 0; row < rows; row++) {
    float *values = x + row * stride;
    const float *added = residual ? residual + row * residual_stride : NULL;
    size_t i = 0;
    for (; i + CK_WIDTH <= columns; i += CK_WIDTH) {
      vfloat v = v_load(values + i);
      if (bias) v += v_load(bias + i);
      v = CK_NAME(activate)(v, activation);
      if (added) v += v_load(added + i);
      v_store(values + i, v);
    }
    if (i < columns) {
      const size_t rest = columns - i;
      vfloat v = v_load_part(values + i, rest, 0);
      if (bias) v += v_load_part(bias + i, rest, 0);
      v = CK_NAME(activate)(v, activation);
      if (added) v += v_load_part(added + i, rest, 0);
      v_store_part(values + i, v, rest);
    }
  }
}
