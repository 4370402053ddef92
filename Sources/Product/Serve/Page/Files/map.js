'use strict';
// A map that is edited: ids, what they are, and how to take every change back. Knows nothing of the page.

import { decoded } from './drawing.js';

export function encoded(ids) {
  const runs = [];
  for (let start = 0; start < ids.length;) {
    let end = start + 1;
    while (end < ids.length && ids[end] === ids[start]) end++;
    runs.push(ids[start], end - start);
    start = end;
  }
  return runs;
}

export class EditableMap {
  // segments: [{id, category, category_id, isthing, iscrowd, score}]; categories: [{id, name, isthing}]
  constructor(width, height, runs, segments, categories) {
    this.width = width;
    this.height = height;
    this.ids = decoded(runs, width * height);
    this.segments = new Map(segments.map(s => [s.id, { ...s }]));
    this.categories = categories;
    this.done = [];
    this.undone = [];
    this.open = null;
    this.changes = 0;
    // The last of the steps that are too old to be taken back, and the step that was saved last.
    this.base = null;
    this.saved = null;
  }

  get top() { return this.done.at(-1) ?? this.base; }
  get isEdited() { return this.top !== this.saved; }

  freshID() {
    let id = 1;
    for (const known of this.segments.keys()) id = Math.max(id, known + 1);
    if (id < 1 << 24) return id;
    for (id = 1; this.segments.has(id);) id++;
    return id;
  }

  // What happens between begin and end is one step for undo.
  begin() { this.open = { at: [], was: [], now: [], segments: new Map(this.segments) }; }

  set(i, id) {
    const was = this.ids[i];
    if (was === id) return;
    this.open.at.push(i); this.open.was.push(was); this.open.now.push(id);
    this.ids[i] = id;
  }

  // Segments without a pixel are gone.
  end() {
    const step = this.open;
    this.open = null;
    const touched = new Set(step.was);
    if (touched.size) {
      const left = new Set();
      for (const id of this.ids) if (touched.has(id)) { left.add(id); if (left.size === touched.size) break; }
      for (const id of touched) if (!left.has(id)) this.segments.delete(id);
    }
    const used = new Set(step.now);
    for (const id of this.segments.keys())
      if (!step.segments.has(id) && !used.has(id)) this.segments.delete(id);
    const same = step.at.length === 0 && step.segments.size === this.segments.size
      && [...this.segments].every(([id, s]) => step.segments.get(id) === s);
    if (same) return false;
    step.after = new Map(this.segments);
    step.at = Int32Array.from(step.at); step.was = Int32Array.from(step.was); step.now = Int32Array.from(step.now);
    this.done.push(step);
    if (this.done.length > 200) this.base = this.done.shift();
    this.undone = [];
    this.changes++;
    return true;
  }

  undo() {
    const step = this.done.pop();
    if (!step) return false;
    // Backwards: a pixel may have changed twice.
    for (let k = step.at.length - 1; k >= 0; k--) this.ids[step.at[k]] = step.was[k];
    this.segments = new Map(step.segments);
    this.undone.push(step);
    this.changes++;
    return true;
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return false;
    for (let k = 0; k < step.at.length; k++) this.ids[step.at[k]] = step.now[k];
    this.segments = new Map(step.after);
    this.done.push(step);
    this.changes++;
    return true;
  }

  add(category) {
    const id = this.freshID();
    this.segments.set(id, {
      id, category: category.name, category_id: category.id, isthing: category.isthing, iscrowd: false, score: null,
    });
    return id;
  }

  rename(ids, category) {
    this.begin();
    for (const id of ids) {
      const s = this.segments.get(id);
      if (s && s.category !== category.name) this.segments.set(id, {
        ...s, category: category.name, category_id: category.id, isthing: category.isthing, iscrowd: false, score: null,
      });
    }
    return this.end();
  }

