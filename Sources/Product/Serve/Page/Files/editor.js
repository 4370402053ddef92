'use strict';
// Tools that change the map: by mouse, finger, pen, or keys alone.

import { pick } from './picker.js';
import { element } from './stages.js';

const byId = id => document.getElementById(id);

export const keys = [
  ['V', 'select; Shift, or “select several”, adds to what is selected'], ['B', 'extend the selected segment with the brush'],
  ['S', 'split: what you paint of the selected segment becomes one of its own'], ['N', 'draw a new segment'],
  ['E', 'erase to void'], ['[ ]', 'smaller, larger brush'], ['F', 'fill what I go around, on and off'],
  ['R', 'rename what is selected'], ['M', 'merge what is selected'], ['Del', 'what is selected to void'],
  ['Z / Y', 'undo, redo (also with Ctrl)'], ['Esc', 'select nothing'], ['↑ ↓ ← →', 'move the cross on the picture (with Shift in large steps)'],
  ['Enter', 'on the picture: what a click does'], ['Space', 'on the picture: brush down, and up again'],
  [', .', 'the segment before, the next one'], ['/', 'to the question'], ['A', 'ask again'], ['G', 'the folder'], ['?', 'this list'],
];

export class Editor {
  // changed: told whenever the map has changed; said: given a line to say
  constructor(view, changed, said) {
    this.view = view;
    this.changed = changed;
    this.said = said;
    this.tool = 'select';
    this.selected = [];
    this.isDown = false;
    this.cursor = null;
    this.painting = null;
    const canvas = view.canvas;
    canvas.addEventListener('pointerdown', e => this.down(e));
    canvas.addEventListener('pointermove', e => this.move(e));
    canvas.addEventListener('pointerup', e => this.up(e));
    canvas.addEventListener('pointercancel', e => this.up(e));
    canvas.addEventListener('pointerleave', () => { if (!this.isDown) { this.hover(0); this.showCross(null); } });
    canvas.addEventListener('keydown', e => this.canvasKey(e));
    for (const b of document.querySelectorAll('[data-tool]')) b.addEventListener('click', () => this.use(b.dataset.tool));
    for (const b of document.querySelectorAll('[data-do]')) b.addEventListener('click', () => this.act(b.dataset.do));
  }

  get map() { return this.view.map; }
  // In pixels of the map; the slider is in thousandths of its longer side, so that it feels alike on all pictures.
  // Never so small that it meets no pixel's middle.
  get radius() { return Math.max(0.75, Number(byId('brush').value) / 1000 * Math.max(this.map.width, this.map.height)); }
  get fills() { return byId('around').checked; }
  // Whether a click adds to what is selected. A finger has no Shift.
  adds(event) { return event.shiftKey || event.ctrlKey || event.metaKey || byId('several').checked; }

  reset() {
    this.selected = []; this.isDown = false; this.cursor = null; this.crossed = null; this.painting = null;
    byId('several').checked = false;
    this.use('select');
    this.list();
  }

  name(id) {
    const s = this.map.segments.get(id);
    if (!s) return 'void';
    const alike = [...this.map.segments.values()].filter(o => o.category === s.category).sort((a, b) => a.id - b.id);
    return s.category + (alike.length > 1 ? ' ' + (alike.findIndex(o => o.id === id) + 1) : '');
  }

  async use(tool) {
    if (this.painting) this.finish();
    if (tool === 'draw' && this.map) {
      const category = await this.pick();
      if (!category) return;
      this.newCategory = category;
      this.said('Paint the new ' + category.name + '.');
    }
    if ((tool === 'extend' || tool === 'split') && this.map && this.selected.length !== 1)
      this.said('Select the one segment to ' + tool + ' first: the next click does.');
    this.tool = tool;
    for (const b of document.querySelectorAll('[data-tool]')) b.setAttribute('aria-pressed', String(b.dataset.tool === tool));
    this.view.canvas.classList.toggle('pan', tool === 'select');
    if (tool === 'select') this.showCross(null);
  }

  pick() {
    const used = [...new Set([...this.map.segments.values()].map(s => s.category))];
    return pick(this.map.categories, used);
  }

