#include "signatures.h"

#include <glib.h>
#include <string.h>

#include "tiff.h"

typedef struct signature {
  size_t at, length;
  const char *bytes;
} signature;

static int begins(const uint8_t *d, size_t size, size_t at, const char *text) {
  const size_t length = strlen(text);
  return at <= size && size - at >= length && memcmp(d + at, text, length) == 0;
}

// "BM" begins words too; behind it a bitmap has the size of its second header, which is below 256.
static int is_bitmap(const uint8_t *d, size_t size) {
  return size >= 18 && begins(d, size, 0, "BM") && d[14] >= 12 && d[15] == 0 && d[16] == 0 && d[17] == 0;
}

// An X bitmap is text in C, and so are programs.
static int is_x_bitmap(const uint8_t *d, size_t size) {
  return begins(d, size, 0, "#define ") && g_strstr_len((const char *)d, MIN(size, 256), "_width ") != NULL;
}

// ImageMagick also reads languages in which a picture names files and other programs: SVG however it is disguised, MVG,
// MSL. What it alone can read goes to it only where the first bytes are those of a format that is a picture and nothing
// else.
static int is_plain_picture(const uint8_t *d, size_t size) {
  static const signature formats[] = {
      {0, 4, "\0\0\1\0"}, {0, 4, "\0\0\2\0"},                         // ICO, CUR
      {0, 5, "8BPS\0"}, {0, 14, "gimp xcf file\0"}, {0, 10, "gimp xcf v"},  // PSD, XCF
      {0, 8, "DDS |\0\0\0"}, {0, 2, "\1\xda"}, {0, 4, "\x59\xa6\x6a\x95"},  // DDS, SGI, Sun raster
      {0, 3, "\n\5\1"}, {0, 3, "\n\3\1"}, {0, 3, "\n\2\1"},            // PCX
      {0, 4, "SDPX"}, {0, 4, "XPDS"}, {0, 4, "\x80\x2a\x5f\xd7"},        // DPX, Cineon
      {0, 5, "qoif\0"}, {0, 9, "farbfeld\0"},                          // QOI, Farbfeld
      {0, 8, "P7\nWIDTH"}, {0, 9, "P7\nHEIGHT"}, {0, 4, "P7\n#"},        // PAM
      {0, 4, "\x8aMNG"}, {0, 4, "\x8bJNG"}, {0, 2, "\xab\1"},           // MNG, JNG, VIFF
      {0, 9, "/* XPM */"}, {128, 4, "DICM"},                           // XPM, DICOM
  };
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (size >= formats[i].at + formats[i].length &&
        memcmp(d + formats[i].at, formats[i].bytes, formats[i].length) == 0)
      return 1;
  // A TIFF that libvips does not know is cut.
  return is_bitmap(d, size) || is_x_bitmap(d, size) || cvips_is_tiff(d, size);
}

// Behind the letter and the number by which libvips tells it, a portable map has its width and its height.
static int is_portable_map(const uint8_t *d, size_t size) {
  size_t at = 2;
  for (int number = 0; number < 2; number++) {
    const size_t end = at;
    while (at < size && (g_ascii_isspace(d[at]) || d[at] == '#')) {
      // A comment goes on to the end of its line.
      if (d[at] == '#')
        while (at < size && d[at] != '\n') at++;
      else
        at++;
    }
    if (at == end || at >= size || !g_ascii_isdigit(d[at])) return 0;
    while (at < size && g_ascii_isdigit(d[at])) at++;
  }
  return 1;
}

// libvips looks for "<svg" in whatever text, and finds it in pages. In a drawing nothing but XML's own preliminaries
// stand before.
static int is_drawing(const uint8_t *d, size_t size) {
  // Compressed drawings: libvips has looked inside.
  if (begins(d, size, 0, "\x1f\x8b")) return 1;
  size_t at = begins(d, size, 0, "\xef\xbb\xbf") ? 3 : 0;
  while (at < size) {
    const char *end = begins(d, size, at, "<!--") ? "-->" : begins(d, size, at, "<?") ? "?>" : NULL;
    if (end) {
      const char *found = g_strstr_len((const char *)d + at, (gssize)(size - at), end);
      if (!found) return 0;
      at = (size_t)(found - (const char *)d) + strlen(end);
    } else if (g_ascii_isspace(d[at])) {
      at++;
    } else {
      return begins(d, size, at, "<svg") || begins(d, size, at, "<!DOCTYPE svg");
    }
  }
  return 0;
}

int cvips_may_load(const char *loader, const uint8_t *data, size_t size) {
  if (!loader) return 0;
  if (strstr(loader, "Magick")) return is_plain_picture(data, size);
  if (strstr(loader, "LoadPpm")) return is_portable_map(data, size);
  if (strstr(loader, "LoadSvg")) return is_drawing(data, size);
  // Tables of numbers (the third are Matlab's and libvips' own).
  return !strstr(loader, "LoadCsv") && !strstr(loader, "LoadRaw") && !strstr(loader, "LoadMat");
}
