// What a TIFF says of its samples, which libvips does not hand on.
#ifndef CRAYON_CVIPS_TIFF_H
#define CRAYON_CVIPS_TIFF_H

#include <stddef.h>
#include <stdint.h>

typedef struct cvips_tiff {
  // Why the colours are not those that libvips takes them for, as half a sentence; NULL where they are.
  const char *objection;
  int is_white_zero;
  // The first of the bands behind the colours that is transparency, counted from 0, or -1; and whether the colours are
  // multiplied by it (ExtraSamples, TIFF 6.0, section 18).
  int alpha;
  int is_multiplied;
} cvips_tiff;

// Whether data begin as a TIFF does, of either order of bytes and either size of offsets.
int cvips_is_tiff(const uint8_t *data, size_t size);

// Returns 0 where the data are no TIFF. Nothing beyond `size` is read, whatever the directory says.
int cvips_tiff_read(const uint8_t *data, size_t size, cvips_tiff *tiff);

#endif
