// A plot: axes, marks given in data units, points to drag. SVG, so that themes are plain CSS.

function ticks(lo, hi, n) {
  const raw = (hi - lo) / Math.max(n, 1),
    power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw * 0.999);
  const first = Math.ceil(lo / step - 1e-9);
  const count = Math.min(Math.floor(hi / step + 1e-9) - first + 1, 40);
  return range(Math.max(count, 0), (i) => Number(((first + i) * step).toPrecision(12)));
}
function decades(lo, hi) {
  const a = Math.ceil(Math.log10(lo) - 1e-9),
    b = Math.floor(Math.log10(hi) + 1e-9);
  const skip = Math.max(1, Math.ceil((b - a) / 6));
  return range(Math.max(b - a + 1, 0), (i) => 10 ** (a + i)).filter((_, i) => i % skip === 0);
}

// Limits of a logarithmic axis around the positive values: whole powers of ten, 0.1 to 10 at least.
function logLimits(values) {
  const power = (v, way) => 10 ** clamp(way(Math.log10(v)), -60, 60);
  const sizes = values.filter((v) => v > 0);
  return [
    Math.min(0.1, power(Math.min(1, ...sizes), Math.floor)),
    Math.max(10, power(Math.max(1, ...sizes), Math.ceil)),
  ];
}

