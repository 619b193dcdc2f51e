// The line, the squares of its errors, and the point (w, b) on the loss surface.
function render({ model, el }) {
  const w = widget(el, model, { name: "Linear fit" });
  const xs = w.get("x"),
    ys = w.get("y"),
    n = xs.length;
  const mean = (v) => sum(v) / n,
    mx = mean(xs),
    my = mean(ys);
  const spread = sum(xs.map((x) => (x - mx) ** 2));
  const best = { w: spread ? sum(xs.map((x, i) => (x - mx) * (ys[i] - my))) / spread : 0 };
  best.b = my - best.w * mx;
  const mse = (a, b) => mean(xs.map((x, i) => (a * x + b - ys[i]) ** 2));

  const left = Math.min(0, ...xs),
    right = Math.max(...xs) + Math.max((Math.max(...xs) - left) / 4, 0.5);
  const tall = Math.max(...ys) - Math.min(0, ...ys) || 1;
  const data = w.plot({
    title: "Data",
    x: [left, right],
    y: [Math.min(0, ...ys) - tall / 3, Math.max(...ys) + tall / 2],
    xlabel: "x",
    ylabel: "y",
    label: "Points, the line, and a square on each error",
    aspect: 0.75,
  });
  const reach = Math.max(2, Math.abs(best.w)),
    low = Math.max(4, Math.abs(best.b) * 1.5);
  const surface = w.plot({
    title: "Mean squared error",
    x: [best.w - 1.5 * reach, best.w + 1.5 * reach],
    y: [best.b - low, best.b + low],
    xlabel: "weight w",
    ylabel: "intercept b",
    label: "Contours of the mean squared error over weight and intercept",
    aspect: 0.75,
  });
  const wide = (v, [lo, hi]) => clamp(Number(v.toPrecision(6)), lo, hi);
  const setW = (v) => wide(v, surface.options.x),
    setB = (v) => wide(v, surface.options.y);
  data.handle({
    label: "Intercept of the line",
    axis: "y",
    get: () => [left, w.get("w") * left + w.get("b")],
    set: ([, y]) => w.set({ b: setB(y - w.get("w") * left) }),
  });
  data.handle({
    label: "Slope of the line",
    axis: "y",
    get: () => [right, w.get("w") * right + w.get("b")],
    set: ([, y]) => w.set({ w: setW((y - w.get("b")) / right) }),
  });
  surface.handle({
    label: "Weight and intercept",
    get: () => [w.get("w"), w.get("b")],
    set: ([a, b]) => w.set({ w: setW(a), b: setB(b) }),
    step: [0.05, 0.05],
  });

  const [w0, w1] = surface.options.x,
    [b0, b1] = surface.options.y;
  w.slider("w", { label: "weight w", min: w0, max: w1, step: 0.01 });
  w.slider("b", { label: "intercept b", min: b0, max: b1, step: 0.01 });
  w.row(
    w.button("Least squares", () => w.set({ w: setW(best.w), b: setB(best.b) })),
    w.reset(["w", "b"]),
  );
  const out = w.readout();

  return w.draw(() => {
    const a = w.get("w"),
      b = w.get("b");
    const residuals = xs.map((x, i) => a * x + b - ys[i]);
    const { W, H, m } = data.size(),
      { x: ax, y: ay } = data.options;
    const square = (((ax[1] - ax[0]) / (W - m.l - m.r)) * (H - m.t - m.b)) / (ay[1] - ay[0]);
    residuals.forEach((r, i) =>
      data.rect(xs[i], ys[i], xs[i] + Math.abs(r) * square, ys[i] + r, {
        color: 1,
        fill: 1,
        opacity: 0.25,
      }),
    );
    residuals.forEach((r, i) =>
      data.line(xs[i], ys[i], xs[i], ys[i] + r, { color: "muted", width: 1.5, dash: "3 3" }),
    );
    data.curve([left, right], [a * left + b, a * right + b], { color: 1, width: 2.5 });
    data.dots(
      xs.map((x, i) => [x, ys[i]]),
      { color: 0, r: 5 },
    );
    surface.field([...xs, ...ys], mse);
    surface
      .dots([[best.w, best.b]], { color: 2, r: 4 })
      .text(best.w, best.b, "least squares", { dx: 7, dy: -5, halo: true });
    w.values = {
      mse: mse(a, b),
      residuals,
      dw: 2 * mean(residuals.map((r, i) => r * xs[i])),
      db: 2 * mean(residuals),
    };
    out.show({ MSE: w.values.mse, "∂MSE/∂w": w.values.dw, "∂MSE/∂b": w.values.db });
  }).destroy;
}
export default { render };
