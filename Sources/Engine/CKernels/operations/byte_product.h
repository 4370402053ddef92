// Products of several rows of activations with a matrix of at most eight bits, both as small whole numbers: thirty-two
// values that share a scale are one sum, of bytes, which processors with dot-product instructions add up four at a time, or
// of 16 bits, which others add up by twos.
//
// A weight is scale · code + least, with a code from 0 to 255; an activation scale · whole, with whole = 128 · high + low in
// 15 bits, as one byte would lose what is small beside a block's largest value, and a small language model then says
// something else. Of a block of 32 both scales, and the activations' sum times `least`, are applied to the sum of codes
// times wholes. The order of additions depends on neither the number of rows nor on how work is cut.

/// Blocks of 32 to codes: CK_BYTE_COLUMNS rows of the matrix side by side.
typedef struct CK_NAME(byte_panel) {
#if defined(CK_HAS_VNNI)
  uint8_t codes[8][CK_BYTE_COLUMNS][4];  // by fours along the matrix's row
#else
  int16_t codes[16][CK_BYTE_COLUMNS][2];  // by twos
#endif
  float scales[CK_BYTE_COLUMNS];
  float least[CK_BYTE_COLUMNS];
} CK_NAME(byte_panel);

/// nf4's sixteen numbers as codes: at the scale at which all are nearest to whole numbers.
typedef struct CK_NAME(byte_codebook) {
  uint8_t codes[16];
  float scale;  // times a code less 128 is the number
} CK_NAME(byte_codebook);

static CK_NAME(byte_codebook) CK_NAME(codebook_of)(const float *map) {
  float best = INFINITY, most = 1;
  float largest = 0;
  for (int i = 0; i < 16; i++) largest = fmaxf(largest, fabsf(map[i]));
  const float whole = largest > 0 ? 127 / largest : 1;
  for (int step = 0; step <= 128; step++) {
    const float factor = whole * (1 - (float)step / 512);
    float error = 0;
    for (int i = 0; i < 16; i++) error = fmaxf(error, fabsf(map[i] * factor - rintf(map[i] * factor)) / factor);
    if (error < best) best = error, most = factor;
  }
  CK_NAME(byte_codebook) book = {.scale = 1 / most};
  for (int i = 0; i < 16; i++) book.codes[i] = (uint8_t)(128 + (int)rintf(map[i] * most));
  return book;
}

#if !defined(CK_HAS_AVX2)
/// The codes of one block of one row.
static inline void CK_NAME(row_codes)(
    const ck_matrix *matrix, const CK_NAME(byte_codebook) *book, const uint8_t *row, size_t block, uint8_t *codes) {
  switch (matrix->format) {
    case CK_FORMAT_Q4_0:
    case CK_FORMAT_Q4_1: {
      const uint8_t *q = matrix->format == CK_FORMAT_Q4_0 ? row + block * 18 + 2 : row + block * 20 + 4;
      for (int i = 0; i < 16; i++) codes[i] = q[i] & 15, codes[i + 16] = q[i] >> 4;
      break;
    }
    case CK_FORMAT_Q8_0:
      for (int i = 0; i < 32; i++) codes[i] = row[block * 34 + 2 + i] ^ 0x80;
      break;
    default:
      for (int i = 0; i < 16; i++) {
        codes[2 * i] = book->codes[row[block * 16 + i] >> 4];
        codes[2 * i + 1] = book->codes[row[block * 16 + i] & 15];
      }
  }
}
#endif

