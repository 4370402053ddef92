#include "include/CVips.h"

#include <string.h>
#include <vips/vips.h>

static void ignore(const char *domain, GLogLevelFlags level, const char *message, void *data) {
  (void)domain;
  (void)level;
  (void)message;
  (void)data;
}

int cvips_start(void) {
  if (vips_init("crayon") != 0) return -1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  // What matters comes back as an error; the rest would end up between a program's answers.
  g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, ignore, NULL);
  return 0;
}

// The first line of libvips' complaints, which it collects for the whole process. Some failures have none.
static cvips_status damaged(char *message) {
  char *text = vips_error_buffer_copy();
  g_strlcpy(message, *text ? text : "it cannot be decoded", CVIPS_MESSAGE_LENGTH);
  g_free(text);
  message[strcspn(message, "\n")] = 0;
  return CVIPS_DAMAGED;
}

// Pictures only: libvips would also open documents, tables and whatever ImageMagick knows.
static int is_picture(const uint8_t *d, size_t size) {
  if (size < 12) return size >= 3 && d[0] == 'P' && d[1] >= '1' && d[1] <= '6';
  if (memcmp(d, "\xff\xd8\xff", 3) == 0) return 1;               // JPEG
  if (memcmp(d, "\x89PNG\r\n\x1a\n", 8) == 0) return 1;          // PNG
  if (memcmp(d, "GIF8", 4) == 0) return 1;                       // GIF
  if (memcmp(d, "RIFF", 4) == 0 && memcmp(d + 8, "WEBP", 4) == 0) return 1;
  if (memcmp(d, "II*\0", 4) == 0 || memcmp(d, "MM\0*", 4) == 0) return 1;  // TIFF
  if (memcmp(d, "BM", 2) == 0) return 1;                         // BMP
  if (memcmp(d + 4, "ftyp", 4) == 0) return 1;                   // HEIC, AVIF
  if (memcmp(d, "\0\0\0\x0cjP  ", 8) == 0) return 1;             // JPEG 2000
  if (memcmp(d, "\0\0\0\x0cJXL ", 8) == 0 || memcmp(d, "\xff\x0a", 2) == 0) return 1;  // JPEG XL
  return d[0] == 'P' && d[1] >= '1' && d[1] <= '6';              // PBM, PGM, PPM
}

static VipsImage *open_picture(const uint8_t *data, size_t size) {
  if (data[0] != 'P')
    return vips_image_new_from_buffer(
        data, size, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
  // The portable formats can be read from a stream only.
  VipsSource *source = vips_source_new_from_memory(data, size);
  VipsImage *picture = vips_image_new_from_source(source, "", "fail_on", VIPS_FAIL_ON_ERROR, NULL);
  g_object_unref(source);
  return picture;
}

// Replaces *image by the result of an operation on it.
static int replace(VipsImage **image, VipsImage *result, int status) {
  if (status != 0) return -1;
  g_object_unref(*image);
  *image = result;
  return 0;
}

static int over_white(VipsImage **image) {
  // A packed picture (LabQ) has a fourth band that is not transparency.
  if ((*image)->Coding != VIPS_CODING_NONE || !vips_image_hasalpha(*image)) return 0;
  const double most = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
  // In ink, white is none.
  const double white = (*image)->Type == VIPS_INTERPRETATION_CMYK ? 0 : most;
  VipsArrayDouble *background = vips_array_double_newv(1, white);
  VipsImage *result = NULL;
  const int status = vips_flatten(*image, &result, "background", background, NULL);
  vips_area_unref(VIPS_AREA(background));
  return replace(image, result, status);
}

static int to_srgb(VipsImage **image) {
  VipsImage *result = NULL;
  // L*a*b* in a file is under the printers' light (D50), as profiles' own space is; libvips' conversion
  // between colour spaces takes it for daylight.
  if ((*image)->Type == VIPS_INTERPRETATION_LAB) {
    const int status = vips_icc_export(
        *image, &result, "output_profile", "srgb", "intent", VIPS_INTENT_RELATIVE, "depth", 8, NULL);
    return replace(image, result, status);
  }
  if (vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0) {
    const int status = vips_icc_transform(
        *image, &result, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_RELATIVE, "depth", 8, NULL);
    if (status == 0) return replace(image, result, status);
    // A broken profile: the numbers are then taken for what they usually mean.
    vips_error_clear();
    result = NULL;
  }
  if ((*image)->Type != VIPS_INTERPRETATION_sRGB || (*image)->Bands != 3) {
    const int status = vips_colourspace(*image, &result, VIPS_INTERPRETATION_sRGB, NULL);
    if (replace(image, result, status) != 0) return -1;
    result = NULL;
  }
  if ((*image)->BandFmt == VIPS_FORMAT_UCHAR) return 0;
  const int status = vips_cast_uchar(*image, &result, NULL);
  return replace(image, result, status);
}

static int upright(VipsImage **image) {
  if (vips_image_get_orientation(*image) <= 1) return 0;
  // Turning needs the pixels in another order than a file gives them.
  VipsImage *memory = vips_image_copy_memory(*image);
  if (replace(image, memory, memory ? 0 : -1) != 0) return -1;
  VipsImage *result = NULL;
  const int status = vips_autorot(*image, &result, NULL);
  return replace(image, result, status);
}

static cvips_status store(VipsImage *from, int bands, cvips_image *image, char *message) {
  if (from->Bands != bands || from->BandFmt != VIPS_FORMAT_UCHAR) {
    g_strlcpy(message, "its channels are not colours", CVIPS_MESSAGE_LENGTH);
    return CVIPS_DAMAGED;
  }
  size_t size;
  image->pixels = vips_image_write_to_memory(from, &size);
  if (!image->pixels) return damaged(message);
  image->width = from->Xsize;
  image->height = from->Ysize;
  return CVIPS_OK;
}

cvips_status cvips_decode(
    const void *data, size_t size, int64_t most_pixels, cvips_image *image,
    char message[CVIPS_MESSAGE_LENGTH]) {
  if (!is_picture(data, size)) return CVIPS_UNKNOWN_FORMAT;
  VipsImage *picture = open_picture(data, size);
  if (!picture) return damaged(message);
  cvips_status status;
  if ((int64_t)picture->Xsize * picture->Ysize > most_pixels) {
    image->width = picture->Xsize;
    image->height = picture->Ysize;
    status = CVIPS_TOO_LARGE;
  } else if (over_white(&picture) || to_srgb(&picture) || upright(&picture)) {
    status = damaged(message);
  } else {
    status = store(picture, 3, image, message);
  }
  g_object_unref(picture);
  // A decoder keeps buffers for each thread; threads come and go.
  vips_thread_shutdown();
  return status;
}

cvips_status cvips_text(
    const char *text, const char *font, cvips_image *image, char message[CVIPS_MESSAGE_LENGTH]) {
  VipsImage *line = NULL;
  if (vips_text(&line, text, "font", font, "dpi", 72, NULL) != 0) return damaged(message);
  const cvips_status status = store(line, 1, image, message);
  g_object_unref(line);
  return status;
}

void cvips_free(uint8_t *pixels) { g_free(pixels); }
