/// How a page draws a map and the grids of the Crayon Prompt: that of `crayon inspect`, and that of `crayon serve`.
package enum PageDrawing {
  package static let javaScript = """
    // Run lengths to ids, row-major.
    function decoded(runs, count) {
      const ids = new Int32Array(count);
      let at = 0;
      for (let i = 0; i < runs.length; i += 2) { ids.fill(runs[i], at, at + runs[i + 1]); at += runs[i + 1]; }
      return ids;
    }

    const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));

    // Paints a map over the picture that the context shows, within a rectangle [x0, y0, x1, y1]; what is not lit is dimmed
    // where anything is.
    function tintMap(context, map, rgbOf, lit, rect) {
      const [x0, y0, x1, y1] = rect || [0, 0, map.width, map.height];
      if (x1 <= x0 || y1 <= y0) return;
      const pixels = context.getImageData(x0, y0, x1 - x0, y1 - y0);
      const known = new Map();
      let p = 0;
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++, p += 4) {
          const i = y * map.width + x;
          const id = map.ids[i];
          const edge = (x > 0 && map.ids[i - 1] !== id) || (y > 0 && map.ids[i - map.width] !== id);
          const isLit = lit.has(id);
          const dim = lit.size && !isLit ? 0.35 : 1;
          const strength = edge ? 1 : (id === 0 ? 0 : (isLit ? 0.25 : 0.45));
          let c = known.get(id);
          if (!c) { c = rgbOf(id); known.set(id, c); }
          pixels.data[p] = (pixels.data[p] * (1 - strength) + c[0] * strength) * dim;
          pixels.data[p + 1] = (pixels.data[p + 1] * (1 - strength) + c[1] * strength) * dim;
          pixels.data[p + 2] = (pixels.data[p + 2] * (1 - strength) + c[2] * strength) * dim;
        }
      }
      context.putImageData(pixels, x0, y0);
    }

    function drawGrid(canvas, grid, values, colourOf, lit) {
      const { rows, columns, ids } = grid;
      const cell = columns > 20 ? 24 : 40;
      canvas.width = columns * cell; canvas.height = rows * cell;
      const context = canvas.getContext('2d');
      context.textAlign = 'center'; context.textBaseline = 'middle';
      context.font = '600 ' + (columns > 20 ? 11 : 16) + 'px "DejaVu Sans", sans-serif';
      for (let i = 0; i < ids.length; i++) {
        const x = (i % columns) * cell, y = Math.floor(i / columns) * cell;
        const shown = values[i] > 0 ? colourOf(i) : '#34343a';
        context.globalAlpha = lit.size && !lit.has(ids[i]) ? 0.3 : 1;
        context.fillStyle = shown;
        context.fillRect(x, y, cell - 1, cell - 1);
        if (values[i] > 0) {
          const [r, g, b] = rgb(shown);
          context.fillStyle = 3 * r + 6 * g + b > 1300 ? '#000' : '#fff';
          context.fillText(values[i], x + cell / 2, y + cell / 2 + 1);
        }
      }
      context.globalAlpha = 1;
    }

    // Paints a mask, ids of zero and one at the map's size, over the picture that the context shows.
    function tintMask(context, map, ids, colour) {
      const pixels = context.getImageData(0, 0, map.width, map.height);
      const [r, g, b] = rgb(colour);
      for (let i = 0; i < ids.length; i++) if (ids[i]) {
        const p = i * 4;
        pixels.data[p] = (pixels.data[p] + r) / 2;
        pixels.data[p + 1] = (pixels.data[p + 1] + g) / 2;
        pixels.data[p + 2] = (pixels.data[p + 2] + b) / 2;
      }
      context.putImageData(pixels, 0, 0);
    }

    // The box of a region, in fractions of the picture, with its number and words.
    function drawRegionBox(context, map, region, colour) {
      const width = Math.max(2, map.width / 250);
      const [x0, y0, x1, y1] = region.box.map((v, i) => v * (i % 2 ? map.height : map.width));
      context.strokeStyle = colour; context.lineWidth = width;
      context.strokeRect(x0, y0, x1 - x0, y1 - y0);
      context.font = '600 ' + Math.max(12, map.width / 32) + 'px "DejaVu Sans", sans-serif';
      context.fillStyle = colour;
      context.fillText(region.number + ' ' + region.phrase, x0 + width * 2, Math.max(y0 - width * 2, map.width / 32));
    }
    """
}

