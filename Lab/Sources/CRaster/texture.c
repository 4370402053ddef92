// Procedural textures: what colour a material has at a place.
#include "vector.h"

// How much of a pattern of that period is left when a pixel is `footprint` wide: patterns finer than the
// pixels become their mean instead of moiré.
static float kept(float period, float footprint) { return clampf(1.6f - 2 * footprint / period, 0, 1); }

// 0 inside a stripe's joint of width `joint` at the borders of a cell of `size`, 1 elsewhere; antialiased.
static float between_joints(float position, float size, float joint, float footprint) {
  float d = smaller(position, size - position) - joint * 0.5f;
  return clampf(d / larger(footprint, 0.02f * size) + 0.5f, 0, 1);
}

static cr_vec3 planks(const cr_material *m, float u, float v, float footprint) {
  float row = floor_of(v / m->p0);
  float shift = fraction_of_hash(hash3((int32_t)row, 1, 0, m->seed)) * m->p1;
  float column = floor_of((u + shift) / m->p1);
  uint32_t board = hash3((int32_t)row, (int32_t)column, 2, m->seed);
  float tone = fraction_of_hash(board);
  float grain = cr_cloudy_noise(v3(u * 0.06f, v * 0.9f, tone * 50), m->seed);
  grain = lerp(0.5f, grain, kept(1.5f, footprint));
  cr_vec3 colour = scaled(mix(m->a, m->b, clampf(tone * 0.6f + grain * 0.8f - 0.2f, 0, 1)), 0.85f + 0.3f * tone);
  float across = v - row * m->p0, along = u + shift - column * m->p1;
  float joint = m->p0 * 0.05f;
  float open = between_joints(across, m->p0, joint, footprint) * between_joints(along, m->p1, joint, footprint);
  float strength = kept(m->p0, footprint);
  return mix(colour, m->c, (1 - open) * 0.8f * strength);
}

static cr_vec3 tiles(const cr_material *m, float u, float v, float footprint) {
  float row = floor_of(v / m->p1);
  float shifted = u + m->p3 * m->p0 * (row - 2 * floor_of(row * 0.5f));
  float column = floor_of(shifted / m->p0);
  float tone = fraction_of_hash(hash3((int32_t)row, (int32_t)column, 3, m->seed));
  float mottle = lerp(0.5f, cr_cloudy_noise(v3(u * 0.25f, v * 0.25f, tone * 40), m->seed), kept(4, footprint));
  cr_vec3 colour = mix(m->a, m->b, tone * 0.6f + mottle * 0.4f);
  float open = between_joints(v - row * m->p1, m->p1, m->p2, footprint)
      * between_joints(shifted - column * m->p0, m->p0, m->p2, footprint);
  return mix(m->c, colour, lerp(0.9f, open, kept(smaller(m->p0, m->p1), footprint)));
}

static cr_vec3 checks(const cr_material *m, float u, float v, float footprint) {
  float x = floor_of(u / m->p0), y = floor_of(v / m->p0);
  float odd = (x + y) - 2 * floor_of((x + y) * 0.5f);
  return mix(m->a, m->b, lerp(0.5f, odd, kept(m->p0, footprint)));
}

static cr_vec3 clock_face(const cr_material *m, float u, float v) {
  float r2 = u * u + v * v;
  float angle = angle_in_turns(u, v);
  if (angle < 0) angle += 1;
  cr_vec3 colour = m->a;
  // Twelve marks, longer at the quarters.
  float mark = fraction(angle * 12 + 0.5f) - 0.5f;
  float quarter = fraction(angle * 4 + 0.5f) - 0.5f;
  float inner = absolute(quarter) < 0.1f ? 0.42f : 0.56f;
  if (r2 < 0.81f && r2 > inner && absolute(mark) < 0.14f) colour = m->b;
  // Hands as thick lines from the middle.
  for (int hand = 0; hand < 2; hand++) {
    float turn = hand ? m->p1 : m->p0, length = hand ? 0.78f : 0.5f, half = hand ? 0.05f : 0.075f;
    float sx = sine_of_turns(turn), sy = sine_of_turns(turn + 0.25f);
    float along = u * sx + v * sy, across = u * sy - v * sx;
    if (along > -0.12f && along < length && absolute(across) < half) colour = m->b;
  }
  if (r2 < 0.008f) colour = m->c;
  if (r2 > 0.94f) colour = scaled(m->b, 0.8f);
  return colour;
}

