// Polynomials of a chosen degree through noisy points; training and test error.
const TEST = 200,
  SWEEPS = {
    degree: range(21),
    points: range(25, (i) => 4 + 4 * i),
    penalty: range(19, (i) => 10 ** ((i - 16) / 2)),
  };
const truth = (x) => 0.3 - 2 * x + 3.2 * x ** 3;
const raise = (k) => (k < 2 ? "" : superscript(k));
const evaluate = (w, x) => {
  let y = 0;
  for (let k = w.length - 1; k >= 0; k--) y = y * x + w[k];
  return y;
};
// The w for which the sum of squares of (columns · w − y) is least: Householder's reflections, nothing squared.
function leastSquares(columns, y) {
  const m = y.length,
    p = columns.length,
    diagonal = [];
  for (let k = 0; k < p; k++) {
    const v = columns[k];
    let norm = 0;
    for (let i = k; i < m; i++) norm += v[i] * v[i];
    norm = Math.sqrt(norm);
    const r = v[k] > 0 ? -norm : norm;
    diagonal.push(r);
    v[k] -= r;
    const size = norm * (norm + Math.abs(v[k] + r));
    if (size)
      for (const c of [...columns.slice(k + 1), y]) {
        let dot = 0;
        for (let i = k; i < m; i++) dot += v[i] * c[i];
        for (let i = k, t = dot / size; i < m; i++) c[i] -= t * v[i];
      }
  }
  const w = range(p, () => 0);
  for (let k = p - 1; k >= 0; k--) {
    let rest = y[k];
    for (let j = k + 1; j < p; j++) rest -= columns[j][k] * w[j];
    w[k] = rest / diagonal[k];
  }
  return w;
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Polynomial fit" });
  const keys = ["degree", "points", "noise", "penalised", "penalty", "against", "seed"];
  const fitted = w.plot({
    title: "Data and fit",
    x: [-1, 1],
    y: [-1.8, 2.2],
    xlabel: "x",
    aspect: 0.9,
    basis: 220,
  });
  const errors = w.plot({
    title: "Errors",
    label: "Training and test error, mean squared",
    x: [0, 20],
    y: [1e-3, 10],
    log: "y",
    xlabel: "degree",
    aspect: 0.9,
    basis: 220,
  });
  const sizes = w.plot({
    title: "Sizes |wₖ|",
    label: "Sizes of the coefficients",
    x: [-0.6, 20.6],
    y: [0.01, 100],
    log: "y",
    xlabel: "power k",
    aspect: 0.9,
    basis: 200,
  });
  const place = { degree: (v) => v, points: (v) => v, penalty: Math.log10 };
  const enough = (degree, points) =>
    w.get("penalised") || degree < points
      ? ""
      : `Degree ${degree} has ${degree + 1} coefficients: that takes ${degree + 1} points or a penalty.`;
  const move = {
    // the marker on the plot of errors: what the data cannot determine is not reached
    degree: (v) =>
      w.set({ degree: Math.min(Math.round(v), w.get("penalised") ? 20 : w.get("points") - 1) }),
    points: (v) =>
      w.set({ points: Math.max(Math.round(v), w.get("penalised") ? 4 : w.get("degree") + 1) }),
    penalty: (v) =>
      w.set({ penalised: true, penalty: clamp(Number((10 ** v).toPrecision(3)), 1e-8, 10) }),
  };
  errors.handle({
    label: "Marker",
    axis: "x",
    color: "ink",
    r: 6,
    step: [1, 0],
    set: ([x]) => move[w.get("against")](x),
    get: () => [
      w.get("against") === "penalty" && !w.get("penalised")
        ? NaN
        : place[w.get("against")](w.get(w.get("against"))),
      errors.options.y[0],
    ],
  });
  w.slider("degree", {
    label: "degree",
    min: 0,
    max: 20,
    step: 1,
    integer: true,
    check: (v) => enough(v, w.get("points")),
  });
  w.slider("points", {
    label: "points",
    min: 4,
    max: 100,
    step: 1,
    integer: true,
    check: (v) => enough(w.get("degree"), v),
  });
  w.slider("noise", { label: "noise", min: 0, max: 1, step: 0.01 });
  w.select("against", {
    label: "errors against",
    options: { degree: "degree", points: "number of points", penalty: "penalty λ" },
    set: (v) => w.set(v === "penalty" ? { against: v, penalised: true } : { against: v }),
  });
  w.check("penalised", {
    label: "penalise large coefficients",
    set: (on) =>
      w.set(
        on
          ? { penalised: on }
          : { penalised: on, degree: Math.min(w.get("degree"), w.get("points") - 1) },
      ),
  });
  const lambda = w.slider("penalty", { label: "penalty λ", min: 1e-8, max: 10, log: true });
  const preset = (text, state) =>
    w.button(text, () => w.set({ points: 15, penalised: false, against: "degree", ...state }));
  w.row(
    preset("Too stiff", { degree: 1 }),
    preset("Right", { degree: 3 }),
    preset("Too flexible", { degree: 14 }),
    preset("… with a penalty", { degree: 14, penalised: true, penalty: 0.001, against: "penalty" }),
    preset("… with more data", { degree: 14, points: 100, against: "points" }),
    w.reseed("Other data"),
    w.reset(keys, "Defaults"),
  );
  const out = w.readout(),
    lines = w.formula();

  const known = new Map();
  function data(points, noise, seed) {
    const key = [points, noise, seed].join();
    if (known.size > 300) known.clear();
    if (!known.has(key)) {
      const u = uniforms(4 * seed, points),
        e = normals(4 * seed + 1, points),
        x = range(points, (i) => -1 + (2 * (i + 0.25 + u[i] / 2)) / points);
      const far = Array.from(uniforms(4 * seed + 2, TEST), (v) => -1 + 2 * v),
        t = normals(4 * seed + 3, TEST);
      known.set(key, {
        x,
        y: x.map((v, i) => truth(v) + noise * e[i]),
        far,
        wanted: far.map((v, i) => truth(v) + noise * t[i]),
      });
    }
    return known.get(key);
  }
  function fit({ degree, points, penalty, noise, seed }) {
    if (!penalty && degree >= points)
      return { w: range(degree + 1, () => NaN), train: NaN, test: NaN };
    const { x, y, far, wanted } = data(points, noise, seed),
      rows = points + (penalty ? degree : 0);
    const pull = Math.sqrt(points * penalty),
      target = new Float64Array(rows),
      columns = range(degree + 1, () => new Float64Array(rows));
    target.set(y);
    for (let i = 0; i < points; i++)
      for (let k = 0, v = 1; k <= degree; k++, v *= x[i]) columns[k][i] = v;
    if (penalty) for (let k = 1; k <= degree; k++) columns[k][points + k - 1] = pull;
    const coefficients = leastSquares(columns, target),
      mse = (u, v) => sum(u.map((q, i) => (evaluate(coefficients, q) - v[i]) ** 2)) / u.length;
    return { w: coefficients, train: mse(x, y), test: mse(far, wanted) };
  }

  const grid = linspace(-1, 1, 161);
  return w.draw(() => {
    const [degree, points, noise, penalised, strength, against, seed] = keys.map(w.get),
      penalty = penalised ? strength : 0;
    const setting = { degree, points, noise, penalty, seed },
      { w: c, train, test } = fit(setting),
      { x, y, far, wanted } = data(points, noise, seed);
    const sweep = SWEEPS[against].map((v) => fit({ ...setting, [against]: v }));
    w.values = {
      w: c,
      train,
      test,
      norm: Math.sqrt(sum(c.slice(1).map((v) => v * v))),
      sweep: { train: sweep.map((s) => s.train), test: sweep.map((s) => s.test) },
    };
    lambda.hidden = !penalised;

    fitted
      .dots(
        far.map((v, i) => [v, wanted[i]]),
        { color: 2, r: 2, opacity: 0.35, width: 0 },
      )
      .curve(grid, grid.map(truth), { color: "muted", width: 1.5, dash: "5 4" });
    fitted
      .curve(
        grid,
        grid.map((v) => evaluate(c, v)),
        { color: 1, width: 2.5 },
      )
      .dots(
        x.map((v, i) => [v, y[i]]),
        { color: 0, r: 4.5 },
      );
    fitted.legend([
      { label: "fit", color: 1 },
      { label: "truth", color: "muted", dash: true },
    ]);

    const xs = SWEEPS[against].map(place[against]),
      all = [...w.values.sweep.train, ...w.values.sweep.test].filter((v) => v > 0);
    const low = 10 ** clamp(Math.floor(Math.log10(Math.min(0.01, ...all))), -5, -2),
      high = 10 ** clamp(Math.ceil(Math.log10(Math.max(1, ...all))), 0, 5);
    errors.limits({
      x: [xs[0], xs.at(-1)],
      y: [low, high],
      xlabel: { degree: "degree", points: "points", penalty: "log₁₀ λ" }[against],
    });
    if (noise)
      errors
        .line(xs[0], noise ** 2, xs.at(-1), noise ** 2, { color: "muted", width: 1.2, dash: "2 4" })
        .text(xs.at(-1), noise ** 2, "noise²", {
          anchor: "end",
          dy: 13,
          size: 11,
          color: "muted",
          halo: true,
        });
    errors
      .curve(xs, w.values.sweep.train, { color: 0, width: 2.2 })
      .curve(xs, w.values.sweep.test, { color: 2, width: 2.2 });
    if (against !== "penalty" || penalised) {
      const at = place[against](setting[against]);
      errors
        .line(at, low, at, high, { color: "muted", width: 1, dash: "3 3" })
        .dots([[at, Math.max(train, low)]], { color: 0, r: 4.5 })
        .dots([[at, test]], { color: 2, r: 4.5 });
    }
    errors.legend([
      { label: "training", color: 0 },
      { label: "test", color: 2 },
    ]);

    sizes.limits({
      y: [
        0.01,
        10 **
          clamp(
            Math.ceil(Math.log10(Math.max(10, ...c.map(Math.abs).filter(Number.isFinite)))),
            1,
            12,
          ),
      ],
    });
    c.forEach((v, k) => {
      if (Math.abs(v) > 0.01)
        sizes.rect(k - 0.4, 0.01, k + 0.4, Math.abs(v), {
          fill: v > 0 ? 0 : 1,
          color: "ink",
          width: 0,
        });
    });
    sizes.legend([
      { label: "+", color: 0 },
      { label: "−", color: 1 },
    ]);

    const i = w.values.sweep.test.reduce(
      (best, v, k, list) => (v < list[best] || !(list[best] > 0) ? k : best),
      0,
    );
    out.show({
      "training error": train,
      "test error": test,
      "noise²": noise ** 2,
      "√Σwₖ²": w.values.norm,
      "least test error in the sweep": `${fmt(w.values.sweep.test[i], 3)} at ${{ degree: "degree ", points: "", penalty: "λ = " }[against]}${fmt(SWEEPS[against][i], 3, true)}${against === "points" ? " points" : ""}`,
    });
    const terms = c
      .slice(0, 5)
      .map(
        (v, k) =>
          `${k ? (v < 0 ? " − " : " + ") : v < 0 ? "−" : ""}${fmt(Math.abs(v), 3, true)}${k ? ` x${raise(k)}` : ""}`,
      )
      .join("");
    lines.show(
      `ŷ = ${terms}${degree > 4 ? ` … ${c[degree] < 0 ? "−" : "+"} ${fmt(Math.abs(c[degree]), 3, true)} x${raise(degree)}` : ""}\n` +
        (penalised
          ? `minimised: training error + λ·Σwₖ² = ${fmt(train)} + ${fmt(penalty, 3, true)}·${fmt(w.values.norm ** 2)} = ${fmt(train + penalty * w.values.norm ** 2)}`
          : `minimised: training error = ${fmt(train)}`),
    );
    const worse = test > 1.3 * w.values.sweep.test[i] + 1e-9;
    w.say(
      !Number.isFinite(train)
        ? enough(degree, points)
        : degree < 3
          ? "Underfitting: below degree 3 no coefficients follow the cubic, and training and test error stay high together."
          : worse && test > 1.5 * train
            ? `Overfitting: the test error is ${train > 1e-9 ? `${fmt(test / train, 2)} times the training error` : "large, the training error 0"}; the curve follows the noise of these ${points} points, with large coefficients that cancel. A smaller degree, a penalty or more points help.`
            : worse && penalised
              ? "Underfitting: so large a penalty holds the coefficients back from the cubic, and both errors rise together."
              : "The test error is near that of the noise itself, which no fit can beat. Training error alone would not have told: it only falls as the degree grows.",
    );
  }).destroy;
}
export default { render };
