// All operations, compiled for one instruction set. The including file has chosen CK_WIDTH, CK_SUFFIX and
// the target attribute; what is defined here ends in that suffix.
#include "include/CKernels.h"
#include "vector.h"

#include "operations/activation.h"
#include "operations/deformable_attention.h"
#include "operations/normalization.h"
#include "operations/resize.h"
#include "operations/scored_argmax.h"
#include "operations/softmax.h"

const ck_operations CK_NAME(ck_operations) = {
    .name = CK_SET_NAME,
    .bias_activation = CK_NAME(bias_activation),
    .layer_norm = CK_NAME(layer_norm),
    .channel_sums = CK_NAME(channel_sums),
    .scale_shift = CK_NAME(scale_shift),
    .softmax = CK_NAME(softmax),
    .deformable_attention = CK_NAME(deformable_attention),
    .resize_bilinear = CK_NAME(resize_bilinear),
    .scored_argmax = CK_NAME(scored_argmax),
};
