// The two questions that panoptic merging asks of every pixel, answered in one reading: which candidate
// is strongest here, and which candidates claim the pixel at all.

void CK_NAME(scored_argmax)(
    const float *x, size_t rows, size_t candidates, const float *scores, float threshold,
    int32_t *winners, int32_t *reached) {
  for (size_t row = 0; row < rows; row++, x += candidates) {
    float best = -INFINITY;
    size_t winner = 0, i = 0;
    for (; i + CK_WIDTH <= candidates; i += CK_WIDTH) {
      const vfloat v = v_load(x + i) * v_load(scores + i);
      vint counts;
      memcpy(&counts, reached + i, sizeof counts);
      counts -= v >= v_all(threshold);  // a true comparison is -1
      memcpy(reached + i, &counts, sizeof counts);
      if (v_largest(v) > best) {
        for (size_t lane = 0; lane < CK_WIDTH; lane++) {
          if (v[lane] > best) {
            best = v[lane];
            winner = i + lane;
          }
        }
      }
    }
    for (; i < candidates; i++) {
      const float v = x[i] * scores[i];
      reached[i] += v >= threshold;
      if (v > best) {
        best = v;
        winner = i;
      }
    }
    winners[row] = (int32_t)winner;
  }
}