static cr_vec3 screen(const cr_material *m, float u, float v) {
  if (m->p0 >= 1) {
    // A phone: a wallpaper with rows of icons.
    cr_vec3 colour = mix(m->a, m->b, clampf(v + 0.2f * u, 0, 1));
    float columns = 4, x = u * columns, y = v * m->p0;
    float fx = fraction(x) - 0.5f, fy = fraction(y) - 0.5f;
    uint32_t icon = hash3((int32_t)floor_of(x), (int32_t)floor_of(y), 4, m->seed);
    if (absolute(fx) < 0.3f && absolute(fy) < 0.3f && (icon & 3) != 0)
      colour = v3(
          fraction_of_hash(icon * 3), fraction_of_hash(mixed(icon)), fraction_of_hash(mixed(icon + 7)));
    if (v > 0.94f) colour = scaled(colour, 0.5f);
    return colour;
  }
  // A desktop: wallpaper, a bar below and up to three windows with lines of text.
  cr_vec3 colour = mix(m->a, m->b, clampf(v * 0.8f + 0.3f * cr_noise(v3(u * 3, v * 3, 0), m->seed), 0, 1));
  for (int i = 0; i < 3; i++) {
    uint32_t h = hash3(i, 5, 6, m->seed);
    if ((h & 7) == 0) continue;
    float x0 = 0.05f + 0.5f * fraction_of_hash(h), y0 = 0.1f + 0.4f * fraction_of_hash(mixed(h));
    float w = 0.25f + 0.2f * fraction_of_hash(mixed(h + 1)), t = 0.25f + 0.25f * fraction_of_hash(mixed(h + 2));
    if (u < x0 || u > x0 + w || v < y0 || v > y0 + t) continue;
    float into = (y0 + t - v) / t;
    if (into < 0.12f) {
      colour = m->c;
    } else {
      colour = v3(0.85f, 0.85f, 0.86f);
      float line = into * t * 26, length = fraction_of_hash(hash3((int32_t)floor_of(line), i, 7, m->seed));
      if (fraction(line) > 0.55f && (u - x0) / w > 0.08f && (u - x0) / w < 0.35f + 0.55f * length)
        colour = v3(0.25f, 0.25f, 0.28f);
    }
  }
  if (v < 0.05f) colour = scaled(m->c, 0.5f);
  return colour;
}

static float seam(float d, float half) { return clampf(1.5f - absolute(d) / half, 0, 1); }

static cr_vec3 basketball(const cr_material *m, cr_vec3 d) {
  float curve = sqrtf(d.x * d.x + 0.55f * d.z * d.z) - 0.62f;
  float mark = larger(larger(seam(d.y, 0.03f), seam(d.z, 0.03f)), seam(curve, 0.03f));
  return mix(m->a, m->b, mark);
}

static cr_vec3 football(const cr_material *m, cr_vec3 d) {
  // The twelve directions of an icosahedron carry the dark pentagons.
  const float p = 0.85065081f, q = 0.52573111f;
  float nearest = -1, second = -1;
  for (int i = 0; i < 12; i++) {
    float s = i & 1 ? 1.0f : -1.0f, t = i & 2 ? 1.0f : -1.0f;
    cr_vec3 centre = i < 4 ? v3(0, s * q, t * p) : i < 8 ? v3(s * q, t * p, 0) : v3(t * p, 0, s * q);
    float c = dot(d, centre);
    if (c > nearest) {
      second = nearest;
      nearest = c;
    } else if (c > second) {
      second = c;
    }
  }
  float patch = smooth(0.925f, 0.94f, nearest);
  float joint = nearest < 0.93f ? 0.55f * seam(nearest - second, 0.02f) : 0;
  return mix(m->a, m->b, larger(patch, joint));
}

