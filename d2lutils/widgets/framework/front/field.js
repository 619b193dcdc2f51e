// A function of two variables behind a plot: shades and contour lines (marching squares), on canvas.

// Levels that are dense where the function is low: equal steps of log(1 + height/unit).
function lowLevels(lo, hi, n) {
  const unit = (hi - lo) / 400 || 1,
    top = Math.log1p((hi - lo) / unit);
  return range(n, (i) => lo + unit * Math.expm1((top * (i + 1)) / (n + 1)));
}

// The segments [x0, y0, x1, y1], in units of cells, where the grid (rows of values) crosses level.
function marchingSquares(grid, level) {
  const out = [];
  for (let i = 0; i + 1 < grid.length; i++) {
    const top = grid[i],
      low = grid[i + 1];
    for (let j = 0; j + 1 < top.length; j++) {
      const a = top[j] - level,
        b = top[j + 1] - level,
        c = low[j + 1] - level,
        d = low[j] - level;
      if (!Number.isFinite(a + b + c + d)) continue;
      const hits = [];
      if (a > 0 !== b > 0) hits.push([j + a / (a - b), i]);
      if (b > 0 !== c > 0) hits.push([j + 1, i + b / (b - c)]);
      if (d > 0 !== c > 0) hits.push([j + d / (d - c), i + 1]);
      if (a > 0 !== d > 0) hits.push([j, i + a / (a - d)]);
      if (hits.length === 4 && a > 0 !== a + b + c + d > 0) hits.unshift(hits.pop());
      for (let k = 0; k + 1 < hits.length; k += 2) out.push([...hits[k], ...hits[k + 1]]);
    }
  }
  return out;
}

// key: says when f changed. style: {levels: 14 or [..], lines: true, shade: true, signed: false}
function drawField(
  w,
  plot,
  key,
  f,
  { levels = 14, lines = true, shade = true, signed = false, cells = 72 } = {},
) {
  const { W, H, m } = plot.size(),
    { x, y } = plot.options;
  const width = W - m.l - m.r,
    height = H - m.t - m.b,
    dpr = Math.min(globalThis.devicePixelRatio || 1, 3);
  const all = [key, width, height, ...x, ...y, w.themeKey, dpr].join();
  const canvas = plot.canvas;
  if (canvas.dataset.key === all) return;
  canvas.dataset.key = all;
  canvas.width = Math.round(width * dpr);
  canvas.height = Math.round(height * dpr);
  canvas.style.cssText = `left:${m.l}px;top:${m.t}px;width:${width}px;height:${height}px`;
  const nx = cells,
    ny = Math.max(Math.round((cells * height) / width), 8);
  const grid = range(ny + 1, (i) =>
    range(nx + 1, (j) => f(x[0] + ((x[1] - x[0]) * j) / nx, y[1] - ((y[1] - y[0]) * i) / ny)),
  );
  let lo = Infinity,
    hi = -Infinity;
  for (const row of grid)
    for (const v of row)
      if (Number.isFinite(v)) {
        lo = Math.min(lo, v);
        hi = Math.max(hi, v);
      }
  if (!(hi > lo)) hi = lo + 1;
  const at = Array.isArray(levels)
    ? levels
    : signed
      ? linspace(lo, hi, levels + 2).slice(1, -1)
      : lowLevels(lo, hi, levels);

  const pen = canvas.getContext("2d"),
    theme = getComputedStyle(w.el);
  const rgb = (name) => {
    pen.fillStyle = theme.getPropertyValue(name).trim() || "#888";
    return [1, 3, 5].map((k) => parseInt(pen.fillStyle.slice(k, k + 2), 16));
  };
  if (shade) {
    const panel = rgb("--d2l-panel"),
      cold = rgb("--d2l-0"),
      warm = rgb("--d2l-1");
    const small = h("canvas", { width: nx + 1, height: ny + 1 }),
      image = new ImageData(nx + 1, ny + 1);
    const unit = (hi - lo) / 400,
      top = Math.log1p((hi - lo) / unit),
      most = Math.max(Math.abs(lo), Math.abs(hi));
    grid.forEach((row, i) =>
      row.forEach((v, j) => {
        // low is deep: the eye finds the valley; signed fields go from blue to orange through the panel
        const t = !Number.isFinite(v)
          ? 0
          : signed
            ? Math.abs(v) / most
            : 1 - Math.log1p((v - lo) / unit) / top;
        const ink = signed && v > 0 ? warm : cold;
        panel.forEach(
          (p, c) => (image.data[4 * (i * (nx + 1) + j) + c] = p + (ink[c] - p) * 0.5 * t),
        );
        image.data[4 * (i * (nx + 1) + j) + 3] = 255;
      }),
    );
    small.getContext("2d").putImageData(image, 0, 0);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(small, 0.5, 0.5, nx, ny, 0, 0, canvas.width, canvas.height);
  }
  if (lines) {
    const kx = canvas.width / nx,
      ky = canvas.height / ny;
    pen.strokeStyle = theme.getPropertyValue("--d2l-contour").trim() || "#8888";
    pen.lineWidth = dpr * 0.8;
    pen.beginPath();
    for (const level of at)
      for (const [a, b, c, d] of marchingSquares(grid, level)) {
        pen.moveTo(a * kx, b * ky);
        pen.lineTo(c * kx, d * ky);
      }
    pen.stroke();
  }
}