  async act(what) {
    const map = this.map;
    if (!map) return;
    if (this.painting) this.finish();
    const chosen = this.selected.filter(id => map.segments.has(id));
    const finish = (changed, line) => {
      if (!changed) return;
      this.selected = this.selected.filter(id => map.segments.has(id));
      this.view.draw();
      this.said(line);
      this.list();
      this.changed();
    };
    switch (what) {
      case 'undo': return finish(map.undo(), 'Undone.');
      case 'redo': return finish(map.redo(), 'Done again.');
      case 'rename': {
        if (!chosen.length) return this.said('Select a segment to rename first.');
        const category = await this.pick();
        if (category) finish(map.rename(chosen, category), 'That is ' + category.name + ' now.');
        return;
      }
      case 'merge':
        if (chosen.length < 2) return this.said('Select two or more segments to merge first (with Shift, or “select several”).');
        byId('several').checked = false;
        return finish(map.merge(chosen), chosen.length + ' segments are one now.');
      case 'void':
        if (!chosen.length) return this.said('Select what is to become void first.');
        return finish(map.toVoid(chosen), 'Void now.');
    }
  }

  select(id, adds) {
    if (adds) this.selected = this.selected.includes(id) ? this.selected.filter(s => s !== id) : [...this.selected, id];
    else this.selected = id ? [id] : [];
    this.selected = this.selected.filter(s => s);
    this.light();
    this.list();
    this.said(this.selected.length ? 'Selected: ' + this.selected.map(s => this.name(s)).join(', ') + '.' : '');
  }

  light(id) { this.view.light([...new Set([...this.selected, ...(id ? [id] : [])])]); this.lit?.(this.view.lit); }
  hover(id) {
    if (this.hovered === id) return;
    this.hovered = id;
    this.light(id);
    if (id && this.tool === 'select') this.said(this.name(id), true);
  }

  showCross(place) {
    this.view.cross = place && { x: place[0], y: place[1], radius: this.tool === 'select' ? 0 : this.fills ? 1 : this.radius };
    this.view.draw();
  }

  // Begins to paint at a place; false where there is nothing to paint with.
  begin([x, y]) {
    const map = this.map;
    const under = map.at(Math.floor(x), Math.floor(y));
    if (this.tool === 'select') return false;
    if ((this.tool === 'extend' || this.tool === 'split') && this.selected.length !== 1) {
      this.select(under, false);
      return false;
    }
    if (this.view.see === 'answer') byId('see').value = this.view.see = 'map';
    map.begin();
    const own = this.selected[0];
    const paint = { only: null, id: 0, at: [x, y], path: [[x, y]] };
    if (this.tool === 'extend') paint.id = own;
    if (this.tool === 'split') {
      const { category_id: id, category: name, isthing } = map.segments.get(own);
      paint.only = own;
      paint.id = map.add({ id, name, isthing });
    }
    if (this.tool === 'draw') paint.id = map.add(this.newCategory);
    if (this.tool === 'erase' && this.selected.length === 1) paint.only = own;
    this.painting = paint;
    this.go([x, y]);
    return true;
  }

  go(place) {
    const paint = this.painting;
    if (!paint) return;
    if (this.fills) {
      paint.path.push(place);
      this.view.outline = paint.path;
      this.view.draw();
    } else {
      const rect = this.map.stroke(...paint.at, ...place, this.radius, paint.id, paint.only);
      paint.at = place;
      this.view.draw(rect);
    }
  }

  // Returns whether the map is another than before the stroke.
  finish() {
    const paint = this.painting;
    if (!paint) return false;
    this.painting = null;
    this.view.outline = null;
    if (this.fills && paint.path.length > 2) this.map.fill(paint.path, paint.id, paint.only);
    const changed = this.map.end();
    if (this.tool === 'draw' || this.tool === 'split') {
      if (changed && this.map.segments.has(paint.id)) this.selected = [paint.id];
      this.use('select');
    }
    this.selected = this.selected.filter(id => this.map.segments.has(id));
    this.view.lit = new Set(this.selected);
    this.view.draw();
    if (!changed) return false;
    this.said(this.selected.length === 1 ? this.name(this.selected[0]) + ' is changed.' : 'Changed.');
    this.list();
    this.changed();
    return true;
  }

  // A second finger paints nothing.
  down(event) {
    if (!this.map || !event.isPrimary || event.button > 0) return;
    const place = this.view.place(event);
    this.pressed = place;
    if (this.tool === 'select') return;
    event.preventDefault();
    this.view.canvas.focus({ preventScroll: true });
    this.isDown = this.begin(place);
    if (this.isDown) try { this.view.canvas.setPointerCapture(event.pointerId); } catch { /* a made event has none */ }
  }

  move(event) {
    if (!this.map || !event.isPrimary) return;
    const place = this.view.place(event);
    if (this.isDown) {
      for (const e of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) this.go(this.view.place(e));
    } else if (event.pointerType === 'mouse') {
      this.hover(this.tool === 'select' ? this.map.at(Math.floor(place[0]), Math.floor(place[1])) : 0);
    }
    if (this.tool !== 'select') this.showCross(place);
  }

