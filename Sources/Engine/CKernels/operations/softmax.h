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
    vfloat largest = v_all(-INFINITY), last = v_all(-INFINITY);
    size_t i = 0;
    for (; i + CK_WIDTH <= columns; i += CK_WIDTH) {
      vfloat v = v_load(values + i) * scale;
      if (b) v += v_load(b + i);
      if (m) v += v_load(m + i);
      v_store(values + i, v);
      largest = v_max(v, largest);
    }
    const size_t whole = i, left = columns - i;
    if (left > 0) {
      last = v_load_part(values + i, left, -INFINITY) * scale;
      if (b) last += v_load_part(b + i, left, 0);
      if (m) last += v_load_part(m + i, left, 0);
      largest = v_max(last, largest);
    }
    const float peak = v_largest(largest);
    vfloat sum = v_all(0);
    for (i = 0; i < whole; i += CK_WIDTH) {
      const vfloat v = v_exp(v_load(values + i) - peak);
      v_store(values + i, v);
      sum += v;
    }
    if (left > 0) {
      last = v_exp(last - peak);
      sum += last;
    }
    const float inverse = 1.0f / v_sum(sum);
    for (i = 0; i < whole; i += CK_WIDTH) v_store(values + i, v_load(values + i) * inverse);
    if (left > 0) v_store_part(values + i, last * inverse, left);
  }
}
