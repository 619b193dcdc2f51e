// A point to drag: by mouse, pen or finger, and with the arrow keys (Shift: ten times as far).
// spec: label; get() -> [x, y]; set([x, y]); axis "xy", "x" or "y"; step [dx, dy]; color; r;
// keys([dx, dy]) instead of step, where one key is one place: dx, dy are -1, 0 or 1.
function makeHandle(w, plot, layer, spec) {
  const { label, get, set, axis = "xy", color = 1, r = 7 } = spec;
  const knob = s(
    "g",
    {
      class: "d2l-knob",
      tabindex: "0",
      role: "slider",
      "aria-label": label,
      "aria-roledescription": "draggable point",
    },
    s("circle", { r: 18, class: "reach" }),
    s("circle", { r, class: "dot", style: `fill:${col(color)}` }),
  );
  layer.append(knob);
  const move = (x, y) => {
    const {
        x: [x0, x1],
        y: [y0, y1],
      } = plot.options,
      [a, b] = get();
    const next = [axis === "y" ? a : clamp(x, x0, x1), axis === "x" ? b : clamp(y, y0, y1)];
    if (next.every(Number.isFinite)) set(next);
  };
  // or the browser may take the move of a finger for a scroll; touch-action alone is not honoured everywhere in SVG
  knob.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  knob.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [px, py] = plot.at(event),
      [hx, hy] = get();
    const dx = plot.X(hx) - plot.X(px),
      dy = plot.Y(hy) - plot.Y(py);
    knob.setPointerCapture(event.pointerId);
    knob.focus({ preventScroll: true });
    event.preventDefault();
    const drag = (e) => move(...plot.at({ clientX: e.clientX + dx, clientY: e.clientY + dy }));
    const stop = () => {
      knob.removeEventListener("pointermove", drag);
      knob.removeEventListener("pointerup", stop);
      knob.removeEventListener("pointercancel", stop);
    };
    knob.addEventListener("pointermove", drag);
    knob.addEventListener("pointerup", stop);
    knob.addEventListener("pointercancel", stop);
  });
  knob.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[
      event.key
    ];
    if (!way) return;
    event.preventDefault();
    if (spec.keys) return spec.keys(way);
    const far = event.shiftKey ? 10 : 1,
      [x, y] = get(),
      { x: lx, y: ly } = plot.options;
    const [sx, sy] = spec.step || [(lx[1] - lx[0]) / 100, (ly[1] - ly[0]) / 100];
    if (axis === "x" && way[1]) way[0] = way[1];
    if (axis === "y" && way[0]) way[1] = way[0];
    const clean = (v) => Number(v.toPrecision(12));
    move(clean(x + way[0] * sx * far), clean(y + way[1] * sy * far));
  });
  return {
    node: knob,
    place() {
      const [x, y] = get();
      const ok = Number.isFinite(x) && Number.isFinite(y);
      knob.style.display = ok ? "" : "none";
      if (!ok) return;
      const { x: lx, y: ly } = plot.options;
      knob.setAttribute(
        "transform",
        `translate(${plot.X(clamp(x, ...lx)).toFixed(1)} ${plot.Y(clamp(y, ...ly)).toFixed(1)})`,
      );
      const now = axis === "y" ? [y, ly] : [x, lx];
      knob.setAttribute("aria-valuenow", Number(now[0].toPrecision(6)));
      knob.setAttribute("aria-valuemin", now[1][0]);
      knob.setAttribute("aria-valuemax", now[1][1]);
      knob.setAttribute("aria-valuetext", axis === "xy" ? `${fmt(x)}, ${fmt(y)}` : fmt(now[0]));
    },
  };
}

Object.assign(CONTROLS, {
  // A whole number along x (a layer, a step), marked in several plots, [[plot, its label], ...]: a
  // knob on each plot's floor; mark(plot) draws the dotted line above it.
  position(w, plots, { get, set, last }) {
    const floor = (plot) => plot.options.y[0];
    for (const [plot, label] of plots)
      plot.handle({
        label,
        axis: "x",
        step: [1, 0],
        color: "ink",
        r: 6,
        get: () => [get(), floor(plot)],
        set: ([x]) => set(clamp(Math.round(x), 0, last())),
      });
    const look = { color: "muted", width: 1, dash: "3 3" };
    return { mark: (plot) => plot.line(get(), floor(plot), get(), plot.options.y[1], look) };
  },
});
