// Light at each sample: lights with shadows, the mirrored surroundings, glass over what lies behind.
#include "vector.h"

typedef struct hit {
  cr_vec3 position, normal, local;
  float u, v, distance;
  const cr_material *material;
} hit;

// The corners' values at the place where the ray of a sample meets the plane of a triangle.
static hit meet(const cr_scene *scene, cr_vec3 eye, cr_vec3 ray, int32_t id) {
  const cr_triangle *triangle = &scene->triangles[id];
  const cr_vertex *a = &scene->vertices[triangle->corners[0]];
  const cr_vertex *b = &scene->vertices[triangle->corners[1]];
  const cr_vertex *c = &scene->vertices[triangle->corners[2]];
  cr_vec3 e1 = sub(b->position, a->position), e2 = sub(c->position, a->position);
  cr_vec3 p = cross(ray, e2);
  float determinant = dot(e1, p);
  float inverse = absolute(determinant) > 1e-20f ? 1 / determinant : 0;
  cr_vec3 from = sub(eye, a->position);
  float u = clampf(dot(from, p) * inverse, 0, 1);
  cr_vec3 q = cross(from, e1);
  float v = clampf(dot(ray, q) * inverse, 0, 1 - u);
  float w = 1 - u - v;
  hit h;
  h.position = add(add(scaled(a->position, w), scaled(b->position, u)), scaled(c->position, v));
  h.normal = unit(add(add(scaled(a->normal, w), scaled(b->normal, u)), scaled(c->normal, v)));
  h.local = add(add(scaled(a->local, w), scaled(b->local, u)), scaled(c->local, v));
  h.u = w * a->u + u * b->u + v * c->u;
  h.v = w * a->v + u * b->v + v * c->v;
  cr_vec3 way = sub(h.position, eye);
  h.distance = sqrtf(dot(way, way));
  h.material = &scene->materials[triangle->material];
  // Surfaces have two sides; the one that is seen is lit.
  cr_vec3 flat = cross(e1, e2);
  if (dot(flat, h.normal) < 0) flat = scaled(flat, -1);
  if (dot(flat, ray) > 0) h.normal = scaled(h.normal, -1);
  return h;
}

static const float disc[8][2] = {
    {0.10f, 0.22f}, {-0.41f, 0.18f}, {0.35f, -0.38f}, {-0.15f, -0.55f},
    {0.66f, 0.30f}, {-0.72f, -0.35f}, {0.12f, 0.82f}, {0.55f, -0.78f},
};

// 0 in shadow, 1 in the light.
static float lit(const cr_light *light, cr_vec3 position, cr_vec3 normal, float turn) {
  if (!light->shadow_depth) return 1;
  const cr_camera *camera = &light->shadow_camera;
  float texel = 1 / camera->focal;
  float slope = 1 - clampf(dot(normal, light->direction), 0, 1);
  cr_vec3 from = add(position, scaled(normal, texel * (1.2f + 1.5f * slope)));
  cr_vec3 d = sub(from, camera->eye);
  float x = camera->center_x + camera->focal * dot(d, camera->right);
  float y = camera->center_y - camera->focal * dot(d, camera->up);
  float depth = -dot(d, camera->forward) + texel * 0.5f;
  float size = (float)light->shadow_size;
  if (!(x > 2 && y > 2 && x < size - 2 && y < size - 2)) return 1;
  // A slanting surface is not in its own shadow: what is looked up aside is compared with the plane there.
  float away = smaller(dot(normal, camera->forward), -0.12f);
  float slope_x = dot(normal, camera->right) / away * texel, slope_y = -dot(normal, camera->up) / away * texel;
  float c = sine_of_turns(turn + 0.25f), s = sine_of_turns(turn);
  // How far above lies what throws the shadow decides how soft it is.
  float above = 0;
  int blockers = 0;
  float search = light->softness * 6 * camera->focal + 1.5f;
  for (int i = 0; i < 4; i++) {
    float ox = disc[i * 2][0] * search, oy = disc[i * 2][1] * search;
    float tx = ox * c - oy * s, ty = ox * s + oy * c;
    int32_t sx = (int32_t)clampf(x + tx, 0, size - 1), sy = (int32_t)clampf(y + ty, 0, size - 1);
    float stored = light->shadow_depth[(int64_t)sy * light->shadow_size + sx];
    float plane = depth + tx * slope_x + ty * slope_y;
    if (stored > plane) {
      above += stored - plane;
      blockers += 1;
    }
  }
  float radius = 1.2f;
  if (blockers) radius += light->softness * (above / (float)blockers) * camera->focal;
  radius = smaller(radius, 0.06f * size);
  int open = 0;
  for (int i = 0; i < 8; i++) {
    float ox = disc[i][0] * radius, oy = disc[i][1] * radius;
    float tx = ox * c - oy * s, ty = ox * s + oy * c;
    int32_t sx = (int32_t)clampf(x + tx, 0, size - 1), sy = (int32_t)clampf(y + ty, 0, size - 1);
    float plane = depth + tx * slope_x + ty * slope_y;
    open += light->shadow_depth[(int64_t)sy * light->shadow_size + sx] <= plane;
  }
  return (float)open * 0.125f;
}

