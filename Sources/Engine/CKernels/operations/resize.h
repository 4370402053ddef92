// Bilinear resizing of a channels-last map [height, width, channels], corners not aligned, no antialiasing
// (torch's interpolate with mode "bilinear" and align_corners false). Makes the rows from `first_row` up
// to, not including, `last_row`, the first of them at `out`; `add` adds to what is there.

static inline void CK_NAME(source)(
    size_t position, size_t from, size_t to, size_t *low, size_t *high, float *fraction) {
  float x = ((float)position + 0.5f) * ((float)from / (float)to) - 0.5f;
  if (x < 0) x = 0;
  *low = (size_t)x;
  if (*low > from - 1) *low = from - 1;
  *high = *low + 1 < from ? *low + 1 : *low;
  *fraction = x - (float)*low;
}

void CK_NAME(resize_bilinear)(
    const float *in, size_t height, size_t width, size_t channels, float *out, size_t out_height,
    size_t out_width, size_t first_row, size_t last_row, bool add) {
  for (size_t y = first_row; y < last_row; y++) {
    size_t y0, y1;
    float fy;
    CK_NAME(source)(y, height, out_height, &y0, &y1, &fy);
    const float *upper = in + y0 * width * channels;
    const float *lower = in + y1 * width * channels;
    float *to = out + (y - first_row) * out_width * channels;
    for (size_t x = 0; x < out_width; x++, to += channels) {
      size_t x0, x1;
      float fx;
      CK_NAME(source)(x, width, out_width, &x0, &x1, &fx);
      const float *a = upper + x0 * channels, *b = upper + x1 * channels;
      const float *c = lower + x0 * channels, *d = lower + x1 * channels;
      const float wa = (1 - fy) * (1 - fx), wb = (1 - fy) * fx;
      const float wc = fy * (1 - fx), wd = fy * fx;
      size_t i = 0;
      for (; i + CK_WIDTH <= channels; i += CK_WIDTH) {
        vfloat v = wa * v_load(a + i) + wb * v_load(b + i) + wc * v_load(c + i) + wd * v_load(d + i);
        if (add) v += v_load(to + i);
        v_store(to + i, v);
      }
      if (i < channels) {
        const size_t left = channels - i;
        vfloat v = wa * v_load_part(a + i, left, 0) + wb * v_load_part(b + i, left, 0) +
                   wc * v_load_part(c + i, left, 0) + wd * v_load_part(d + i, left, 0);
        if (add) v += v_load_part(to + i, left, 0);
        v_store_part(to + i, v, left);
      }
    }
  }
}
