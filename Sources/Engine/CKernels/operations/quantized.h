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
  return ck_float_from_half(bits);
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

// The same floats as in plain C, eight at a time where the processor can.
static inline void CK_NAME(floats_from_halves)(const uint8_t *p, float *out, size_t count) {
  size_t i = 0;
#if defined(CK_HAS_F16C)
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 2 * i))));
#endif
  ck_floats_from_halves(p + 2 * i, out + i, count - i);
}

static inline void CK_NAME(floats_from_bfloats)(const uint8_t *p, float *out, size_t count) {
  size_t i = 0;
#if defined(CK_HAS_AVX2)
  for (; i + 8 <= count; i += 8) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(p + 2 * i)));
    _mm256_storeu_si256((__m256i *)(out + i), _mm256_slli_epi32(wide, 16));
  }
#endif
  ck_floats_from_bfloats(p + 2 * i, out + i, count - i);
}

// `count` whole blocks of a row, of which the first is the matrix's block `first` (for nf4's scales).
static void CK_NAME(dequantize_blocks)(
    const ck_matrix *matrix, size_t first, size_t count, float *out) {
#pragma clang fp contract(off)
  const uint8_t *p = (const uint8_t *)matrix->values + first * ck_block_bytes(matrix->format);
  switch (matrix->format) {
    case CK_FORMAT_F32: memcpy(out, p, count * 4); break;
    case CK_FORMAT_F16: CK_NAME(floats_from_halves)(p, out, count); break;
    case CK_FORMAT_BF16: CK_NAME(floats_from_bfloats)(p, out, count); break;
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

// Below this, 32767 over a block's largest magnitude is no float.
#define CK_SMALLEST_SCALED 0x1p-112f

// The bits of an infinity: those of what is no number are more.
#define CK_INFINITE_BITS 0x7f800000

// The bits of the largest of 32 magnitudes: as whole numbers they are in the same order, with infinity and NaN above all
// numbers.
static inline int32_t CK_NAME(largest_bits)(const float *x) {
  int32_t most = 0;
  for (int i = 0; i < 32; i++) {
    int32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= INT32_MAX;
    most = bits > most ? bits : most;
  }
  return most;
}

void CK_NAME(quantize_row)(const float *x, size_t columns, int16_t *whole, float *scales) {
  for (size_t b = 0; b < columns / 32; b++, x += 32, whole += 32) {
    const int32_t most = CK_NAME(largest_bits)(x);
    if (most >= CK_INFINITE_BITS) {
      // A scale that is not a number makes every product with the block one, whatever the format.
      memset(whole, 0, 32 * sizeof *whole);
      scales[2 * b] = scales[2 * b + 1] = NAN;
      continue;
    }
    float largest;
    memcpy(&largest, &most, sizeof largest);
    const float *values = x;
    float lifted[32], lift = 1;
    if (largest < CK_SMALLEST_SCALED) {
      // Tiny blocks are first brought to where there is room, by a power of two, which rounds nothing.
      lift = 0x1p64f;
      largest *= lift;
      for (int i = 0; i < 32; i++) lifted[i] = x[i] * lift;
      values = lifted;
    }
    const float scale = largest / 32767.0f / lift, inverse = largest > 0 ? 32767.0f / largest : 0;
    int32_t sum = 0;
    for (int i = 0; i < 32; i++) {
      const float v = values[i] * inverse;
      const int16_t rounded = (int16_t)(v + (v < 0 ? -0.5f : 0.5f));
      whole[i / 2 + i % 2 * 16] = rounded;
      sum += rounded;
    }
    scales[2 * b] = scale;
    scales[2 * b + 1] = scale * (float)sum;
  }
}

#if defined(CK_HAS_AVX2)
static inline float CK_NAME(sum8)(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
#endif

static inline float CK_NAME(dot)(const float *a, const float *b, size_t n) {
  size_t i = 0;
#if defined(CK_HAS_AVX2)
  __m256 s0 = _mm256_setzero_ps(), s1 = _mm256_setzero_ps();
  for (; i + 16 <= n; i += 16) {
    s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
  }
  float sum = CK_NAME(sum8)(_mm256_add_ps(s0, s1));
#else
  vfloat s0 = v_all(0), s1 = v_all(0);
  for (; i + 2 * CK_WIDTH <= n; i += 2 * CK_WIDTH) {
    s0 += v_load(a + i) * v_load(b + i);
    s1 += v_load(a + i + CK_WIDTH) * v_load(b + i + CK_WIDTH);
  }
  float sum = v_sum(s0 + s1);
#endif
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

#if defined(CK_HAS_AVX2)

// The products of 32 numbers with 32 activations, in eight sums. Numbers are taken out of words by masks and
// shifts, which gives those at even places and those at odd places: the order of the activations.
typedef struct CK_NAME(activations) {
  __m256i even;
  __m256i odd;
} CK_NAME(activations);

static inline CK_NAME(activations) CK_NAME(load_activations)(const int16_t *x) {
  return (CK_NAME(activations)){
      _mm256_loadu_si256((const __m256i *)x), _mm256_loadu_si256((const __m256i *)(x + 16))};
}

static inline __m256 CK_NAME(word_products)(__m256i even, __m256i odd, CK_NAME(activations) x) {
#if defined(CK_HAS_VNNI)
  // The same sums of whole numbers, in fewer steps.
  return _mm256_cvtepi32_ps(
      _mm256_dpwssd_epi32(_mm256_dpwssd_epi32(_mm256_setzero_si256(), even, x.even), odd, x.odd));
#endif
  return _mm256_cvtepi32_ps(
      _mm256_add_epi32(_mm256_madd_epi16(even, x.even), _mm256_madd_epi16(odd, x.odd)));
}

// Four-bit numbers: sixteen in the low halves of the bytes, then sixteen in the high halves.
static inline __m256 CK_NAME(nibble_products)(const uint8_t *q, CK_NAME(activations) x) {
  const __m256i both = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)q));
  const __m256i halves = _mm256_srlv_epi64(both, _mm256_setr_epi64x(0, 0, 4, 4));
  const __m256i mask = _mm256_set1_epi16(15);
  return CK_NAME(word_products)(
      _mm256_and_si256(halves, mask), _mm256_and_si256(_mm256_srli_epi16(halves, 8), mask), x);
}

static inline __m256 CK_NAME(byte_products)(const uint8_t *q, CK_NAME(activations) x) {
  const __m256i bytes = _mm256_loadu_si256((const __m256i *)q);
  return CK_NAME(word_products)(
      _mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), _mm256_srai_epi16(bytes, 8), x);
}