// options: x, y limits; xlabel, ylabel; title; label (for screen readers); aspect (height/width);
// log: "", "x", "y" or "xy"; axes: false for a diagram; basis: the narrowest comfortable width.
function makePlot(w, options = {}) {
  const o = { x: [0, 1], y: [0, 1], aspect: 0.62, log: "", axes: true, basis: 280, ...options };
  const box = h("div", { class: "d2l-plot", style: `flex:1 1 ${o.basis}px` });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const svg = s("svg", { role: "group", "aria-label": o.label || o.title || "plot" });
  const frame = s("g"),
    area = s("svg", { overflow: "hidden" }),
    over = s("g"),
    knobs = s("g");
  const head = h("div", { class: "d2l-title" });
  const view = h("div", { class: "d2l-view" }, canvas, svg);
  svg.append(frame, area, over, knobs);
  box.append(head, view);
  w.add(box, o.into || w.stage);
  if (o.title) head.textContent = o.title;

  let W = 480,
    H = 300,
    marks = [],
    labels = [],
    axesKey = "";
  const handles = [],
    m = {};
  const measure = () => {
    W = Math.max(view.clientWidth || W, 120);
    H = Math.round(clamp(W * o.aspect, o.minHeight || 80, o.maxHeight || 460));
    const a = o.axes;
    Object.assign(m, {
      l: a ? (o.ylabel ? 52 : 40) : 2,
      r: a ? 12 : 2,
      t: a ? 10 : 2,
      b: a ? (o.xlabel ? 38 : 24) : 2,
    });
    for (const [key, value] of Object.entries({ width: W, height: H, viewBox: `0 0 ${W} ${H}` }))
      svg.setAttribute(key, value);
    for (const [key, value] of Object.entries({
      x: m.l,
      y: m.t,
      width: W - m.l - m.r,
      height: H - m.t - m.b,
    }))
      area.setAttribute(key, Math.max(value, 1));
  };
  const scale = (v, [lo, hi], log) =>
    log ? Math.log(v / lo) / Math.log(hi / lo) : (v - lo) / (hi - lo);
  const unscale = (t, [lo, hi], log) => (log ? lo * (hi / lo) ** t : lo + t * (hi - lo));
  const lx = o.log.includes("x"),
    ly = o.log.includes("y");
  const innerX = (v) => clamp(scale(v, o.x, lx) * (W - m.l - m.r), -2e4, 2e4);
  const innerY = (v) => clamp((1 - scale(v, o.y, ly)) * (H - m.t - m.b), -2e4, 2e4);
  const X = (v) => m.l + innerX(v),
    Y = (v) => m.t + innerY(v);
  const r1 = (v) => Math.round(v * 10) / 10;

  const drawAxes = () => {
    const key = [W, H, ...o.x, ...o.y, o.xlabel, o.ylabel].join();
    if (!o.axes || key === axesKey) return;
    axesKey = key;
    const parts = [],
      bottom = H - m.b,
      right = W - m.r;
    const xs = lx ? decades(...o.x) : o.xticks || ticks(...o.x, (W - m.l) / 64);
    const ys = ly ? decades(...o.y) : o.yticks || ticks(...o.y, (H - m.b) / 42);
    for (const v of xs)
      parts.push(
        `<path class="grid" d="M${r1(X(v))},${m.t}V${bottom}"/>`,
        `<text x="${r1(X(v))}" y="${bottom + 14}" text-anchor="middle">${fmt(v, 5, true)}</text>`,
      );
    for (const v of ys)
      parts.push(
        `<path class="grid" d="M${m.l},${r1(Y(v))}H${right}"/>`,
        `<text x="${m.l - 6}" y="${r1(Y(v)) + 4}" text-anchor="end">${fmt(v, 5, true)}</text>`,
      );
    parts.push(`<path class="axis" d="M${m.l},${m.t}V${bottom}H${right}"/>`);
    if (o.xlabel)
      parts.push(
        `<text class="name" x="${(m.l + right) / 2}" y="${H - 6}" text-anchor="middle">${esc(o.xlabel)}</text>`,
      );
    if (o.ylabel)
      parts.push(
        `<text class="name" transform="translate(12 ${(m.t + bottom) / 2}) rotate(-90)" text-anchor="middle">${esc(o.ylabel)}</text>`,
      );
    frame.innerHTML = parts.join("");
  };
  const css = ({ color = 0, width = 2, dash, opacity, fill: inside = "none" }) =>
    `style="stroke:${col(color)};fill:${col(inside)};stroke-width:${width}"` +
    (dash ? ` stroke-dasharray="${dash}"` : "") +
    (opacity === undefined ? "" : ` opacity="${opacity}"`);
  const track = (xs, ys) => {
    let d = "",
      pen = "M";
    for (let i = 0; i < xs.length; i++) {
      const ok =
        Number.isFinite(xs[i]) &&
        Number.isFinite(ys[i]) &&
        !(ly && ys[i] <= 0) &&
        !(lx && xs[i] <= 0);
      if (ok) d += `${pen}${r1(innerX(xs[i]))},${r1(innerY(ys[i]))}`;
      pen = ok ? "L" : "M";
    }
    return d;
  };
  const arrowHead = (x0, y0, x1, y1, style) => {
    const a = Math.atan2(y1 - y0, x1 - x0),
      p = (t) => `${r1(x1 - 9 * Math.cos(a + t))},${r1(y1 - 9 * Math.sin(a + t))}`;
    return `<path d="M${p(0.4)}L${r1(x1)},${r1(y1)}L${p(-0.4)}" ${css(style)}/>`;
  };

  const plot = {
    box,
    svg,
    canvas,
    options: o,
    X,
    Y,
    size: () => ({ W, H, m }),
    remeasure: measure, // after a change of options.aspect
    // limits({x: [lo, hi], y: [lo, hi]}): new axes, first thing in a draw.
    limits(next) {
      Object.assign(o, next);
      drawAxes();
      return plot;
    },
    curve(xs, ys, style = {}) {
      marks.push(
        `<path stroke-linejoin="round" stroke-linecap="round" d="${track(xs, ys)}" ${css(style)}/>`,
      );
      return plot;
    },
    area(xs, ys, base, style = {}) {
      const back = [...xs].reverse(),
        floor = Array.isArray(base) ? [...base].reverse() : back.map(() => base);
      marks.push(
        `<path d="${track([...xs, ...back], [...ys, ...floor])}Z" ${css({ width: 0, fill: style.color ?? 0, opacity: 0.2, ...style })}/>`,
      );
      return plot;
    },
    line(x0, y0, x1, y1, style = {}) {
      const [a, b, c, d] = [innerX(x0), innerY(y0), innerX(x1), innerY(y1)];
      marks.push(`<path d="M${r1(a)},${r1(b)}L${r1(c)},${r1(d)}" ${css(style)}/>`);
      if (style.arrow) marks.push(arrowHead(a, b, c, d, { ...style, dash: undefined }));
      return plot;
    },
    dots(points, style = {}) {
      const { r = 3.5, color = 0, ring = "panel", width = 1 } = style;
      const look = css({ ...style, color: ring, width, fill: color });
      for (const [x, y] of points)
        if (Number.isFinite(x) && Number.isFinite(y))
          marks.push(`<circle cx="${r1(innerX(x))}" cy="${r1(innerY(y))}" r="${r}" ${look}/>`);
      return plot;
    },
    // A box between two corners in data units.
    rect(x0, y0, x1, y1, style = {}) {
      const [a, b, c, d] = [innerX(x0), innerY(y0), innerX(x1), innerY(y1)];
      marks.push(
        `<rect x="${r1(Math.min(a, c))}" y="${r1(Math.min(b, d))}" width="${r1(Math.abs(c - a))}" height="${r1(Math.abs(d - b))}" rx="${style.round || 0}" ${css({ width: 1, fill: style.fill ?? style.color ?? 0, ...style })}/>`,
      );
      return plot;
    },
    // Text at a data point; dx, dy in pixels; anchor start, middle or end; rotate in degrees.
    text(
      x,
      y,
      text,
      {
        color = "ink",
        anchor = "start",
        dx = 0,
        dy = 4,
        size = 12,
        bold = false,
        halo = false,
        rotate = 0,
      } = {},
    ) {
      const [px, py] = [r1(X(x) + dx), r1(Y(y) + dy)];
      if (Number.isFinite(x) && Number.isFinite(y))
        labels.push(
          `<text x="${px}" y="${py}"${rotate ? ` transform="rotate(${rotate} ${px} ${py})"` : ""} text-anchor="${anchor}" class="${halo ? "halo" : ""}" style="fill:${col(color)};font-size:${size}px${bold ? ";font-weight:600" : ""}">${esc(text)}</text>`,
        );
      return plot;
    },
    // Upright bars at 0, 1, 2, ... from 0 (or style.base) to each value.
    bars(values, style = {}) {
      values.forEach((v, i) =>
        plot.rect(
          (style.at ?? 0) + i - (style.span ?? 0.8) / 2,
          style.base ?? 0,
          (style.at ?? 0) + i + (style.span ?? 0.8) / 2,
          v,
          {
            width: 0,
            ...style,
            fill: Array.isArray(style.color) ? style.color[i] : (style.color ?? 0),
            color: "ink",
          },
        ),
      );
      return plot;
    },
    // [{label, color, dash}] above the plot.
    legend(items) {
      const key = JSON.stringify(items);
      if (head.dataset.key !== key) {
        head.dataset.key = key;
        head.replaceChildren(
          o.title ? `${o.title} ` : "",
          ...items.map(({ label, color, dash }) =>
            h(
              "span",
              { class: "d2l-key" },
              h("i", { style: `border-top:3px ${dash ? "dashed" : "solid"} ${col(color)}` }),
              label,
            ),
          ),
        );
      }
      return plot;
    },
    field: (key, f, style) => drawField(w, plot, key, f, style),
    handle: (spec) => {
      handles.push(makeHandle(w, plot, knobs, spec));
      return handles.at(-1);
    },
    // Pixels of a pointer event as data units.
    at(event) {
      const r = svg.getBoundingClientRect();
      return [
        unscale((event.clientX - r.left - m.l) / (W - m.l - m.r), o.x, lx),
        unscale(1 - (event.clientY - r.top - m.t) / (H - m.t - m.b), o.y, ly),
      ];
    },
  };
  const observer = new ResizeObserver(() => {
    const was = W;
    measure();
    if (W !== was) w.refresh();
  });
  observer.observe(view);
  w.cleanup.push(() => observer.disconnect());
  w.before.push(() => {
    if (!axesKey) measure();
    marks = [];
    labels = [];
    drawAxes();
  });
  w.after.push(() => {
    area.innerHTML = marks.join("");
    over.innerHTML = labels.join("");
    for (const handle of handles) handle.place();
  });
  measure();
  return plot;
}
