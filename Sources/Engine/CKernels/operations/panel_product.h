// The product of some rows with a matrix that was packed beforehand, in panels of CK_PANEL columns: what small layers
// spend beside a library's product, which packs both at every call, and goes over the result again for the bias.

/// Rows that are done together: as many as the registers hold sums of, beside two vectors of the panel.
enum { CK_NAME(panel_rows) = CK_WIDTH == 16 ? CK_PANEL_ROUNDED : CK_WIDTH == 8 ? 6 : 4 };

/// What comes behind the sums of products of a tile.
static inline __attribute__((always_inline)) void CK_NAME(panel_finish)(
    const ck_panel_product *p, size_t row, size_t column, const size_t rows, const size_t vectors,
    vfloat (*sums)[2]) {
  float *c = p->c + row * p->c_stride + column;
  const size_t columns = p->columns - column;
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) {
    const size_t at = v * CK_WIDTH, lanes = columns - at < CK_WIDTH ? columns - at : CK_WIDTH;
    const vfloat bias = p->bias ? v_load_some(p->bias + column + at, lanes) : v_all(0);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      float *to = c + r * p->c_stride + at;
      vfloat y = sums[r][v] + bias;
      if (p->accumulate) y += v_load_some(to, lanes);
      y = CK_NAME(activate)(y, p->activation);
      if (p->residual) y += v_load_some(p->residual + row * p->c_stride + r * p->c_stride + column + at, lanes);
      v_store_some(to, y, lanes);
    }
  }
}

static inline __attribute__((always_inline)) void CK_NAME(panel_tile)(
    const ck_panel_product *p, size_t row, size_t column, const size_t rows, const size_t vectors) {
  const float *a = p->a + row * p->a_stride;
  const float *panel = p->panels + column / CK_PANEL * CK_PANEL * p->inner + column % CK_PANEL;
  vfloat sums[CK_NAME(panel_rows)][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) sums[r][v] = v_all(0);
  for (size_t k = 0; k < p->inner; k++, panel += CK_PANEL) {
    const vfloat first = v_load(panel), second = vectors > 1 ? v_load(panel + CK_WIDTH) : first;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const vfloat x = v_all(a[r * p->a_stride + k]);
      sums[r][0] += x * first;
      if (vectors > 1) sums[r][1] += x * second;
    }
  }
  CK_NAME(panel_finish)(p, row, column, rows, vectors, sums);
}

#if defined(CK_HAS_BF16)
static inline __attribute__((always_inline)) void CK_NAME(panel_tile_of_pairs)(
    const ck_panel_product *p, size_t row, size_t column, const size_t rows, const size_t vectors) {
  const size_t pairs = (p->inner + 1) / 2;
  const uint32_t *a = (const uint32_t *)p->rounded;
  const uint16_t *panel = p->pairs + 2 * (column / CK_PANEL * CK_PANEL * pairs + column % CK_PANEL);
  vfloat sums[CK_NAME(panel_rows)][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) sums[r][v] = v_all(0);
  for (size_t k = 0; k < pairs; k++, panel += 2 * CK_PANEL) {
    const __m512bh first = (__m512bh)_mm512_loadu_si512(panel);
    const __m512bh second = vectors > 1 ? (__m512bh)_mm512_loadu_si512(panel + 2 * CK_WIDTH) : first;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const __m512bh x = (__m512bh)_mm512_set1_epi32((int32_t)a[r * pairs + k]);
      sums[r][0] = (vfloat)_mm512_dpbf16_ps((__m512)sums[r][0], x, first);
      if (vectors > 1) sums[r][1] = (vfloat)_mm512_dpbf16_ps((__m512)sums[r][1], x, second);
    }
  }
  CK_NAME(panel_finish)(p, row, column, rows, vectors, sums);
}
#endif

/// Some rows by all columns, two vectors at a time.
#define CK_PANEL_ROWS(tile, p, row, rows)                                          \
  for (size_t column = 0; column < (p)->columns; column += 2 * CK_WIDTH) {         \
    if ((p)->columns - column > CK_WIDTH) CK_NAME(tile)(p, row, column, rows, 2);  \
    else CK_NAME(tile)(p, row, column, rows, 1);                                   \
  }

static inline size_t CK_NAME(panel_step)(size_t left) {
  return left >= CK_NAME(panel_rows) ? CK_NAME(panel_rows) : left >= 4 ? 4 : 1;
}

void CK_NAME(panel_product)(const ck_panel_product *p) {
  for (size_t row = 0, rows; row < p->rows; row += rows) {
    rows = CK_NAME(panel_step)(p->rows - row);
    if (rows == CK_NAME(panel_rows)) CK_PANEL_ROWS(panel_tile, p, row, CK_NAME(panel_rows))
    else if (rows == 4) CK_PANEL_ROWS(panel_tile, p, row, 4)
    else CK_PANEL_ROWS(panel_tile, p, row, 1)
  }
}

#if defined(CK_HAS_BF16)
void CK_NAME(panel_product_of_pairs)(const ck_panel_product *p) {
  const size_t width = (p->inner + 1) / 2 * 2;
  for (size_t row = 0, rows; row < p->rows; row += rows) {
    rows = CK_NAME(panel_step)(p->rows - row);
    for (size_t r = 0; r < rows; r++) {
      uint16_t *to = p->rounded + r * width;
      CK_NAME(bfloats_from_floats)(p->a + (row + r) * p->a_stride, to, p->inner);
      if (width > p->inner) to[p->inner] = 0;
    }
    if (rows == CK_NAME(panel_rows)) CK_PANEL_ROWS(panel_tile_of_pairs, p, row, CK_NAME(panel_rows))
    else if (rows == 4) CK_PANEL_ROWS(panel_tile_of_pairs, p, row, 4)
    else CK_PANEL_ROWS(panel_tile_of_pairs, p, row, 1)
  }
}
#endif

#undef CK_PANEL_ROWS
