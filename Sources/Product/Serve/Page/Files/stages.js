'use strict';
// Every stage of an answer, as `crayon inspect` shows it.

import { drawGrid } from './drawing.js';

const kinds = { template: '#5d6270', image: '#6aa7ff', listing: '#ffb35c', object: '#b48cff', question: '#7fd17f', region: '#ff7fb0' };
const kindColour = kind => kinds[kind.split(' ')[0]] || '#888';

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === 'style') Object.assign(made.style, value);
    else if (key === 'data') Object.assign(made.dataset, value);
    else if (key === 'aria') for (const [k, v] of Object.entries(value)) made.setAttribute('aria-' + k, v);
    else if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function panel(stage, title, note, body, isWide) {
  const heading = element('h2', {}, ...(stage ? [element('b', { textContent: stage })] : []), ' ' + title + ' ',
    element('span', { textContent: note }));
  return element('section', { className: isWide ? 'wide' : '' }, heading, ...body);
}

export class Stages {
  // light: told of the segments that are pointed at
  constructor(holder, colour, light) {
    this.holder = holder;
    this.colour = colour;
    this.lightSegments = light;
    this.redraw = () => {};
  }

  clear() { this.holder.hidden = true; this.holder.replaceChildren(); this.redraw = () => {}; }

  // isOld: they are of the map before it was changed
  age(isOld) { this.holder.classList.toggle('old', Boolean(isOld)); }

  show(inspection, timings) {
    this.age(false);
    const { page, segments } = inspection;
    const panels = [];
    const semantic = element('canvas', { role: 'img', aria: { label: 'semantic indices on the grid' } });
    const numbering = element('canvas', { role: 'img', aria: { label: 'numbering indices on the grid' } });
    const classColour = {};
    for (const s of page.segments) if (!(s.semantic in classColour)) classColour[s.semantic] = this.colour(s.id);
    this.redraw = lit => {
      drawGrid(semantic, page.grid, page.grid.semantic, i => classColour[page.grid.semantic[i]] || '#888888', lit);
      drawGrid(numbering, page.grid, page.grid.numbering, i => this.colour(page.grid.ids[i]), lit);
    };
    for (const canvas of [semantic, numbering]) this.point(canvas, page.grid);
    panels.push(panel(3, 'Crayon prompt', 'what is there, by class', [semantic]));
    panels.push(panel(3, 'Crayon prompt', 'which one of its kind', [numbering]));
    panels.push(panel(4, 'Vision tokens', inspection.vision.rows + '×' + inspection.vision.columns + ', first three principal components',
      [element('img', { className: 'crisp', alt: 'vision tokens as colours', src: 'data:image/png;base64,' + inspection.vision.png })]));
    panels.push(this.times(timings));
    panels.push(panel(3, 'Listing', 'the map in words', [this.listing(inspection, segments)], true));
    if (inspection.influence.length) panels.push(this.influence(inspection.influence));
    if (inspection.sequence.length) panels.push(this.sequence(inspection.sequence));
    this.holder.replaceChildren(...panels);
    this.holder.hidden = false;
    this.redraw(new Set());
  }

  point(canvas, grid) {
    const find = event => {
      const box = canvas.getBoundingClientRect();
      const x = Math.floor((event.clientX - box.left) / box.width * grid.columns);
      const y = Math.floor((event.clientY - box.top) / box.height * grid.rows);
      const id = grid.ids[y * grid.columns + x];
      this.lightSegments(id ? [id] : []);
    };
    canvas.addEventListener('pointermove', find);
    canvas.addEventListener('pointerdown', find);
    canvas.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') this.lightSegments([]); });
  }

  listing(inspection, segments) {
    if (!inspection.listing) return element('p', { className: 'faint', textContent: 'Nothing is said of the map.' });
    const parts = inspection.listing.split('(#');
    const listed = segments.filter(s => s.number !== null && s.number !== undefined);
    const text = element('p', {}, parts[0]);
    parts.slice(1).forEach((part, k) => {
      const mark = element('mark', { textContent: '(#' + part });
      const id = listed[k]?.id;
      if (id) {
        mark.addEventListener('pointerenter', () => this.lightSegments([id]));
        mark.addEventListener('pointerleave', () => this.lightSegments([]));
      }
      text.append(mark);
    });
    return text;
  }

  influence(values) {
    const highest = Math.max(...values);
    const percent = v => (v * 100).toFixed(1) + ' %';
    const bars = element('div', { className: 'layers' }, ...values.map((v, k) =>
      element('div', { title: 'layer ' + (k + 1) + ': ' + percent(v), style: { height: (highest > 0 ? v / highest * 100 : 0) + '%' } })));
    return panel(6, 'Crayon in the layers', 'how much it changes each layer’s stream at the picture', [bars,
      element('p', { className: 'faint', textContent: values.length + ' layers; the highest bar is ' + percent(highest) + ' of the stream.' })], true);
  }

  sequence(spans) {
    const bar = element('div', { className: 'bar' }, ...spans.map(s => element('div', {
      title: s.kind + ', ' + (s.to - s.from), style: { flex: String(s.to - s.from), background: kindColour(s.kind) },
    })));
    // The listing's spans stand together, with a mark where an object is shown.
    const rows = [];
    for (const s of spans) {
      const last = rows[rows.length - 1];
      if (last?.kind === 'listing' && (s.kind === 'listing' || s.kind.startsWith('object'))) {
        last.text += s.kind === 'listing' ? s.text : ' ◈';
        last.to = s.to;
      } else rows.push({ ...s });
    }
    const shown = rows.map(s => element('div', { className: 'span' },
      element('div', {}, element('i', { style: { background: kindColour(s.kind) } }), s.kind, element('br'),
        element('span', { className: 'faint', textContent: s.from + ' to ' + (s.to - 1) })),
      s.text ? element('pre', { textContent: s.text }) : element('span', { className: 'faint', textContent: 'no words' })));
    const count = spans[spans.length - 1].to;
    return panel(5, 'Sequence', count + ' positions', [bar, ...shown], true);
  }

  times(timings) {
    const order = ['imaging', 'panoptic', 'crayonPrompt', 'vision', 'fusion', 'language', 'grounding'];
    const rows = order.filter(s => s in timings.ms).map(s => element('tr', {}, element('td', { textContent: s }),
      element('td', { className: 'n', textContent: timings.ms[s].toFixed(1) }),
      element('td', { className: 'faint', textContent: timings.cached.includes(s) ? 'known from before' : '' })));
    return panel(null, 'Times', 'milliseconds', [element('table', {}, ...rows)]);
  }
}