// Four rows at a time: they share the loads of the activations.
enum { CK_NAME(ROWS) = 4 };

static float CK_NAME(dot_q4_0)(const uint8_t *p, const ck_row *x, size_t blocks) {
  __m256 sum = _mm256_setzero_ps();
  float least = 0;
  for (size_t b = 0; b < blocks; b++, p += 18) {
    const float d = CK_NAME(half)(p);
    const __m256 products =
        CK_NAME(nibble_products)(p + 2, CK_NAME(load_activations)(x->whole + b * 32));
    sum = _mm256_fmadd_ps(products, _mm256_set1_ps(d * x->scales[2 * b]), sum);
    least -= 8 * d * x->scales[2 * b + 1];
  }
  return CK_NAME(sum8)(sum) + least;
}

// How far ahead of the products memory is asked for, in bytes; the hardware's own guesses end at pages.
enum { CK_NAME(AHEAD) = 2048 };

// One, two or four blocks of some rows. Scale and minimum of a block are neighbours, as are the activations' scale and
// sum: the blocks' worth of both are multiplied at once, and each product is then read back to all lanes. The
// odd lanes of `least` become minima times sums.
static inline __attribute__((always_inline)) void CK_NAME(group_q4_1)(
    const uint8_t *p, size_t row_bytes, size_t rows, const int16_t *whole, __m256 factors, size_t count,
    __m256 *sums, __m256 *least) {
  float scales[CK_NAME(ROWS)][8];
  for (size_t r = 0; r < rows; r++) {
    __m128i pairs = _mm_loadu_si32(p + r * row_bytes);
    if (count > 1) pairs = _mm_unpacklo_epi32(pairs, _mm_loadu_si32(p + r * row_bytes + 20));
    if (count > 2)
      pairs = _mm_unpacklo_epi64(
          pairs, _mm_unpacklo_epi32(
                     _mm_loadu_si32(p + r * row_bytes + 40), _mm_loadu_si32(p + r * row_bytes + 60)));
    const __m256 products = _mm256_mul_ps(_mm256_cvtph_ps(pairs), factors);
    _mm256_storeu_ps(scales[r], products);
    least[r] = _mm256_add_ps(least[r], products);
  }
  for (size_t i = 0; i < count; i++) {
    const CK_NAME(activations) values = CK_NAME(load_activations)(whole + i * 32);
    for (size_t r = 0; r < rows; r++)
      sums[r] = _mm256_fmadd_ps(
          CK_NAME(nibble_products)(p + r * row_bytes + i * 20 + 4, values),
          _mm256_broadcast_ss(scales[r] + 2 * i), sums[r]);
  }
}

