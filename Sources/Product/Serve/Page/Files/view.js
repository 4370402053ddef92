'use strict';
// The picture with its map, as it is seen and painted on.

import { rgb, tintMap, tintMask, drawRegionBox, decoded } from './drawing.js';

const mostShown = 1200000;

export class View {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { willReadFrequently: true });
    this.map = null;
    this.colours = new Map();
    this.lit = new Set();
    this.see = 'map';
    this.regions = [];
    this.cross = null;
    this.outline = null;
  }

  // picture: anything that a canvas draws, upright, of the map's proportions.
  show(picture, map, colours) {
    this.map = map;
    this.picture = picture;
    this.colours = new Map(Object.entries(colours || {}).map(([id, hex]) => [Number(id), hex]));
    const scale = Math.min(1, Math.sqrt(mostShown / (map.width * map.height)));
    const width = Math.max(1, Math.round(map.width * scale)), height = Math.max(1, Math.round(map.height * scale));
    this.canvas.width = width; this.canvas.height = height;
    this.base = new OffscreenCanvas(width, height);
    const context = this.base.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, width, height);
    this.shown = { width, height, ids: new Int32Array(width * height) };
    this.columns = Int32Array.from({ length: width }, (_, x) => Math.min(map.width - 1, Math.floor((x + 0.5) * map.width / width)));
    this.lit = new Set();
    this.regions = [];
    this.draw();
  }

  colour(id) {
    if (!id) return '#34343a';
    let hex = this.colours.get(id);
    if (!hex) {
      // The golden angle keeps neighbours in number apart.
      const h = id * 137.508 % 360, part = n => {
        const k = (n + h / 30) % 12;
        return Math.round(255 * (0.56 - 0.36 * Math.max(-1, Math.min(k - 3, 9 - k, 1)))).toString(16).padStart(2, '0');
      };
      hex = '#' + part(0) + part(8) + part(4);
      this.colours.set(id, hex);
    }
    return hex;
  }

  // From a rectangle of the map to what is shown of it, with a border for outlines.
  shownRect([x0, y0, x1, y1]) {
    const sx = this.shown.width / this.map.width, sy = this.shown.height / this.map.height;
    return [
      Math.max(0, Math.floor(x0 * sx) - 2), Math.max(0, Math.floor(y0 * sy) - 2),
      Math.min(this.shown.width, Math.ceil(x1 * sx) + 2), Math.min(this.shown.height, Math.ceil(y1 * sy) + 2),
    ];
  }

  draw(mapRect) {
    if (!this.map) return;
    const { width, height } = this.shown;
    const rect = mapRect ? this.shownRect(mapRect) : [0, 0, width, height];
    const [x0, y0, x1, y1] = rect;
    if (x1 <= x0 || y1 <= y0) return;
    for (let y = y0; y < y1; y++) {
      const row = Math.min(this.map.height - 1, Math.floor((y + 0.5) * this.map.height / height)) * this.map.width;
      for (let x = x0; x < x1; x++) this.shown.ids[y * width + x] = this.map.ids[row + this.columns[x]];
    }
    this.context.drawImage(this.base, x0, y0, x1 - x0, y1 - y0, x0, y0, x1 - x0, y1 - y0);
    if (this.see === 'map') tintMap(this.context, this.shown, id => rgb(this.colour(id)), this.lit, rect);
    if (this.see === 'answer') this.drawRegions();
    this.drawOver();
  }

  drawRegions() {
    for (const region of this.regions) {
      const dim = this.lit.size && !this.lit.has(-region.number);
      this.context.globalAlpha = dim ? 0.3 : 1;
      if (region.mask && !dim) tintMask(this.context, this.shown, this.sampled(region), region.colour);
      drawRegionBox(this.context, this.shown, region, region.colour);
    }
    this.context.globalAlpha = 1;
  }

  // A region's mask at the size that is shown.
  sampled(region) {
    const { width, height } = this.shown;
    if (region.at?.width === width && region.at?.height === height) return region.at.ids;
    const full = decoded(region.mask, this.map.width * this.map.height);
    const ids = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = Math.min(this.map.height - 1, Math.floor((y + 0.5) * this.map.height / height)) * this.map.width;
      for (let x = 0; x < width; x++) ids[y * width + x] = full[row + this.columns[x]];
    }
    region.at = { width, height, ids };
    return ids;
  }

  drawOver() {
    const context = this.context, s = this.shown.width / this.map.width;
    if (this.outline?.length > 1) {
      context.strokeStyle = '#fff'; context.lineWidth = 2; context.setLineDash([5, 4]);
      context.beginPath();
      this.outline.forEach(([x, y], k) => context[k ? 'lineTo' : 'moveTo'](x * s, y * s));
      context.stroke();
      context.setLineDash([]);
    }
    if (this.cross) {
      const x = (this.cross.x + 0.5) * s, y = (this.cross.y + 0.5) * s, r = Math.max(9, this.cross.radius * s);
      for (const [colour, width] of [['#000', 4], ['#fff', 1.5]]) {
        context.strokeStyle = colour; context.lineWidth = width;
        context.beginPath();
        context.arc(x, y, r, 0, 7);
        context.moveTo(x - r - 6, y); context.lineTo(x + r + 6, y);
        context.moveTo(x, y - r - 6); context.lineTo(x, y + r + 6);
        context.stroke();
      }
    }
  }

  light(ids) {
    const same = ids.length === this.lit.size && ids.every(id => this.lit.has(id));
    if (same) return;
    this.lit = new Set(ids);
    this.draw();
  }

  // Where an event is, in pixels of the map.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * this.map.width, (event.clientY - box.top) / box.height * this.map.height];
  }

  // Scrolls until a place of the map is seen, with some room around it.
  reveal([x, y]) {
    const room = 48, frame = this.canvas.parentElement;
    const by = (at, from, to) => at < from + room ? at - from - room : Math.max(0, at - to + room);
    const inFrame = () => {
      const { left, top } = frame.getBoundingClientRect();
      return [left, top, left + frame.clientWidth, top + frame.clientHeight];
    };
    for (const [scroller, seen] of [[frame, inFrame], [window, () => [0, 0, innerWidth, innerHeight]]]) {
      const box = this.canvas.getBoundingClientRect(), [left, top, right, bottom] = seen();
      scroller.scrollBy(by(box.left + (x + 0.5) / this.map.width * box.width, left, right),
        by(box.top + (y + 0.5) / this.map.height * box.height, top, bottom));
    }
  }

  // What is seen, as a PNG at the size it is shown.
  overlay() {
    const kept = [this.cross, this.see, this.lit];
    [this.cross, this.see, this.lit] = [null, this.see === 'picture' ? 'map' : this.see, new Set()];
    this.draw();
    return new Promise(done => this.canvas.toBlob(blob => {
      [this.cross, this.see, this.lit] = kept;
      this.draw();
      done(blob);
    }, 'image/png'));
  }
}