static cr_vec3 surroundings(const cr_surroundings *s, cr_vec3 d) {
  cr_vec3 colour = d.y > 0 ? mix(s->level, s->above, d.y) : mix(s->level, s->below, clampf(-d.y * 3, 0, 1));
  // A window is a rectangle of directions.
  cr_vec3 w = s->window_direction;
  float facing = dot(d, w);
  if (facing > 0.1f) {
    cr_vec3 side = unit(cross(v3(0, 1, 0), w));
    cr_vec3 up = cross(w, side);
    float x = dot(d, side) / facing / s->window_width, y = dot(d, up) / facing / s->window_height;
    float inside = clampf(6 - 6 * absolute(x), 0, 1) * clampf(6 - 6 * absolute(y), 0, 1);
    inside *= clampf(absolute(x) * 12 - 0.3f, 0, 1);
    colour = mix(colour, s->window_colour, inside);
  }
  return colour;
}

static cr_vec3 haze(const cr_scene *scene, cr_vec3 colour, float distance) {
  if (scene->surroundings.haze_distance <= 0) return colour;
  float t = 1 - exp2_of(-distance / scene->surroundings.haze_distance);
  return mix(colour, scene->surroundings.haze, t);
}

static cr_vec3 illuminated(
    const cr_scene *scene, const hit *h, cr_vec3 ray, float footprint, float openness, float turn) {
  const cr_material *m = h->material;
  cr_vec3 albedo = cr_texture(m, h->local, h->u, h->v, footprint);
  if (m->emission >= 1) return albedo;
  cr_vec3 normal = h->normal;
  if (m->bump > 0) {
    cr_vec3 at = scaled(h->local, 1 / m->bump_size);
    float strength = m->bump * clampf(1.5f - 2 * footprint / m->bump_size, 0, 1);
    if (strength > 0) {
      cr_vec3 tilt = v3(
          cr_noise(at, m->seed + 11) - 0.5f, cr_noise(at, m->seed + 12) - 0.5f,
          cr_noise(at, m->seed + 13) - 0.5f);
      normal = unit(add(normal, scaled(tilt, strength)));
    }
  }
  const cr_surroundings *around = &scene->surroundings;
  // Light from everywhere: from above, and thrown back from below.
  float up = normal.y * 0.5f + 0.5f;
  cr_vec3 ambient = mix(mix(around->below, around->level, smaller(2 * up, 1)), around->above, larger(2 * up - 1, 0));
  cr_vec3 diffuse = scaled(ambient, openness);
  cr_vec3 highlight = v3(0, 0, 0);
  for (int32_t i = 0; i < scene->light_count; i++) {
    const cr_light *light = &scene->lights[i];
    float facing = dot(normal, light->direction);
    if (facing <= 0) continue;
    float open = lit(light, h->position, h->normal, turn + 0.37f * (float)i);
    if (open <= 0) continue;
    diffuse = add(diffuse, scaled(light->colour, facing * open));
    if (m->specular > 0) {
      float half = dot(normal, unit(sub(light->direction, ray)));
      if (half > 0) {
        float s = m->specular * power_of(half, m->shininess) * open * facing;
        highlight = add(highlight, scaled(light->colour, s));
      }
    }
  }
  cr_vec3 colour = add(mul(albedo, add(diffuse, v3(m->emission, m->emission, m->emission))), highlight);
  if (m->mirror > 0) {
    float facing = clampf(-dot(normal, ray), 0, 1);
    float grazing = 1 - facing;
    float fresnel = m->mirror + (1 - m->mirror) * 0.6f * grazing * grazing * grazing * grazing * grazing;
    cr_vec3 mirrored = surroundings(around, sub(ray, scaled(normal, 2 * dot(ray, normal))));
    colour = mix(colour, mirrored, fresnel * (0.4f + 0.6f * openness));
  }
  return haze(scene, colour, h->distance);
}

static cr_vec3 sample_ray(const cr_camera *camera, float x, float y) {
  float rx = (x - camera->center_x) / camera->focal, ry = (camera->center_y - y) / camera->focal;
  return unit(add(camera->forward, add(scaled(camera->right, rx), scaled(camera->up, ry))));
}

static float footprint_of(const cr_camera *camera, const hit *h, cr_vec3 ray, float samples) {
  float facing = larger(-dot(h->normal, ray), 0.12f);
  return samples * h->distance / camera->focal / facing;
}

