// One row of a mask, between two rows of a smaller one, laid over a row of a map of ids: how many pixels are inside,
// how many of these are to be had, and what the mask is there in sum. With an id, it takes them.

void CK_NAME(mask_row)(
    const float *upper, const float *lower, float share, float threshold, int32_t *ids, size_t count, int32_t id,
    const int32_t *yields, size_t *inside, size_t *free, float *sum) {
  for (size_t i = 0; i < count; i += CK_WIDTH) {
    const size_t lanes = count - i < CK_WIDTH ? count - i : CK_WIDTH;
    const vfloat a = v_load_some(upper + i, lanes), b = v_load_some(lower + i, lanes);
    const vfloat mask = (1 - share) * a + share * b;
    vint owners = {}, valid = {}, free_ones;
    memcpy(&owners, ids + i, lanes * sizeof(int32_t));
    for (size_t lane = 0; lane < CK_WIDTH; lane++) valid[lane] = lane < lanes ? -1 : 0;
    for (size_t lane = 0; lane < CK_WIDTH; lane++) free_ones[lane] = yields[owners[lane]];
    const vint own = valid & (mask > v_all(threshold));
    const vint taken = own & free_ones;
    *inside += (size_t)-__builtin_reduce_add(own);
    *free += (size_t)-__builtin_reduce_add(taken);
    *sum += v_sum((vfloat)(taken & (vint)mask));
    if (id) {
      owners = (taken & id) | (~taken & owners);
      memcpy(ids + i, &owners, lanes * sizeof(int32_t));
    }
  }
}