static cr_vec3 stop_sign(const cr_material *m, float u, float v) {
  static const uint8_t letters[4][7] = {
      {0x0e, 0x11, 0x10, 0x0e, 0x01, 0x11, 0x0e},
      {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04},
      {0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e},
      {0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10},
  };
  float ax = absolute(u), ay = absolute(v);
  float edge = larger(larger(ax, ay), (ax + ay) * 0.70710678f);
  if (edge > 0.86f && edge < 0.94f) return m->b;
  float x = (u + 0.68f) / 1.36f * 23, y = (0.34f - v) / 0.68f * 7;
  if (x >= 0 && x < 23 && y >= 0 && y < 7) {
    int letter = (int)x / 6, column = (int)x % 6;
    if (column < 5 && (letters[letter][(int)y] >> (4 - column) & 1)) return m->b;
  }
  return m->a;
}

static cr_vec3 grass(const cr_material *m, float u, float v, float footprint) {
  float s = m->p0;
  float patches = cr_cloudy_noise(v3(u / (s * 40), v / (s * 40), 1), m->seed);
  float tufts = lerp(0.5f, cr_noise(v3(u / (s * 3), v / (s * 5), 2), m->seed), kept(s * 4, footprint));
  float blades = lerp(0.5f, cr_noise(v3(u / (s * 0.5f), v / s, 3), m->seed), kept(s, footprint));
  cr_vec3 colour = mix(m->a, m->b, clampf(tufts * 0.6f + blades * 0.7f - 0.15f, 0, 1));
  return mix(colour, m->c, smooth(0.5f, 0.8f, patches) * 0.6f);
}

static cr_vec3 rug(const cr_material *m, float u, float v) {
  float edge = smaller(smaller(u, 1 - u), smaller(v, 1 - v));
  cr_vec3 colour = m->a;
  if (edge < 0.035f) {
    colour = m->b;
  } else if (edge < 0.06f) {
    colour = m->c;
  } else if (edge < 0.13f) {
    float d = fraction((u + v) * 14);
    colour = d < 0.5f ? m->b : m->a;
  } else if (m->p0 > 0.5f) {
    float x = fraction(u * 7) - 0.5f, y = fraction(v * 5) - 0.5f;
    float d = absolute(x) + absolute(y);
    if (d < 0.2f) colour = m->c; else if (d < 0.38f) colour = m->b;
  }
  float threads = cr_noise(v3(u * 220, v * 220, 0), m->seed);
  return scaled(colour, 0.85f + 0.3f * threads);
}

static cr_vec3 apple(const cr_material *m, cr_vec3 at) {
  float turn = angle_in_turns(at.x, at.z);
  float height = at.y / m->p0;
  float streaks = cr_noise(v3(turn * 60, height * 1.5f, 0), m->seed);
  float cheek = cr_noise(v3(at.x / m->p0, at.y / m->p0 * 0.6f, at.z / m->p0), m->seed + 9);
  cr_vec3 colour = mix(m->a, m->b, clampf(smooth(0.45f, 0.8f, cheek) * 0.7f + (streaks - 0.6f) * 0.35f, 0, 1));
  float stem = sqrtf(at.x * at.x + at.z * at.z) / m->p0;
  return mix(colour, v3(0.25f, 0.2f, 0.05f), at.y > 0 ? 0.6f * (1 - smooth(0.03f, 0.3f, stem)) : 0);
}

