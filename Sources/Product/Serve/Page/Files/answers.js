'use strict';
// Questions and what came of them, the newest first.

import { element } from './stages.js';

// What is new and what is gone between two texts, word by word (longest common subsequence).
export function difference(before, after) {
  const a = before.split(/(\s+)/).slice(0, 400), b = after.split(/(\s+)/).slice(0, 400);
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--)
    best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
  const was = [], is = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { was.push([a[i]]); is.push([b[j]]); i++; j++; }
    else if (j < b.length && (i === a.length || best[i][j + 1] >= best[i + 1][j])) is.push([b[j++], 'ins']);
    else was.push([a[i++], 'del']);
  }
  return [was, is].map(side => side.map(([text, tag]) => tag && text.trim() ? element(tag, { textContent: text }) : text));
}

export class Answers {
  // light: given the ids of segments, and of regions as negative numbers
  constructor(holder, light) {
    this.holder = holder;
    this.light = light;
    this.kept = [];
  }

  clear() { this.kept = []; this.holder.replaceChildren(); }

  // A card that is written into as the answer comes.
  begin(question, mapVersion) {
    const before = this.kept.find(k => k.question === question && k.mapVersion !== mapVersion && k.text !== null);
    const said = element('p', { className: 'said' });
    const card = element('div', { className: 'card' }, element('h3', { textContent: question }), said);
    for (const old of this.holder.children) old.classList.add('old');
    this.holder.prepend(card);
    // It is read out when it is whole, not word by word.
    this.holder.setAttribute('aria-busy', 'true');
    const entry = { question, mapVersion, text: null, card, said, before };
    this.kept.unshift(entry);
    return entry;
  }

  write(entry, text) { entry.said.textContent += text; }

  fail(entry) {
    entry.card.remove();
    this.kept = this.kept.filter(k => k !== entry);
    this.holder.removeAttribute('aria-busy');
  }

  finish(entry, crayon) {
    entry.text = crayon.answer;
    const regions = new Map(crayon.regions.map(r => [r.number, r]));
    // Places that the answer points at can be pointed at.
    entry.said.replaceChildren(...crayon.answer.split(/(\[\d+\])/).map(part => {
      const region = /^\[\d+\]$/.test(part) && regions.get(Number(part.slice(1, -1)));
      if (!region) return part;
      const button = element('button', { type: 'button', textContent: part, title: region.phrase });
      const ids = [-region.number, ...(region.segment ? [region.segment] : [])];
      for (const on of ['pointerenter', 'focus']) button.addEventListener(on, () => this.light(ids));
      for (const off of ['pointerleave', 'blur']) button.addEventListener(off, () => this.light([]));
      button.addEventListener('click', () => this.light(ids, true));
      return button;
    }));
    const rows = [];
    if (entry.before && entry.before.text !== entry.text) {
      const [was, is] = difference(entry.before.text, entry.text);
      rows.push(element('div', { className: 'change' }, element('div', {}, element('b', { textContent: 'with the map before' }), ...was),
        element('div', {}, element('b', { textContent: 'with the map now' }), ...is)));
    } else if (entry.before) rows.push(element('p', { className: 'faint', textContent: 'The same as with the map before.' }));
    if (crayon.evidence) {
      const { number, category, agrees, ids } = crayon.evidence;
      const line = element('p', {}, element('span', { className: agrees ? 'good' : 'bad', textContent: agrees ? '✓ ' : '✗ ' }),
        'Counted on the map: ' + number + ' (' + category.join(', ') + ')' + (agrees ? ', as the answer says.' : ', and the answer says otherwise.'));
      line.tabIndex = 0;
      for (const on of ['pointerenter', 'focus']) line.addEventListener(on, () => this.light(ids));
      for (const off of ['pointerleave', 'blur']) line.addEventListener(off, () => this.light([]));
      rows.push(line);
    } else if (crayon.evidence_note) rows.push(element('p', { className: 'faint', textContent: 'No count on the map: ' + crayon.evidence_note + '.' }));
    for (const region of crayon.regions)
      rows.push(element('p', { className: 'faint', textContent: '[' + region.number + '] ' + region.phrase + (region.score === null || region.score === undefined ? '' : ' (' + region.score.toFixed(2) + ')') }));
    for (const note of crayon.notes) rows.push(element('p', { className: 'faint', textContent: note }));
    entry.card.append(...rows);
    this.holder.removeAttribute('aria-busy');
  }
}
