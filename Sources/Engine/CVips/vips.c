#include "include/CVips.h"

#include <string.h>
#include <vips/vips.h>

#include "tiff.h"

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
  const GLogLevelFlags levels = G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG;
  g_log_set_handler("VIPS", levels, ignore, NULL);
  // What a picture's header says that no property can be, such as a height of 0.
  g_log_set_handler("GLib-GObject", levels, ignore, NULL);
  return 0;
}

// libvips collects complaints for the whole process. Work that may fail is done under the shared side of this lock; what
// has failed is done once more under the other side, alone, so that the complaints are its own.
static GRWLock complaints;

// The first line of libvips' complaints. Some failures have none.
static cvips_status damaged(char *message) {
  char *text = vips_error_buffer_copy();
  g_strlcpy(message, *text ? text : "it cannot be decoded", CVIPS_MESSAGE_LENGTH);
  g_free(text);
  message[strcspn(message, "\n")] = 0;
  return CVIPS_DAMAGED;
}

// What a loader is asked for by, in the order in which it is tried.
typedef enum loader { LOADER_NONE, LOADER_BUFFER, LOADER_SOURCE, LOADER_FILE } loader;

// ImageMagick also reads languages in which a picture names files and other programs: SVG however it is disguised, MVG, MSL.
// What it alone can read goes to it only where the first bytes are those of a format that is a picture and nothing else.
static int is_plain_picture(const uint8_t *d, size_t size) {
  static const struct {
    size_t at, length;
    const char *bytes;
  } formats[] = {
      {0, 2, "BM"},                                                      // BMP
      {0, 4, "II*\0"}, {0, 4, "MM\0*"}, {0, 4, "II+\0"}, {0, 4, "MM\0+"},  // TIFF that libvips does not know, as it is cut
      {0, 4, "\0\0\1\0"}, {0, 4, "\0\0\2\0"},                          // ICO, CUR
      {0, 4, "8BPS"}, {0, 8, "gimp xcf"},                                // PSD, XCF
      {0, 4, "DDS "}, {0, 2, "\1\xda"}, {0, 4, "\x59\xa6\x6a\x95"},      // DDS, SGI, Sun raster
      {0, 3, "\n\5\1"}, {0, 3, "\n\3\1"}, {0, 3, "\n\2\1"},             // PCX
      {0, 4, "SDPX"}, {0, 4, "XPDS"}, {0, 4, "\x80\x2a\x5f\xd7"},         // DPX, Cineon
      {0, 4, "qoif"}, {0, 8, "farbfeld"}, {0, 3, "P7\n"},                // QOI, Farbfeld, PAM
      {0, 4, "\x8aMNG"}, {0, 4, "\x8bJNG"}, {0, 2, "\xab\1"},            // MNG, JNG, VIFF
      {0, 9, "/* XPM */"}, {0, 8, "#define "}, {128, 4, "DICM"},         // XPM, XBM, DICOM
  };
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (size >= formats[i].at + formats[i].length &&
        memcmp(d + formats[i].at, formats[i].bytes, formats[i].length) == 0)
      return 1;
  return 0;
}

static int may_load(const char *loader, const uint8_t *data, size_t size) {
  return loader && (!strstr(loader, "Magick") || is_plain_picture(data, size));
}

static int find_by_source(const uint8_t *data, size_t size) {
  VipsSource *source = vips_source_new_from_memory(data, size);
  const char *name = vips_foreign_find_load_source(source);
  g_object_unref(source);
  return may_load(name, data, size);
}

static loader find_loader(const uint8_t *data, size_t size, const char *path) {
  // libvips' own reader of the portable formats reads streams only, and ImageMagick would take their buffers.
  if (data[0] == 'P' && find_by_source(data, size)) return LOADER_SOURCE;
  if (may_load(vips_foreign_find_load_buffer(data, size), data, size)) return LOADER_BUFFER;
  if (find_by_source(data, size)) return LOADER_SOURCE;
  // Formats that are read from files only, but for tables of numbers, which are told by their names alone.
  const char *name = path ? vips_foreign_find_load(path) : NULL;
  if (!may_load(name, data, size) || strstr(name, "Csv") || strstr(name, "Matrix") || strstr(name, "Raw"))
    return LOADER_NONE;
  return LOADER_FILE;
}