static inline __attribute__((always_inline)) void CK_NAME(rows_q4_1)(
    const uint8_t *p, size_t row_bytes, size_t rows, const ck_row *x, size_t blocks, float *y) {
  __m256 sums[CK_NAME(ROWS)], least[CK_NAME(ROWS)];
  for (size_t r = 0; r < rows; r++) sums[r] = least[r] = _mm256_setzero_ps();
  size_t b = 0;
  for (; b + 4 <= blocks; b += 4, p += 80) {
    for (size_t r = 0; r < rows; r++) {
      _mm_prefetch((const char *)p + r * row_bytes + CK_NAME(AHEAD), _MM_HINT_T0);
      _mm_prefetch((const char *)p + r * row_bytes + CK_NAME(AHEAD) + 64, _MM_HINT_T0);
    }
    CK_NAME(group_q4_1)(
        p, row_bytes, rows, x->whole + b * 32, _mm256_loadu_ps(x->scales + 2 * b), 4, sums, least);
  }
  // What is left, by counts that the compiler knows.
  if (blocks - b >= 2) {
    const __m256 factors = _mm256_zextps128_ps256(_mm_loadu_ps(x->scales + 2 * b));
    CK_NAME(group_q4_1)(p, row_bytes, rows, x->whole + b * 32, factors, 2, sums, least);
    b += 2, p += 40;
  }
  if (b < blocks) {
    const __m256 factors =
        _mm256_zextps128_ps256(_mm_castpd_ps(_mm_load_sd((const double *)(x->scales + 2 * b))));
    CK_NAME(group_q4_1)(p, row_bytes, rows, x->whole + b * 32, factors, 1, sums, least);
  }
  // The even lanes were only on the way.
  for (size_t r = 0; r < rows; r++)
    y[r] = CK_NAME(sum8)(
        _mm256_add_ps(sums[r], _mm256_blend_ps(_mm256_setzero_ps(), least[r], 0xaa)));
}

