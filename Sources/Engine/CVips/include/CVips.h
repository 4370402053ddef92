// A bridge to libvips, whose functions take variadic arguments that Swift cannot pass.
#ifndef CRAYON_CVIPS_H
#define CRAYON_CVIPS_H

#include <stddef.h>
#include <stdint.h>

enum { CVIPS_MESSAGE_LENGTH = 256 };

// Starts libvips, once for the process, with one thread a picture and no cache: callers decode several
// pictures at a time. Returns 0, or -1.
int cvips_start(void);

typedef enum cvips_status {
  CVIPS_OK,
  CVIPS_UNKNOWN_FORMAT,
  CVIPS_TOO_LARGE,
  CVIPS_DAMAGED,
  // It may be whole, but its samples do not say what colours they are.
  CVIPS_REFUSED,
} cvips_status;

// What is behind a transparent picture.
typedef enum cvips_backdrop { CVIPS_WHITE, CVIPS_BLACK } cvips_backdrop;

typedef struct cvips_image {
  // 8-bit sRGB, or one band for text; released by cvips_free.
  uint8_t *pixels;
  int width;
  int height;
} cvips_image;

// Decodes a picture of any format that the installed libvips knows: upright by its EXIF orientation, converted to sRGB
// by its profile, over the backdrop where it is transparent, the first frame of several. Where the header claims more
// than `most_pixels`, the size is stored in `image` and nothing is decoded. `path` is where the data come from, for
// formats that libvips reads from files only, or NULL. Any number of threads at a time; a message is about this
// picture, whatever others do.
cvips_status cvips_decode(
    const void *data, size_t size, const char *path, int64_t most_pixels, cvips_backdrop backdrop,
    cvips_image *image, char message[CVIPS_MESSAGE_LENGTH]);

// Whether libvips knows the format. `data` may be the beginning of the file.
int cvips_knows(const void *data, size_t size, const char *path);

// One line of text as a mask of coverage, 0 to 255; `font` as Pango describes fonts, sizes in pixels.
cvips_status cvips_text(
    const char *text, const char *font, cvips_image *image, char message[CVIPS_MESSAGE_LENGTH]);

void cvips_free(uint8_t *pixels);

#endif
