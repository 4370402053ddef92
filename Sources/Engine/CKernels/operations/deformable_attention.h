// Multi-scale deformable attention (Deformable DETR, section 4.1): every query and head gathers a few
// bilinear samples from every level and adds them up by weight. Samples outside a level are zero.

enum { CK_MAX_SAMPLES = 256 };

void CK_NAME(deformable_attention)(
    const ck_level *levels, size_t level_count, size_t points, size_t heads, size_t head_width,
    const float *values, const float *references, const float *offsets, const float *weights,
    float *out, size_t queries) {
  const size_t width = heads * head_width;
  const size_t samples = level_count * points;
  const float *corner[CK_MAX_SAMPLES * 4];
  float corner_weight[CK_MAX_SAMPLES * 4];

  for (size_t q = 0; q < queries; q++) {
    for (size_t head = 0; head < heads; head++) {
      const float *offset = offsets + (q * heads + head) * samples * 2;
      const float *weight = weights + (q * heads + head) * samples;
      size_t corners = 0;
      for (size_t l = 0; l < level_count; l++) {
        const ck_level level = levels[l];
        const float *plane = values + level.start * width + head * head_width;
        for (size_t p = 0; p < points; p++, offset += 2, weight++) {
          const float x = references[2 * q] * (float)level.width + offset[0] - 0.5f;
          const float y = references[2 * q + 1] * (float)level.height + offset[1] - 0.5f;
          // Also false for NaN, which would be undefined as an integer.
          if (!(x > -1 && y > -1 && x < (float)level.width && y < (float)level.height)) continue;
          const float left = floorf(x), top = floorf(y);
          const ptrdiff_t x0 = (ptrdiff_t)left, y0 = (ptrdiff_t)top;
          const float fx = x - left, fy = y - top;
          for (int down = 0; down < 2; down++) {
            const ptrdiff_t row = y0 + down;
            if (row < 0 || row >= (ptrdiff_t)level.height) continue;
            for (int right = 0; right < 2; right++) {
              const ptrdiff_t column = x0 + right;
              if (column < 0 || column >= (ptrdiff_t)level.width) continue;
              corner[corners] = plane + ((size_t)row * level.width + (size_t)column) * width;
              corner_weight[corners++] = *weight * (down ? fy : 1 - fy) * (right ? fx : 1 - fx);
            }
          }
        }
      }
      float *to = out + q * width + head * head_width;
      size_t d = 0;
      for (; d + 4 * CK_WIDTH <= head_width; d += 4 * CK_WIDTH) {
        vfloat a = v_all(0), b = a, c = a, e = a;
        for (size_t i = 0; i < corners; i++) {
          const float *from = corner[i] + d;
          const vfloat w = v_all(corner_weight[i]);
          a += w * v_load(from);
          b += w * v_load(from + CK_WIDTH);
          c += w * v_load(from + 2 * CK_WIDTH);
          e += w * v_load(from + 3 * CK_WIDTH);
        }
        v_store(to + d, a);
        v_store(to + d + CK_WIDTH, b);
        v_store(to + d + 2 * CK_WIDTH, c);
        v_store(to + d + 3 * CK_WIDTH, e);
      }
      for (; d + CK_WIDTH <= head_width; d += CK_WIDTH) {
        vfloat sum = v_all(0);
        for (size_t i = 0; i < corners; i++) sum += corner_weight[i] * v_load(corner[i] + d);
        v_store(to + d, sum);
      }
      for (; d < head_width; d++) {
        float sum = 0;
        for (size_t i = 0; i < corners; i++) sum += corner_weight[i] * corner[i][d];
        to[d] = sum;
      }
    }
  }
}
