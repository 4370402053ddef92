// The largest of 3×3 positions around every second one, channel by channel; what lies beyond the edge is left out
// (torch's max_pool2d with a kernel of 3, a stride of 2 and a padding of 1).

void CK_NAME(max_pool)(
    const float *in, size_t height, size_t width, size_t channels, float *out, size_t first_row, size_t last_row) {
  const size_t out_width = (width + 1) / 2;
  for (size_t y = first_row; y < last_row; y++) {
    const size_t top = y > 0 ? 2 * y - 1 : 0, bottom = 2 * y + 2 < height ? 2 * y + 2 : height;
    for (size_t x = 0; x < out_width; x++, out += channels) {
      const size_t left = x > 0 ? 2 * x - 1 : 0, right = 2 * x + 2 < width ? 2 * x + 2 : width;
      for (size_t c = 0; c < channels; c += CK_WIDTH) {
        const size_t lanes = channels - c < CK_WIDTH ? channels - c : CK_WIDTH;
        vfloat most = v_all(-INFINITY);
        for (size_t row = top; row < bottom; row++)
          for (size_t column = left; column < right; column++) {
            const vfloat v = v_load_some(in + (row * width + column) * channels + c, lanes);
            // As torch: what is not a number is the largest.
            most = v_select((v > most) | (v != v), v, most);
          }
        v_store_some(out + c, most, lanes);
      }
    }
  }
}