static VipsImage *open_picture(loader loader, const uint8_t *data, size_t size, const char *path) {
  if (loader == LOADER_BUFFER)
    return vips_image_new_from_buffer(
        data, size, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
  if (loader == LOADER_FILE)
    return vips_image_new_from_file(
        path, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
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

// Takes away bands behind the colours that the file does not call transparency, such as infrared.
static int only_colours(VipsImage **image, int has_alpha) {
  if ((*image)->Coding != VIPS_CODING_NONE || has_alpha) return 0;
  int colours;
  switch ((*image)->Type) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16: colours = 1; break;
    case VIPS_INTERPRETATION_CMYK: colours = 4; break;
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_scRGB:
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABS: colours = 3; break;
    default: return 0;
  }
  if ((*image)->Bands <= colours) return 0;
  VipsImage *result = NULL;
  const int status = vips_extract_band(*image, &result, 0, "n", colours, NULL);
  return replace(image, result, status);
}

static double white_of(const VipsImage *image) {
  // In ink, white is none.
  if (image->Type == VIPS_INTERPRETATION_CMYK) return 0;
  switch (image->BandFmt) {
    case VIPS_FORMAT_USHORT: return 65535;
    case VIPS_FORMAT_FLOAT:
    case VIPS_FORMAT_DOUBLE: return image->Type == VIPS_INTERPRETATION_scRGB ? 1 : 255;
    default: return 255;
  }
}

static int over_white(VipsImage **image) {
  // A packed picture (LabQ) has a fourth band that is not transparency.
  if ((*image)->Coding != VIPS_CODING_NONE || !vips_image_hasalpha(*image)) return 0;
  VipsArrayDouble *background = vips_array_double_newv(1, white_of(*image));
  VipsImage *result = NULL;
  const int status = vips_flatten(*image, &result, "background", background, NULL);
  vips_area_unref(VIPS_AREA(background));
  return replace(image, result, status);
}

// A portable float map holds linear light from 0 to 1; libvips calls it what a map of bytes is.
static int float_map_is_linear(VipsImage **image) {
  const char *loader;
  if ((*image)->BandFmt != VIPS_FORMAT_FLOAT || vips_image_get_typeof(*image, VIPS_META_LOADER) == 0 ||
      vips_image_get_string(*image, VIPS_META_LOADER, &loader) != 0 || !g_str_has_prefix(loader, "ppm"))
    return 0;
  VipsImage *result = NULL;
  if ((*image)->Bands == 1) {
    VipsImage *grey[] = {*image, *image, *image};
    const int status = vips_bandjoin(grey, &result, 3, NULL);
    if (replace(image, result, status) != 0) return -1;
    result = NULL;
  }
  const int status = vips_copy(*image, &result, "interpretation", VIPS_INTERPRETATION_scRGB, NULL);
  return replace(image, result, status);
}

// A portable map says what its white is; libvips takes it for the largest number of 8 or 16 bits.
static int portable_map_to_full_range(VipsImage **image) {
  static const char name[] = "ppm-max-value";
  int white;
  if (vips_image_get_typeof(*image, name) == 0 || vips_image_get_int(*image, name, &white) != 0) return 0;
  const VipsBandFormat format = (*image)->BandFmt;
  const int full = format == VIPS_FORMAT_UCHAR ? 255 : format == VIPS_FORMAT_USHORT ? 65535 : 0;
  if (full == 0 || white <= 1 || white >= full) return 0;
  VipsImage *result = NULL;
  int status = vips_linear1(*image, &result, (double)full / white, 0.5, NULL);
  if (replace(image, result, status) != 0) return -1;
  result = NULL;
  status = vips_cast(*image, &result, format, NULL);
  return replace(image, result, status);
}

static int to_srgb(VipsImage **image) {
  if (portable_map_to_full_range(image) != 0 || float_map_is_linear(image) != 0) return -1;
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
    // Of a profile for fewer channels than the picture has, libvips passes the others on behind the colours.
    if (status == 0 && result->Bands == 3) return replace(image, result, status);
    // A broken profile, or one of another kind of picture: the numbers are then taken for what they usually mean.
    if (result) g_object_unref(result);
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

static cvips_status decode(
    const uint8_t *data, size_t size, const char *path, int64_t most_pixels, cvips_image *image, char *message) {
  const loader loader = find_loader(data, size, path);
  if (loader == LOADER_NONE) return CVIPS_UNKNOWN_FORMAT;
  VipsImage *picture = open_picture(loader, data, size, path);
  if (!picture) return damaged(message);
  const int has_alpha = !cvips_is_tiff(data, size) || cvips_tiff_has_alpha(data, size);
  cvips_status status;
  if ((int64_t)picture->Xsize * picture->Ysize > most_pixels) {
    image->width = picture->Xsize;
    image->height = picture->Ysize;
    status = CVIPS_TOO_LARGE;
  } else if (only_colours(&picture, has_alpha) || over_white(&picture) || to_srgb(&picture) || upright(&picture)) {
    status = damaged(message);
  } else {
    status = store(picture, 3, image, message);
  }
  g_object_unref(picture);
  return status;
}

cvips_status cvips_decode(
    const void *data, size_t size, const char *path, int64_t most_pixels, cvips_image *image,
    char message[CVIPS_MESSAGE_LENGTH]) {
  g_rw_lock_reader_lock(&complaints);
  cvips_status status = decode(data, size, path, most_pixels, image, message);
  g_rw_lock_reader_unlock(&complaints);
  if (status == CVIPS_DAMAGED) {
    g_rw_lock_writer_lock(&complaints);
    vips_error_clear();
    status = decode(data, size, path, most_pixels, image, message);
    vips_error_clear();
    g_rw_lock_writer_unlock(&complaints);
  }
  // A decoder keeps buffers for each thread; threads come and go.
  vips_thread_shutdown();
  return status;
}

int cvips_knows(const void *data, size_t size, const char *path) {
  if (size == 0) return 0;
  g_rw_lock_reader_lock(&complaints);
  const loader loader = find_loader(data, size, path);
  g_rw_lock_reader_unlock(&complaints);
  return loader != LOADER_NONE;
}

cvips_status cvips_text(
    const char *text, const char *font, cvips_image *image, char message[CVIPS_MESSAGE_LENGTH]) {
  VipsImage *line = NULL;
  cvips_status status;
  g_rw_lock_reader_lock(&complaints);
  if (vips_text(&line, text, "font", font, "dpi", 72, NULL) != 0) {
    status = damaged(message);
  } else {
    status = store(line, 1, image, message);
    g_object_unref(line);
  }
  g_rw_lock_reader_unlock(&complaints);
  return status;
}

void cvips_free(uint8_t *pixels) { g_free(pixels); }
