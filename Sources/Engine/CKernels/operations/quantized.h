// Reading matrices in ggml's block formats and in nf4: as floats, and in products with one row.
//
// Values are made exactly as the reference packages make them: every product and every sum is rounded by
// itself, so contraction is off wherever a value is dequantised.

static inline float CK_NAME(half)(const uint8_t *p) {
  uint16_t bits;
  memcpy(&bits, p, sizeof bits);
#if defined(CK_HAS_F16C)
  return _cvtsh_ss(bits);
#else
  float value;
  ck_floats_from_halves(p, &value, 1);
  return value;
#endif
}

// The six-bit scales and minima of Q4_K and Q5_K: eight of each in twelve bytes.
static inline void CK_NAME(k_scale)(const uint8_t *s, size_t j, uint8_t *scale, uint8_t *least) {
  if (j < 4) {
    *scale = s[j] & 63;
    *least = s[j + 4] & 63;
  } else {
    *scale = (uint8_t)((s[j + 4] & 15) | (s[j - 4] >> 6 << 4));
    *least = (uint8_t)((s[j + 4] >> 4) | (s[j] >> 6 << 4));
  }
}

static inline float CK_NAME(nf4_scale)(const ck_nf4_scales *nf4, size_t block) {
#pragma clang fp contract(off)
  const float nested = nf4->nested_map[nf4->absmax[block]] * nf4->nested_absmax[block / CK_NF4_NESTED_BLOCK];
  return nested + nf4->offset;
}