#if defined(CK_HAS_VNNI)
/// Fours of bytes of sixteen rows, side by side: the i-th of the results has the i-th four of each.
static inline void CK_NAME(fours_of_rows)(const uint8_t *const *rows, size_t at, __m512i *out) {
  __m512i quarters[4];
  for (int i = 0; i < 4; i++) {
    __m512i rows4 = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(rows[i] + at)));
    rows4 = _mm512_inserti32x4(rows4, _mm_loadu_si128((const __m128i *)(rows[i + 4] + at)), 1);
    rows4 = _mm512_inserti32x4(rows4, _mm_loadu_si128((const __m128i *)(rows[i + 8] + at)), 2);
    quarters[i] = _mm512_inserti32x4(rows4, _mm_loadu_si128((const __m128i *)(rows[i + 12] + at)), 3);
  }
  const __m512i a = _mm512_unpacklo_epi32(quarters[0], quarters[1]), b = _mm512_unpackhi_epi32(quarters[0], quarters[1]);
  const __m512i c = _mm512_unpacklo_epi32(quarters[2], quarters[3]), d = _mm512_unpackhi_epi32(quarters[2], quarters[3]);
  out[0] = _mm512_unpacklo_epi64(a, c);
  out[1] = _mm512_unpackhi_epi64(a, c);
  out[2] = _mm512_unpacklo_epi64(b, d);
  out[3] = _mm512_unpackhi_epi64(b, d);
}

/// A block of sixteen rows, into half of a panel's columns.
static inline void CK_NAME(sixteen_rows)(
    const ck_matrix *matrix, const CK_NAME(byte_codebook) *book, const uint8_t *const *rows, size_t block,
    CK_NAME(byte_panel) *panel, size_t column) {
  const __m512i nibble = _mm512_set1_epi8(15);
  __m512i fours[8];
  switch (matrix->format) {
    case CK_FORMAT_Q4_0:
    case CK_FORMAT_Q4_1:
      CK_NAME(fours_of_rows)(rows, matrix->format == CK_FORMAT_Q4_0 ? block * 18 + 2 : block * 20 + 4, fours);
      for (int i = 0; i < 4; i++) {
        fours[i + 4] = _mm512_and_si512(_mm512_srli_epi16(fours[i], 4), nibble);
        fours[i] = _mm512_and_si512(fours[i], nibble);
      }
      break;
    case CK_FORMAT_Q8_0:
      CK_NAME(fours_of_rows)(rows, block * 34 + 2, fours);
      CK_NAME(fours_of_rows)(rows, block * 34 + 18, fours + 4);
      for (int i = 0; i < 8; i++) fours[i] = _mm512_xor_si512(fours[i], _mm512_set1_epi8((char)0x80));
      break;
    default: {
      __m512i bytes[4];
      CK_NAME(fours_of_rows)(rows, block * 16, bytes);
      const __m512i codes = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)book->codes));
      // Bytes 0 and 1 of each four, doubled, and then 2 and 3.
      const __m512i low = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 1, 1, 4, 4, 5, 5, 8, 8, 9, 9, 12, 12, 13, 13));
      const __m512i high =
          _mm512_broadcast_i32x4(_mm_setr_epi8(2, 2, 3, 3, 6, 6, 7, 7, 10, 10, 11, 11, 14, 14, 15, 15));
      for (int i = 0; i < 8; i++) {
        const __m512i pairs = _mm512_shuffle_epi8(bytes[i / 2], i % 2 ? high : low);
        // The high half of a byte comes first.
        const __m512i index = _mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaa, _mm512_srli_epi16(pairs, 4), pairs);
        fours[i] = _mm512_shuffle_epi8(codes, _mm512_and_si512(index, nibble));
      }
    }
  }
  for (int i = 0; i < 8; i++) _mm512_storeu_si512(panel->codes[i][column], fours[i]);
}

#elif defined(CK_HAS_AVX2)
/// The codes of one block of one row, each in 16 bits.
static inline void CK_NAME(wide_codes)(
    const ck_matrix *matrix, const CK_NAME(byte_codebook) *book, const uint8_t *row, size_t block, __m256i *out) {
  const __m128i nibble = _mm_set1_epi8(15);
  __m128i low, high;
  switch (matrix->format) {
    case CK_FORMAT_Q4_0:
    case CK_FORMAT_Q4_1: {
      const __m128i bytes = _mm_loadu_si128(
          (const __m128i *)(matrix->format == CK_FORMAT_Q4_0 ? row + block * 18 + 2 : row + block * 20 + 4));
      low = _mm_and_si128(bytes, nibble);
      high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble);
      break;
    }
    case CK_FORMAT_Q8_0:
      low = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(row + block * 34 + 2)), _mm_set1_epi8((char)0x80));
      high = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(row + block * 34 + 18)), _mm_set1_epi8((char)0x80));
      break;
    default: {
      // The high half of a byte comes first.
      const __m128i bytes = _mm_loadu_si128((const __m128i *)(row + block * 16));
      const __m128i codes = _mm_loadu_si128((const __m128i *)book->codes);
      const __m128i even = _mm_shuffle_epi8(codes, _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble));
      const __m128i odd = _mm_shuffle_epi8(codes, _mm_and_si128(bytes, nibble));
      low = _mm_unpacklo_epi8(even, odd);
      high = _mm_unpackhi_epi8(even, odd);
    }
  }
  out[0] = _mm256_cvtepu8_epi16(low);
  out[1] = _mm256_cvtepu8_epi16(high);
}

