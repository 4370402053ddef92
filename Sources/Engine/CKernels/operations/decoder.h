// The small steps between the products of a decoder layer.

void CK_NAME(rms_norm)(
    const float *x, float *y, size_t rows, size_t columns, const float *scale, float epsilon) {
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    vfloat squares = v_all(0);
    size_t i = 0;
    for (; i + CK_WIDTH <= columns; i += CK_WIDTH) squares += v_load(x + i) * v_load(x + i);
    float sum = v_sum(squares);
    for (; i < columns; i++) sum += x[i] * x[i];
    const float inverse = 1.0f / sqrtf(sum / (float)columns + epsilon);
    for (i = 0; i + CK_WIDTH <= columns; i += CK_WIDTH)
      v_store(y + i, v_load(x + i) * inverse * v_load(scale + i));
    for (; i < columns; i++) y[i] = x[i] * inverse * scale[i];
  }
}

// gate = silu(gate) * up
void CK_NAME(swiglu)(float *gate, const float *up, size_t count) {
  size_t i = 0;
  for (; i + CK_WIDTH <= count; i += CK_WIDTH) {
    const vfloat g = v_load(gate + i);
    v_store(gate + i, g / (1.0f + v_exp(-g)) * v_load(up + i));
  }
  for (; i < count; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

// Turns the pairs of every head by the angles of its position: cosines and sines [width / 2]. The pairs are
// neighbours (2i, 2i + 1), or i and i + width / 2.
void CK_NAME(rotate)(
    float *head, size_t width, const float *cosines, const float *sines, bool neighbours) {
  const size_t half = width / 2;
  size_t i = 0;
  for (; !neighbours && i + CK_WIDTH <= half; i += CK_WIDTH) {
    const vfloat x = v_load(head + i), y = v_load(head + i + half), c = v_load(cosines + i), s = v_load(sines + i);
    v_store(head + i, x * c - y * s);
    v_store(head + i + half, x * s + y * c);
  }
#if defined(CK_HAS_AVX512)
  // Each cosine and sine for both of a pair; of the products with the pair the other way round, the first is taken away.
  for (; neighbours && i + 8 <= half; i += 8) {
    const __m512i twice = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    const __m512 pairs = _mm512_loadu_ps(head + 2 * i), swapped = _mm512_permute_ps(pairs, 0xb1);
    const __m512 c = _mm512_permutexvar_ps(twice, _mm512_castps256_ps512(_mm256_loadu_ps(cosines + i)));
    const __m512 s = _mm512_permutexvar_ps(twice, _mm512_castps256_ps512(_mm256_loadu_ps(sines + i)));
    _mm512_storeu_ps(head + 2 * i, _mm512_fmaddsub_ps(pairs, c, _mm512_mul_ps(swapped, s)));
  }
#endif
  for (; i < half; i++) {
    float *a = neighbours ? head + 2 * i : head + i, *b = neighbours ? a + 1 : head + i + half;
    const float x = *a, y = *b;
    *a = x * cosines[i] - y * sines[i];
    *b = x * sines[i] + y * cosines[i];
  }
}

// One query of one head against `count` stored positions, keys and values [count, stride].
// scores [count] is scratch.
void CK_NAME(attend_row)(
    const float *query, const float *keys, const float *values, size_t stride, size_t count,
    size_t width, float scale, float *scores, float *out) {
  size_t t = 0;
#if defined(CK_HAS_AVX2)
  // Four keys at a time, whose sums are added up together.
  for (; width % 8 == 0 && t + 4 <= count; t += 4) {
    __m256 s[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    const float *key = keys + t * stride;
    for (size_t i = 0; i < width; i += 8) {
      const __m256 q = _mm256_loadu_ps(query + i);
      for (size_t k = 0; k < 4; k++)
        s[k] = _mm256_fmadd_ps(q, _mm256_loadu_ps(key + k * stride + i), s[k]);
    }
    const __m256 sums = _mm256_hadd_ps(_mm256_hadd_ps(s[0], s[1]), _mm256_hadd_ps(s[2], s[3]));
    _mm_storeu_ps(
        scores + t, _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1)));
  }
#endif
  for (; t < count; t++) scores[t] = CK_NAME(dot)(keys + t * stride, query, width);
  CK_NAME(softmax)(scores, 1, count, scale, NULL, NULL);
  // Eight vectors of the result stay in registers while the values go by.
  enum { WIDE = 8 };
  size_t c = 0;
  for (; c + WIDE * CK_WIDTH <= width; c += WIDE * CK_WIDTH) {
    vfloat sums[WIDE] = {};
    for (t = 0; t < count; t++)
      for (int i = 0; i < WIDE; i++) sums[i] += scores[t] * v_load(values + t * stride + c + i * CK_WIDTH);
    for (int i = 0; i < WIDE; i++) v_store(out + c + i * CK_WIDTH, sums[i]);
  }
  for (; c + CK_WIDTH <= width; c += CK_WIDTH) {
    vfloat sum = v_all(0);
    for (t = 0; t < count; t++) sum += scores[t] * v_load(values + t * stride + c);
    v_store(out + c, sum);
  }
  for (; c < width; c++) {
    float sum = 0;
    for (t = 0; t < count; t++) sum += scores[t] * values[t * stride + c];
    out[c] = sum;
  }
}

void CK_NAME(halves_from_floats)(const float *x, uint16_t *out, size_t count) {
  size_t i = 0;
#if defined(CK_HAS_AVX2)
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128((__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), 0));
#endif
  for (; i < count; i++) out[i] = ck_half_from_float(x[i]);
}
