'use strict';
// The page: a picture, its map, questions about it, and corrections.

import { json, post, request, events, dataAddress } from './api.js';
import { EditableMap } from './map.js';
import { mapPNG } from './png.js';
import { View } from './view.js';
import { Editor, keys } from './editor.js';
import { Stages, element } from './stages.js';
import { Answers } from './answers.js';
import { Gallery } from './gallery.js';

const byId = id => document.getElementById(id);
const words = { imaging: 'decoding the picture', panoptic: 'painting the map', crayonPrompt: 'making the crayon prompt',
  vision: 'looking at the picture', fusion: 'fusing', language: 'reading and writing', grounding: 'finding the places' };

const view = new View(byId('view'));
// All that belongs to the picture that is open.
let open = null;
let work = null;

function progress(line, isBusy) {
  byId('progress').textContent = line;
  byId('progress').classList.toggle('busy', Boolean(isBusy));
}

function failed(error) {
  if (error.name === 'AbortError') return;
  progress('', false);
  byId('error').textContent = error.message;
  byId('error').hidden = false;
}

function begin(line) {
  work?.abort();
  work = new AbortController();
  byId('error').hidden = true;
  progress(line, true);
  return work.signal;
}

function light(ids, stays) {
  const segments = ids.filter(id => id > 0), regions = ids.filter(id => id < 0);
  if (stays && regions.length) { byId('see').value = view.see = 'answer'; view.draw(); }
  view.light(view.see === 'answer' && regions.length ? regions : ids.length ? segments : editor.selected);
  stages.redraw(view.lit);
}

const stages = new Stages(byId('stages'), id => view.colour(id), ids => light(ids));
const answers = new Answers(byId('answers'), light);
const editor = new Editor(view, changed, (line, isQuiet) => {
  byId('under').setAttribute('aria-live', isQuiet ? 'off' : 'polite');
  byId('under').textContent = line;
});
editor.lit = lit => stages.redraw(lit);
const gallery = new Gallery(openEntry, failed);

function changed() {
  byId('again').hidden = !open?.last || open.last.mapVersion === version();
  byId('save').disabled = !open?.map.isEdited;
  stages.age(open && open.staged !== version());
}

// Tells one state of the map from another.
const version = () => open.map.changes;
const model = () => byId('model').value;
const needsMap = () => Boolean(open.entry) || open.map.isEdited;

// Those of a folder's picture are saved there, those of any other by downloading what the map is and what is in it.
const isUnsaved = () => Boolean(open?.map.isEdited)
  && (Boolean(open.entry) || ['map', 'json'].some(what => open.downloads[what] !== open.map.top));

// Corrections that are not saved are left only by a person who says so.
async function mayLeave() {
  editor.finish();
  if (!isUnsaved()) return true;
  const dialog = byId('leave');
  byId('leave-words').textContent = 'The corrections of ' + open.name + ' are not saved.'
    + (open.entry ? '' : ' “Map PNG” and “COCO JSON” together keep them.');
  dialog.returnValue = 'stay';
  dialog.showModal();
  await new Promise(closed => dialog.addEventListener('close', closed, { once: true }));
  return dialog.returnValue === 'leave';
}

// MARK: a picture

async function openFile(file) {
  // A file can be dropped while something is asked.
  if (!file || document.querySelector('dialog[open]') || !await mayLeave()) return;
  const signal = begin('reading ' + file.name + ' …');
  try {
    const address = await dataAddress(file);
    await see({ name: file.name || 'picture.png', blob: file, address }, signal);
  } catch (error) { failed(error); }
}

