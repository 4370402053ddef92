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

void CK_NAME(halves_from_floats)(const float *x, uint16_t *out, size_t count) {
  size_t i = 0;
#if defined(CK_HAS_AVX2)
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128((__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), 0));
#endif
  for (; i < count; i++) out[i] = ck_half_from_float(x[i]);
}
