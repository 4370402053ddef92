// Attention of the queries of one position over the keys and values that a context has stored, page by page.

/// A vector of stored values, of 16 bits or of 32.
static inline __attribute__((always_inline)) vfloat CK_NAME(stored)(const void *page, size_t at, const bool halves) {
  if (!halves) return v_load((const float *)page + at);
  return v_load_halves((const uint16_t *)page + at);
}

// Vectors of a result beside each other, as many as leave registers for four queries.
#if defined(CK_HAS_AVX512)
enum { CK_NAME(BESIDE) = 4 };
#else
enum { CK_NAME(BESIDE) = 2 };
#endif

/// Products of some queries with a page's keys: `vectors` vectors of positions from `first` on. The numbers of queries and
/// of vectors are constants in each call, so that the sums stay in registers.
static inline __attribute__((always_inline)) void CK_NAME(page_scores)(
    const ck_attention *a, const void *keys, size_t first, const size_t queries, const size_t vectors,
    const bool halves, const float *query, float *scores, size_t stride) {
  vfloat sums[4][CK_NAME(BESIDE)] = {};
  for (size_t i = 0; i < a->width; i++) {
    vfloat key[CK_NAME(BESIDE)];
    for (size_t v = 0; v < vectors; v++) key[v] = CK_NAME(stored)(keys, i * CK_PAGE + first + v * CK_WIDTH, halves);
    for (size_t q = 0; q < queries; q++)
      for (size_t v = 0; v < vectors; v++) sums[q][v] += query[q * a->width + i] * key[v];
  }
  for (size_t q = 0; q < queries; q++)
    for (size_t v = 0; v < vectors; v++) v_store(scores + q * stride + first + v * CK_WIDTH, sums[q][v]);
}

/// Columns c ..< c + vectors · CK_WIDTH of the sum of all values, each times its weight.
static inline __attribute__((always_inline)) void CK_NAME(weighted_values)(
    const ck_attention *a, size_t c, const size_t queries, const size_t vectors, const bool halves,
    const float *weights, size_t stride, float *out) {
  vfloat sums[4][CK_NAME(BESIDE)] = {};
  for (size_t start = 0; start < a->count; start += CK_PAGE, weights += CK_PAGE) {
    const size_t positions = a->count - start < CK_PAGE ? a->count - start : CK_PAGE;
    const void *page = a->pages[start / CK_PAGE];
    const size_t values = a->offset + a->width * CK_PAGE + c;
    for (size_t t = 0; t < positions; t++) {
      vfloat value[CK_NAME(BESIDE)];
      for (size_t v = 0; v < vectors; v++)
        value[v] = CK_NAME(stored)(page, values + t * a->width + v * CK_WIDTH, halves);
      for (size_t q = 0; q < queries; q++)
        for (size_t v = 0; v < vectors; v++) sums[q][v] += weights[q * stride + t] * value[v];
    }
  }
  for (size_t q = 0; q < queries; q++)
    for (size_t v = 0; v < vectors; v++) v_store(out + q * a->width + c + v * CK_WIDTH, sums[q][v]);
}

static inline __attribute__((always_inline)) void CK_NAME(attend_some)(
    const ck_attention *a, const size_t queries, const bool halves, const float *query, float *out) {
  const size_t bytes = halves ? 2 : 4, step = CK_NAME(BESIDE) * CK_WIDTH;
  const size_t stride = (a->count + CK_PAGE - 1) / CK_PAGE * CK_PAGE;
  for (size_t start = 0; start < a->count; start += CK_PAGE) {
    const size_t positions = a->count - start < CK_PAGE ? a->count - start : CK_PAGE;
    const void *keys = (const uint8_t *)a->pages[start / CK_PAGE] + a->offset * bytes;
    for (size_t first = 0; first < positions; first += step)
      CK_NAME(page_scores)(
          a, keys, first, queries, CK_NAME(BESIDE), halves, query, a->scores + start, stride);
  }
  // What lies in a page beyond the last position is not looked at.
  for (size_t q = 0; q < queries; q++) CK_NAME(softmax)(a->scores + q * stride, 1, a->count, a->scale, NULL, NULL);
  size_t c = 0;
  for (; c + step <= a->width; c += step)
    CK_NAME(weighted_values)(a, c, queries, CK_NAME(BESIDE), halves, a->scores, stride, out);
  for (; c + CK_WIDTH <= a->width; c += CK_WIDTH)
    CK_NAME(weighted_values)(a, c, queries, 1, halves, a->scores, stride, out);
  for (; c < a->width; c++)
    for (size_t q = 0; q < queries; q++) {
      float sum = 0;
      for (size_t t = 0; t < a->count; t++) {
        const void *page = a->pages[t / CK_PAGE];
        const size_t at = a->offset + a->width * (CK_PAGE + t % CK_PAGE) + c;
        const float value =
            halves ? ck_float_from_half(((const uint16_t *)page)[at]) : ((const float *)page)[at];
        sum += a->scores[q * stride + t] * value;
      }
      out[q * a->width + c] = sum;
    }
}

static inline __attribute__((always_inline)) void CK_NAME(attend_all)(const ck_attention *a, const bool halves) {
  for (size_t first = 0; first < a->query_count; first += 4) {
    const float *query = a->queries + first * a->width;
    float *out = a->out + first * a->width;
    switch (a->query_count - first) {
      case 1: CK_NAME(attend_some)(a, 1, halves, query, out); break;
      case 2: CK_NAME(attend_some)(a, 2, halves, query, out); break;
      case 3: CK_NAME(attend_some)(a, 3, halves, query, out); break;
      default: CK_NAME(attend_some)(a, 4, halves, query, out); break;
    }
  }
}

void CK_NAME(attend)(const ck_attention *attention) {
  if (attention->halves) CK_NAME(attend_all)(attention, true);
  else CK_NAME(attend_all)(attention, false);
}