// Lets the server see a picture, and shows what it sees.
async function see(picture, signal, given) {
  const drawable = await decoded(picture.blob);
  const ask = { inspect: true, picture: !drawable, ...(given ? { map: given.forRequest() } : {}) };
  const response = await post('/v1/annotations', { model: model(), image: picture.address, stream: true, crayon: ask }, { signal });
  let reply;
  for await (const event of events(response)) {
    if (event.stage) progress((words[event.stage] || event.stage) + ' …', true); else reply = event;
  }
  if (!reply) throw new Error('The server broke off.');
  const { inspection } = reply;
  let shown = drawable;
  if (!shown) shown = await decoded(new Blob([Uint8Array.from(atob(inspection.picture), c => c.charCodeAt(0))]));
  const { width, height, runs } = inspection.page.map;
  const map = given || new EditableMap(width, height, runs, inspection.segments, inspection.categories);
  open = { downloads: {}, ...picture, map, shown, inspection, timings: { ms: reply.timings_ms, cached: [] }, last: null };
  answers.clear();
  present(inspection.page.colours);
  stages.show(inspection, open.timings);
  open.staged = version();
  const things = map.segments.size;
  progress(open.name + ': ' + width + '×' + height + ' pixels, ' + things + (things === 1 ? ' segment' : ' segments'), false);
}

function present(colours) {
  byId('drop').hidden = true;
  byId('gallery').hidden = true;
  byId('work').hidden = false;
  byId('again').hidden = true;
  editor.counted = new Set();
  byId('zoom').value = 1;
  fit();
  view.see = byId('see').value = 'map';
  view.show(open.shown, open.map, colours);
  editor.reset();
  byId('save').hidden = byId('next').hidden = !open.entry;
  byId('save').disabled = !open.map.isEdited;
}

// The whole picture is seen at once, until it is zoomed into; what was in the middle stays there.
function fit() {
  if (!open) return;
  const frame = byId('scroll'), tall = innerHeight * (innerWidth > 600 ? 0.8 : 0.58);
  const across = (frame.scrollLeft + frame.clientWidth / 2) / frame.scrollWidth;
  const down = (frame.scrollTop + frame.clientHeight / 2) / frame.scrollHeight;
  const width = Math.min(frame.clientWidth, tall * open.map.width / open.map.height);
  byId('view').style.width = width * Number(byId('zoom').value) + 'px';
  frame.scrollTo(across * frame.scrollWidth - frame.clientWidth / 2, down * frame.scrollHeight - frame.clientHeight / 2);
}

// null where the browser cannot show it.
async function decoded(blob) {
  try { return await createImageBitmap(blob); } catch { return null; }
}

// MARK: a question

// What is typed takes the place of the question before, which can be asked again as it is.
function toQuestion() {
  byId('question').focus();
  byId('question').select();
}

async function ask(question) {
  if (!open || !question.trim()) return;
  editor.finish();
  const signal = begin('asking …');
  const picture = open, mapVersion = version();
  const entry = answers.begin(question, mapVersion);
  byId('again').hidden = true;
  const number = id => Number(byId(id).value) || 0;
  const body = {
    model: model(), stream: true, temperature: number('temperature'), seed: number('seed'),
    messages: [{ role: 'user', content: [{ type: 'text', text: question }, { type: 'image_url', image_url: { url: open.address } }] }],
    crayon: {
      progress: true, inspect: true, masks: false, show: byId('show-crayon').value,
      adapters: { image: number('gain-image'), vl: number('gain-vl') },
      ...(needsMap() ? { map: open.map.forRequest() } : {}),
    },
  };
  try {
    let crayon = null;
    for await (const event of events(await post('/v1/chat/completions', body, { signal }))) {
      if (event.crayon?.stage) progress((words[event.crayon.stage] || event.crayon.stage) + ' …', true);
      else if (event.crayon) crayon = event.crayon;
      const text = event.choices?.[0]?.delta?.content;
      if (text) answers.write(entry, text);
    }
    if (!crayon) throw new Error('The server broke off.');
    if (open !== picture) return;
    answers.finish(entry, crayon);
    open.last = entry;
    showAnswer(crayon);
    changed();
  } catch (error) {
    answers.fail(entry);
    failed(error);
  }
}

