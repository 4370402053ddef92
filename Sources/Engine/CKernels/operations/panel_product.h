// The product of some rows with a matrix that was packed beforehand, in panels of CK_PANEL columns: what small layers
// spend beside a library's product, which packs both at every call, and goes over the result again for the bias.

/// Rows that are done together: as many as the registers hold sums of, beside two vectors of the panel.
enum { CK_NAME(panel_rows) = CK_WIDTH == 16 ? 12 : CK_WIDTH == 8 ? 6 : 4 };

static inline __attribute__((always_inline)) void CK_NAME(panel_tile)(
    const ck_panel_product *p, size_t row, size_t column, const size_t rows, const size_t vectors) {
  const float *a = p->a + row * p->a_stride;
  const float *panel = p->panels + column / CK_PANEL * CK_PANEL * p->inner + column % CK_PANEL;
  float *c = p->c + row * p->c_stride + column;
  const size_t columns = p->columns - column;
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

void CK_NAME(panel_product)(const ck_panel_product *p) {
  for (size_t row = 0; row < p->rows;) {
    const size_t left = p->rows - row;
    const size_t rows = left >= CK_NAME(panel_rows) ? CK_NAME(panel_rows) : left >= 4 ? 4 : 1;
    for (size_t column = 0; column < p->columns; column += 2 * CK_WIDTH) {
      const bool is_narrow = p->columns - column <= CK_WIDTH;
      if (rows == CK_NAME(panel_rows) && !is_narrow) CK_NAME(panel_tile)(p, row, column, CK_NAME(panel_rows), 2);
      else if (rows == CK_NAME(panel_rows)) CK_NAME(panel_tile)(p, row, column, CK_NAME(panel_rows), 1);
      else if (rows == 4 && !is_narrow) CK_NAME(panel_tile)(p, row, column, 4, 2);
      else if (rows == 4) CK_NAME(panel_tile)(p, row, column, 4, 1);
      else if (!is_narrow) CK_NAME(panel_tile)(p, row, column, 1, 2);
      else CK_NAME(panel_tile)(p, row, column, 1, 1);
    }
    row += rows;
  }
}
