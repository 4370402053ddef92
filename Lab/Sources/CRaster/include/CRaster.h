// The per-pixel half of the scene renderer: triangles to a visibility buffer, visibility to light, light to
// a photograph. Everything is plain single-precision arithmetic in a fixed order, without contraction and
// without the C library's transcendental functions, so a scene has the same bytes on every machine.
#ifndef CRAYON_CRASTER_H
#define CRAYON_CRASTER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cr_vec3 {
  float x, y, z;
} cr_vec3;

// A corner in world coordinates: centimetres, y up. `local` is where it was before its object was placed,
// which solid textures follow; `u`, `v` are the coordinates of its surface, which flat textures follow.
typedef struct cr_vertex {
  cr_vec3 position, normal, local;
  float u, v;
} cr_vertex;

typedef struct cr_triangle {
  uint32_t corners[3];
  uint16_t material;
  // Which object it is part of; index into the counts of cr_target.
  uint16_t object;
} cr_triangle;

typedef enum cr_pattern {
  CR_PLAIN,       // a
  CR_MOTTLED,     // a to b by noise; p0 = size of the blotches
  CR_WOOD,        // grain along local x, a to b; p0 = width of a ring
  CR_PLANKS,      // floor boards along u; p0 = width, p1 = length; a to b, joints c
  CR_CHECKS,      // a, b; p0 = side, in u and v
  CR_STRIPES,     // a, b; p0 = period along v, p1 = share of b
  CR_TILES,       // a mottled by b, joints c; p0 = width, p1 = height, p2 = joint, p3 = shift of every other row
  CR_MARBLE,      // a, veins b; p0 = size
  CR_GRASS,       // blades a to b, c where dry; p0 = size
  CR_WEAVE,       // threads a, b; p0 = size
  CR_RUG,         // border b around a, figures c; u, v in 0…1
  CR_DOTS,        // dots b on a; p0 = spacing, p1 = radius as a share of it
  CR_CLOCK_FACE,  // a with marks and hands b, second hand c; u, v in −1…1; p0 = hour, p1 = minute in turns
  CR_SCREEN,      // a lit screen; a, b, c its windows; u, v in 0…1; p0 = rows of icons, 0 = windows
  CR_KEYS,        // keys b on a; u, v in keys
  CR_PAGES,       // leaves of paper across v
  CR_LABEL,       // a with a band b between p0 and p1 of v, a figure c on it
  CR_BASKETBALL,  // a with seams b, by local direction
  CR_FOOTBALL,    // a with patches b
  CR_BEACH_BALL,  // six sectors of a, b and white
  CR_TENNIS,      // a with a seam b
  CR_FOLIAGE,     // leaves a to b; p0 = size
  CR_APPLE,       // a with streaks and a cheek of b, around the local y axis; p0 = radius
  CR_BANANA,      // a with tips and spots b along u in 0…1
  CR_STOP_SIGN,   // a with a rim and the word in b; u, v in −1…1
  CR_COVER,       // a book's: a with a title block b; u, v in 0…1
  CR_SPRINKLES,   // a strewn with coloured grains; p0 = spacing
  CR_CLOUDS,      // sky from a (horizon) to b (zenith), clouds c; p0 = cover 0…1; by direction
  CR_BARK,        // a, b along local y; p0 = size
  CR_BRICKS,      // a varied by b, joints c; p0 = width, p1 = height
  CR_PANELS,      // panels of a door: a, edges b; u, v in 0…1
  CR_GRAVEL,      // grains a to b, c; p0 = size
  CR_WATER,       // ripples a to b; p0 = size
  CR_BLINDS,      // facade windows b on a; p0 = width, p1 = height
} cr_pattern;

// Colours are linear light.
typedef struct cr_material {
  int32_t pattern;
  cr_vec3 a, b, c;
  float p0, p1, p2, p3;
  // Strength and sharpness of highlights, and how much of the surroundings is mirrored at right angles.
  float specular, shininess, mirror;
  float bump, bump_size;
  float emission;
  // 0 is opaque; 1 lets everything through, tinted by a.
  float transparency;
  uint32_t seed;
} cr_material;

typedef struct cr_camera {
  cr_vec3 eye, right, up, forward;
  // In samples. With `orthographic`, samples a centimetre instead of the focal length.
  float focal, center_x, center_y;
  int32_t orthographic;
  float near_plane;
} cr_camera;