// `count` whole blocks of a row, of which the first is the matrix's block `first` (for nf4's scales).
static void CK_NAME(dequantize_blocks)(
    const ck_matrix *matrix, size_t first, size_t count, float *out) {
#pragma clang fp contract(off)
  const uint8_t *p = (const uint8_t *)matrix->values + first * ck_block_bytes(matrix->format);
  switch (matrix->format) {
    case CK_FORMAT_F32: memcpy(out, p, count * 4); break;
    case CK_FORMAT_F16: ck_floats_from_halves(p, out, count); break;
    case CK_FORMAT_BF16: ck_floats_from_bfloats(p, out, count); break;
    case CK_FORMAT_Q4_0:
      for (size_t b = 0; b < count; b++, p += 18, out += 32) {
        const float d = CK_NAME(half)(p);
        for (int i = 0; i < 16; i++) {
          out[i] = d * (float)((p[2 + i] & 15) - 8);
          out[i + 16] = d * (float)((p[2 + i] >> 4) - 8);
        }
      }
      break;
    case CK_FORMAT_Q4_1:
      for (size_t b = 0; b < count; b++, p += 20, out += 32) {
        const float d = CK_NAME(half)(p), m = CK_NAME(half)(p + 2);
        for (int i = 0; i < 16; i++) {
          out[i] = d * (float)(p[4 + i] & 15) + m;
          out[i + 16] = d * (float)(p[4 + i] >> 4) + m;
        }
      }
      break;
    case CK_FORMAT_Q5_0:
      for (size_t b = 0; b < count; b++, p += 22, out += 32) {
        const float d = CK_NAME(half)(p);
        uint32_t high;
        memcpy(&high, p + 2, 4);
        for (int i = 0; i < 16; i++) {
          out[i] = d * (float)((int)((p[6 + i] & 15) | (high >> i & 1) << 4) - 16);
          out[i + 16] = d * (float)((int)((p[6 + i] >> 4) | (high >> (i + 16) & 1) << 4) - 16);
        }
      }
      break;
    case CK_FORMAT_Q5_1:
      for (size_t b = 0; b < count; b++, p += 24, out += 32) {
        const float d = CK_NAME(half)(p), m = CK_NAME(half)(p + 2);
        uint32_t high;
        memcpy(&high, p + 4, 4);
        for (int i = 0; i < 16; i++) {
          out[i] = d * (float)((p[8 + i] & 15) | (high >> i & 1) << 4) + m;
          out[i + 16] = d * (float)((p[8 + i] >> 4) | (high >> (i + 16) & 1) << 4) + m;
        }
      }
      break;
    case CK_FORMAT_Q8_0:
      for (size_t b = 0; b < count; b++, p += 34, out += 32) {
        const float d = CK_NAME(half)(p);
        for (int i = 0; i < 32; i++) out[i] = (float)(int8_t)p[2 + i] * d;
      }
      break;
    case CK_FORMAT_Q4_K:
      for (size_t b = 0; b < count; b++, p += 144, out += 256) {
        const float d = CK_NAME(half)(p), dmin = CK_NAME(half)(p + 2);
        for (size_t j = 0; j < 8; j++) {
          uint8_t scale, least;
          CK_NAME(k_scale)(p + 4, j, &scale, &least);
          const float s = d * (float)scale, m = dmin * (float)least;
          const uint8_t *q = p + 16 + j / 2 * 32;
          for (int i = 0; i < 32; i++) out[j * 32 + i] = s * (float)(j % 2 ? q[i] >> 4 : q[i] & 15) - m;
        }
      }
      break;
    case CK_FORMAT_Q5_K:
      for (size_t b = 0; b < count; b++, p += 176, out += 256) {
        const float d = CK_NAME(half)(p), dmin = CK_NAME(half)(p + 2);
        for (size_t j = 0; j < 8; j++) {
          uint8_t scale, least;
          CK_NAME(k_scale)(p + 4, j, &scale, &least);
          const float s = d * (float)scale, m = dmin * (float)least;
          const uint8_t *q = p + 48 + j / 2 * 32, *high = p + 16;
          for (int i = 0; i < 32; i++) {
            const int low = j % 2 ? q[i] >> 4 : q[i] & 15;
            out[j * 32 + i] = s * (float)(low | (high[i] >> j & 1) << 4) - m;
          }
        }
      }
      break;
    case CK_FORMAT_Q6_K:
      for (size_t b = 0; b < count; b++, p += 210, out += 256) {
        const float d = CK_NAME(half)(p + 208);
        for (int h = 0; h < 2; h++) {
          const uint8_t *low = p + h * 64, *high = p + 128 + h * 32;
          const int8_t *scales = (const int8_t *)p + 192 + h * 8;
          for (int quarter = 0; quarter < 4; quarter++) {
            for (int i = 0; i < 32; i++) {
              const uint8_t pair = low[i + quarter % 2 * 32];
              const int nibble = quarter < 2 ? pair & 15 : pair >> 4;
              const int q = (nibble | (high[i] >> (quarter * 2) & 3) << 4) - 32;
              const float s = d * (float)scales[i / 16 + quarter * 2];
              out[h * 128 + quarter * 32 + i] = s * (float)q;
            }
          }
        }
      }
      break;
    case CK_FORMAT_NF4:
      for (size_t b = 0; b < count; b++, p += 32, out += CK_NF4_BLOCK) {
        const float scale = CK_NAME(nf4_scale)(&matrix->nf4, first + b);
        for (int i = 0; i < 32; i++) {
          out[2 * i] = matrix->nf4.map[p[i] >> 4] * scale;
          out[2 * i + 1] = matrix->nf4.map[p[i] & 15] * scale;
        }
      }
      break;
  }
}

void CK_NAME(dequantize)(const ck_matrix *matrix, size_t first_row, size_t last_row, float *out) {
  const size_t blocks = matrix->columns / ck_block_values(matrix->format);
  CK_NAME(dequantize_blocks)(matrix, first_row * blocks, (last_row - first_row) * blocks, out);
}

