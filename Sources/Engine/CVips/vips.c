#include "include/CVips.h"

#include <string.h>
#include <vips/vips.h>

#include "signatures.h"
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

static cvips_status refused(const char *reason, char *message) {
  g_strlcpy(message, reason, CVIPS_MESSAGE_LENGTH);
  return CVIPS_REFUSED;
}

// What a loader is asked for by, in the order in which it is tried.
typedef enum loader { LOADER_NONE, LOADER_BUFFER, LOADER_SOURCE, LOADER_FILE } loader;

static int find_by_source(const uint8_t *data, size_t size) {
  VipsSource *source = vips_source_new_from_memory(data, size);
  const char *name = vips_foreign_find_load_source(source);
  g_object_unref(source);
  return cvips_may_load(name, data, size);
}

static loader find_loader(const uint8_t *data, size_t size, const char *path) {
  // libvips' own reader of the portable formats reads streams only, and ImageMagick would take their buffers.
  if (data[0] == 'P' && find_by_source(data, size)) return LOADER_SOURCE;
  if (cvips_may_load(vips_foreign_find_load_buffer(data, size), data, size)) return LOADER_BUFFER;
  if (find_by_source(data, size)) return LOADER_SOURCE;
  // Formats that are read from files only.
  return path && cvips_may_load(vips_foreign_find_load(path), data, size) ? LOADER_FILE : LOADER_NONE;
}