static cr_vec3 banana(const cr_material *m, cr_vec3 at, float u) {
  float tip = larger(smooth(0.9f, 0.97f, u), 1 - smooth(0.02f, 0.06f, u));
  float green = larger(smooth(0.75f, 0.95f, u), 1 - smooth(0.05f, 0.2f, u));
  cr_vec3 colour = mix(m->a, v3(0.45f, 0.5f, 0.04f), green * 0.35f);
  float spots = cr_noise(scaled(at, 1.3f), m->seed) * 0.6f + cr_noise(scaled(at, 3), m->seed + 1) * 0.4f;
  colour = mix(colour, m->b, smooth(0.66f, 0.8f, spots) * m->p1);
  return mix(colour, m->b, tip);
}

static cr_vec3 cover(const cr_material *m, float u, float v) {
  float border = smaller(smaller(u, 1 - u), smaller(v, 1 - v));
  cr_vec3 colour = m->a;
  if ((m->seed & 3) == 1 && border > 0.05f && border < 0.075f) return m->b;
  if ((m->seed & 3) == 2 && v < 0.25f) colour = mix(m->a, m->b, 0.5f);
  if (v > 0.6f && v < 0.85f && u > 0.15f && u < 0.85f) {
    float line = (v - 0.6f) / 0.25f * (2 + (float)(m->seed >> 4 & 1));
    if (fraction(line) > 0.35f && fraction(line) < 0.85f
        && absolute(u - 0.5f) < 0.15f + 0.2f * fraction_of_hash(hash3((int32_t)line, 8, 8, m->seed)))
      return m->b;
  }
  if ((m->seed >> 6 & 1) && (u - 0.5f) * (u - 0.5f) + (v - 0.33f) * (v - 0.33f) < 0.02f) return m->b;
  return colour;
}

static cr_vec3 sprinkles(const cr_material *m, cr_vec3 at) {
  cr_vec3 cell = scaled(at, 1 / m->p0);
  int32_t x = (int32_t)floor_of(cell.x), y = (int32_t)floor_of(cell.y), z = (int32_t)floor_of(cell.z);
  uint32_t h = hash3(x, y, z, m->seed);
  if (fraction_of_hash(h) > m->p1) return m->a;
  cr_vec3 middle = v3(
      (float)x + 0.5f + 0.3f * (fraction_of_hash(mixed(h)) - 0.5f), (float)y + 0.5f,
      (float)z + 0.5f + 0.3f * (fraction_of_hash(mixed(h + 3)) - 0.5f));
  cr_vec3 d = sub(cell, middle);
  if (dot(d, d) > 0.14f) return m->a;
  static const float hues[5][3] = {
      {0.8f, 0.05f, 0.05f}, {0.9f, 0.7f, 0.05f}, {0.1f, 0.5f, 0.1f}, {0.1f, 0.2f, 0.8f}, {0.9f, 0.9f, 0.9f}};
  const float *hue = hues[mixed(h + 5) % 5];
  return v3(hue[0], hue[1], hue[2]);
}

static cr_vec3 clouds(const cr_material *m, cr_vec3 d) {
  float height = clampf(d.y, 0, 1);
  cr_vec3 colour = mix(m->a, m->b, power_of(height, 0.6f));
  if (m->p0 > 0) {
    float over = 1 / (height + 0.12f);
    float n = cr_cloudy_noise(v3(d.x * over * 1.6f, 0, d.z * over * 1.6f), m->seed);
    n = n * 0.75f + 0.25f * cr_noise(v3(d.x * over * 9, 0, d.z * over * 9), m->seed + 7);
    float cover = smooth(0.78f - 0.5f * m->p0, 0.95f - 0.4f * m->p0, n);
    colour = mix(colour, scaled(m->c, 0.8f + 0.3f * n), cover * smooth(-0.02f, 0.12f, d.y));
  }
  return colour;
}

static cr_vec3 panels(const cr_material *m, float u, float v) {
  float columns = m->p0 > 1.5f ? 2 : 1, rows = m->p1 < 1 ? 2 : m->p1;
  float x = fraction(u * columns), y = fraction(v * rows);
  float edge = smaller(smaller(x, 1 - x) / columns * 1.2f, smaller(y, 1 - y) / rows * 2.2f);
  if (edge > 0.07f && edge < 0.1f) return m->b;
  return edge >= 0.1f ? scaled(m->a, 0.93f) : m->a;
}