void CK_NAME(quantize_row)(const float *x, size_t columns, int16_t *whole, float *scales) {
  for (size_t b = 0; b < columns / 32; b++, x += 32, whole += 32) {
    float largest = 0;
    for (int i = 0; i < 32; i++) largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    const float scale = largest / 32767.0f, inverse = largest > 0 ? 32767.0f / largest : 0;
    int32_t sum = 0;
    for (int i = 0; i < 32; i++) {
      const float v = x[i] * inverse;
      whole[i] = (int16_t)(v + (v < 0 ? -0.5f : 0.5f));
      sum += whole[i];
    }
    scales[2 * b] = scale;
    scales[2 * b + 1] = scale * (float)sum;
  }
}

static inline float CK_NAME(dot)(const float *a, const float *b, size_t n) {
  vfloat s0 = v_all(0), s1 = v_all(0);
  size_t i = 0;
  for (; i + 2 * CK_WIDTH <= n; i += 2 * CK_WIDTH) {
    s0 += v_load(a + i) * v_load(b + i);
    s1 += v_load(a + i + CK_WIDTH) * v_load(b + i + CK_WIDTH);
  }
  float sum = v_sum(s0 + s1);
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

#if defined(CK_HAS_AVX2)

static inline float CK_NAME(sum8)(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

// The products of 32 four-bit numbers, low halves first, with 32 activations, in eight sums.
static inline __m256i CK_NAME(nibble_products)(const uint8_t *q, const int16_t *x) {
  const __m128i pairs = _mm_loadu_si128((const __m128i *)q), mask = _mm_set1_epi8(15);
  const __m256i low = _mm256_cvtepu8_epi16(_mm_and_si128(pairs, mask));
  const __m256i high = _mm256_cvtepu8_epi16(_mm_and_si128(_mm_srli_epi16(pairs, 4), mask));
  return _mm256_add_epi32(
      _mm256_madd_epi16(low, _mm256_loadu_si256((const __m256i *)x)),
      _mm256_madd_epi16(high, _mm256_loadu_si256((const __m256i *)(x + 16))));
}

static inline __m256i CK_NAME(byte_products)(const uint8_t *q, const int16_t *x) {
  const __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)q));
  const __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(q + 16)));
  return _mm256_add_epi32(
      _mm256_madd_epi16(low, _mm256_loadu_si256((const __m256i *)x)),
      _mm256_madd_epi16(high, _mm256_loadu_si256((const __m256i *)(x + 16))));
}

static float CK_NAME(dot_q4_0)(const uint8_t *p, const ck_row *x, size_t blocks) {
  __m256 sum = _mm256_setzero_ps();
  float least = 0;
  for (size_t b = 0; b < blocks; b++, p += 18) {
    const float d = CK_NAME(half)(p);
    const __m256 whole = _mm256_cvtepi32_ps(CK_NAME(nibble_products)(p + 2, x->whole + b * 32));
    sum = _mm256_fmadd_ps(whole, _mm256_set1_ps(d * x->scales[2 * b]), sum);
    least -= 8 * d * x->scales[2 * b + 1];
  }
  return CK_NAME(sum8)(sum) + least;
}

