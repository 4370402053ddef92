// Triangles to a visibility buffer: which triangle is nearest at each sample.
#include "vector.h"

void cr_clear(cr_target *target, float depth) {
  int64_t count = (int64_t)target->width * target->height;
  if (target->depth)
    for (int64_t i = 0; i < count; i++) target->depth[i] = depth;
  if (target->ids)
    for (int64_t i = 0; i < count; i++) target->ids[i] = -1;
  if (target->stamps) memset(target->stamps, 0xff, (size_t)count * 2);
}

typedef struct screen_point {
  float x, y, depth;
} screen_point;

// Leaves out the part of a row that lies outside an edge.
static void narrow(float slope, float value, int32_t *from, int32_t *to) {
  if (slope == 0) {
    if (value < 0) *to = *from - 1;
    return;
  }
  float crossing = clampf(-value / slope - 0.5f, -2, 100000);
  if (slope > 0) {
    int32_t first = (int32_t)crossing - 1;
    if (first > *from) *from = first;
  } else {
    int32_t last = (int32_t)crossing + 1;
    if (last < *to) *to = last;
  }
}

static void draw(
    screen_point a, screen_point b, screen_point c, int32_t id, uint16_t object, const float *behind,
    cr_target *target) {
  int32_t width = target->width, height = target->height;
  float low_x = smaller(a.x, smaller(b.x, c.x)), high_x = larger(a.x, larger(b.x, c.x));
  float low_y = smaller(a.y, smaller(b.y, c.y)), high_y = larger(a.y, larger(b.y, c.y));
  // Also false where a coordinate is not a number.
  if (!(high_x >= 0 && low_x <= width && high_y >= 0 && low_y <= height)) return;
  // The samples whose middles the box holds; most small triangles have none.
  int32_t x0 = (int32_t)clampf(low_x + 0.4999f, 0, (float)width), x1 = (int32_t)clampf(high_x + 0.5f, 0, (float)width) - 1;
  int32_t y0 = (int32_t)clampf(low_y + 0.4999f, 0, (float)height), y1 = (int32_t)clampf(high_y + 0.5f, 0, (float)height) - 1;
  if (x0 > x1 || y0 > y1) return;
  double area = (double)(b.x - a.x) * (c.y - a.y) - (double)(b.y - a.y) * (c.x - a.x);
  if (area == 0 || area != area) return;
  if (area < 0) {
    screen_point t = b;
    b = c;
    c = t;
    area = -area;
  }

  // Edge functions: twice the area of the triangle of an edge and the sample. An edge shared by two
  // triangles has exactly negated coefficients in the other, so nothing shows between them.
  double ax[3] = {b.y - (double)c.y, c.y - (double)a.y, a.y - (double)b.y};
  double ay[3] = {c.x - (double)b.x, a.x - (double)c.x, b.x - (double)a.x};
  double a0[3] = {
      b.x * (double)c.y - c.x * (double)b.y, c.x * (double)a.y - a.x * (double)c.y,
      a.x * (double)b.y - b.x * (double)a.y};
  double dx = (ax[0] * a.depth + ax[1] * b.depth + ax[2] * c.depth) / area;
  double dy = (ay[0] * a.depth + ay[1] * b.depth + ay[2] * c.depth) / area;
  double d0 = (a0[0] * a.depth + a0[1] * b.depth + a0[2] * c.depth) / area;

  float sx0 = (float)ax[0], sx1 = (float)ax[1], sx2 = (float)ax[2], sdx = (float)dx;
  for (int32_t y = y0; y <= y1; y++) {
    double py = y + 0.5;
    float r0 = (float)(ay[0] * py + a0[0]);
    float r1 = (float)(ay[1] * py + a0[1]);
    float r2 = (float)(ay[2] * py + a0[2]);
    float rd = (float)(dy * py + d0);
    int64_t row = (int64_t)y * width;
    int32_t from = x0, to = x1;
    if (x1 - x0 > 8) {
      // Where the edges cross the row, give or take one; the exact test stays below.
      narrow(sx0, r0, &from, &to);
      narrow(sx1, r1, &from, &to);
      narrow(sx2, r2, &from, &to);
    }
    for (int32_t x = from; x <= to; x++) {
      float px = (float)x + 0.5f;
      float e0 = sx0 * px + r0, e1 = sx1 * px + r1, e2 = sx2 * px + r2;
      if (e0 < 0 || e1 < 0 || e2 < 0) continue;
      int64_t at = row + x;
      float depth = sdx * px + rd;
      if (target->stamps && target->stamps[at] != object) {
        target->stamps[at] = object;
        target->counts[object] += 1;
      }
      if (target->depth && depth > target->depth[at] && (!behind || depth > behind[at])) {
        target->depth[at] = depth;
        if (target->ids) target->ids[at] = id;
      }
    }
  }
}

