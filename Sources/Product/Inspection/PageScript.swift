/// What the page does: draws the map and the grids, and shows a segment everywhere when it is pointed at
/// anywhere.
enum PageScript {
  static let javaScript = """
    'use strict';
    const data = JSON.parse(document.getElementById('data').textContent);
    const colour = id => data.colours[id] || '#34343a';
    const number = id => Number(id) || 0;
    let active = 0;

    // Run lengths to ids, row-major.
    function decoded(runs, count) {
      const ids = new Int32Array(count);
      let at = 0;
      for (let i = 0; i < runs.length; i += 2) { ids.fill(runs[i], at, at + runs[i + 1]); at += runs[i + 1]; }
      return ids;
    }
    const map = { width: data.map.width, height: data.map.height,
      ids: decoded(data.map.runs, data.map.width * data.map.height) };

    const picture = new Image();
    const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));

    function drawMap(canvas) {
      canvas.width = map.width; canvas.height = map.height;
      const context = canvas.getContext('2d');
      context.drawImage(picture, 0, 0, map.width, map.height);
      const pixels = context.getImageData(0, 0, map.width, map.height);
      for (let i = 0; i < map.ids.length; i++) {
        const id = map.ids[i];
        const x = i % map.width;
        const edge = (x > 0 && map.ids[i - 1] !== id) || (i >= map.width && map.ids[i - map.width] !== id);
        const dim = active && id !== active ? 0.35 : 1;
        const strength = edge ? 1 : (id === 0 ? 0 : (id === active ? 0.25 : 0.45));
        const [r, g, b] = rgb(colour(id));
        const p = i * 4;
        pixels.data[p] = (pixels.data[p] * (1 - strength) + r * strength) * dim;
        pixels.data[p + 1] = (pixels.data[p + 1] * (1 - strength) + g * strength) * dim;
        pixels.data[p + 2] = (pixels.data[p + 2] * (1 - strength) + b * strength) * dim;
      }
      context.putImageData(pixels, 0, 0);
    }

    function drawGrid(canvas, values, colourOf) {
      const { rows, columns, ids } = data.grid;
      const cell = columns > 20 ? 24 : 40;
      canvas.width = columns * cell; canvas.height = rows * cell;
      const context = canvas.getContext('2d');
      context.textAlign = 'center'; context.textBaseline = 'middle';
      context.font = '600 ' + (columns > 20 ? 11 : 16) + 'px "DejaVu Sans", sans-serif';
      for (let i = 0; i < ids.length; i++) {
        const x = (i % columns) * cell, y = Math.floor(i / columns) * cell;
        const shown = values[i] > 0 ? colourOf(i) : '#34343a';
        context.globalAlpha = active && ids[i] !== active ? 0.3 : 1;
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

    // A class has the colour of its first segment.
    const classColour = {};
    for (const s of data.segments) if (!(s.semantic in classColour)) classColour[s.semantic] = colour(s.id);

    function drawRegions(canvas) {
      canvas.width = map.width; canvas.height = map.height;
      const context = canvas.getContext('2d');
      context.drawImage(picture, 0, 0, map.width, map.height);
      const width = Math.max(2, map.width / 250);
      data.regions.forEach((region, index) => {
        const c = data.regionColours[index];
        if (region.mask) {
          const ids = decoded(region.mask, map.width * map.height);
          const pixels = context.getImageData(0, 0, map.width, map.height);
          const [r, g, b] = rgb(c);
          for (let i = 0; i < ids.length; i++) if (ids[i]) {
            const p = i * 4;
            pixels.data[p] = (pixels.data[p] + r) / 2;
            pixels.data[p + 1] = (pixels.data[p + 1] + g) / 2;
            pixels.data[p + 2] = (pixels.data[p + 2] + b) / 2;
          }
          context.putImageData(pixels, 0, 0);
        }
        const [x0, y0, x1, y1] = region.box.map((v, i) => v * (i % 2 ? map.height : map.width));
        context.strokeStyle = c; context.lineWidth = width;
        context.strokeRect(x0, y0, x1 - x0, y1 - y0);
        context.font = '600 ' + Math.max(12, map.width / 32) + 'px "DejaVu Sans", sans-serif';
        context.fillStyle = c;
        context.fillText(region.number + ' ' + region.phrase, x0 + width * 2, Math.max(y0 - width * 2, map.width / 32));
      });
    }

    const byId = id => document.getElementById(id);
    function draw() {
      drawMap(byId('map'));
      drawGrid(byId('semantic'), data.grid.semantic, i => classColour[data.grid.semantic[i]]);
      drawGrid(byId('numbering'), data.grid.numbering, i => colour(data.grid.ids[i]));
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