// Scale and minimum of a block are neighbours, as are the activations' scale and sum: four blocks' worth of
// both are multiplied at once, and each product finds its place.
static float CK_NAME(dot_q4_1)(const uint8_t *p, const ck_row *x, size_t blocks) {
  __m256 sum = _mm256_setzero_ps(), sum1 = _mm256_setzero_ps(), least = _mm256_setzero_ps();
  size_t b = 0;
  for (; b + 4 <= blocks; b += 4, p += 80) {
    int32_t pairs[4];
    for (int i = 0; i < 4; i++) memcpy(pairs + i, p + i * 20, 4);
    const __m256 scales = _mm256_mul_ps(
        _mm256_cvtph_ps(_mm_setr_epi32(pairs[0], pairs[1], pairs[2], pairs[3])),
        _mm256_loadu_ps(x->scales + 2 * b));
    least = _mm256_add_ps(least, scales);
#define CK_BLOCK(i, into)                                                                                   \
  into = _mm256_fmadd_ps(                                                                                   \
      _mm256_cvtepi32_ps(CK_NAME(nibble_products)(p + (i)*20 + 4, x->whole + (b + (i)) * 32)),              \
      _mm256_permutevar8x32_ps(scales, _mm256_set1_epi32(2 * (i))), into)
    CK_BLOCK(0, sum);
    CK_BLOCK(1, sum1);
    CK_BLOCK(2, sum);
    CK_BLOCK(3, sum1);
#undef CK_BLOCK
  }
  float rest = 0;
  for (; b < blocks; b++, p += 20) {
    const __m256 whole = _mm256_cvtepi32_ps(CK_NAME(nibble_products)(p + 4, x->whole + b * 32));
    sum = _mm256_fmadd_ps(whole, _mm256_set1_ps(CK_NAME(half)(p) * x->scales[2 * b]), sum);
    rest += CK_NAME(half)(p + 2) * x->scales[2 * b + 1];
  }
  // The odd lanes are minima times sums; the even ones were only on the way.
  least = _mm256_blend_ps(_mm256_setzero_ps(), least, 0xaa);
  return CK_NAME(sum8)(_mm256_add_ps(_mm256_add_ps(sum, sum1), least)) + rest;
}

static float CK_NAME(dot_q8_0)(const uint8_t *p, const ck_row *x, size_t blocks) {
  __m256 sum = _mm256_setzero_ps(), sum1 = _mm256_setzero_ps();
  size_t b = 0;
  for (; b + 2 <= blocks; b += 2, p += 68) {
    const __m256 s0 = _mm256_set1_ps(CK_NAME(half)(p) * x->scales[2 * b]);
    const __m256 s1 = _mm256_set1_ps(CK_NAME(half)(p + 34) * x->scales[2 * b + 2]);
    sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(CK_NAME(byte_products)(p + 2, x->whole + b * 32)), s0, sum);
    sum1 = _mm256_fmadd_ps(
        _mm256_cvtepi32_ps(CK_NAME(byte_products)(p + 36, x->whole + b * 32 + 32)), s1, sum1);
  }
  for (; b < blocks; b++, p += 34)
    sum = _mm256_fmadd_ps(
        _mm256_cvtepi32_ps(CK_NAME(byte_products)(p + 2, x->whole + b * 32)),
        _mm256_set1_ps(CK_NAME(half)(p) * x->scales[2 * b]), sum);
  return CK_NAME(sum8)(_mm256_add_ps(sum, sum1));
}

// The codebook's numbers in 16 bits, their low and high bytes looked up apart. A pair's product stays below
// 2^31, a longer sum would not.
static float CK_NAME(dot_nf4)(
    const ck_matrix *matrix, size_t first_block, const ck_row *x, size_t blocks) {
  uint8_t low_bytes[16], high_bytes[16];
  for (int i = 0; i < 16; i++) {
    const int16_t v = (int16_t)lrintf(matrix->nf4.map[i] * 32767.0f);
    low_bytes[i] = (uint8_t)v;
    high_bytes[i] = (uint8_t)((uint16_t)v >> 8);
  }
  const __m256i lows = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)low_bytes));
  const __m256i highs = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)high_bytes));
  const uint8_t *p = (const uint8_t *)matrix->values + first_block * 32;
  __m256 sum = _mm256_setzero_ps();
  for (size_t b = 0; b < blocks; b++) {
    const float scale = CK_NAME(nf4_scale)(&matrix->nf4, first_block + b) * (1 / 32767.0f);
    for (int h = 0; h < 2; h++, p += 16) {
      const __m128i pairs = _mm_loadu_si128((const __m128i *)p), mask = _mm_set1_epi8(15);
      // The high half of a byte comes first.
      const __m128i even = _mm_and_si128(_mm_srli_epi16(pairs, 4), mask), odd = _mm_and_si128(pairs, mask);
      // Lane 0 holds numbers 0 to 15 in order, lane 1 numbers 16 to 31; unpacking keeps to lanes.
      const __m256i index = _mm256_set_m128i(_mm_unpackhi_epi8(even, odd), _mm_unpacklo_epi8(even, odd));
      const __m256i low = _mm256_shuffle_epi8(lows, index), high = _mm256_shuffle_epi8(highs, index);
      const __m256i w0 = _mm256_unpacklo_epi8(low, high), w1 = _mm256_unpackhi_epi8(low, high);
      const __m256i a = _mm256_loadu_si256((const __m256i *)(x->whole + b * 64 + h * 32));
      const __m256i c = _mm256_loadu_si256((const __m256i *)(x->whole + b * 64 + h * 32 + 16));
      const __m256i x0 = _mm256_permute2x128_si256(a, c, 0x20), x1 = _mm256_permute2x128_si256(a, c, 0x31);
      // x0: values 0-7 and 16-23, as w0; x1: 8-15 and 24-31, as w1.
      const __m256 products = _mm256_add_ps(
          _mm256_cvtepi32_ps(_mm256_madd_epi16(w0, x0)), _mm256_cvtepi32_ps(_mm256_madd_epi16(w1, x1)));
      sum = _mm256_fmadd_ps(products, _mm256_set1_ps(scale * x->scales[4 * b + 2 * h]), sum);
    }
  }
  return CK_NAME(sum8)(sum);
}