static screen_point project(const cr_camera *camera, cr_vec3 p) {
  if (camera->orthographic)
    return (screen_point){
        camera->center_x + camera->focal * p.x, camera->center_y - camera->focal * p.y, -p.z};
  float inverse = 1 / p.z;
  return (screen_point){
      camera->center_x + camera->focal * p.x * inverse, camera->center_y - camera->focal * p.y * inverse,
      inverse};
}

void cr_transform(const cr_camera *camera, const cr_vertex *vertices, int32_t count, cr_vec3 *positions) {
  for (int32_t i = 0; i < count; i++) {
    cr_vec3 d = sub(vertices[i].position, camera->eye);
    positions[i] = v3(dot(d, camera->right), dot(d, camera->up), dot(d, camera->forward));
  }
}

void cr_rasterise(
    const cr_camera *camera, const cr_vec3 *positions, const cr_triangle *triangles, int32_t first,
    int32_t triangle_count, const float *behind, cr_target *target) {
  float near_plane = camera->near_plane;
  for (int32_t t = first; t < first + triangle_count; t++) {
    const cr_triangle *triangle = &triangles[t];
    cr_vec3 corner[3] = {
        positions[triangle->corners[0]], positions[triangle->corners[1]],
        positions[triangle->corners[2]]};
    int inside = 0;
    for (int i = 0; i < 3; i++) inside += corner[i].z > near_plane;
    if (inside == 3 || camera->orthographic) {
      draw(
          project(camera, corner[0]), project(camera, corner[1]), project(camera, corner[2]), t,
          triangle->object, behind, target);
    } else if (inside > 0) {
      // Cut at the near plane: three or four corners remain.
      cr_vec3 kept[4];
      int count = 0;
      for (int i = 0; i < 3; i++) {
        cr_vec3 p = corner[i], q = corner[(i + 1) % 3];
        if (p.z > near_plane) kept[count++] = p;
        if ((p.z > near_plane) != (q.z > near_plane)) {
          float s = (near_plane - p.z) / (q.z - p.z);
          cr_vec3 cut = mix(p, q, s);
          cut.z = near_plane;
          kept[count++] = cut;
        }
      }
      for (int i = 2; i < count; i++)
        draw(
            project(camera, kept[0]), project(camera, kept[i - 1]), project(camera, kept[i]), t,
            triangle->object, behind, target);
    }
  }
}

void cr_owners(
    const cr_triangle *triangles, const bool *bears_colour, const cr_target *opaque, const cr_target *glass,
    int32_t *owners, float *distances, uint32_t *seen, uint32_t *coloured) {
  int32_t width = opaque->width / 2, height = opaque->height / 2;
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x++) {
      int32_t object[4];
      float depth[4];
      for (int i = 0; i < 4; i++) {
        int64_t at = (int64_t)(2 * y + i / 2) * opaque->width + 2 * x + i % 2;
        int front = glass->ids[at] >= 0;
        int32_t id = front ? glass->ids[at] : opaque->ids[at];
        depth[i] = front ? glass->depth[at] : opaque->depth[at];
        object[i] = id < 0 ? -1 : triangles[id].object;
        if (id < 0) continue;
        seen[object[i]] += 1;
        coloured[object[i]] += bears_colour[triangles[id].material];
      }
      int best = 0, votes = 0;
      float nearest = -1;
      for (int i = 0; i < 4; i++) {
        int count = 0;
        float near_depth = 0;
        for (int j = 0; j < 4; j++)
          if (object[j] == object[i]) {
            count += 1;
            near_depth = larger(near_depth, depth[j]);
          }
        if (count > votes || (count == votes && near_depth > nearest)) {
          best = i;
          votes = count;
          nearest = near_depth;
        }
      }
      owners[(int64_t)y * width + x] = object[best];
      distances[(int64_t)y * width + x] = object[best] < 0 || nearest <= 0 ? 0 : 1 / nearest;
    }
  }
}
