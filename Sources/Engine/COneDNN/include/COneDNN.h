// Products of rows with one matrix by oneDNN (libdnnl.so.2), which is loaded when it is first asked for and need not be
// there: neither its headers nor the library are needed to build or to run.
#ifndef CRAYON_CONEDNN_H
#define CRAYON_CONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum cd_type { CD_FLOAT32, CD_BFLOAT16 } cd_type;

// "2.6.3"; NULL where the library is not there, or has another interface.
const char *cd_version(void);

// Whether this processor multiplies bfloat16 faster than float32. One that announces matrix tiles and is refused them by
// the system is told to oneDNN as one without.
bool cd_has_fast_bfloat16(void);

// How oneDNN wants a matrix [columns, inner] laid out.
typedef struct cd_layout cd_layout;

// NULL where there is no library, or it refuses the shape.
cd_layout *cd_layout_create(cd_type type, size_t inner, size_t columns);
void cd_layout_destroy(cd_layout *layout);
size_t cd_layout_bytes(const cd_layout *layout);

// Packs weights [columns, inner], dense, into cd_layout_bytes(), which begin at a multiple of 64.
bool cd_layout_pack(const cd_layout *layout, const float *weights, void *packed);

// The product for a number of rows; usable from any number of threads at a time. NULL where oneDNN refuses it.
typedef struct cd_product cd_product;
cd_product *cd_product_create(const cd_layout *layout, size_t rows, bool accumulate);
void cd_product_destroy(cd_product *product);

// y = x · weightsᵀ, or added to what is there, on the calling thread. x [rows, inner] in the layout's type and
// y [rows, columns] in float32, both dense.
bool cd_product_run(const cd_product *product, const void *x, const void *packed, float *y);

#endif
