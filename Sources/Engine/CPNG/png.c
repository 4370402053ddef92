#include "include/CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t size;
  size_t position;
} source;

typedef struct {
  uint8_t *data;
  size_t size;
  size_t capacity;
} sink;

typedef struct {
  jmp_buf jump;
  char *message;
} failure;

static void on_error(png_structp png, png_const_charp text) {
  failure *f = png_get_error_ptr(png);
  snprintf(f->message, CPNG_MESSAGE_LENGTH, "%s", text);
  longjmp(f->jump, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_read(png_structp png, png_bytep to, size_t count) {
  source *s = png_get_io_ptr(png);
  if (count > s->size - s->position) png_error(png, "the file is cut short");
  memcpy(to, s->data + s->position, count);
  s->position += count;
}

static void on_write(png_structp png, png_bytep from, size_t count) {
  sink *s = png_get_io_ptr(png);
  if (count > s->capacity - s->size) {
    const size_t wanted = (s->size + count) * 2;
    uint8_t *grown = realloc(s->data, wanted);
    if (!grown) png_error(png, "out of memory");
    s->data = grown;
    s->capacity = wanted;
  }
  memcpy(s->data + s->size, from, count);
  s->size += count;
}

static void on_flush(png_structp png) { (void)png; }

// RGBA to RGB, row by row. An id has no half: what is drawn over it with a soft edge would be another.
static void void_where_transparent(png_structp png, png_row_infop row, png_bytep rgba) {
  png_bytep rgb = rgba;
  for (png_uint_32 x = 0; x < row->width; x++, rgb += 3, rgba += 4) {
    if (rgba[3] != 0 && rgba[3] != 255) png_error(png, "some of its pixels are transparent in part; make them opaque");
    if (rgba[3] == 0)
      memset(rgb, 0, 3);
    else
      memmove(rgb, rgba, 3);
  }
}

// Both readers: the header alone where `pixels` is NULL.
static int read_png(
    const void *data, size_t size, cpng_header *header, uint8_t *pixels, uint32_t width,
    uint32_t height, char *message) {
  source from = {data, size, 0};
  failure fail;
  fail.message = message;
  if (size < 8 || png_sig_cmp(data, 0, 8) != 0) {
    snprintf(message, CPNG_MESSAGE_LENGTH, "it is not a PNG file");
    return -1;
  }
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &fail, on_error, on_warning);
  if (!png) {
    snprintf(message, CPNG_MESSAGE_LENGTH, "out of memory");
    return -1;
  }
  png_infop info = NULL;
  if (setjmp(fail.jump)) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  info = png_create_info_struct(png);
  if (!info) png_error(png, "out of memory");
  // The caller compares sizes with its own limits before it takes memory for pixels.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_read_fn(png, &from, on_read);
  png_read_info(png, info);
  if (header) {
    const int type = png_get_color_type(png, info);
    header->width = png_get_image_width(png, info);
    header->height = png_get_image_height(png, info);
    header->bit_depth = png_get_bit_depth(png, info);
    header->has_colour = (type & PNG_COLOR_MASK_COLOR) != 0;
  }
  if (pixels) {
    if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
      png_error(png, "its size changed while it was read");
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
    const int has_alpha = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                          png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    if (has_alpha) {
      png_set_read_user_transform_fn(png, void_where_transparent);
      png_set_user_transform_info(png, NULL, 8, 3);
    }
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)width * 3) png_error(png, "unexpected row length");
    for (int pass = 0; pass < passes; pass++)
      for (uint32_t y = 0; y < height; y++)
        png_read_row(png, pixels + (size_t)y * width * 3, NULL);
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

int cpng_read_header(
    const void *data, size_t size, cpng_header *header, char message[CPNG_MESSAGE_LENGTH]) {
  return read_png(data, size, header, NULL, 0, 0, message);
}

int cpng_read_rgb8(
    const void *data, size_t size, uint8_t *pixels, uint32_t width, uint32_t height,
    char message[CPNG_MESSAGE_LENGTH]) {
  return read_png(data, size, NULL, pixels, width, height, message);
}

void *cpng_write_rgb8(
    const uint8_t *pixels, uint32_t width, uint32_t height, int level, int filtered, size_t *size,
    char message[CPNG_MESSAGE_LENGTH]) {
  // Lives behind a volatile pointer: its members change between setjmp and longjmp.
  sink storage = {NULL, 0, 0};
  sink *volatile to = &storage;
  failure fail;
  fail.message = message;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &fail, on_error, on_warning);
  if (!png) {
    snprintf(message, CPNG_MESSAGE_LENGTH, "out of memory");
    return NULL;
  }
  png_infop info = NULL;
  if (setjmp(fail.jump)) {
    png_destroy_write_struct(&png, &info);
    free(to->data);
    return NULL;
  }
  info = png_create_info_struct(png);
  if (!info) png_error(png, "out of memory");
  png_set_write_fn(png, to, on_write, on_flush);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(
      png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, level);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, filtered ? PNG_FILTER_SUB : PNG_FILTER_NONE);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + (size_t)y * width * 3);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  *size = to->size;
  return to->data;
}

void cpng_free(void *buffer) { free(buffer); }

void cpng_ids_from_rgb8(const uint8_t *pixels, int32_t *ids, size_t count) {
  for (size_t i = 0; i < count; i++, pixels += 3)
    ids[i] = pixels[0] | pixels[1] << 8 | pixels[2] << 16;
}

void cpng_rgb8_from_ids(const int32_t *ids, uint8_t *pixels, size_t count) {
  for (size_t i = 0; i < count; i++, pixels += 3) {
    pixels[0] = (uint8_t)ids[i];
    pixels[1] = (uint8_t)(ids[i] >> 8);
    pixels[2] = (uint8_t)(ids[i] >> 16);
  }
}