/// A block of eight rows, into a quarter of a panel's columns.
static inline void CK_NAME(eight_rows)(
    const ck_matrix *matrix, const CK_NAME(byte_codebook) *book, const uint8_t *const *rows, size_t block,
    CK_NAME(byte_panel) *panel, size_t column) {
  __m256i codes[8][2];
  for (size_t r = 0; r < 8; r++) CK_NAME(wide_codes)(matrix, book, rows[r], block, codes[r]);
  for (size_t h = 0; h < 2; h++) {
    // Eight rows of eight pairs to eight pairs of eight rows: within halves first, and then across.
    __m256i pairs[8], fours[8];
    for (size_t i = 0; i < 4; i++) {
      pairs[2 * i] = _mm256_unpacklo_epi32(codes[2 * i][h], codes[2 * i + 1][h]);
      pairs[2 * i + 1] = _mm256_unpackhi_epi32(codes[2 * i][h], codes[2 * i + 1][h]);
    }
    for (size_t i = 0; i < 8; i += 4)
      for (size_t k = 0; k < 2; k++) {
        fours[i + 2 * k] = _mm256_unpacklo_epi64(pairs[i + k], pairs[i + 2 + k]);
        fours[i + 2 * k + 1] = _mm256_unpackhi_epi64(pairs[i + k], pairs[i + 2 + k]);
      }
    for (size_t i = 0; i < 4; i++) {
      const __m256i near = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
      const __m256i far = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
      _mm256_storeu_si256((__m256i *)panel->codes[8 * h + i][column], near);
      _mm256_storeu_si256((__m256i *)panel->codes[8 * h + i + 4][column], far);
    }
  }
}
#endif

#if defined(CK_HAS_AVX2)
/// The scales of ggml's blocks, at whose beginning they lie, with Q4_1's minimum behind.
static inline void CK_NAME(block_scales)(
    ck_format format, const uint8_t *const *rows, size_t block, CK_NAME(byte_panel) *panel) {
  const size_t at = block * ck_block_bytes(format);
  for (size_t c = 0; c < CK_BYTE_COLUMNS; c += 8) {
    uint32_t pairs[8];
    for (size_t i = 0; i < 8; i++) memcpy(pairs + i, rows[c + i] + at, 4);
    const __m256i both = _mm256_loadu_si256((const __m256i *)pairs);
    // Packing is by halves of the register.
    const __m256i first = _mm256_and_si256(both, _mm256_set1_epi32(0xffff)), second = _mm256_srli_epi32(both, 16);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(first, second), 0xd8);
    const __m256 scales = _mm256_cvtph_ps(_mm256_castsi256_si128(packed));
    const __m256 least = format == CK_FORMAT_Q4_1 ? _mm256_cvtph_ps(_mm256_extracti128_si256(packed, 1))
                         : _mm256_mul_ps(scales, _mm256_set1_ps(format == CK_FORMAT_Q4_0 ? -8 : -128));
    _mm256_storeu_ps(panel->scales + c, scales);
    _mm256_storeu_ps(panel->least + c, least);
  }
}
#endif