/// What the page does: draws the map and the grids, and shows a segment everywhere when it is pointed at
/// anywhere.
enum PageScript {
  static let javaScript = """
    'use strict';
    \(PageDrawing.javaScript)
    const data = JSON.parse(document.getElementById('data').textContent);
    const colour = id => data.colours[id] || '#34343a';
    const number = id => Number(id) || 0;
    let active = 0;

    const map = { width: data.map.width, height: data.map.height,
      ids: decoded(data.map.runs, data.map.width * data.map.height) };

    const picture = new Image();
    const lit = () => new Set(active ? [active] : []);

    function drawMap(canvas) {
      canvas.width = map.width; canvas.height = map.height;
      const context = canvas.getContext('2d');
      context.drawImage(picture, 0, 0, map.width, map.height);
      tintMap(context, map, id => rgb(colour(id)), lit());
    }

    // A class has the colour of its first segment.
    const classColour = {};
    for (const s of data.segments) if (!(s.semantic in classColour)) classColour[s.semantic] = colour(s.id);

    function drawRegions(canvas) {
      canvas.width = map.width; canvas.height = map.height;
      const context = canvas.getContext('2d');
      context.drawImage(picture, 0, 0, map.width, map.height);
      data.regions.forEach((region, index) => {
        const c = data.regionColours[index];
        if (region.mask) tintMask(context, map, decoded(region.mask, map.width * map.height), c);
        drawRegionBox(context, map, region, c);
      });
    }

    const byId = id => document.getElementById(id);
    function draw() {
      drawMap(byId('map'));
      drawGrid(byId('semantic'), data.grid, data.grid.semantic, i => classColour[data.grid.semantic[i]], lit());
      drawGrid(byId('numbering'), data.grid, data.grid.numbering, i => colour(data.grid.ids[i]), lit());
      if (byId('regions')) drawRegions(byId('regions'));
      for (const element of document.querySelectorAll('[data-segment]'))
        element.classList.toggle('on', number(element.dataset.segment) === active && active !== 0);
    }
    function show(id) { if (id !== active) { active = id; draw(); } }

    function pointAt(canvas, width, height, ids) {
      const find = event => {
        const box = canvas.getBoundingClientRect();
        const x = Math.floor((event.clientX - box.left) / box.width * width);
        const y = Math.floor((event.clientY - box.top) / box.height * height);
        return x >= 0 && y >= 0 && x < width && y < height ? ids[y * width + x] : 0;
      };
      canvas.addEventListener('pointermove', event => show(find(event)));
      canvas.addEventListener('pointerdown', event => show(find(event)));
      canvas.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') show(0); });
    }
    pointAt(byId('map'), map.width, map.height, map.ids);
    for (const id of ['semantic', 'numbering'])
      pointAt(byId(id), data.grid.columns, data.grid.rows, data.grid.ids);
    for (const element of document.querySelectorAll('[data-segment]')) {
      const id = number(element.dataset.segment);
      element.addEventListener('pointerenter', () => show(id));
      element.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') show(0); });
      element.addEventListener('click', () => show(id));
      element.addEventListener('focus', () => show(id));
    }
    picture.onload = draw;
    picture.src = byId('picture').src;
    """
}

/// The look of the page, which is that of `crayon serve` too: dark or light as the system is, one column on a phone, two
/// where there is room.
package enum PageStyle {
  package static let css = """
    :root { color-scheme: dark light; --back: #16171b; --card: #1f2127; --line: #33363f; --text: #e8e9ec;
      --faint: #a0a5b1; --mark: #ffd34d; --on-mark: #000; }
    @media (prefers-color-scheme: light) { :root { --back: #f4f4f1; --card: #fff; --line: #d3d4d8; --text: #1b1c20;
      --faint: #5c6068; --mark: #b34700; --on-mark: #fff; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--text);
      font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
    header, main { max-width: 1180px; margin: 0 auto; padding: 16px; }
    h1 { font-size: 1.35rem; margin: 0 0 4px; }
    h2 { font-size: 1rem; margin: 0 0 8px; display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; }
    h2 b { background: var(--line); border-radius: 6px; padding: 0 8px; font-weight: 600; }
    h2 span, p.faint, .faint { color: var(--faint); font-weight: 400; font-size: .875rem; }
    p { margin: 0 0 8px; }
    .answer { font-size: 1.2rem; border-left: 4px solid var(--mark); padding: 4px 0 4px 12px; margin: 12px 0; }
    main { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); padding-top: 0; }
    @media (min-width: 800px) { main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      section.wide { grid-column: 1 / -1; } }
    section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px; min-width: 0; }
    canvas, section img { display: block; width: 100%; height: auto; border-radius: 6px; background: #000; }
    canvas { cursor: crosshair; touch-action: manipulation; }
    img.crisp { image-rendering: pixelated; }
    .chips { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 10px; }
    .chip { border: 1px solid var(--line); border-radius: 999px; padding: 2px 10px 2px 6px; font-size: .875rem;
      display: inline-flex; gap: 6px; align-items: center; cursor: pointer; background: none; color: inherit; }
    .chip i { width: 14px; height: 14px; border-radius: 4px; flex: none; }
    .chip.on, mark.on { background: var(--mark); color: var(--on-mark); border-color: var(--mark); }
    mark { background: none; color: inherit; border-radius: 4px; padding: 0 2px; cursor: pointer; }
    .bar { display: flex; height: 26px; border-radius: 6px; overflow: hidden; margin-bottom: 10px; }
    .bar div { min-width: 3px; }
    .span { display: grid; grid-template-columns: 96px 1fr; gap: 8px; padding: 6px 0; border-top: 1px solid var(--line); }
    .span > div:first-child { font-size: .875rem; }
    .span i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; }
    pre { white-space: pre-wrap; margin: 0; font: .8125rem/1.5 "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
    .layers { display: flex; align-items: flex-end; gap: 2px; height: 120px; border-bottom: 1px solid var(--line); }
    .layers div { flex: 1; background: #6aa7ff; min-height: 1px; border-radius: 2px 2px 0 0; }
    table { border-collapse: collapse; width: 100%; font-size: .875rem; }
    td, th { text-align: left; padding: 3px 8px 3px 0; border-top: 1px solid var(--line); font-weight: 400; }
    th { color: var(--faint); border: 0; }
    td.n { text-align: right; font-variant-numeric: tabular-nums; }
    """
}