static float CK_NAME(dot_f16)(const uint8_t *p, const float *x, size_t n) {
  __m256 s0 = _mm256_setzero_ps(), s1 = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    s0 = _mm256_fmadd_ps(
        _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 2 * i))), _mm256_loadu_ps(x + i), s0);
    s1 = _mm256_fmadd_ps(
        _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 2 * i + 16))), _mm256_loadu_ps(x + i + 8), s1);
  }
  float sum = CK_NAME(sum8)(_mm256_add_ps(s0, s1));
  for (; i < n; i++) sum += CK_NAME(half)(p + 2 * i) * x[i];
  return sum;
}

#else

// The same arithmetic in plain loops.
static inline int32_t CK_NAME(nibble_sum)(const uint8_t *q, const int16_t *x) {
  int32_t sum = 0;
  for (int i = 0; i < 16; i++) sum += (q[i] & 15) * x[i] + (q[i] >> 4) * x[i + 16];
  return sum;
}

static float CK_NAME(dot_q4_0)(const uint8_t *p, const ck_row *x, size_t blocks) {
  float sum = 0;
  for (size_t b = 0; b < blocks; b++, p += 18) {
    const float d = CK_NAME(half)(p);
    sum += d * ((float)CK_NAME(nibble_sum)(p + 2, x->whole + b * 32) * x->scales[2 * b] -
                8 * x->scales[2 * b + 1]);
  }
  return sum;
}

static float CK_NAME(dot_q4_1)(const uint8_t *p, const ck_row *x, size_t blocks) {
  float sum = 0;
  for (size_t b = 0; b < blocks; b++, p += 20) {
    const float whole = (float)CK_NAME(nibble_sum)(p + 4, x->whole + b * 32);
    sum += CK_NAME(half)(p) * x->scales[2 * b] * whole + CK_NAME(half)(p + 2) * x->scales[2 * b + 1];
  }
  return sum;
}

static float CK_NAME(dot_q8_0)(const uint8_t *p, const ck_row *x, size_t blocks) {
  float sum = 0;
  for (size_t b = 0; b < blocks; b++, p += 34) {
    int32_t whole = 0;
    for (int i = 0; i < 32; i++) whole += (int8_t)p[2 + i] * x->whole[b * 32 + i];
    sum += CK_NAME(half)(p) * x->scales[2 * b] * (float)whole;
  }
  return sum;
}