// What a view sees. `depth` is 1/distance (the larger, the nearer; 0 where there is nothing), or minus the
// distance for orthographic views. `ids` is the index of the triangle, or −1. Any of them may be NULL.
typedef struct cr_target {
  int32_t width, height;
  float *depth;
  int32_t *ids;
  // NULL, or per sample the object that touched it last, and per object how many samples it covers.
  uint16_t *stamps;
  uint32_t *counts;
} cr_target;

void cr_clear(cr_target *target, float depth);

// World to the camera's axes, once for all that is drawn with it.
void cr_transform(const cr_camera *camera, const cr_vertex *vertices, int32_t count, cr_vec3 *positions);

// Draws the triangles `first` and following; `positions` are cr_transform's of all vertices. Where `behind`
// is given, only samples nearer than it are drawn (the glass in front of the opaque).
void cr_rasterise(
    const cr_camera *camera, const cr_vec3 *positions, const cr_triangle *triangles, int32_t first,
    int32_t triangle_count, const float *behind, cr_target *target);

typedef struct cr_light {
  // Towards the light; parallel light.
  cr_vec3 direction, colour;
  // Half the width of the penumbra a centimetre behind the edge that throws it.
  float softness;
  // Its view of the scene; no shadows where `shadow_depth` is NULL.
  cr_camera shadow_camera;
  int32_t shadow_size;
  const float *shadow_depth;
} cr_light;

// What is mirrored and what lights the shadows.
typedef struct cr_surroundings {
  cr_vec3 above, level, below;
  // A bright window (or lamp) that glossy things mirror.
  cr_vec3 window_direction, window_colour;
  float window_width, window_height;
  cr_material background;
  cr_vec3 haze;
  float haze_distance;
} cr_surroundings;

typedef struct cr_scene {
  const cr_vertex *vertices;
  const cr_triangle *triangles;
  const cr_material *materials;
  const cr_light *lights;
  int32_t light_count;
  cr_surroundings surroundings;
} cr_scene;

// Light [height, width, 3] of a picture whose targets have 2 × 2 samples a pixel; `light` has room for two.
// `glass` holds the nearest transparent triangles, in front of `opaque`; `occlusion` [height, width] is
// cr_ambient_occlusion's `smoothed`.
void cr_shade(
    const cr_scene *scene, const cr_camera *camera, const cr_target *opaque, const cr_target *glass,
    const float *occlusion, cr_vec3 *light);

// How much of the hemisphere above each pixel is open, from depth alone; `radius` in centimetres. The result
// is `smoothed` [height, width]; `scratch` is as large.
void cr_ambient_occlusion(
    const cr_camera *camera, const cr_target *opaque, float radius, float *scratch, float *smoothed);

// The object that owns each pixel: of most of its samples, ties to the nearest; −1 is background.
// `distances` [height, width]: of the owner, in centimetres along the view; 0 for background.
// Adds to each object's samples that are `seen` and to those of them that are `coloured`: whose material, by
// `bears_colour`, has the colour that the object is called by.
void cr_owners(
    const cr_triangle *triangles, const bool *bears_colour, const cr_target *opaque, const cr_target *glass,
    int32_t *owners, float *distances, uint32_t *seen, uint32_t *coloured);

// A lens's blur with a Gaussian of `sigma` pixels, in place; `scratch` is as large as `light`.
void cr_blur(cr_vec3 *light, cr_vec3 *scratch, int32_t width, int32_t height, float sigma);

typedef struct cr_sensor {
  // Exposure and white balance.
  cr_vec3 gain;
  float contrast, saturation;
  // Standard deviations at mid grey: photon noise, and noise of the dark.
  float shot_noise, read_noise;
  float vignette;
  uint32_t seed;
} cr_sensor;

// Light to sRGB bytes [height, width, 3].
void cr_expose(
    const cr_vec3 *light, int32_t width, int32_t height, const cr_sensor *sensor, uint8_t *pixels);

// What JPEG of a quality 1…100 with halved chroma does to a picture, in place. `planes` has room for
// 3 × (width + 15) × (height + 15) floats.
void cr_compress(uint8_t *pixels, int32_t width, int32_t height, int32_t quality, float *planes);

#endif
