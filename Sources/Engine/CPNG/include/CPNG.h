// A bridge to libpng, whose errors arrive by longjmp, which must not cross Swift. Samples pass unchanged: no
// gamma, no colour management, so that a colour can be an id.
#ifndef CRAYON_CPNG_H
#define CRAYON_CPNG_H

#include <stddef.h>
#include <stdint.h>

enum { CPNG_MESSAGE_LENGTH = 128 };

typedef struct cpng_header {
  uint32_t width;
  uint32_t height;
  uint8_t bit_depth;
  // Whether the samples are colours; a palette counts as colour.
  uint8_t has_colour;
} cpng_header;

// Reads the header only. Returns 0, or -1 with a message.
int cpng_read_header(
    const void *data, size_t size, cpng_header *header, char message[CPNG_MESSAGE_LENGTH]);

// Decodes as 8-bit RGB into `pixels` [height, width, 3], whose size the caller took from the header. Palettes
// are looked up, grey is tripled, what is transparent is black, 16-bit samples keep their upper byte. Pixels that are
// transparent in part are an error.
int cpng_read_rgb8(
    const void *data, size_t size, uint8_t *pixels, uint32_t width, uint32_t height,
    char message[CPNG_MESSAGE_LENGTH]);

// Encodes 8-bit RGB. `level` is zlib's, 0 to 9; `filtered` says whether neighbouring pixels are alike without
// being equal, as in photographs. Returns a buffer for cpng_free, or NULL with a message.
void *cpng_write_rgb8(
    const uint8_t *pixels, uint32_t width, uint32_t height, int level, int filtered, size_t *size,
    char message[CPNG_MESSAGE_LENGTH]);

void cpng_free(void *buffer);

// COCO's ids as colours: id = R + 256 G + 65536 B.
void cpng_ids_from_rgb8(const uint8_t *pixels, int32_t *ids, size_t count);
void cpng_rgb8_from_ids(const int32_t *ids, uint8_t *pixels, size_t count);

#endif