// Up to four blocks of some rows.
static inline __attribute__((always_inline)) void CK_NAME(group_q8_0)(
    const uint8_t *p, size_t row_bytes, size_t rows, const int16_t *whole, __m128 factors, size_t count,
    __m256 *sums) {
  float scales[CK_NAME(ROWS)][4];
  for (size_t r = 0; r < rows; r++) {
    uint64_t halves = 0;
    for (size_t i = 0; i < count; i++) {
      uint16_t half;
      memcpy(&half, p + r * row_bytes + i * 34, 2);
      halves |= (uint64_t)half << (16 * i);
    }
    _mm_storeu_ps(
        scales[r], _mm_mul_ps(_mm_cvtph_ps(_mm_cvtsi64_si128((long long)halves)), factors));
  }
  for (size_t i = 0; i < count; i++) {
    const CK_NAME(activations) values = CK_NAME(load_activations)(whole + i * 32);
    for (size_t r = 0; r < rows; r++)
      sums[r] = _mm256_fmadd_ps(
          CK_NAME(byte_products)(p + r * row_bytes + i * 34 + 2, values),
          _mm256_broadcast_ss(scales[r] + i), sums[r]);
  }
}

static inline __attribute__((always_inline)) void CK_NAME(rows_q8_0)(
    const uint8_t *p, size_t row_bytes, size_t rows, const ck_row *x, size_t blocks, float *y) {
  __m256 sums[CK_NAME(ROWS)];
  for (size_t r = 0; r < rows; r++) sums[r] = _mm256_setzero_ps();
  size_t b = 0;
  for (; b + 4 <= blocks; b += 4, p += 136) {
    for (size_t r = 0; r < rows; r++) {
      _mm_prefetch((const char *)p + r * row_bytes + CK_NAME(AHEAD), _MM_HINT_T0);
      _mm_prefetch((const char *)p + r * row_bytes + CK_NAME(AHEAD) + 64, _MM_HINT_T0);
    }
    const __m128 factors = _mm_shuffle_ps(
        _mm_loadu_ps(x->scales + 2 * b), _mm_loadu_ps(x->scales + 2 * b + 4), 0x88);
    CK_NAME(group_q8_0)(p, row_bytes, rows, x->whole + b * 32, factors, 4, sums);
  }
  for (; b < blocks; b++, p += 34)
    CK_NAME(group_q8_0)(
        p, row_bytes, rows, x->whole + b * 32, _mm_load_ss(x->scales + 2 * b), 1, sums);
  for (size_t r = 0; r < rows; r++) y[r] = CK_NAME(sum8)(sums[r]);
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
      const __m256i both = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
      // The high half of a byte comes first: even places in lane 0, odd ones in lane 1.
      const __m256i index = _mm256_and_si256(
          _mm256_srlv_epi64(both, _mm256_setr_epi64x(4, 4, 0, 0)), _mm256_set1_epi8(15));
      const __m256i low = _mm256_shuffle_epi8(lows, index), high = _mm256_shuffle_epi8(highs, index);
      const __m256i w0 = _mm256_unpacklo_epi8(low, high), w1 = _mm256_unpackhi_epi8(low, high);
      const __m256i a = _mm256_loadu_si256((const __m256i *)(x->whole + b * 64 + h * 32));
      const __m256i c = _mm256_loadu_si256((const __m256i *)(x->whole + b * 64 + h * 32 + 16));
      const __m256i x0 = _mm256_permute2x128_si256(a, c, 0x20), x1 = _mm256_permute2x128_si256(a, c, 0x31);
      // Even places 0 to 14 beside odd ones 1 to 15, as in w0; then 16 to 31, as in w1.
      const __m256 products = _mm256_add_ps(
          _mm256_cvtepi32_ps(_mm256_madd_epi16(w0, x0)), _mm256_cvtepi32_ps(_mm256_madd_epi16(w1, x1)));
      sum = _mm256_fmadd_ps(products, _mm256_set1_ps(scale * x->scales[4 * b + 2 * h]), sum);
    }
  }
  return CK_NAME(sum8)(sum);
}