function showAnswer(crayon) {
  const { page } = crayon.inspection;
  open.inspection = crayon.inspection;
  view.regions = page.regions.map((r, k) => ({ ...r, colour: page.regionColours[k] }));
  editor.counted = new Set(crayon.evidence?.ids || []);
  editor.list();
  stages.show(crayon.inspection, { ms: crayon.timings_ms, cached: crayon.cached });
  open.staged = version();
  if (view.regions.length) { byId('see').value = view.see = 'answer'; view.lit = new Set(); view.draw(); }
  else if (crayon.evidence?.ids.length) { byId('see').value = view.see = 'map'; view.lit = new Set(); view.draw(); light(crayon.evidence.ids); }
  const total = Object.values(crayon.timings_ms).reduce((a, b) => a + b, 0);
  progress('answered in ' + (total / 1000).toFixed(2) + ' s' + (crayon.cached.length ? ' (' + crayon.cached.map(s => words[s] || s).join(', ') + ' known from before)' : ''), false);
}

// MARK: the folder

async function openEntry(entry) {
  const signal = begin('opening ' + entry.name + ' …');
  try {
    const [blob, stored] = await Promise.all([
      request('/folder/' + entry.id + '/picture', { signal }).then(r => r.blob()), json('/folder/' + entry.id + '/map', { signal })]);
    const known = new Map(stored.categories.map(c => [c.id, c]));
    const segments = stored.segments_info.map(s => ({ id: s.id, category: known.get(s.category_id).name, category_id: s.category_id,
      isthing: Boolean(known.get(s.category_id).isthing), iscrowd: Boolean(s.iscrowd), score: s.score ?? null }));
    const map = new EditableMap(stored.width, stored.height, stored.runs, segments, stored.categories);
    const address = await dataAddress(blob);
    await see({ name: entry.name, blob, address, entry: stored.picture, version: stored.version }, signal, map);
    // A phone would cover the picture with its keyboard.
    if (!matchMedia('(pointer: coarse)').matches) toQuestion();
  } catch (error) { failed(error); }
}

// One at a time. Nothing that is done meanwhile breaks it off, or counts as saved.
let saving = false;