// Whether one sample stands for all four of a pixel: one object of one material, smooth in depth and not so
// finely textured that it must be sampled.
static int uniform(const cr_scene *scene, const cr_target *opaque, const int64_t at[4]) {
  int32_t first = opaque->ids[at[0]];
  if (first < 0) return opaque->ids[at[1]] < 0 && opaque->ids[at[2]] < 0 && opaque->ids[at[3]] < 0;
  const cr_triangle *t = &scene->triangles[first];
  switch (scene->materials[t->material].pattern) {
  case CR_PLAIN: case CR_MOTTLED: case CR_WOOD: case CR_PLANKS: case CR_GRASS: case CR_MARBLE:
  case CR_FOLIAGE: case CR_GRAVEL: case CR_WATER: case CR_WEAVE: case CR_APPLE: case CR_BARK:
  case CR_TILES: case CR_BRICKS: case CR_BANANA: break;
  default: return 0;
  }
  for (int i = 1; i < 4; i++) {
    int32_t id = opaque->ids[at[i]];
    if (id == first) continue;
    if (id < 0) return 0;
    const cr_triangle *o = &scene->triangles[id];
    if (o->object != t->object || o->material != t->material) return 0;
    float depth = opaque->depth[at[i]], reference = opaque->depth[at[0]];
    if (absolute(depth - reference) > 0.02f * reference) return 0;
    if (dot(scene->vertices[o->corners[0]].normal, scene->vertices[t->corners[0]].normal) < 0.85f) return 0;
  }
  return 1;
}

static void shade_opaque(
    const cr_scene *scene, const cr_camera *camera, const cr_target *opaque, const float *occlusion,
    cr_vec3 *light) {
  int32_t width = opaque->width / 2, height = opaque->height / 2;
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x++) {
      int64_t pixel = (int64_t)y * width + x;
      int64_t corner = (int64_t)(2 * y) * opaque->width + 2 * x;
      int64_t at[4] = {corner, corner + 1, corner + opaque->width, corner + opaque->width + 1};
      int whole = uniform(scene, opaque, at);
      cr_vec3 sum = v3(0, 0, 0);
      for (int i = 0; i < (whole ? 1 : 4); i++) {
        float sx = (float)(2 * x) + (whole ? 1.0f : 0.5f + (float)(i & 1));
        float sy = (float)(2 * y) + (whole ? 1.0f : 0.5f + (float)(i >> 1));
        cr_vec3 ray = sample_ray(camera, sx, sy);
        int32_t id = opaque->ids[at[i]];
        cr_vec3 colour;
        if (id < 0) {
          colour = cr_texture(&scene->surroundings.background, ray, 0, 0, 0);
        } else {
          hit h = meet(scene, camera->eye, ray, id);
          float turn = fraction_of_hash(hash3(x, y, i, 77));
          colour = illuminated(
              scene, &h, ray, footprint_of(camera, &h, ray, whole ? 2 : 1), occlusion[pixel], turn);
        }
        sum = add(sum, colour);
      }
      light[pixel] = whole ? sum : scaled(sum, 0.25f);
    }
  }
}

// What is seen through a glass surface is looked up a little aside, as if bent by it.
static cr_vec3 seen_through(
    const cr_camera *camera, const hit *h, const cr_vec3 *behind, int32_t x, int32_t y, int32_t width,
    int32_t height) {
  float bend = smaller(0.35f * camera->focal / larger(h->distance, 1), 12) * 0.5f;
  int32_t bx = x - (int32_t)floor_of(dot(h->normal, camera->right) * bend + 0.5f);
  int32_t by = y + (int32_t)floor_of(dot(h->normal, camera->up) * bend + 0.5f);
  bx = bx < 0 ? 0 : bx >= width ? width - 1 : bx;
  by = by < 0 ? 0 : by >= height ? height - 1 : by;
  return behind[(int64_t)by * width + bx];
}

