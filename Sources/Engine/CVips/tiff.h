// What a TIFF says of its bands beyond the colours, which libvips does not hand on.
#ifndef CRAYON_CVIPS_TIFF_H
#define CRAYON_CVIPS_TIFF_H

#include <stddef.h>
#include <stdint.h>

int cvips_is_tiff(const uint8_t *data, size_t size);

// Whether the first directory calls the first of the extra bands transparency (ExtraSamples, TIFF 6.0, section 18).
int cvips_tiff_has_alpha(const uint8_t *data, size_t size);

#endif