async function save() {
  editor.finish();
  if (saving || !open?.entry || !open.map.isEdited) return;
  const picture = open, step = picture.map.top;
  saving = true;
  byId('error').hidden = true;
  progress('saving …', true);
  try {
    const body = { ...picture.map.forRequest(), based_on: picture.version };
    const saved = await json('/folder/' + picture.entry.id + '/map', {
      method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    picture.version = saved.version;
    picture.map.saved = step;
    gallery.replace(saved.picture);
    if (open === picture) changed();
    progress(picture.name + ' is saved; annotate will not overwrite it', false);
  } catch (error) { failed(error); } finally { saving = false; }
}

async function openNext() {
  const next = open?.entry && await gallery.after(open.entry.id);
  if (!next) progress('That was the last one.');
  else if (await mayLeave()) openEntry(next);
}

async function showGallery() {
  if (!await mayLeave()) return;
  byId('work').hidden = byId('drop').hidden = true;
  stages.clear();
  byId('gallery').hidden = false;
  open = null;
  progress('', false);
  if (!gallery.shown.length) await gallery.load();
  byId('tiles').firstElementChild?.focus();
}

// MARK: files out

async function get(what) {
  if (!open) return;
  const stem = open.name.replace(/^.*\//, '').replace(/\.[^.]*$/, '') || 'picture';
  const give = (blob, name) => {
    const link = element('a', { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  if (what === 'picture') return give(open.blob, open.name.replace(/^.*\//, ''));
  open.downloads[what] = open.map.top;
  if (what === 'map') return give(await mapPNG(open.map), stem + '.png');
  if (what === 'overlay') return give(await view.overlay(), stem + '-overlay.png');
  const { width, height, segments_info } = open.map.forRequest();
  const dataset = {
    images: [{ id: 1, file_name: open.name, width, height }],
    annotations: [{ image_id: 1, file_name: stem + '.png', segments_info }],
    categories: open.map.categories.map(({ id, name, isthing }) => ({ id, name, isthing: isthing ? 1 : 0 })),
  };
  give(new Blob([JSON.stringify(dataset)], { type: 'application/json' }), stem + '.json');
}

// MARK: the page's own

for (const b of document.querySelectorAll('[data-choose]')) b.addEventListener('click', () => byId('file').click());
byId('file').addEventListener('change', e => { openFile(e.target.files[0]); e.target.value = ''; });
byId('ask').addEventListener('submit', e => { e.preventDefault(); ask(byId('question').value); });
byId('again').addEventListener('click', () => { if (open?.last) ask(open.last.question); });
byId('save').addEventListener('click', save);
byId('next').addEventListener('click', openNext);
byId('gallery-open').addEventListener('click', showGallery);
byId('keys').addEventListener('click', () => byId('help').showModal());
byId('see').addEventListener('change', e => { view.see = e.target.value; view.lit = new Set(editor.selected); view.draw(); });
byId('zoom').addEventListener('input', () => { fit(); if (view.cross) view.reveal([view.cross.x, view.cross.y]); });
addEventListener('resize', fit);
byId('model').addEventListener('change', () => {
  const chosen = byId('model').selectedOptions[0];
  byId('notice').textContent = chosen?.dataset.notice || '';
  if (open) { const signal = begin('looking anew …'); see(open, signal, needsMap() ? open.map : undefined).catch(failed); }
});
for (const b of document.querySelectorAll('[data-get]')) b.addEventListener('click', () => get(b.dataset.get).catch(failed));
byId('help-list').append(...keys.flatMap(([key, what]) => [element('kbd', { textContent: key }), element('span', { textContent: what })]));

addEventListener('dragover', e => { e.preventDefault(); document.body.classList.add('over'); });
addEventListener('dragleave', () => document.body.classList.remove('over'));
addEventListener('drop', e => { e.preventDefault(); document.body.classList.remove('over'); openFile(e.dataTransfer.files[0]); });
addEventListener('paste', e => { const file = [...e.clipboardData.files][0]; if (file) { e.preventDefault(); openFile(file); } });
addEventListener('beforeunload', e => { if (isUnsaved()) e.preventDefault(); });
addEventListener('keydown', e => {
  // A dialog that was closed keeps the keys until the page is drawn again.
  const isTyping = e.target.closest('input:not([type=range]):not([type=checkbox]), select, textarea, dialog') && !e.target.closest('dialog:not([open])');
  if (isTyping) { if (e.key === 'Escape' && !e.target.closest('dialog')) e.target.blur(); return; }
  if (e.defaultPrevented || e.altKey) return;
  const isPlain = !e.ctrlKey && !e.metaKey;
  let isTaken = true;
  if (isPlain && e.key === '/') toQuestion();
  else if (isPlain && e.key === '?') byId('help').showModal();
  else if (isPlain && e.key === 'a' && open?.last) ask(open.last.question);
  else if (isPlain && e.key === 'g' && !byId('gallery-open').hidden) showGallery();
  else if (isPlain && e.key === 'o') byId('file').click();
  else if (!isPlain && e.key === 's' && open?.entry) save();
  else isTaken = open ? editor.key(e) : false;
  if (isTaken) e.preventDefault();
});

async function start() {
  try {
    const list = await json('/v1/models'), models = list.data;
    byId('model').replaceChildren(...models.map(m => element('option', { value: m.id, textContent: m.id, title: m.crayon.description, data: { notice: m.crayon.notice || '' } })));
    byId('notice').textContent = models[0]?.crayon.notice || '';
    if (list.crayon?.folder) {
      byId('gallery-open').hidden = false;
      showGallery();
    }
  } catch (error) { failed(error); }
}
start();