/// The rows first ..< first + CK_BYTE_COLUMNS of a matrix; beyond `last`, the last one again.
static void CK_NAME(unpack_panel)(
    const ck_matrix *matrix, const CK_NAME(byte_codebook) *book, size_t first, size_t last, CK_NAME(byte_panel) *panel) {
  const size_t blocks = matrix->columns / 32, values = ck_block_values(matrix->format);
  const size_t row_bytes = matrix->columns / values * ck_block_bytes(matrix->format);
  const uint8_t *rows[CK_BYTE_COLUMNS];
  for (size_t c = 0; c < CK_BYTE_COLUMNS; c++)
    rows[c] = (const uint8_t *)matrix->values + (first + c < last ? first + c : last - 1) * row_bytes;
  for (size_t b = 0; b < blocks; b++, panel++) {
#if defined(CK_HAS_VNNI)
    for (size_t c = 0; c < CK_BYTE_COLUMNS; c += 16) CK_NAME(sixteen_rows)(matrix, book, rows + c, b, panel, c);
#elif defined(CK_HAS_AVX2)
    for (size_t c = 0; c < CK_BYTE_COLUMNS; c += 8) CK_NAME(eight_rows)(matrix, book, rows + c, b, panel, c);
#else
    for (size_t c = 0; c < CK_BYTE_COLUMNS; c++) {
      uint8_t codes[32];
      CK_NAME(row_codes)(matrix, book, rows[c], b, codes);
      for (int i = 0; i < 32; i++) panel->codes[i / 2][c][i % 2] = codes[i];
    }
#endif
#if defined(CK_HAS_AVX2)
    if (matrix->format != CK_FORMAT_NF4) {
      CK_NAME(block_scales)(matrix->format, rows, b, panel);
      continue;
    }
#endif
    for (size_t c = 0; c < CK_BYTE_COLUMNS; c++) {
      float scale, least;
      switch (matrix->format) {
        case CK_FORMAT_Q4_0: scale = CK_NAME(half)(rows[c] + b * 18), least = -8 * scale; break;
        case CK_FORMAT_Q4_1:
          scale = CK_NAME(half)(rows[c] + b * 20), least = CK_NAME(half)(rows[c] + b * 20 + 2);
          break;
        case CK_FORMAT_Q8_0: scale = CK_NAME(half)(rows[c] + b * 34), least = -128 * scale; break;
        default: {
          // Two of these blocks are one of nf4's.
          if (b % 2) {
            scale = panel[-1].scales[c], least = panel[-1].least[c];
            break;
          }
          const size_t row = first + c < last ? first + c : last - 1;
          scale = book->scale * CK_NAME(nf4_scale)(&matrix->nf4, (row * matrix->columns + b * 32) / CK_NF4_BLOCK);
          least = -128 * scale;
        }
      }
      panel->scales[c] = scale;
      panel->least[c] = least;
    }
  }
}

/// `rows` rows of activations by a panel; both are constants in each call, so that the sums stay in registers.
static inline __attribute__((always_inline)) void CK_NAME(byte_tile)(
    const CK_NAME(byte_panel) *panel, const void *activations, const float *scales, size_t blocks, const size_t rows,
    float *y, size_t stride, size_t columns) {
#if defined(CK_HAS_VNNI)
  const int8_t *whole = activations;
  enum { VECTORS = CK_BYTE_COLUMNS / 16 };
  __m512 sums[CK_BYTE_ROWS][VECTORS];
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < VECTORS; v++) sums[r][v] = _mm512_setzero_ps();
  for (size_t b = 0; b < blocks; b++, panel++, whole += 64 * rows, scales += 2 * rows) {
    __m512i s[CK_BYTE_ROWS][VECTORS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
      for (size_t v = 0; v < VECTORS; v++) s[r][v] = _mm512_setzero_si512();
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; i++) {
      // The high bytes, and then the low ones.
      if (i == 8) {
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
          for (size_t v = 0; v < VECTORS; v++) s[r][v] = _mm512_slli_epi32(s[r][v], 7);
      }
      __m512i codes[VECTORS];
      for (size_t v = 0; v < VECTORS; v++) codes[v] = _mm512_loadu_si512(panel->codes[i % 8][16 * v]);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        int32_t four;
        memcpy(&four, whole + (i * rows + r) * 4, 4);
        for (size_t v = 0; v < VECTORS; v++)
          s[r][v] = _mm512_dpbusd_epi32(s[r][v], codes[v], _mm512_set1_epi32(four));
      }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
      for (size_t v = 0; v < VECTORS; v++) {
        const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(s[r][v]), _mm512_set1_ps(scales[r]));
        sums[r][v] = _mm512_fmadd_ps(scaled, _mm512_loadu_ps(panel->scales + 16 * v), sums[r][v]);
        sums[r][v] =
            _mm512_fmadd_ps(_mm512_loadu_ps(panel->least + 16 * v), _mm512_set1_ps(scales[rows + r]), sums[r][v]);
      }
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < VECTORS && 16 * v < columns; v++) {
      const size_t lanes = columns - 16 * v;
      const __mmask16 first = lanes < 16 ? (__mmask16)((1u << lanes) - 1) : 0xffff;
      _mm512_mask_storeu_ps(y + r * stride + 16 * v, first, sums[r][v]);
    }
