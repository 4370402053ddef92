// Products of rows of nf4 with one row of activations in vectors of 512 bits: a block at a time.
#if defined(CK_HAS_AVX512)

static inline __m512i CK_NAME(word_sums)(__m512i a, __m512i x, __m512i b, __m512i y) {
#if defined(CK_HAS_VNNI)
  return _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(_mm512_setzero_si512(), a, x), b, y);
#else
  return _mm512_add_epi32(_mm512_madd_epi16(a, x), _mm512_madd_epi16(b, y));
#endif
}

/// Some rows of nf4, the first of which has the matrix's block `first_block` first. The codebook's numbers are in 15 bits:
/// the products of four with activations stay below 2^31.
static inline __attribute__((always_inline)) void CK_NAME(wide_rows_nf4)(
    const ck_matrix *matrix, size_t first_block, size_t rows, const ck_row *x, size_t blocks, float *y) {
  int16_t numbers[32];
  for (int i = 0; i < 32; i++) numbers[i] = (int16_t)lrintf(matrix->nf4.map[i % 16] * 16383.0f);
  // Twice the same, so that a look-up may see the lowest bit of the next number.
  const __m512i table = _mm512_loadu_si512(numbers);
  const uint8_t *p = (const uint8_t *)matrix->values + first_block * 32;
  __m512 sums[4];
  for (size_t r = 0; r < rows; r++) sums[r] = _mm512_setzero_ps();
  for (size_t b = 0; b < blocks; b++, p += 32) {
    const int16_t *whole = x->whole + b * 64;
    const __m512i first = _mm512_loadu_si512(whole), second = _mm512_loadu_si512(whole + 32);
    const __m512i even = _mm512_shuffle_i64x2(first, second, 0x44), odd = _mm512_shuffle_i64x2(first, second, 0xee);
    const __m512 factors = _mm512_insertf32x8(
        _mm512_set1_ps(x->scales[4 * b] * (1 / 16383.0f)), _mm256_set1_ps(x->scales[4 * b + 2] * (1 / 16383.0f)), 1);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const uint8_t *q = p + r * blocks * 32;
      _mm_prefetch((const char *)q + CK_NAME(AHEAD), _MM_HINT_T0);
      const __m512i wide = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)q));
      // The high half of a byte comes first.
      const __m512i products = CK_NAME(word_sums)(
          _mm512_permutexvar_epi16(_mm512_srli_epi16(wide, 4), table), even,
          _mm512_permutexvar_epi16(wide, table), odd);
      const float scale = CK_NAME(nf4_scale)(&matrix->nf4, first_block + r * blocks + b);
      sums[r] = _mm512_fmadd_ps(
          _mm512_cvtepi32_ps(products), _mm512_mul_ps(factors, _mm512_set1_ps(scale)), sums[r]);
    }
  }
  for (size_t r = 0; r < rows; r++) y[r] = _mm512_reduce_add_ps(sums[r]);
}

#endif