static void shade_glass(
    const cr_scene *scene, const cr_camera *camera, const cr_target *glass, const cr_vec3 *behind,
    cr_vec3 *light) {
  int32_t width = glass->width / 2, height = glass->height / 2;
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x++) {
      int64_t pixel = (int64_t)y * width + x;
      for (int i = 0; i < 4; i++) {
        int64_t at = (int64_t)(2 * y + i / 2) * glass->width + 2 * x + i % 2;
        int32_t id = glass->ids[at];
        if (id < 0) continue;
        cr_vec3 ray = sample_ray(camera, (float)(2 * x + i % 2) + 0.5f, (float)(2 * y + i / 2) + 0.5f);
        hit h = meet(scene, camera->eye, ray, id);
        const cr_material *m = h.material;
        float facing = clampf(-dot(h.normal, ray), 0, 1);
        cr_vec3 tint = cr_texture(m, h.local, h.u, h.v, footprint_of(camera, &h, ray, 1));
        cr_vec3 through = seen_through(camera, &h, behind, x, y, width, height);
        // Near its outline the light's way through the wall is longest.
        float rim = 1 - facing;
        float thickness = 1 + 6 * rim * rim * rim;
        cr_vec3 passed = mul(
            through,
            v3(power_of(tint.x, thickness), power_of(tint.y, thickness), power_of(tint.z, thickness)));
        cr_vec3 own = illuminated(scene, &h, ray, 0, 1, 0);
        cr_vec3 colour = mix(own, passed, m->transparency);
        cr_vec3 mirrored = surroundings(&scene->surroundings, sub(ray, scaled(h.normal, 2 * dot(ray, h.normal))));
        float fresnel = 0.04f + 0.75f * rim * rim * rim * rim;
        colour = mix(colour, mirrored, fresnel);
        for (int32_t l = 0; l < scene->light_count; l++) {
          float half = dot(h.normal, unit(sub(scene->lights[l].direction, ray)));
          if (half > 0) colour = add(colour, scaled(scene->lights[l].colour, 1.2f * power_of(half, 250)));
        }
        light[pixel] = add(light[pixel], scaled(sub(colour, behind[pixel]), 0.25f));
      }
    }
  }
}

void cr_shade(
    const cr_scene *scene, const cr_camera *camera, const cr_target *opaque, const cr_target *glass,
    const float *occlusion, cr_vec3 *light) {
  int32_t width = opaque->width / 2, height = opaque->height / 2;
  cr_vec3 *behind = light + (int64_t)width * height;
  shade_opaque(scene, camera, opaque, occlusion, light);
  memcpy(behind, light, sizeof(cr_vec3) * (size_t)width * (size_t)height);
  shade_glass(scene, camera, glass, behind, light);
}

// The mean over the 4 × 4 pixels that share the pattern of directions, of what is about as far away.
static void smooth_occlusion(
    const cr_target *opaque, const float *occlusion, float *smoothed, int32_t width, int32_t height) {
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x++) {
      float depth = opaque->depth[(int64_t)(2 * y) * opaque->width + 2 * x];
      float tolerance = 0.03f * depth;
      float sum = 0;
      int count = 0;
      for (int32_t py = y > 1 ? y - 2 : 0; py < (y + 2 < height ? y + 2 : height); py++)
        for (int32_t px = x > 1 ? x - 2 : 0; px < (x + 2 < width ? x + 2 : width); px++) {
          float other = opaque->depth[(int64_t)(2 * py) * opaque->width + 2 * px];
          if (absolute(other - depth) > tolerance) continue;
          sum += occlusion[(int64_t)py * width + px];
          count += 1;
        }
      smoothed[(int64_t)y * width + x] = count ? sum / (float)count : 1;
    }
  }
}

void cr_ambient_occlusion(
    const cr_camera *camera, const cr_target *opaque, float radius, float *occlusion, float *smoothed) {
  int32_t width = opaque->width / 2, height = opaque->height / 2;
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x++) {
      float *open = &occlusion[(int64_t)y * width + x];
      *open = 1;
      float depth = opaque->depth[(int64_t)(2 * y) * opaque->width + 2 * x];
      if (depth <= 0) continue;
      float z = 1 / depth;
      float reach = clampf(radius * camera->focal * depth, 2, 48);
      float turn = fraction_of_hash(hash3(x & 3, y & 3, 0, 5));
      float hidden = 0;
      for (int i = 0; i < 4; i++) {
        // Pairs of opposite neighbours: on a plane one is nearer by what the other is farther.
        float c = sine_of_turns(turn * 0.5f + 0.125f * (float)i + 0.25f) * reach * (0.3f + 0.23f * (float)i);
        float s = sine_of_turns(turn * 0.5f + 0.125f * (float)i) * reach * (0.3f + 0.23f * (float)i);
        float nearer = 0;
        int far_away = 0;
        for (int sign = -1; sign <= 1; sign += 2) {
          int32_t px = 2 * x + (int32_t)((float)sign * c), py = 2 * y + (int32_t)((float)sign * s);
          px = px < 0 ? 0 : px >= opaque->width ? opaque->width - 1 : px;
          py = py < 0 ? 0 : py >= opaque->height ? opaque->height - 1 : py;
          float other = opaque->depth[(int64_t)py * opaque->width + px];
          // 1/z is linear on the picture of a plane, so means are taken of it.
          float above = (other - depth) * z * z;
          if (above > 2.5f * radius) far_away = 1;
          nearer += clampf(above, -2 * radius, 2 * radius);
        }
        if (!far_away && nearer > 0.02f * radius) hidden += clampf(nearer / radius, 0, 1);
      }
      *open = 1 - 0.75f * clampf(hidden * 0.3f, 0, 1);
    }
  }
  smooth_occlusion(opaque, occlusion, smoothed, width, height);
}
