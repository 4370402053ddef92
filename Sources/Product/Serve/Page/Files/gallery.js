'use strict';
// The pictures of an annotated folder.

import { json, request } from './api.js';
import { element } from './stages.js';

const byId = id => document.getElementById(id);

export class Gallery {
  // open: given a picture of the folder
  constructor(open, failed) {
    this.openPicture = open;
    this.failed = failed;
    this.shown = [];
    this.asked = 0;
    for (const id of ['f-name', 'f-category', 'f-least', 'f-most', 'f-edited'])
      byId(id).addEventListener('input', () => this.load());
    byId('filter').addEventListener('submit', e => { e.preventDefault(); this.load(); });
    byId('more').addEventListener('click', () => this.load(this.shown.at(-1)?.id));
    byId('tiles').addEventListener('keydown', e => this.keys(e));
    this.seer = new IntersectionObserver(entries => {
      for (const e of entries) if (e.isIntersecting) { this.seer.unobserve(e.target); this.thumbnail(e.target); }
    }, { rootMargin: '200px' });
  }

  // The first pictures, or those behind one: counted they would shift, as corrected ones leave the filter.
  async load(after) {
    const asked = ++this.asked;
    const query = new URLSearchParams(after ? { after } : {});
    const category = byId('f-category').value;
    if (byId('f-name').value) query.set('name', byId('f-name').value);
    if (category) {
      query.set('category', category);
      if (byId('f-least').value) query.set('at_least', byId('f-least').value);
      if (byId('f-most').value) query.set('at_most', byId('f-most').value);
    }
    if (byId('f-edited').value) query.set('edited', byId('f-edited').value);
    try {
      const page = await json('/folder?' + query);
      if (asked !== this.asked) return;
      this.show(page, !after);
    } catch (error) { this.failed(error); }
  }

  show(page, isFirst) {
    byId('gallery-name').textContent = page.name;
    byId('f-total').textContent = page.total + (page.total === 1 ? ' picture' : ' pictures');
    if (page.categories) {
      const chosen = byId('f-category').value;
      byId('f-category').replaceChildren(element('option', { value: '', textContent: 'any' }),
        ...Object.entries(page.categories).sort((a, b) => a[0].localeCompare(b[0]))
          .map(([name, count]) => element('option', { value: name, textContent: name + ' (' + count + ')' })));
      byId('f-category').value = chosen;
    }
    if (isFirst) { this.shown = []; byId('tiles').replaceChildren(); }
    for (const picture of page.pictures) {
      this.shown.push(picture);
      byId('tiles').append(this.tile(picture));
    }
    byId('more').hidden = !page.more;
  }

  tile(picture) {
    const counts = Object.entries(picture.counts).sort((a, b) => b[1] - a[1]).map(([name, n]) => n + ' ' + name).join(', ');
    const image = element('img', { alt: '' });
    const tile = element('button', { type: 'button', className: 'tile', title: counts, data: { id: picture.id } }, image,
      element('span', { textContent: picture.name }), element('span', { className: picture.edited ? 'edited' : 'faint', textContent: (picture.edited ? '✎ corrected · ' : '') + counts }));
    tile.addEventListener('click', () => this.openPicture(picture));
    this.seer.observe(tile);
    return tile;
  }

  async thumbnail(tile) {
    try {
      const blob = await (await request('/folder/' + tile.dataset.id + '/thumbnail')).blob();
      const image = tile.querySelector('img');
      image.onload = () => URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(blob);
    } catch (error) { tile.title = error.message; tile.querySelector('img').alt = error.message; }
  }

  keys(event) {
    const tiles = [...byId('tiles').children], at = tiles.indexOf(document.activeElement);
    const columns = getComputedStyle(byId('tiles')).gridTemplateColumns.split(' ').length;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (at < 0 || !by || !tiles[at + by]) return;
    event.preventDefault();
    tiles[at + by].focus();
  }

  // The picture behind one of them, which may not be shown yet.
  async after(id) {
    const at = this.shown.findIndex(p => p.id === id);
    if (at === this.shown.length - 1 && !byId('more').hidden) await this.load(id);
    return this.shown[at + 1];
  }

  replace(picture) {
    const at = this.shown.findIndex(p => p.id === picture.id);
    if (at < 0) return;
    this.shown[at] = picture;
    byId('tiles').children[at]?.replaceWith(this.tile(picture));
  }
}