#elif defined(CK_HAS_AVX2)
  // Two vectors of columns at a time: with those of six rows they fill the registers, as long as no loop is unrolled.
  for (size_t half = 0; half < CK_BYTE_COLUMNS && half < columns; half += 16) {
    const CK_NAME(byte_panel) *of = panel;
    const int16_t *whole = activations;
    const float *scale = scales;
    __m256 sums[CK_BYTE_ROWS][2];
    for (size_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    for (size_t b = 0; b < blocks; b++, of++, scale += 2 * rows) {
      __m256i s[CK_BYTE_ROWS][2];
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) s[r][0] = s[r][1] = _mm256_setzero_si256();
#pragma clang loop unroll(disable)
      for (size_t i = 0; i < 16; i++, whole += 2 * rows) {
        const __m256i near = _mm256_loadu_si256((const __m256i *)of->codes[i][half]);
        const __m256i far = _mm256_loadu_si256((const __m256i *)of->codes[i][half + 8]);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
          int32_t two;
          memcpy(&two, whole + 2 * r, 4);
          const __m256i pair = _mm256_set1_epi32(two);
          s[r][0] = _mm256_add_epi32(s[r][0], _mm256_madd_epi16(near, pair));
          s[r][1] = _mm256_add_epi32(s[r][1], _mm256_madd_epi16(far, pair));
        }
      }
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < 2; v++) {
          const size_t c = half + 8 * v;
          const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(s[r][v]), _mm256_set1_ps(scale[r]));
          sums[r][v] = _mm256_fmadd_ps(scaled, _mm256_loadu_ps(of->scales + c), sums[r][v]);
          sums[r][v] = _mm256_fmadd_ps(_mm256_loadu_ps(of->least + c), _mm256_set1_ps(scale[rows + r]), sums[r][v]);
        }
    }
    for (size_t r = 0; r < rows; r++)
      for (size_t v = 0; v < 2 && half + 8 * v < columns; v++) {
        const size_t c = half + 8 * v, lanes = columns - c;
        _mm256_maskstore_ps(y + r * stride + c, v_first_of_8(lanes < 8 ? lanes : 8), sums[r][v]);
      }
  }
#else
  const int16_t *whole = activations;
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) {
      float sum = 0;
      for (size_t b = 0; b < blocks; b++) {
        int32_t s = 0;
        for (size_t i = 0; i < 32; i++)
          s += panel[b].codes[i / 2][c][i % 2] * whole[((b * 16 + i / 2) * rows + r) * 2 + i % 2];
        sum = fmaf((float)s * scales[2 * b * rows + r], panel[b].scales[c], sum);
        sum = fmaf(panel[b].least[c], scales[(2 * b + 1) * rows + r], sum);
      }
      y[r * stride + c] = sum;
    }
#endif
}

