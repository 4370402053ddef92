#include "include/ck_quantized.h"

typedef struct block_size {
  size_t values;
  size_t bytes;
} block_size;

static block_size size_of(ck_format format) {
  switch (format) {
    case CK_FORMAT_F32: return (block_size){1, 4};
    case CK_FORMAT_F16:
    case CK_FORMAT_BF16: return (block_size){1, 2};
    case CK_FORMAT_Q4_0: return (block_size){32, 18};
    case CK_FORMAT_Q4_1: return (block_size){32, 20};
    case CK_FORMAT_Q5_0: return (block_size){32, 22};
    case CK_FORMAT_Q5_1: return (block_size){32, 24};
    case CK_FORMAT_Q8_0: return (block_size){32, 34};
    case CK_FORMAT_Q4_K: return (block_size){256, 144};
    case CK_FORMAT_Q5_K: return (block_size){256, 176};
    case CK_FORMAT_Q6_K: return (block_size){256, 210};
    case CK_FORMAT_NF4: return (block_size){CK_NF4_BLOCK, CK_NF4_BLOCK / 2};
  }
  return (block_size){1, 4};
}

size_t ck_block_values(ck_format format) { return size_of(format).values; }

size_t ck_block_bytes(ck_format format) { return size_of(format).bytes; }