// What is not read from top to bottom goes to memory: libvips would put large pictures into a file in TMPDIR, which a kill
// leaves there.
static VipsImage *open_picture(loader loader, const uint8_t *data, size_t size, const char *path) {
  if (loader == LOADER_BUFFER)
    return vips_image_new_from_buffer(
        data, size, "", "access", VIPS_ACCESS_SEQUENTIAL, "memory", TRUE, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
  if (loader == LOADER_FILE)
    return vips_image_new_from_file(
        path, "access", VIPS_ACCESS_SEQUENTIAL, "memory", TRUE, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
  VipsSource *source = vips_source_new_from_memory(data, size);
  VipsImage *picture =
      vips_image_new_from_source(source, "", "memory", TRUE, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
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

static int is_float(const VipsImage *image) {
  return image->BandFmt == VIPS_FORMAT_FLOAT || image->BandFmt == VIPS_FORMAT_DOUBLE;
}

// Why a picture's numbers cannot be seen as they are meant; NULL where they can.
static const char *strange_numbers(const VipsImage *image, const cvips_tiff *tiff) {
  const int is_lab = image->Type == VIPS_INTERPRETATION_LAB || image->Type == VIPS_INTERPRETATION_LABS;
  const int is_usual = image->BandFmt == VIPS_FORMAT_UCHAR || image->BandFmt == VIPS_FORMAT_USHORT;
  if (tiff && tiff->is_white_zero && is_float(image))
    return "its fractional numbers are bright where they are small; save it with black as zero";
  if (tiff && tiff->alpha >= 0 && is_lab) return "its L*a*b* colours are transparent; save it in RGB";
  // libvips divides by what it takes for full transparency, and knows that of 8 and 16 bits.
  if (tiff && tiff->is_multiplied && !is_usual)
    return "its colours are multiplied by their transparency in 32 bits; save it in 16";
  if (is_usual || (image->BandFmt == VIPS_FORMAT_UINT && !is_lab) ||
      (image->BandFmt == VIPS_FORMAT_SHORT && image->Type == VIPS_INTERPRETATION_LABS) ||
      (is_float(image) && image->Type != VIPS_INTERPRETATION_CMYK))
    return NULL;
  return "which of its numbers is white is not known; save it in 8 or 16 bits without signs";
}

// Leaves the colours, and of the bands behind them the one that the file calls transparency: there may be others, such
// as infrared.
static int only_colours(VipsImage **image, const cvips_tiff *tiff) {
  if ((*image)->Coding != VIPS_CODING_NONE) return 0;
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
  VipsImage *parts[2] = {NULL, NULL}, *result = NULL;
  const int count = tiff->alpha >= 0 && tiff->alpha < (*image)->Bands - colours ? 2 : 1;
  int status = vips_extract_band(*image, &parts[0], 0, "n", colours, NULL);
  if (status == 0 && count == 2) status = vips_extract_band(*image, &parts[1], colours + tiff->alpha, NULL);
  if (status == 0) status = vips_bandjoin(parts, &result, count, NULL);
  VIPS_UNREF(parts[0]);
  VIPS_UNREF(parts[1]);
  return replace(image, result, status);
}

// The number that stands for full light and for what is not transparent at all.
static double top_of(const VipsImage *image) {
  if (image->BandFmt == VIPS_FORMAT_USHORT) return 65535;
  return image->Type == VIPS_INTERPRETATION_scRGB && is_float(image) ? 1 : 255;
}

static int over(VipsImage **image, cvips_backdrop backdrop) {
  // A packed picture (LabQ) has a fourth band that is not transparency.
  if ((*image)->Coding != VIPS_CODING_NONE || !vips_image_hasalpha(*image)) return 0;
  const double top = top_of(*image);
  const int is_white = backdrop == CVIPS_WHITE;
  // In ink, white is none.
  VipsArrayDouble *background = (*image)->Type == VIPS_INTERPRETATION_CMYK
                                    ? vips_array_double_newv(4, 0.0, 0.0, 0.0, is_white ? 0.0 : top)
                                    : vips_array_double_newv(1, is_white ? top : 0.0);
  VipsImage *result = NULL;
  const int status = vips_flatten(*image, &result, "background", background, "max_alpha", top, NULL);
  vips_area_unref(VIPS_AREA(background));
  return replace(image, result, status);
}

static int call_it(VipsImage **image, VipsInterpretation type) {
  VipsImage *result = NULL;
  const int status = vips_copy(*image, &result, "interpretation", type, NULL);
  return replace(image, result, status);
}

// Whole numbers of 16 bits under the name that libvips has for such colours. `shift`: the upper half of 32 bits.
static int to_16_bits(VipsImage **image, gboolean shift) {
  VipsImage *result = NULL;
  const int status = vips_cast(*image, &result, VIPS_FORMAT_USHORT, "shift", shift, NULL);
  if (replace(image, result, status) != 0) return -1;
  switch ((*image)->Type) {
    case VIPS_INTERPRETATION_B_W: return call_it(image, VIPS_INTERPRETATION_GREY16);
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_scRGB: return call_it(image, VIPS_INTERPRETATION_RGB16);
    default: return 0;
  }
}

// libvips sees fractional colours as light from 0 to 1, and greys as if they were bytes. Both are light, also in
// portable float maps, but for pictures with larger numbers that libvips calls bytes.
static int fractions_as_light(VipsImage **image) {
  const VipsInterpretation type = (*image)->Type;
  if (!is_float(*image) || (type != VIPS_INTERPRETATION_B_W && type != VIPS_INTERPRETATION_sRGB &&
                            type != VIPS_INTERPRETATION_scRGB))
    return 0;
  const char *loader = NULL;
  const int is_map = vips_image_get_typeof(*image, VIPS_META_LOADER) != 0 &&
                     vips_image_get_string(*image, VIPS_META_LOADER, &loader) == 0 &&
                     g_str_has_prefix(loader, "ppm");
  VipsImage *result = NULL;
  int status;
  if (type != VIPS_INTERPRETATION_scRGB && !is_map) {
    // To find the largest number the pixels are read once more than a file gives them.
    VipsImage *memory = vips_image_copy_memory(*image);
    if (replace(image, memory, memory ? 0 : -1) != 0) return -1;
    double largest;
    if (vips_max(*image, &largest, NULL) != 0) return -1;
    if (largest > 1) return 0;
  }
  // A profile says what the numbers mean, of 8 and of 16 bits.
  if (vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0) {
    status = vips_linear1(*image, &result, 65535, 0.5, NULL);
    return replace(image, result, status) != 0 ? -1 : to_16_bits(image, FALSE);
  }
  if (type == VIPS_INTERPRETATION_B_W) {
    // Grey to three colours, with or without transparency.
    VipsImage *spread = (*image)->Bands == 1 ? vips_image_new_matrixv(1, 3, 1.0, 1.0, 1.0)
                                             : vips_image_new_matrixv(2, 4, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0);
    status = spread ? vips_recomb(*image, &result, spread, NULL) : -1;
    VIPS_UNREF(spread);
    if (replace(image, result, status) != 0) return -1;
  }
  return call_it(image, VIPS_INTERPRETATION_scRGB);
}

// A portable map says what its white is; libvips takes it for the largest number of 8 or 16 bits.
static int portable_map_to_full_range(VipsImage **image) {
  static const char name[] = "ppm-max-value";
  int white;
  if (vips_image_get_typeof(*image, name) == 0 || vips_image_get_int(*image, name, &white) != 0) return 0;
  const VipsBandFormat format = (*image)->BandFmt;
  const double full = format == VIPS_FORMAT_UCHAR    ? 255
                      : format == VIPS_FORMAT_USHORT ? 65535
                      : format == VIPS_FORMAT_UINT   ? 4294967295.0
                                                     : 0;
  if (white <= 1 || white >= full) return 0;
  VipsImage *result = NULL;
  int status = vips_linear1(*image, &result, full / white, 0.5, NULL);
  if (replace(image, result, status) != 0) return -1;
  result = NULL;
  status = vips_cast(*image, &result, format, NULL);
  return replace(image, result, status);
}

// Numbers of whose white libvips knows the size.
static int known_numbers(VipsImage **image) {
  if (portable_map_to_full_range(image) != 0) return -1;
  if ((*image)->BandFmt == VIPS_FORMAT_UINT) return to_16_bits(image, TRUE);
  return fractions_as_light(image);
}

static int to_srgb(VipsImage **image) {
  VipsImage *result = NULL;
  if ((*image)->Type == VIPS_INTERPRETATION_LABS) {
    const int status = vips_LabS2Lab(*image, &result, NULL);
    if (replace(image, result, status) != 0) return -1;
    result = NULL;
  }
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
  if (from->Bands != bands || from->BandFmt != VIPS_FORMAT_UCHAR)
    return refused("its channels are not colours", message);
  size_t size;
  image->pixels = vips_image_write_to_memory(from, &size);
  if (!image->pixels) return damaged(message);
  image->width = from->Xsize;
  image->height = from->Ysize;
  return CVIPS_OK;
}

static cvips_status decode(
    const uint8_t *data, size_t size, const char *path, int64_t most_pixels, cvips_backdrop backdrop,
    cvips_image *image, char *message) {
  const loader loader = find_loader(data, size, path);
  if (loader == LOADER_NONE) return CVIPS_UNKNOWN_FORMAT;
  cvips_tiff tiff;
  const int is_tiff = cvips_tiff_read(data, size, &tiff);
  if (is_tiff && tiff.objection) return refused(tiff.objection, message);
  VipsImage *picture = open_picture(loader, data, size, path);
  if (!picture) return damaged(message);
  const char *objection = strange_numbers(picture, is_tiff ? &tiff : NULL);
  cvips_status status;
  if ((int64_t)picture->Xsize * picture->Ysize > most_pixels) {
    image->width = picture->Xsize;
    image->height = picture->Ysize;
    status = CVIPS_TOO_LARGE;
  } else if (objection) {
    status = refused(objection, message);
  } else if (
      (is_tiff && only_colours(&picture, &tiff)) || known_numbers(&picture) || over(&picture, backdrop) ||
      to_srgb(&picture) || upright(&picture)) {
    status = damaged(message);
  } else {
    status = store(picture, 3, image, message);
  }
  g_object_unref(picture);
  return status;
}

cvips_status cvips_decode(
    const void *data, size_t size, const char *path, int64_t most_pixels, cvips_backdrop backdrop,
    cvips_image *image, char message[CVIPS_MESSAGE_LENGTH]) {
  g_rw_lock_reader_lock(&complaints);
  cvips_status status = decode(data, size, path, most_pixels, backdrop, image, message);
  g_rw_lock_reader_unlock(&complaints);
  if (status == CVIPS_DAMAGED) {
    g_rw_lock_writer_lock(&complaints);
    vips_error_clear();
    status = decode(data, size, path, most_pixels, backdrop, image, message);
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