// Some rows of 16-bit floats; a row's sum is made in the same order beside whichever others it is.
static inline __attribute__((always_inline)) void CK_NAME(rows_f16)(
    const uint8_t *p, size_t row_bytes, const size_t rows, const float *x, size_t n, float *y) {
#if defined(CK_HAS_AVX512)
  __m512 sums[CK_NAME(ROWS)][2];
  for (size_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + 32 <= n; i += 32)
    for (size_t j = 0; j < 2; j++) {
      const __m512 values = _mm512_loadu_ps(x + i + 16 * j);
      for (size_t r = 0; r < rows; r++)
        sums[r][j] = _mm512_fmadd_ps(
            _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p + r * row_bytes + 2 * i + 32 * j))), values,
            sums[r][j]);
    }
  for (size_t r = 0; r < rows; r++) y[r] = _mm512_reduce_add_ps(_mm512_add_ps(sums[r][0], sums[r][1]));
#else
  __m256 sums[CK_NAME(ROWS)][2];
  for (size_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (size_t j = 0; j < 2; j++) {
      const __m256 values = _mm256_loadu_ps(x + i + 8 * j);
      for (size_t r = 0; r < rows; r++)
        sums[r][j] = _mm256_fmadd_ps(
            _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + r * row_bytes + 2 * i + 16 * j))), values,
            sums[r][j]);
    }
  for (size_t r = 0; r < rows; r++) y[r] = CK_NAME(sum8)(_mm256_add_ps(sums[r][0], sums[r][1]));
#endif
  for (size_t r = 0; r < rows; r++)
    for (size_t left = i; left < n; left++) y[r] += CK_NAME(half)(p + r * row_bytes + 2 * left) * x[left];
}

#else

// The same arithmetic in plain loops.
static inline int32_t CK_NAME(nibble_sum)(const uint8_t *q, const int16_t *x) {
  int32_t sum = 0;
  // Even bytes hold the first even places and, in the high halves, those from 16 on; odd bytes the odd places.
  for (int i = 0; i < 8; i++) {
    sum += (q[2 * i] & 15) * x[i] + (q[2 * i] >> 4) * x[8 + i];
    sum += (q[2 * i + 1] & 15) * x[16 + i] + (q[2 * i + 1] >> 4) * x[24 + i];
  }
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

enum { CK_NAME(ROWS) = 4 };

static inline void CK_NAME(rows_q4_1)(
    const uint8_t *p, size_t row_bytes, size_t rows, const ck_row *x, size_t blocks, float *y) {
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *q = p + r * row_bytes;
    float sum = 0;
    for (size_t b = 0; b < blocks; b++, q += 20) {
      const float whole = (float)CK_NAME(nibble_sum)(q + 4, x->whole + b * 32);
      sum += CK_NAME(half)(q) * x->scales[2 * b] * whole + CK_NAME(half)(q + 2) * x->scales[2 * b + 1];
    }
    y[r] = sum;
  }
}

static inline void CK_NAME(rows_q8_0)(
    const uint8_t *p, size_t row_bytes, size_t rows, const ck_row *x, size_t blocks, float *y) {
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *q = p + r * row_bytes;
    float sum = 0;
    for (size_t b = 0; b < blocks; b++, q += 34) {
      int32_t whole = 0;
      const int16_t *activations = x->whole + b * 32;
      for (int i = 0; i < 16; i++) {
        whole += (int8_t)q[2 + 2 * i] * activations[i];
        whole += (int8_t)q[3 + 2 * i] * activations[16 + i];
      }
      sum += CK_NAME(half)(q) * x->scales[2 * b] * (float)whole;
    }
    y[r] = sum;
  }
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

static inline void CK_NAME(rows_f16)(
    const uint8_t *p, size_t row_bytes, size_t rows, const float *x, size_t n, float *y) {
  for (size_t r = 0; r < rows; r++) {
    float sum = 0, values[64];
    for (size_t i = 0; i < n; i += 64) {
      const size_t count = n - i < 64 ? n - i : 64;
      ck_floats_from_halves(p + r * row_bytes + 2 * i, values, count);
      sum += CK_NAME(dot)(values, x + i, count);
    }
    y[r] = sum;
  }
}

#endif

#include "wide_rows.h"

