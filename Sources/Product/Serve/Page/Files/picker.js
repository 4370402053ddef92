'use strict';
// A category out of a list that is searched by typing.

import { element } from './stages.js';

const dialog = document.getElementById('picker');
const field = document.getElementById('pick');
const list = document.getElementById('pick-list');
let found = [], at = 0, done = null;

function rank(name, words) {
  const n = name.toLowerCase();
  if (!words) return 1;
  if (n === words) return 4;
  if (n.startsWith(words)) return 3;
  if (n.split(/[ -]/).some(w => w.startsWith(words))) return 2;
  return n.includes(words) ? 1 : 0;
}

function fill(categories, first) {
  const words = field.value.trim().toLowerCase();
  found = categories.map(c => ({ c, r: rank(c.name, words) + (!words && first.includes(c.name) ? 1 : 0) })).filter(x => x.r)
    .sort((a, b) => b.r - a.r || (b.c.isthing ? 1 : 0) - (a.c.isthing ? 1 : 0) || a.c.name.localeCompare(b.c.name)).map(x => x.c);
  at = 0;
  list.replaceChildren(...found.map((c, k) => {
    const item = element('li', { role: 'option', id: 'pick-' + k }, element('span', { textContent: c.name }),
      element('small', { textContent: c.isthing ? '' : 'stuff' }));
    item.addEventListener('click', () => finish(c));
    return item;
  }));
  mark();
}

function mark() {
  [...list.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === at)));
  list.children[at]?.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', found.length ? 'pick-' + at : '');
}

function finish(category) {
  const answer = done;
  done = null;
  if (dialog.open) dialog.close();
  if (answer) answer(category);
}

let categories = [], first = [];
field.addEventListener('input', () => fill(categories, first));
field.addEventListener('keydown', event => {
  if (event.key === 'ArrowDown') at = Math.min(found.length - 1, at + 1);
  else if (event.key === 'ArrowUp') at = Math.max(0, at - 1);
  else if (event.key === 'Enter') { event.preventDefault(); if (found[at]) finish(found[at]); return; } else return;
  event.preventDefault();
  mark();
});
dialog.addEventListener('close', () => finish(null));
document.getElementById('pick-cancel').addEventListener('click', () => dialog.close());

// Resolves to a category, or null. used: names that stand first.
export function pick(all, used) {
  [categories, first] = [all, used];
  field.value = '';
  fill(categories, first);
  dialog.showModal();
  field.focus();
  return new Promise(answer => { done = answer; });
}
