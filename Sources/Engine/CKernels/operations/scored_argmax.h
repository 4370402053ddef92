// The two questions that panoptic merging asks of every pixel, answered in one reading: which candidate
// is strongest here, and which candidates claim the pixel at all.

void CK_NAME(scored_argmax)(
    const float *x, size_t rows, size_t candidates, const float *scores, float threshold,
    int32_t *winners, int32_t *reached) {
  vint lanes;
  for (size_t lane = 0; lane < CK_WIDTH; lane++) lanes[lane] = (int32_t)lane;
  for (size_t row = 0; row < rows; row++, x += candidates) {
    // Of every lane the best, and where it was.
    vfloat bests = v_all(-INFINITY);
    vint places = {};
    size_t i = 0;
    for (; i + CK_WIDTH <= candidates; i += CK_WIDTH) {
      const vfloat v = v_load(x + i) * v_load(scores + i);
      vint counts;
      memcpy(&counts, reached + i, sizeof counts);
      counts -= v >= v_all(threshold);  // a true comparison is -1
      memcpy(reached + i, &counts, sizeof counts);
      const vint better = v > bests;
      bests = v_select(better, v, bests);
      places = (better & (lanes + (int32_t)i)) | (~better & places);
    }
    float best = v_largest(bests);
    int32_t winner = INT32_MAX;
    for (size_t lane = 0; lane < CK_WIDTH; lane++)
      if (bests[lane] == best && places[lane] < winner) winner = places[lane];
    for (; i < candidates; i++) {
      const float v = x[i] * scores[i];
      reached[i] += v >= threshold;
      if (v > best) {
        best = v;
        winner = (int32_t)i;
      }
    }
    winners[row] = winner;
  }
}
