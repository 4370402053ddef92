#include "tiff.h"

#include <string.h>

enum { COMPRESSION = 259, PHOTOMETRIC = 262, EXTRA_SAMPLES = 338 };
enum { MULTIPLIED_ALPHA = 1, PLAIN_ALPHA = 2 };

// PhotometricInterpretation, as far as libvips knows it.
enum {
  WHITE_IS_ZERO = 0,
  BLACK_IS_ZERO = 1,
  RGB = 2,
  PALETTE = 3,
  MASK = 4,
  INK = 5,
  YCBCR = 6,
  LAB = 8,
  LOG_L = 32844,
  LOG_LUV = 32845,
};

// Compression, where the decoder converts YCbCr.
enum { JPEG = 7, JPEG_2000_YCC = 33003, JPEG_2000_LOSSY = 33004, JPEG_2000_RGB = 33005 };

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

// Of a BYTE, SHORT or LONG; 0 for a type that none of the tags here can have.
static size_t bytes_of(uint64_t type) { return type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0; }

int cvips_is_tiff(const uint8_t *data, size_t size) {
  if (size < 4) return 0;
  return memcmp(data, "II*\0", 4) == 0 || memcmp(data, "MM\0*", 4) == 0 || memcmp(data, "II+\0", 4) == 0 ||
         memcmp(data, "MM\0+", 4) == 0;
}

static void read_extra_samples(
    const reader *r, uint64_t first, uint64_t values, size_t bytes, cvips_tiff *tiff) {
  // A pixel has no more samples than a SHORT can count.
  for (uint64_t i = 0; i < values && i < UINT16_MAX; i++, first += bytes) {
    const uint64_t kind = number(r, first, bytes);
    if (kind != MULTIPLIED_ALPHA && kind != PLAIN_ALPHA) continue;
    tiff->alpha = (int)i;
    tiff->is_multiplied = kind == MULTIPLIED_ALPHA;
    return;
  }
}

// libvips hands samples on as they are stored, and calls brightness and hue red, green and blue.
static const char *objection(uint64_t photometric, uint64_t compression) {
  switch (photometric) {
    case WHITE_IS_ZERO:
    case BLACK_IS_ZERO:
    case RGB:
    case PALETTE:
    case MASK:
    case INK:
    case LAB:
    case LOG_L:
    case LOG_LUV: return NULL;
    case YCBCR:
      switch (compression) {
        case JPEG:
        case JPEG_2000_YCC:
        case JPEG_2000_LOSSY:
        case JPEG_2000_RGB: return NULL;
        default: return "its colours are brightness and hue (YCbCr) without JPEG; save it in RGB";
      }
    default: return "its colours are of a kind that is not known here; save it in RGB";
  }
}

int cvips_tiff_read(const uint8_t *data, size_t size, cvips_tiff *tiff) {
  *tiff = (cvips_tiff){.alpha = -1};
  if (!cvips_is_tiff(data, size)) return 0;
  const reader r = {data, size, data[0] == 'M'};
  // The form for files beyond four gigabytes has wider fields.
  const int is_wide = number(&r, 2, 2) == 43;
  const size_t entry = is_wide ? 20 : 12, field_bytes = is_wide ? 8 : 4;
  const uint64_t directory = is_wide ? number(&r, 8, 8) : number(&r, 4, 4);
  const uint64_t entries = number(&r, directory, is_wide ? 8 : 2);
  uint64_t at = directory + (is_wide ? 8 : 2);
  // What libvips cannot do without is missed by libvips, in files that are cut.
  uint64_t photometric = RGB, compression = 0;
  for (uint64_t i = 0; i < entries && at < size && size - at >= entry; i++, at += entry) {
    const size_t bytes = bytes_of(number(&r, at + 2, 2));
    const uint64_t values = number(&r, at + 4, field_bytes), field = at + 4 + field_bytes;
    if (bytes == 0 || values == 0) continue;
    const uint64_t first = values <= field_bytes / bytes ? field : number(&r, field, field_bytes);
    switch (number(&r, at, 2)) {
      case COMPRESSION: compression = number(&r, first, bytes); break;
      case PHOTOMETRIC:
        photometric = number(&r, first, bytes);
        tiff->is_white_zero = photometric == WHITE_IS_ZERO;
        break;
      case EXTRA_SAMPLES: read_extra_samples(&r, first, values, bytes, tiff); break;
    }
  }
  tiff->objection = objection(photometric, compression);
  return 1;
}
