// All operations, compiled for one instruction set. The including file has chosen CK_WIDTH, CK_SUFFIX and
// the target attribute; what is defined here ends in that suffix.
#include "include/CKernels.h"
#include "vector.h"

#include "operations/activation.h"
#include "operations/deformable_attention.h"
#include "operations/depthwise.h"
#include "operations/interleave.h"
#include "operations/mask_row.h"
#include "operations/normalization.h"
#include "operations/pool.h"
#include "operations/quantize.h"
#include "operations/panel_product.h"
#include "operations/quantized.h"
#include "operations/byte_product.h"
#include "operations/resize.h"
#include "operations/scored_argmax.h"
#include "operations/softmax.h"

#include "operations/attention.h"
#include "operations/decoder.h"

const ck_operations CK_NAME(ck_operations) = {
    .name = CK_SET_NAME,
    .bias_activation = CK_NAME(bias_activation),
    .layer_norm = CK_NAME(layer_norm),
    .channel_sums = CK_NAME(channel_sums),
    .scale_shift = CK_NAME(scale_shift),
    .softmax = CK_NAME(softmax),
    .outer_sum = CK_NAME(outer_sum),
    .deformable_attention = CK_NAME(deformable_attention),
    .resize_bilinear = CK_NAME(resize_bilinear),
    .panel_product = CK_NAME(panel_product),
#if defined(CK_HAS_BF16)
    .panel_product_of_pairs = CK_NAME(panel_product_of_pairs),
#endif
    .depthwise = CK_NAME(depthwise),
    .max_pool = CK_NAME(max_pool),
    .interleave = CK_NAME(interleave),
    .mask_row = CK_NAME(mask_row),
    .scored_argmax = CK_NAME(scored_argmax),
    .dequantize = CK_NAME(dequantize),
    .quantize_row = CK_NAME(quantize_row),
    .matrix_row = CK_NAME(matrix_row),
    .quantize_bytes = CK_NAME(quantize_bytes),
    .byte_product = CK_NAME(byte_product),
    .byte_panel_bytes = sizeof(CK_NAME(byte_panel)),
// Without the instructions for bytes, vectors of 512 bits multiply floats as fast.
#if defined(CK_HAS_VNNI) || (defined(CK_HAS_AVX2) && !defined(CK_HAS_AVX512))
    .has_byte_products = true,
#endif
    .add_scaled_rows = CK_NAME(add_scaled_rows),
    .rms_norm = CK_NAME(rms_norm),
    .swiglu = CK_NAME(swiglu),
    .rotate = CK_NAME(rotate),
    .attend = CK_NAME(attend),
    .halves_from_floats = CK_NAME(halves_from_floats),
    .bfloats_from_floats = CK_NAME(bfloats_from_floats),
    .quantize_nf4 = CK_NAME(quantize_nf4),
    .quantize_q8_0 = CK_NAME(quantize_q8_0),
};
