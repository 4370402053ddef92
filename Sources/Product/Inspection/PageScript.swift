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
