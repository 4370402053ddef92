// Which files a loader of libvips may have: some are asked for by so little that notes and tables would be pictures.
#ifndef CRAYON_CVIPS_SIGNATURES_H
#define CRAYON_CVIPS_SIGNATURES_H

#include <stddef.h>
#include <stdint.h>

// Whether data for which libvips names this loader are a picture. `loader` may be NULL, `data` the beginning of a file.
int cvips_may_load(const char *loader, const uint8_t *data, size_t size);

#endif