void CK_NAME(matrix_row)(
    const ck_matrix *matrix, const ck_row *x, size_t first_row, size_t last_row, float *y) {
  const size_t blocks = matrix->columns / ck_block_values(matrix->format);
  const size_t row_bytes = blocks * ck_block_bytes(matrix->format);
  const uint8_t *values = matrix->values;
  size_t row = first_row;
#if defined(CK_HAS_AVX512)
  if (matrix->format == CK_FORMAT_NF4) {
    for (; row + 4 <= last_row; row += 4) CK_NAME(wide_rows_nf4)(matrix, row * blocks, 4, x, blocks, y + row);
    for (; row < last_row; row++) CK_NAME(wide_rows_nf4)(matrix, row * blocks, 1, x, blocks, y + row);
  }
#endif
  if (matrix->format == CK_FORMAT_Q8_0)
    for (; row + CK_NAME(ROWS) <= last_row; row += CK_NAME(ROWS))
      CK_NAME(rows_q8_0)(values + row * row_bytes, row_bytes, CK_NAME(ROWS), x, blocks, y + row);
  if (matrix->format == CK_FORMAT_Q4_1) {
    // The number of rows is a constant in each call, so that the sums stay in registers.
    for (; row + CK_NAME(ROWS) <= last_row; row += CK_NAME(ROWS))
      CK_NAME(rows_q4_1)(values + row * row_bytes, row_bytes, CK_NAME(ROWS), x, blocks, y + row);
  }
  if (matrix->format == CK_FORMAT_F16)
    for (; row + CK_NAME(ROWS) <= last_row; row += CK_NAME(ROWS))
      CK_NAME(rows_f16)(values + row * row_bytes, row_bytes, CK_NAME(ROWS), x->floats, matrix->columns, y + row);
  for (; row < last_row; row++) {
    const uint8_t *p = values + row * row_bytes;
    switch (matrix->format) {
      case CK_FORMAT_Q4_0: y[row] = CK_NAME(dot_q4_0)(p, x, blocks); break;
      case CK_FORMAT_Q4_1: CK_NAME(rows_q4_1)(p, row_bytes, 1, x, blocks, y + row); break;
      case CK_FORMAT_Q8_0: CK_NAME(rows_q8_0)(p, row_bytes, 1, x, blocks, y + row); break;
      case CK_FORMAT_NF4: y[row] = CK_NAME(dot_nf4)(matrix, row * blocks, x, blocks); break;
      case CK_FORMAT_F16: CK_NAME(rows_f16)(p, row_bytes, 1, x->floats, matrix->columns, y + row); break;
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
// low-rank pairs, stored with few long rows. The even rows and the odd ones are summed apart, so that neither sum waits
// for the other: in both loops, as how columns are cut among threads decides in which one a column is.
void CK_NAME(add_scaled_rows)(
    const ck_matrix *matrix, const float *factors, size_t first, size_t last, float *y) {
  const uint8_t *values = matrix->values;
  const size_t row_bytes = 2 * matrix->columns;
  size_t c = first;
  for (; c + CK_WIDTH <= last; c += CK_WIDTH) {
    vfloat even = v_load(y + c), odd = {};
    const uint8_t *p = values + 2 * c;
    size_t r = 0;
    for (; r + 2 <= matrix->rows; r += 2, p += 2 * row_bytes) {
      even = __builtin_elementwise_fma(v_load_halves(p), v_all(factors[r]), even);
      odd = __builtin_elementwise_fma(v_load_halves(p + row_bytes), v_all(factors[r + 1]), odd);
    }
    if (r < matrix->rows) even = __builtin_elementwise_fma(v_load_halves(p), v_all(factors[r]), even);
    v_store(y + c, even + odd);
  }
  for (; c < last; c++) {
    float sums[2] = {y[c], 0};
    for (size_t r = 0; r < matrix->rows; r++)
      sums[r % 2] = fmaf(CK_NAME(half)(values + r * row_bytes + 2 * c), factors[r], sums[r % 2]);
    y[c] = sums[0] + sums[1];
  }
}
