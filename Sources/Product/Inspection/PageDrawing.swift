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