  // All become the first.
  merge(ids) {
    const [first, ...others] = ids;
    const away = new Set(others);
    this.begin();
    for (let i = 0; i < this.ids.length; i++) if (away.has(this.ids[i])) this.set(i, first);
    const s = this.segments.get(first);
    this.segments.set(first, { ...s, score: null });
    return this.end();
  }

  toVoid(ids) {
    const away = new Set(ids);
    this.begin();
    for (let i = 0; i < this.ids.length; i++) if (away.has(this.ids[i])) this.set(i, 0);
    return this.end();
  }

  // A round brush from one place to another. only: the one id that it changes; null for any.
  // Returns the rectangle that it may have changed.
  stroke(x0, y0, x1, y1, radius, id, only) {
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - radius)), right = Math.min(this.width - 1, Math.ceil(Math.max(x0, x1) + radius));
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - radius)), bottom = Math.min(this.height - 1, Math.ceil(Math.max(y0, y1) + radius));
    const dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
    for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0, py = y + 0.5 - y0;
      const t = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
      const ex = px - t * dx, ey = py - t * dy;
      if (ex * ex + ey * ey > radius * radius) continue;
      const i = y * this.width + x;
      if (only === null || this.ids[i] === only) this.set(i, id);
    }
    return [left, top, right + 1, bottom + 1];
  }

  // The inside of an outline [[x, y], …], by crossings.
  fill(points, id, only) {
    let top = Infinity, bottom = -Infinity;
    for (const [, y] of points) { top = Math.min(top, y); bottom = Math.max(bottom, y); }
    top = Math.max(0, Math.floor(top)); bottom = Math.min(this.height - 1, Math.ceil(bottom));
    for (let y = top; y <= bottom; y++) {
      const at = [];
      for (let k = 0; k < points.length; k++) {
        const [ax, ay] = points[k], [bx, by] = points[(k + 1) % points.length];
        if ((ay <= y + 0.5) !== (by <= y + 0.5)) at.push(ax + (y + 0.5 - ay) / (by - ay) * (bx - ax));
      }
      at.sort((a, b) => a - b);
      for (let k = 0; k + 1 < at.length; k += 2)
        for (let x = Math.max(0, Math.round(at[k])); x < Math.min(this.width, Math.round(at[k + 1])); x++) {
          const i = y * this.width + x;
          if (only === null || this.ids[i] === only) this.set(i, id);
        }
    }
  }

  at(x, y) { return x >= 0 && y >= 0 && x < this.width && y < this.height ? this.ids[y * this.width + x] : 0; }

  // Area and box of every segment, as COCO lists them.
  measured() {
    const found = new Map();
    for (let y = 0, i = 0; y < this.height; y++) for (let x = 0; x < this.width; x++, i++) {
      const id = this.ids[i];
      if (!id) continue;
      let e = found.get(id);
      if (!e) { e = { area: 0, x0: x, y0: y, x1: x, y1: y }; found.set(id, e); }
      e.area++;
      if (x < e.x0) e.x0 = x;
      if (x > e.x1) e.x1 = x;
      e.y1 = y;
    }
    return [...found].sort((a, b) => a[0] - b[0]).map(([id, e]) => ({
      id, area: e.area, bbox: [e.x0, e.y0, e.x1 - e.x0 + 1, e.y1 - e.y0 + 1], segment: this.segments.get(id),
    }));
  }

  // As the server takes a given map.
  forRequest() {
    const found = this.measured();
    const used = new Map(found.map(({ segment }) =>
      [segment.category_id, { id: segment.category_id, name: segment.category, isthing: segment.isthing ? 1 : 0 }]));
    return {
      width: this.width, height: this.height, runs: encoded(this.ids),
      segments_info: found.map(({ id, area, bbox, segment }) => ({
        id, area, bbox, category_id: segment.category_id, iscrowd: segment.iscrowd ? 1 : 0,
        ...(segment.score === null || segment.score === undefined ? {} : { score: segment.score }),
      })),
      categories: [...used.values()],
    };
  }
}
