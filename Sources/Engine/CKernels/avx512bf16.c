#if defined(__x86_64__)
// Before the attribute, so that it does not reach the system's own functions.
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "half.h"
#include "include/CKernels.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c,bmi2"))), \
    apply_to = function)
#define CK_HAS_AVX2
#define CK_HAS_AVX512
#define CK_HAS_F16C
#define CK_HAS_VNNI
#define CK_HAS_BF16
#define CK_WIDTH 16
#define CK_SUFFIX avx512bf16
#define CK_SET_NAME "avx512bf16"
#include "instruction_set.h"
#pragma clang attribute pop
#endif
