#include "tiff.h"

#include <string.h>

enum { EXTRA_SAMPLES = 338, SHORT = 3 };

typedef struct reader {
  const uint8_t *data;
  size_t size;
  int is_big_endian;
} reader;

// 0 beyond the end.
static uint64_t number(const reader *r, uint64_t offset, size_t bytes) {
  if (offset > r->size || r->size - offset < bytes) return 0;
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; i++)
    value |= (uint64_t)r->data[offset + i] << 8 * (r->is_big_endian ? bytes - 1 - i : i);
  return value;
}

int cvips_is_tiff(const uint8_t *data, size_t size) {
  if (size < 8) return 0;
  return memcmp(data, "II*\0", 4) == 0 || memcmp(data, "MM\0*", 4) == 0 || memcmp(data, "II+\0", 4) == 0 ||
         memcmp(data, "MM\0+", 4) == 0;
}

int cvips_tiff_has_alpha(const uint8_t *data, size_t size) {
  const reader r = {data, size, data[0] == 'M'};
  // The form for files beyond four gigabytes has wider fields.
  const int is_wide = number(&r, 2, 2) == 43;
  const size_t entry = is_wide ? 20 : 12, count_bytes = is_wide ? 8 : 4;
  const uint64_t directory = is_wide ? number(&r, 8, 8) : number(&r, 4, 4);
  const uint64_t entries = number(&r, directory, is_wide ? 8 : 2);
  uint64_t at = directory + (is_wide ? 8 : 2);
  for (uint64_t i = 0; i < entries && at < size && size - at >= entry; i++, at += entry) {
    if (number(&r, at, 2) != EXTRA_SAMPLES) continue;
    if (number(&r, at + 2, 2) != SHORT) return 0;
    const uint64_t values = number(&r, at + 4, count_bytes), field = at + 4 + count_bytes;
    const uint64_t first = values * 2 <= count_bytes ? field : number(&r, field, count_bytes);
    const uint64_t kind = number(&r, first, 2);
    return values > 0 && (kind == 1 || kind == 2);
  }
  return 0;
}
