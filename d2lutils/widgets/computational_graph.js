// The graph of (wx + b − y)², walked forward operator by operator, then backward.
// Places as [column, row]; a narrow screen turns the graph on its side.
const PLACES = {
  w: [0, 3.5],
  x: [0, 1.5],
  mul: [1.8, 2.5],
  b: [1.8, 0.3],
  add: [4, 2],
  y: [4, -0.2],
  sub: [6.4, 1.6],
  sq: [8.7, 1.6],
  ℓ: [10.9, 1.6],
};
// from, to, variable on the edge, step of its value, step of its gradient
const EDGES = [
  ["w", "mul", "w", 0, 9],
  ["x", "mul", "x", 0, 9],
  ["b", "add", "b", 0, 8],
  ["y", "sub", "y", 0, 7],
  ["mul", "add", "u", 1, 8],
  ["add", "sub", "y_hat", 2, 7],
  ["sub", "sq", "r", 3, 6],
  ["sq", "ℓ", "loss", 4, 5],
];
const SIGNS = { mul: "×", add: "+", sub: "−", sq: "( )²" };
const NAMES = { u: "u", y_hat: "ŷ", r: "e", loss: "ℓ" };

function render({ model, el }) {
  const w = widget(el, model, { name: "Computational graph" });
  const plot = w.plot({
    axes: false,
    x: [-0.7, 11.5],
    y: [-1, 4.2],
    basis: 560,
    aspect: 0.42,
    maxHeight: 560,
    label: "Graph of the squared loss of a linear model",
  });
  const line = w.formula();
  for (const key of ["w", "x", "b", "y"])
    w.slider(key, { label: key, min: -5, max: 5, step: 0.1, typed: [-100, 100] });
  w.player("step", { last: () => 9, rate: 1 });

  return w.draw(() => {
    const [x, a, b, y, step] = ["x", "w", "b", "y", "step"].map(w.get);
    const u = a * x,
      y_hat = u + b,
      r = y_hat - y,
      loss = r * r,
      g = 2 * r;
    const value = { x, w: a, b, y, u, y_hat, r, loss };
    const grad = { loss: 1, r: g, y_hat: g, y: -g, u: g, b: g, w: g * x, x: g * a };
    w.values = { value, grad };

    const tall = plot.size().W < 520;
    if (plot.options.tall !== tall) {
      plot.limits(
        tall
          ? { tall, x: [-0.9, 4.4], y: [-11.4, 0.8], aspect: 1.6 }
          : { tall, x: [-0.7, 11.5], y: [-1, 4.2], aspect: 0.42 },
      );
      plot.remeasure();
    }
    const at = (name) => {
      const [c, d] = PLACES[name];
      return tall ? [d, -c] : [c, d];
    };
    const { W, H } = plot.size(),
      { x: lx, y: ly } = plot.options;
    const px = (lx[1] - lx[0]) / W,
      py = (ly[1] - ly[0]) / H,
      num = (v) => fmt(v, 4, true);
    for (const [from, to, name, forward, backward] of EDGES) {
      const [x0, y0] = at(from),
        [x1, y1] = at(to);
      const dx = (x1 - x0) / px,
        dy = (y1 - y0) / py,
        d = Math.hypot(dx, dy),
        cut = 19 / d;
      const ends = [
        x0 + (x1 - x0) * cut,
        y0 + (y1 - y0) * cut,
        x1 - (x1 - x0) * cut,
        y1 - (y1 - y0) * cut,
      ];
      const known = step >= forward,
        back = step >= backward,
        fresh = step > 0 && (step === forward || step === backward);
      plot.line(...ends, {
        color: fresh ? (back ? 1 : 0) : "muted",
        width: fresh ? 3 : 1.4,
        arrow: true,
      });
      const mx = (x0 + x1) / 2,
        my = (y0 + y1) / 2,
        flat = Math.abs(dy) < 8 || !tall;
      const place = flat ? { anchor: "middle", dx: 0 } : { anchor: "start", dx: 6 };
      if (known && NAMES[name])
        plot.text(mx, my, `${NAMES[name]} = ${num(value[name])}`, {
          ...place,
          dy: flat ? -8 : -4,
          color: 0,
          bold: true,
          halo: true,
          size: 13,
        });
      const slope = `∂ℓ/∂${NAMES[name] || name} = ${num(grad[name])}`,
        look = { color: 1, bold: true, halo: true, size: 12.5 };
      if (back && NAMES[name]) plot.text(mx, my, slope, { ...place, dy: flat ? 18 : 12, ...look });
      else if (back) plot.text(x0, y0, slope, { anchor: "middle", dy: 28, ...look });
    }
    for (const [name] of Object.entries(PLACES)) {
      const [cx, cy] = at(name),
        sign = SIGNS[name];
      if (sign)
        plot
          .dots([[cx, cy]], { r: 17, color: "field", ring: "muted", width: 1.5 })
          .text(cx, cy, sign, { anchor: "middle", size: 15, dy: 5 });
      else {
        plot.rect(cx - 17 * px, cy - 14 * py, cx + 17 * px, cy + 14 * py, {
          color: "muted",
          fill: "field",
          width: 1.5,
          round: 3,
        });
        plot.text(cx, cy, name, { anchor: "middle", size: 14, dy: 5, bold: true });
        if (name !== "ℓ")
          plot.text(cx, cy, num(value[name]), {
            anchor: "middle",
            dy: -20,
            color: 0,
            bold: true,
            size: 13,
            halo: true,
          });
      }
    }
    const said = [
      "Four numbers come in. Press Step.",
      `u = wx = ${num(a)} × ${num(x)} = ${num(u)}`,
      `ŷ = u + b = ${num(u)} + ${num(b)} = ${num(y_hat)}`,
      `e = ŷ − y = ${num(y_hat)} − ${num(y)} = ${num(r)}`,
      `ℓ = e² = ${num(loss)}`,
      "Backward: ∂ℓ/∂ℓ = 1",
      `∂ℓ/∂e = 2e × 1 = ${num(g)}`,
      `A minus passes the gradient on, and its negative to y: ∂ℓ/∂ŷ = ${num(g)}, ∂ℓ/∂y = ${num(-g)}`,
      `A plus distributes the gradient to both: ∂ℓ/∂u = ∂ℓ/∂b = ${num(g)}`,
      `A product swaps the factors: ∂ℓ/∂w = ${num(g)} × x = ${num(grad.w)}, ∂ℓ/∂x = ${num(g)} × w = ${num(grad.x)}`,
    ];
    line.show(said[clamp(step, 0, 9)]);
  }).destroy;
}
export default { render };
