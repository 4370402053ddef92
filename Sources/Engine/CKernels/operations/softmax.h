void CK_NAME(outer_sum)(
    const float *a, size_t rows, const float *b, size_t columns, float *y) {
  for (size_t i = 0; i < rows; i++, y += columns) {
    size_t j = 0;
    for (; j + CK_WIDTH <= columns; j += CK_WIDTH) v_store(y + j, v_load(b + j) + a[i]);
    for (; j < columns; j++) y[j] = b[j] + a[i];
  }
}

// x = softmax(x * scale + bias + mask) along rows; bias and mask may be NULL, and have the shape of x.
// A row that is -infinity throughout becomes NaN, as in torch; callers never make one.

void CK_NAME(softmax)(
    float *x, size_t rows, size_t columns, float scale, const float *bias, const float *mask) {
  for (size_t row = 0; row < rows; row++) {
    float *values = x + row * columns;
    const float *b = bias ? bias + row * columns : NULL;
    const float *m = mask ? mask + row * columns : NULL;
    vfloat largest = v_all(-INFINITY);
    size_t i = 0;
    for (; i + CK_WIDTH <= columns; i += CK_WIDTH) {
      vfloat v = v_load(values + i) * scale;
      if (b) v += v_load(b + i);
      if (m) v += v_load(m + i);
      v_store(values + i, v);
      largest = v_max(v, largest);
    }
    float peak = v_largest(largest);
    for (; i < columns; i++) {
      float v = values[i] * scale;
      if (b) v += b[i];
      if (m) v += m[i];
      values[i] = v;
      peak = v > peak ? v : peak;
    }
    vfloat sum = v_all(0);
    for (i = 0; i + CK_WIDTH <= columns; i += CK_WIDTH) {
      const vfloat v = v_exp(v_load(values + i) - peak);
      v_store(values + i, v);
      sum += v;
    }
    if (i < columns) {
      const vfloat v = v_exp(v_load_part(values + i, columns - i, -INFINITY) - peak);
      v_store_part(values + i, v, columns - i);
      sum += v;
    }
    const float inverse = 1.0f / v_sum(sum);
    for (i = 0; i + CK_WIDTH <= columns; i += CK_WIDTH)
      v_store(values + i, v_load(values + i) * inverse);
    for (; i < columns; i++) values[i] *= inverse;
  }
}
