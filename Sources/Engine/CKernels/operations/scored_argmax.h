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
    if (i < candidates) {
      const size_t left = candidates - i;
      const vfloat v = v_load_part(x + i, left, 0) * v_load_part(scores + i, left, 0);
      vint counts = {};
      memcpy(&counts, reached + i, left * sizeof(int32_t));
      counts -= v >= v_all(threshold);
      memcpy(reached + i, &counts, left * sizeof(int32_t));
      const vint better = (v > bests) & (lanes < (int32_t)left);
      bests = v_select(better, v, bests);
      places = (better & (lanes + (int32_t)i)) | (~better & places);
    }
    const vint first = bests == v_largest(bests);
    const int32_t winner = __builtin_reduce_min((first & places) | (~first & INT32_MAX));
    winners[row] = winner;
  }
}
