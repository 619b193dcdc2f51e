// Losses against an error or a margin, their slopes, and the constant that makes their mean least.
const sq = (v) => v * v;
const p4 = (v) => fmt(v, 4, true),
  neg = (v) => (v < 0 ? `(${p4(v)})` : p4(v));
// name: [label, loss(x, δ), slope(x, δ), the formula with the numbers filled in, colour]. Kinks: the slope that torch takes.
const FAMILIES = {
  regression: {
    mse: ["Squared (MSE)", (e) => e * e, (e) => 2 * e, (e) => `e² = ${neg(e)}²`, 0],
    half: ["Half squared", (e) => (e * e) / 2, (e) => e, (e) => `½e² = ½·${neg(e)}²`, 5],
    mae: ["Absolute (MAE)", Math.abs, Math.sign, (e) => `|e| = |${p4(e)}|`, 1],
    huber: [
      "Huber",
      (e, d) => (Math.abs(e) <= d ? (e * e) / 2 : d * (Math.abs(e) - d / 2)),
      (e, d) => clamp(e, -d, d),
      (e, d) =>
        Math.abs(e) <= d
          ? `½e², as |e| ≤ δ, = ½·${neg(e)}²`
          : `δ(|e| − δ/2), as |e| > δ, = ${p4(d)}·(${p4(Math.abs(e))} − ${p4(d / 2)})`,
      2,
    ],
  },
  classification: {
    bce: [
      "Cross-entropy (BCE)",
      (m) => Math.max(-m, 0) + Math.log1p(Math.exp(-Math.abs(m))),
      (m) => -sigmoid(-m),
      (m) => `log(1 + e⁻ᵐ) = −log σ(m) = −log ${p4(sigmoid(m))}`,
      0,
    ],
    hinge: [
      "Hinge",
      (m) => Math.max(1 - m, 0),
      (m) => (m < 1 ? -1 : 0),
      (m) => `max(0, 1 − m) = max(0, ${p4(1 - m)})`,
      1,
    ],
    hinge2: [
      "Squared hinge",
      (m) => sq(Math.max(1 - m, 0)),
      (m) => -2 * Math.max(1 - m, 0),
      (m) => `max(0, 1 − m)² = max(0, ${p4(1 - m)})²`,
      4,
    ],
    brier: [
      "Squared error of σ(z)",
      (m) => sq(1 - sigmoid(m)),
      (m) => -2 * sq(sigmoid(-m)) * sigmoid(m),
      (m) => `(1 − σ(m))² = (1 − ${p4(sigmoid(m))})²`,
      2,
    ],
    squared: [
      "Squared error of z",
      (m) => sq(1 - m),
      (m) => -2 * (1 - m),
      (m) => `(1 − m)² = ${neg(1 - m)}²`,
      3,
    ],
  },
};
// The ends of where a rising slope is zero.
function flat(slope) {
  return [-1e-10, 1e-10].map((sure) => {
    let low = -11,
      high = 11;
    for (let k = 0; k < 60; k++) {
      const c = (low + high) / 2;
      if (slope(c) <= sure) low = c;
      else high = c;
    }
    return (low + high) / 2;
  });
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Loss functions" });
  const keys = [
    "family",
    "regression",
    "classification",
    "error",
    "margin",
    "delta",
    "targets",
    "share",
  ];
  const regress = () => w.get("family") === "regression";
  const fours = [-4, -2, 0, 2, 4],
    one = { x: [-4, 4], xlabel: "error", xticks: fours, aspect: 0.9, basis: 200, minHeight: 190 };
  const value = w.plot({ ...one, title: "Loss of one prediction", y: [0, 6] });
  const slope = w.plot({ ...one, title: "Its slope", y: [-4, 4] });
  const mean = w.plot({ ...one, title: "Mean loss of a constant", x: [0, 10], y: [0, 20] });
  const key = () => (regress() ? "error" : "margin"),
    tidy = (v) => Number(v.toPrecision(6));
  for (const [plot, label] of [
    [value, "Position on the loss"],
    [slope, "Position on the slope"],
  ])
    plot.handle({
      label,
      axis: "x",
      color: "ink",
      r: 6,
      step: [0.1, 0],
      get: () => [w.get(key()), plot.options.y[0]],
      set: ([x]) => w.set({ [key()]: tidy(clamp(x, -4, 4)) }),
    });
  w.get("targets").forEach((_, i) =>
    mean.handle({
      label: `Target ${i + 1}`,
      axis: "x",
      color: 7,
      r: 6,
      step: [0.1, 0],
      get: () => [regress() ? (w.get("targets")[i] ?? NaN) : NaN, 0],
      set: ([x]) => w.set({ targets: w.get("targets").with(i, tidy(clamp(x, 0, 10))) }),
    }),
  );
  mean.handle({
    label: "Share of positives",
    axis: "y",
    color: "ink",
    r: 6,
    step: [0, 0.01],
    get: () => (regress() ? [NaN, NaN] : [-4, mean.options.y[1] * w.get("share")]),
    set: ([, y]) => w.set({ share: clamp(Number((y / mean.options.y[1]).toFixed(3)), 0.02, 0.98) }),
  });

  w.select("family", {
    label: "losses of",
    options: {
      regression: "a number (error e = ŷ − y)",
      classification: "a class (margin m = y·z)",
    },
  });
  const only = {
    regression: [
      w.slider("error", { label: "error e", min: -4, max: 4, step: 0.05 }),
      w.slider("delta", { label: "Huber's δ", min: 0.05, max: 10, log: true }),
    ],
    classification: [
      w.slider("margin", { label: "margin m", min: -4, max: 4, step: 0.05 }),
      w.slider("share", { label: "share of label +1", min: 0.02, max: 0.98, step: 0.01 }),
    ],
  };
  for (const family of ["regression", "classification"]) {
    const list = Object.entries(FAMILIES[family]);
    only[family].push(
      w.several(family, {
        label: "Losses",
        options: list.map(([name, [label]]) => [name, label]),
        colors: list.map(([, l]) => l[4]),
      }),
    );
  }
  const moves = [
    w.button("Outlier", () => w.set({ targets: [...w.get("targets").slice(0, -1), 9] })),
    w.button("No outlier", () => w.set({ targets: [...w.get("targets").slice(0, -1), 2.5] })),
  ];
  only.regression.push(...moves);
  w.row(...moves, w.reset(keys));
  const lines = w.formula(),
    grid = linspace(-4, 4, 161),
    wide = linspace(0, 10, 161);
  const span = ([a, b]) =>
    b - a < 1e-6
      ? fmt(Number(((a + b) / 2).toFixed(8)), 4)
      : `anything in ${fmt(a, 3)} … ${fmt(b, 3)}`;

  return w.draw(() => {
    const family = w.get("family"),
      number = regress(),
      x = w.get(key()),
      d = w.get("delta"),
      q = w.get("share");
    const y = w.get("targets"),
      names = w.get(family),
      all = FAMILIES[family];
    for (const [name, list] of Object.entries(only))
      for (const item of list) item.hidden = name !== family;
    const over = (f) =>
      number
        ? (c) => sum(y.map((t) => f(c - t, d))) / y.length
        : (c, sign = 1) => q * f(c, d) + sign * (1 - q) * f(-c, d);
    w.values = { loss: {}, slope: {}, best: {}, least: {} };
    for (const name of names) {
      const [, f, df] = all[name],
        grade = over(df);
      w.values.loss[name] = f(x, d);
      w.values.slope[name] = df(x, d);
      w.values.best[name] = flat((c) => grade(c, -1));
      w.values.least[name] = over(f)(w.values.best[name][0]);
    }
    const { loss, slope: tilt, best, least } = w.values;
    const xlabel = number ? "error e = ŷ − y" : "margin m = y·z";
    value.limits({ xlabel, y: [0, number ? 8 : 6] });
    slope.limits({
      xlabel,
      yticks: number ? fours : [-4, -2, 0, 2],
      y: number ? [-4.5, 4.5] : [-4, 2],
    });
    const top = Math.max(number ? 1 : 1.5, 2.2 * Math.max(0, ...Object.values(least)));
    mean.limits({
      xlabel: number ? "constant ŷ for all targets" : "constant logit z for all",
      x: number ? [0, 10] : [-4, 4],
      xticks: number ? [0, 2, 4, 6, 8, 10] : fours,
      y: [0, Number(top.toPrecision(2))],
    });
    for (const plot of [value, slope])
      plot.line(x, -99, x, 99, { color: "muted", width: 1, dash: "3 3" });
    slope.line(-4, 0, 4, 0, { color: "muted", width: 1 });
    if (!number)
      value
        .curve([-4, 0, 0, 4], [1, 1, 0, 0], { color: "muted", width: 1.5, dash: "5 4" })
        .text(-3.9, 1, "wrong or right (0–1)", { dy: -5, size: 11, color: "muted", halo: true });
    if (!number)
      mean.text(-4, q * mean.options.y[1], "share of +1", {
        dx: 11,
        size: 11,
        color: "muted",
        halo: true,
      });
    const at = number ? wide : grid;
    for (const name of names) {
      const [, f, df, , color] = all[name],
        look = { color, width: 2.2 },
        m = over(f);
      value
        .curve(
          grid,
          grid.map((v) => f(v, d)),
          look,
        )
        .dots([[x, loss[name]]], { color, r: 4.5 });
      slope
        .curve(
          grid,
          grid.map((v) => df(v, d)),
          look,
        )
        .dots([[x, tilt[name]]], { color, r: 4.5 });
      mean.curve(
        at,
        at.map((c) => m(c)),
        look,
      );
      const [lo, hi] = best[name];
      mean.line(lo, least[name], lo, 0, { color, width: 1.5, dash: "3 3" });
      if (hi - lo > 1e-6) mean.line(lo, least[name], hi, least[name], { color, width: 6 });
      mean.dots(
        [
          [lo, least[name]],
          [hi, least[name]],
        ],
        { color, r: 4.5 },
      );
    }
    lines.show(
      names
        .map(
          (name) =>
            `${all[name][0]}: ${all[name][3](x, d)} = ${fmt(loss[name])}, slope ${fmt(tilt[name])}; best constant ${span(best[name])}`,
        )
        .join("\n"),
    );
    if (!names.length) w.say("Choose a loss.");
    else if (number) {
      const sorted = [...y].sort((a, b) => a - b),
        n = y.length,
        half = (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
      w.say(
        `Drag a target away: squared error pulls in proportion to the error, so its best constant, the mean ${p4(sum(y) / n)}, follows; ` +
          `absolute error pulls with ±1 however far, so its best constant, the median ${p4(half)}, stays. Huber goes from median (small δ) to mean (large δ).`,
      );
    } else
      w.say(
        `For a share ${p4(q)} of +1, cross-entropy wants z = log(${p4(q)}/${p4(1 - q)}) = ${p4(Math.log(q / (1 - q)))}: σ(z) gives the share back. ` +
          "Hinge only says which class is larger. Far on the wrong side, the squared error of σ(z) is flat: badly wrong, hardly corrected.",
      );
  }).destroy;
}
export default { render };