  up(event) {
    if (!this.map || !event.isPrimary) return;
    if (this.isDown) {
      this.isDown = false;
      this.finish();
      return;
    }
    if (this.tool === 'select' && this.pressed && event.type === 'pointerup') {
      const place = this.view.place(event);
      const moved = Math.hypot(place[0] - this.pressed[0], place[1] - this.pressed[1]);
      if (moved < Math.max(this.map.width, this.map.height) / 40)
        this.select(this.map.at(Math.floor(place[0]), Math.floor(place[1])), this.adds(event));
    }
    this.pressed = null;
  }

  canvasKey(event) {
    if (!this.map || event.ctrlKey || event.metaKey || event.altKey) return;
    const [w, h] = [this.map.width, this.map.height];
    const step = Math.max(1, Math.round(Math.max(w, h) / (event.shiftKey ? 16 : 100)));
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    this.cursor ||= [w / 2, h / 2];
    const under = () => this.map.at(Math.floor(this.cursor[0]), Math.floor(this.cursor[1]));
    if (move) {
      this.cursor = [Math.max(0, Math.min(w - 1, this.cursor[0] + move[0])), Math.max(0, Math.min(h - 1, this.cursor[1] + move[1]))];
      if (this.painting) this.go(this.cursor);
      this.showCross(this.cursor);
      if (!this.painting && under() !== this.crossed) this.said(this.name(this.crossed = under()));
    } else if (event.key === 'Enter') {
      if (this.tool === 'select') this.select(under(), this.adds(event));
      else if (this.painting) this.finish(); else if (this.begin(this.cursor)) this.finish();
      this.showCross(this.cursor);
    } else if (event.key === ' ') {
      if (this.painting) this.finish(); else this.begin(this.cursor);
      this.showCross(this.cursor);
    } else return;
    this.view.reveal(this.cursor);
    event.preventDefault();
  }

  // Keys anywhere on the page. Returns whether it was one of these.
  key(event) {
    const simple = { v: 'select', b: 'extend', s: 'split', n: 'draw', e: 'erase' }[event.key.toLowerCase()];
    const acts = { r: 'rename', m: 'merge', Delete: 'void', Backspace: 'void', z: 'undo', y: 'redo' }[event.key] || { r: 'rename', m: 'merge', z: 'undo', y: 'redo' }[event.key.toLowerCase()];
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === 'z') { this.act(event.shiftKey ? 'redo' : 'undo'); return true; }
      if (event.key.toLowerCase() === 'y') { this.act('redo'); return true; }
      return false;
    }
    if (simple) { this.use(simple); return true; }
    if (acts) { this.act(acts); return true; }
    const brush = byId('brush');
    switch (event.key) {
      case '[': brush.value = Number(brush.value) / 1.4; break;
      case ']': brush.value = Number(brush.value) * 1.4 + 1; break;
      case 'f': byId('around').checked = !this.fills; break;
      case 'Escape':
        if (this.painting && this.finish()) { this.act('undo'); this.map.undone.pop(); }
        this.select(0);
        break;
      case ',': case '.': this.step(event.key === '.' ? 1 : -1); break;
      default: return false;
    }
    if (this.view.cross) this.showCross([this.view.cross.x, this.view.cross.y]);
    return true;
  }

  step(by) {
    const ids = [...this.map.segments.keys()].sort((a, b) => a - b);
    if (!ids.length) return;
    const at = ids.indexOf(this.selected[this.selected.length - 1]);
    this.select(ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length], false);
  }

  // The segments as buttons.
  list() {
    const map = this.map;
    if (!map) return;
    const ids = [...map.segments.keys()].sort((a, b) => a - b);
    byId('segment-count').textContent = String(ids.length);
    const focused = document.activeElement?.dataset.segment;
    byId('segments').replaceChildren(...ids.map(id => {
      const isOn = this.selected.includes(id);
      const chip = element('button', { type: 'button', className: 'chip' + (isOn ? ' on' : '') + (this.counted?.has(id) ? ' counted' : ''), data: { segment: String(id) }, aria: { pressed: String(isOn) } },
        element('i', { style: { background: this.view.colour(id) } }), this.name(id));
      chip.addEventListener('pointerenter', () => this.light(id));
      chip.addEventListener('pointerleave', () => this.light());
      chip.addEventListener('focus', () => this.light(id));
      chip.addEventListener('click', e => this.select(id, this.adds(e)));
      return chip;
    }));
    // The keys stay where they were, though the button is another.
    const chips = [...byId('segments').children];
    if (focused) (chips.find(chip => chip.dataset.segment === focused) || chips[0])?.focus({ preventScroll: true });
  }
}
