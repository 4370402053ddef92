// Two rows become one, a value of each in turn: ShuffleNet's channel shuffle of two groups.

void CK_NAME(interleave)(
    const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns, float *out) {
  for (size_t row = 0; row < rows; row++, a += a_stride, b += b_stride, out += 2 * columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      typedef float four __attribute__((vector_size(16)));
      four x, y;
      memcpy(&x, a + i, sizeof x);
      memcpy(&y, b + i, sizeof y);
      const four low = __builtin_shufflevector(x, y, 0, 4, 1, 5), high = __builtin_shufflevector(x, y, 2, 6, 3, 7);
      memcpy(out + 2 * i, &low, sizeof low);
      memcpy(out + 2 * i + 4, &high, sizeof high);
    }
    for (; i < columns; i++) {
      out[2 * i] = a[i];
      out[2 * i + 1] = b[i];
    }
  }
}