static float CK_NAME(dot_nf4)(
    const ck_matrix *matrix, size_t first_block, const ck_row *x, size_t blocks) {
  const uint8_t *p = (const uint8_t *)matrix->values + first_block * 32;
  float sum = 0;
  for (size_t b = 0; b < blocks; b++, p += 32) {
    float part = 0;
    for (int i = 0; i < 32; i++) {
      part += matrix->nf4.map[p[i] >> 4] * x->floats[b * 64 + 2 * i];
      part += matrix->nf4.map[p[i] & 15] * x->floats[b * 64 + 2 * i + 1];
    }
    sum += part * CK_NAME(nf4_scale)(&matrix->nf4, first_block + b);
  }
  return sum;
}

static float CK_NAME(dot_f16)(const uint8_t *p, const float *x, size_t n) {
  float sum = 0, values[64];
  for (size_t i = 0; i < n; i += 64) {
    const size_t count = n - i < 64 ? n - i : 64;
    ck_floats_from_halves(p + 2 * i, values, count);
    sum += CK_NAME(dot)(values, x + i, count);
  }
  return sum;
}

#endif

void CK_NAME(matrix_row)(
    const ck_matrix *matrix, const ck_row *x, size_t first_row, size_t last_row, float *y) {
  const size_t blocks = matrix->columns / ck_block_values(matrix->format);
  const size_t row_bytes = blocks * ck_block_bytes(matrix->format);
  const uint8_t *values = matrix->values;
  for (size_t row = first_row; row < last_row; row++) {
    const uint8_t *p = values + row * row_bytes;
    switch (matrix->format) {
      case CK_FORMAT_Q4_0: y[row] = CK_NAME(dot_q4_0)(p, x, blocks); break;
      case CK_FORMAT_Q4_1: y[row] = CK_NAME(dot_q4_1)(p, x, blocks); break;
      case CK_FORMAT_Q8_0: y[row] = CK_NAME(dot_q8_0)(p, x, blocks); break;
      case CK_FORMAT_NF4: y[row] = CK_NAME(dot_nf4)(matrix, row * blocks, x, blocks); break;
      case CK_FORMAT_F16: y[row] = CK_NAME(dot_f16)(p, x->floats, matrix->columns); break;
      default: {
        // Formats that no model here decodes with often: a piece as floats at a time.
        float piece[1024];
        const size_t step = 1024 / ck_block_values(matrix->format);
        float sum = 0;
        for (size_t b = 0; b < blocks; b += step) {
          const size_t count = blocks - b < step ? blocks - b : step;
          const size_t width = count * ck_block_values(matrix->format);
          CK_NAME(dequantize_blocks)(matrix, row * blocks + b, count, piece);
          sum += CK_NAME(dot)(piece, x->floats + b * ck_block_values(matrix->format), width);
        }
        y[row] = sum;
      }
    }
  }
}

// y += the sum of matrix[row] * factors[row] over all rows; columns first ..< last. For the second half of
// low-rank pairs, stored with few long rows.
void CK_NAME(add_scaled_rows)(
    const ck_matrix *matrix, const float *factors, size_t first, size_t last, float *y) {
  const uint8_t *values = matrix->values;
  size_t c = first;
#if defined(CK_HAS_AVX2)
  for (; c + 8 <= last; c += 8) {
    __m256 sum = _mm256_loadu_ps(y + c);
    for (size_t r = 0; r < matrix->rows; r++) {
      const __m128i half = _mm_loadu_si128((const __m128i *)(values + 2 * (r * matrix->columns + c)));
      sum = _mm256_fmadd_ps(_mm256_cvtph_ps(half), _mm256_set1_ps(factors[r]), sum);
    }
    _mm256_storeu_ps(y + c, sum);
  }
#endif
  for (; c < last; c++) {
    float sum = y[c];
    for (size_t r = 0; r < matrix->rows; r++)
      sum += CK_NAME(half)(values + 2 * (r * matrix->columns + c)) * factors[r];
    y[c] = sum;
  }
}