static cr_vec3 blinds(const cr_material *m, float u, float v, float footprint) {
  float x = fraction(u / m->p0), y = fraction(v / m->p1);
  float inside = x > 0.25f && x < 0.75f && y > 0.2f && y < 0.75f ? 1.0f : 0.0f;
  float tone = fraction_of_hash(hash3((int32_t)floor_of(u / m->p0), (int32_t)floor_of(v / m->p1), 9, m->seed));
  cr_vec3 pane = scaled(m->b, 0.6f + 0.7f * tone);
  return mix(m->a, pane, lerp(0.28f, inside, kept(m->p0 * 0.5f, footprint)));
}

cr_vec3 cr_texture(const cr_material *m, cr_vec3 local, float u, float v, float footprint) {
  switch ((cr_pattern)m->pattern) {
  case CR_PLAIN: return m->a;
  case CR_MOTTLED: {
    float n = cr_cloudy_noise(scaled(local, 1 / m->p0), m->seed);
    return mix(m->a, m->b, lerp(0.5f, smooth(0.25f, 0.75f, n), kept(m->p0 * 0.5f, footprint)));
  }
  case CR_WOOD: {
    float warp = cr_noise(v3(local.x * 0.03f, local.y * 0.1f, local.z * 0.1f), m->seed) * 4;
    float rings = cr_noise(v3(local.x * 0.02f, (local.y + warp) / m->p0, (local.z + warp) / m->p0), m->seed + 1);
    float fine = cr_noise(v3(local.x * 0.15f, local.y * 5 / m->p0, local.z * 5 / m->p0), m->seed + 2);
    float n = rings * 0.7f + 0.3f * lerp(0.5f, fine, kept(m->p0 * 0.25f, footprint));
    return mix(m->a, m->b, lerp(0.5f, n, kept(m->p0, footprint)));
  }
  case CR_PLANKS: return planks(m, u, v, footprint);
  case CR_CHECKS: return checks(m, u, v, footprint);
  case CR_STRIPES: {
    float at = fraction(v / m->p0);
    float b = clampf((m->p1 - at) / larger(footprint / m->p0, 0.02f) + 0.5f, 0, 1);
    return mix(m->a, m->b, lerp(m->p1, b, kept(m->p0, footprint)));
  }
  case CR_TILES: return tiles(m, u, v, footprint);
  case CR_BRICKS: {
    cr_material brick = *m;
    brick.p2 = m->p1 * 0.14f;
    brick.p3 = 0.5f;
    return tiles(&brick, u, v, footprint);
  }
  case CR_MARBLE: {
    float n = cr_cloudy_noise(scaled(local, 1 / m->p0), m->seed);
    float vein = absolute(cr_noise(scaled(local, 0.7f / m->p0), m->seed + 5) + n - 1);
    return mix(mix(m->a, m->b, 0.25f * n), m->b, (1 - smooth(0.01f, 0.08f, vein)) * 0.7f);
  }
  case CR_GRASS: return grass(m, u, v, footprint);
  case CR_WEAVE: {
    float x = sine_of_turns(u / m->p0), y = sine_of_turns(v / m->p0);
    float n = 0.5f + 0.5f * x * y;
    return mix(m->a, m->b, lerp(0.5f, n, kept(m->p0, footprint)));
  }
  case CR_RUG: return rug(m, u, v);
  case CR_DOTS: {
    float row = floor_of(v / m->p0);
    float x = fraction(u / m->p0 + 0.5f * (row - 2 * floor_of(row * 0.5f))) - 0.5f;
    float y = fraction(v / m->p0) - 0.5f;
    float d = sqrtf(x * x + y * y);
    float inside = clampf((m->p1 - d) * m->p0 / larger(footprint, 0.02f) + 0.5f, 0, 1);
    return mix(m->a, m->b, lerp(3.1f * m->p1 * m->p1, inside, kept(m->p0, footprint)));
  }
  case CR_CLOCK_FACE: return clock_face(m, u, v);
  case CR_SCREEN: return screen(m, u, v);
  case CR_KEYS: {
    float row = floor_of(v);
    float x = fraction(u + 0.3f * row), y = v - row;
    float inside = x > 0.12f && x < 0.88f && y > 0.14f && y < 0.86f ? 1.0f : 0.0f;
    return mix(m->a, m->b, inside);
  }
  case CR_PAGES: {
    float n = cr_noise(v3(v * 9, u * 0.2f, 0), m->seed);
    return scaled(m->a, 0.8f + 0.3f * n);
  }
  case CR_LABEL: {
    if (v < m->p0 || v > m->p1) return m->a;
    float y = (v - m->p0) / (m->p1 - m->p0), x = fraction(u * 2) - 0.5f;
    float d = x * x * 9 + (y - 0.55f) * (y - 0.55f) * 4;
    if (y < 0.08f || y > 0.92f || d < 0.18f) return m->c;
    return m->b;
  }
  case CR_BASKETBALL: return basketball(m, unit(local));
  case CR_FOOTBALL: return football(m, unit(local));
  case CR_BEACH_BALL: {
    cr_vec3 d = unit(local);
    if (absolute(d.y) > 0.96f) return v3(0.85f, 0.85f, 0.85f);
    int sector = (int)((angle_in_turns(d.x, d.z) + 0.5f) * 6);
    return sector % 2 ? v3(0.85f, 0.85f, 0.85f) : sector % 3 ? m->b : m->a;
  }
  case CR_TENNIS: {
    cr_vec3 d = unit(local);
    float wave = d.y - 0.45f * (d.x * d.x - d.z * d.z) * (d.x * d.x + d.z * d.z > 0.2f ? 1.6f : 0);
    cr_vec3 fuzz = scaled(m->a, 0.85f + 0.3f * cr_noise(scaled(local, 6), m->seed));
    return mix(fuzz, m->b, seam(wave, 0.07f));
  }
  case CR_FOLIAGE: {
    float n = cr_noise(scaled(local, 1 / m->p0), m->seed);
    float fine = cr_noise(scaled(local, 3 / m->p0), m->seed + 1);
    n = n * 0.6f + lerp(0.5f, fine, kept(m->p0 * 0.5f, footprint)) * 0.6f - 0.1f;
    return mix(m->a, m->b, smooth(0.2f, 0.8f, n));
  }
  case CR_APPLE: return apple(m, local);
  case CR_BANANA: return banana(m, local, u);
  case CR_STOP_SIGN: return stop_sign(m, u, v);
  case CR_COVER: return cover(m, u, v);
  case CR_SPRINKLES: return sprinkles(m, local);
  case CR_CLOUDS: return clouds(m, local);
  case CR_BARK: {
    float n = cr_noise(v3(local.x / m->p0, local.y / (m->p0 * 5), local.z / m->p0), m->seed);
    return mix(m->a, m->b, n);
  }
  case CR_PANELS: return panels(m, u, v);
  case CR_GRAVEL: {
    float n = lerp(0.5f, cr_noise(v3(u / m->p0, v / m->p0, 0), m->seed), kept(m->p0, footprint));
    float wide = cr_cloudy_noise(v3(u / (m->p0 * 30), v / (m->p0 * 30), 5), m->seed);
    return mix(mix(m->a, m->b, n), m->c, wide * 0.5f);
  }
  case CR_WATER: {
    float n = cr_noise(v3(u / (m->p0 * 4), v / m->p0, 0), m->seed);
    float wide = cr_noise(v3(u / (m->p0 * 30), v / (m->p0 * 8), 3), m->seed);
    return mix(m->a, m->b, lerp(0.5f, n, kept(m->p0, footprint)) * 0.5f + wide * 0.5f);
  }
  case CR_BLINDS: return blinds(m, u, v, footprint);
  }
  return m->a;
}
