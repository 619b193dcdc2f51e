// Probability over the plane, the boundary at a threshold, and the confusion counts.
function render({ model, el }) {
  const w = widget(el, model, { name: "Logistic regression" });
  const points = w.get("points"),
    labels = w.get("labels"),
    n = points.length;
  const keys = ["w1", "w2", "b"];
  const bce = (z, y) => Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
  const plane = w.plot({
    title: "Probability of class 1",
    x: [-3, 3],
    y: [-3, 3],
    xlabel: "x₁",
    ylabel: "x₂",
    aspect: 0.9,
    basis: 260,
    label: "Two classes of points and the decision boundary",
  });
  const table = w.plot({
    title: "Decisions at the threshold",
    x: [0, 2.9],
    y: [0, 2.6],
    axes: false,
    aspect: 0.9,
    basis: 200,
    label: "Confusion matrix",
  });

  // The arrow of the weights stands on the boundary: its foot moves b, its tip turns and stretches w.
  const foot = () => {
    const [a, c, b] = keys.map(w.get),
      norm = a * a + c * c;
    return norm > 1e-9
      ? [clamp((-b * a) / norm, -2.8, 2.8), clamp((-b * c) / norm, -2.8, 2.8)]
      : [0, 0];
  };
  const tidy = (v, limit) => clamp(Number(v.toFixed(4)), -limit, limit);
  plane.handle({
    label: "Boundary",
    get: foot,
    step: [0.1, 0.1],
    color: 7,
    set: ([x, y]) => w.set({ b: tidy(-(w.get("w1") * x + w.get("w2") * y), 40) }),
  });
  plane.handle({
    label: "Weights",
    step: [0.1, 0.1],
    color: "ink",
    r: 6,
    get: () => {
      const [x, y] = foot();
      return [clamp(x + w.get("w1") / 2, -2.9, 2.9), clamp(y + w.get("w2") / 2, -2.9, 2.9)];
    },
    set: ([x, y]) => {
      const [fx, fy] = foot(),
        a = tidy(2 * (x - fx), 20),
        c = tidy(2 * (y - fy), 20);
      w.set({ w1: a, w2: c, b: tidy(-(a * fx + c * fy), 40) });
    },
  });
  w.slider("w1", { label: "weight w₁", min: -6, max: 6, step: 0.1, typed: [-20, 20] });
  w.slider("w2", { label: "weight w₂", min: -6, max: 6, step: 0.1, typed: [-20, 20] });
  w.slider("b", { label: "bias b", min: -6, max: 6, step: 0.1, typed: [-40, 40] });
  w.slider("threshold", { label: "threshold", min: 0.01, max: 0.99, step: 0.01 });
  w.row(
    w.button("50 steps of gradient descent", () => {
      let theta = keys.map(w.get);
      for (let k = 0; k < 50; k++) {
        const g = measure(theta).gradient;
        theta = theta.map((v, i) => v - g[i]);
      }
      w.set({ w1: tidy(theta[0], 20), w2: tidy(theta[1], 20), b: tidy(theta[2], 40) });
    }),
    w.reset([...keys, "threshold"]),
  );
  const out = w.readout();

  function measure([a, c, b]) {
    const z = points.map(([x, y]) => a * x + c * y + b),
      p = z.map(sigmoid);
    const mean = (f) => sum(p.map(f)) / n;
    return {
      p,
      loss: sum(z.map((v, i) => bce(v, labels[i]))) / n,
      gradient: [
        mean((v, i) => (v - labels[i]) * points[i][0]),
        mean((v, i) => (v - labels[i]) * points[i][1]),
        mean((v, i) => v - labels[i]),
      ],
    };
  }

  return w.draw(() => {
    const theta = keys.map(w.get),
      [a, c, b] = theta,
      t = w.get("threshold"),
      cut = Math.log(t / (1 - t));
    const { p, loss, gradient } = measure(theta),
      says = p.map((v) => +(v >= t));
    const count = (s, y) => says.filter((v, i) => v === s && labels[i] === y).length;
    const [TP, FP, FN, TN] = [count(1, 1), count(1, 0), count(0, 1), count(0, 0)];
    w.values = { loss, gradient, p, TP, FP, FN, TN };
    plane.field([a, c, b], (x, y) => sigmoid(a * x + c * y + b) - 0.5, {
      signed: true,
      levels: [],
      lines: false,
    });
    const line = (level, style) => {
      // where a·x + c·y + b = level
      if (Math.abs(c) >= Math.abs(a)) {
        if (c) plane.line(-3, (level - b + 3 * a) / c, 3, (level - b - 3 * a) / c, style);
      } else plane.line((level - b + 3 * c) / a, -3, (level - b - 3 * c) / a, 3, style);
    };
    if (Math.abs(cut) > 1e-9) line(0, { color: "muted", width: 1, dash: "4 4" });
    line(cut, { color: "ink", width: 2 });
    const [fx, fy] = foot();
    plane.line(fx, fy, fx + a / 2, fy + c / 2, { color: "ink", width: 2, arrow: true });
    points.forEach(([x, y], i) =>
      plane.dots([[x, y]], {
        color: labels[i],
        r: 4.5,
        ring: says[i] === labels[i] ? "panel" : "bad",
        width: says[i] === labels[i] ? 1 : 2.5,
      }),
    );
    const cells = [
        [TN, FP],
        [FN, TP],
      ],
      names = [
        ["true negatives", "false positives"],
        ["false negatives", "true positives"],
      ];
    cells.forEach((row, i) =>
      row.forEach((v, j) =>
        table
          .rect(0.9 + j, 1 - i, 1.9 + j, 2 - i, {
            color: "line",
            fill: i === j ? 2 : 1,
            opacity: 0.12 + (0.5 * v) / n,
          })
          .text(1.4 + j, 1.55 - i, String(v), { anchor: "middle", size: 20, bold: true })
          .text(1.4 + j, 1.22 - i, names[i][j], { anchor: "middle", size: 10.5 }),
      ),
    );
    table
      .text(1.4, 2.12, "says 0", { anchor: "middle" })
      .text(2.4, 2.12, "says 1", { anchor: "middle" })
      .text(0.84, 1.5, "is 0", { anchor: "end" })
      .text(0.84, 0.5, "is 1", { anchor: "end" });
    const share = (part, whole) => (whole ? part / whole : NaN);
    out.show({
      "cross-entropy": loss,
      accuracy: share(TP + TN, n),
      precision: share(TP, TP + FP),
      recall: share(TP, TP + FN),
      "∂/∂w₁": gradient[0],
      "∂/∂w₂": gradient[1],
      "∂/∂b": gradient[2],
    });
    w.say(
      `A point is called 1 where w·x + b ≥ log(t/(1−t)) = ${fmt(cut, 3)}. Points with a red ring are on the wrong side.`,
    );
  }).destroy;
}
export default { render };