void CK_NAME(byte_product)(
    const ck_matrix *matrix, const ck_byte_rows *x, size_t first_row, size_t last_row, void *scratch, size_t panels,
    float *y, size_t stride) {
  const size_t blocks = matrix->columns / 32, tile = ck_byte_tile(x->rows), width = panels * CK_BYTE_COLUMNS;
  CK_NAME(byte_codebook) book = {};
  if (matrix->format == CK_FORMAT_NF4) book = CK_NAME(codebook_of)(matrix->nf4.map);
  for (size_t group = first_row; group < last_row; group += width) {
    const size_t end = last_row - group < width ? last_row : group + width;
    CK_NAME(byte_panel) *panel = scratch;
    for (size_t first = group; first < end; first += CK_BYTE_COLUMNS, panel += blocks)
      CK_NAME(unpack_panel)(matrix, &book, first, last_row, panel);
    // A tile of activations stays in the nearest cache while the panels go by, and these in the next.
    for (size_t row = 0; row < x->rows; row += tile) {
      const size_t rows = x->rows - row < tile ? x->rows - row : tile;
      const void *whole = x->whole + row * 2 * matrix->columns;
      const float *scales = x->scales + row * 2 * blocks;
      panel = scratch;
      for (size_t first = group; first < end; first += CK_BYTE_COLUMNS, panel += blocks) {
        const size_t columns = end - first < CK_BYTE_COLUMNS ? end - first : CK_BYTE_COLUMNS;
        float *to = y + row * stride + first;
        switch (rows) {
          case 1: CK_NAME(byte_tile)(panel, whole, scales, blocks, 1, to, stride, columns); break;
          case 2: CK_NAME(byte_tile)(panel, whole, scales, blocks, 2, to, stride, columns); break;
          case 3: CK_NAME(byte_tile)(panel, whole, scales, blocks, 3, to, stride, columns); break;
          case 4: CK_NAME(byte_tile)(panel, whole, scales, blocks, 4, to, stride, columns); break;
          case 5: CK_NAME(byte_tile)(panel, whole, scales, blocks, 5, to, stride, columns); break;
          default: CK_NAME(byte_tile)(panel, whole, scales, blocks, 6, to, stride, columns); break;
        }
      }
    }
  }
}

void CK_NAME(quantize_bytes)(
    const float *x, size_t stride, size_t rows, size_t columns, int8_t *whole, float *scales) {
  for (size_t r = 0; r < rows; r++) {
    const float *values = x + r * stride;
    for (size_t b = 0; b < columns / 32; b++, values += 32) {
      const int32_t most = CK_NAME(largest_bits)(values);
      const bool is_finite = most < CK_INFINITE_BITS;
      float largest;
      memcpy(&largest, &most, sizeof largest);
      // A scale that is not a number makes every product with the block one. The reciprocal of what is tiny is not
      // finite: such a block is brought to where there is room, by a power of two, which rounds nothing.
      const float lift = largest < CK_SMALLEST_SCALED ? 0x1p64f : 1;
      const float inverse = !is_finite || largest == 0 ? 0 : CK_BYTE_LARGEST / (largest * lift);
      const float scale = is_finite ? largest / CK_BYTE_LARGEST : NAN;
      int16_t rounded[32];
      int32_t sum = 0;
      for (int i = 0; i < 32; i++) {
        const float v = is_finite ? values[i] * lift * inverse : 0;
        const int32_t nearest = (int32_t)(v + (v < 0 ? -0.5f : 0.5f));
        rounded[i] = (int16_t)nearest;
        sum += nearest;
      }
      int8_t *to = whole + (b * 16 * rows + r) * 4;
#if defined(CK_HAS_VNNI)
      int8_t high[32], low[32];
      for (int i = 0; i < 32; i++) {
        // The high byte is the nearest, so that the low one is within ±64.
        const int32_t above = (rounded[i] + 64) >> 7;
        high[i] = (int8_t)above;
        low[i] = (int8_t)(rounded[i] - above * 128);
      }
      for (size_t i = 0; i < 8; i++) {
        memcpy(to + i * rows * 4, high + 4 * i, 4);
        memcpy(to + (i + 8) * rows * 4, low + 4 * i, 4);
      }
#else
      for (size_t i = 0; i < 16; i++) memcpy(to + i * rows * 4, rounded + 2 * i, 4);
#endif
      scales[2 * b * rows + r] = scale;
      scales[(2 * b + 1) * rows + r] = scale * (float)sum;
    }
  }
}
