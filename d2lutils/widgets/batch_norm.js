// One channel of batch normalization: a batch before and after, and the running statistics.
const NOTES = [1, 2, 3, 6];
// 64 numbers of mean 2 and standard deviation 3, in an order that looks random
const CROWD = range(64, (i) => {
  const u = (((i * 37 + 11) % 64) + 0.5) / 64,
    t = Math.sqrt(-2 * Math.log(Math.min(u, 1 - u))); // Abramowitz and Stegun 26.2.23
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
  return Number((2 + 3 * (u < 0.5 ? -z : z)).toFixed(2));
});
const PLAIN = {
  data: NOTES,
  batch_size: 4,
  step: 0,
  training: true,
  scale: 1,
  shift: 0,
  gamma: 1,
  beta: 0,
  momentum: 0.1,
  eps: 1e-5,
};
const EXAMPLES = [
  ["The batch 1, 2, 3, 6, first step", PLAIN],
  ["The same batch, twenty steps later", { ...PLAIN, step: 20 }],
  ["Evaluation after one step: too early", { ...PLAIN, step: 1, training: false }],
  ["Shifted and scaled batch, in training", { ...PLAIN, step: 20, shift: 10, scale: 2 }],
  [
    "Shifted and scaled batch, in evaluation",
    { ...PLAIN, step: 20, shift: 10, scale: 2, training: false },
  ],
  ["64 activations in batches of 2", { ...PLAIN, data: CROWD, batch_size: 2, step: 20 }],
  ["64 activations in batches of 16", { ...PLAIN, data: CROWD, batch_size: 16, step: 20 }],
  ["All activations equal", { ...PLAIN, scale: 0, shift: 4 }],
];
const LAST = 40,
  MOST = 16;

function render({ model, el }) {
  const w = widget(el, model, { name: "Batch normalization" });
  const one = { basis: 200, aspect: 0.95, xlabel: "activation" };
  const before = w.plot({
    ...one,
    title: "Before: x",
    x: [-0.5, 3.5],
    y: [-2, 8],
    label: "Activations of the batch, with their mean and standard deviation",
  });
  const after = w.plot({
    ...one,
    title: "After: y",
    x: [-0.5, 3.5],
    y: [-2, 8],
    label: "Normalized activations",
  });
  const past = w.plot({
    ...one,
    title: "Running",
    x: [0, LAST],
    y: [0, 8],
    xlabel: "batches seen",
    label: "Running mean and variance after each batch, and each batch's own as small dots",
  });
  const lines = w.formula();
  const size = () => w.get("batch_size"),
    place = (i, step = w.get("step")) => (step * size() + i) % w.get("data").length;
  const batch = (step) => range(size(), (i) => w.get("data")[place(i, step)]);
  const value = (i) => w.get("scale") * w.get("data")[place(i)] + w.get("shift");
  for (const i of range(MOST))
    before.handle({
      label: `Activation ${i}`,
      axis: "y",
      color: 0,
      r: 6,
      step: [0, 0.1],
      get: () => (i < size() ? [i, value(i)] : [NaN, NaN]),
      set: ([, y]) => {
        if (!w.get("scale")) return; // every activation is the shift
        const data = [...w.get("data")];
        data[place(i)] = Number(((y - w.get("shift")) / w.get("scale")).toFixed(3));
        w.set({ data, sample: i });
      },
    });
  w.player("step", { last: () => LAST, rate: 6, label: "batches seen" });
  w.presets({ options: EXAMPLES, also: { sample: 0 } });
  w.select("training", {
    label: "Mode",
    options: [
      [true, "training: net.train()"],
      [false, "evaluation: net.eval()"],
    ],
  });
  w.slider("scale", { label: "scale this batch", min: 0, max: 5, step: 0.1, typed: [0, 10] });
  w.slider("shift", { label: "shift this batch", min: -20, max: 20, step: 0.5 });
  w.slider("gamma", { label: "γ (weight)", min: -5, max: 5, step: 0.1, typed: [-100, 100] });
  w.slider("beta", { label: "β (bias)", min: -5, max: 5, step: 0.1, typed: [-100, 100] });
  w.slider("momentum", { label: "momentum", min: 0, max: 1, step: 0.01 });
  w.slider("eps", { label: "ε", min: 1e-8, max: 1, log: true, typed: [1e-10, 1] });
  w.slider("batch_size", {
    label: "batch size",
    min: 1,
    max: MOST,
    step: 1,
    integer: true,
    check: (v) =>
      v === 1
        ? "A batch of one has no spread: torch refuses to train on it."
        : v > w.get("data").length
          ? `These data are ${w.get("data").length} activations; take the 64 (Example).`
          : "",
  });
  w.slider("sample", {
    label: "written out",
    min: 0,
    max: MOST - 1,
    step: 1,
    integer: true,
    check: (v) => (v >= size() ? `The batch ends at activation ${size() - 1}.` : ""),
  });
  w.row(
    w.button("Undo the normalization: γ = √(σ² + ε), β = μ", () => {
      const { mu, v } = statistics();
      w.set({ gamma: clamp(Math.sqrt(v + w.get("eps")), -100, 100), beta: clamp(mu, -100, 100) });
    }),
    w.button("γ = 1, β = 0", () => w.set({ gamma: 1, beta: 0 })),
  );

  const mean = (v) => sum(v) / v.length,
    spread = (v) => {
      const a = mean(v);
      return mean(v.map((x) => (x - a) ** 2));
    };
  const update = ([a, b], x) => {
    const p = w.get("momentum"),
      unbiased = (spread(x) * x.length) / (x.length - 1);
    return [(1 - p) * a + p * mean(x), (1 - p) * b + p * unbiased];
  };
  const running = () => {
    const history = [[0, 1]];
    for (let t = 0; t < w.get("step"); t++) history.push(update(history[t], batch(t)));
    return history;
  };
  // What the present batch is normalized with.
  const statistics = () => {
    const x = range(size(), value),
      [a, b] = running().at(-1);
    return w.get("training") ? { mu: mean(x), v: spread(x) } : { mu: a, v: b };
  };
  const { num, par: signed } = written(4);
  const minus = (a, b) => `${num(a)} − ${signed(b)}`;

  return w.draw(() => {
    const [training, gamma, beta, p, eps, step] = [
      "training",
      "gamma",
      "beta",
      "momentum",
      "eps",
      "step",
    ].map(w.get);
    const n = size(),
      x = range(n, value),
      m = mean(x),
      variance = spread(x),
      unbiased = (variance * n) / (n - 1);
    const history = running(),
      [a, b] = history.at(-1),
      { mu, v } = statistics();
    const y = x.map((u) => ((u - mu) / Math.sqrt(v + eps)) * gamma + beta);
    const [a1, b1] = training ? update([a, b], x) : [a, b];
    w.values = {
      x,
      y,
      mean: m,
      var: variance,
      unbiased,
      history,
      running_mean: a1,
      running_var: b1,
    };

    // both plots on one scale, so that what the layer does to place and spread can be seen
    const sd = Math.sqrt(v),
      reach = [...x, ...y, mu - sd, mu + sd].filter(Number.isFinite);
    const room = (lo, hi) => {
      const unit = hi - lo > 20 ? 10 : 1;
      return [Math.floor(lo / unit) * unit, Math.ceil(hi / unit) * unit];
    };
    const limits = {
      x: [-0.6, n - 0.4],
      y: room(Math.min(-1.5, ...reach) - 1, Math.max(6, ...reach) + 0.5),
      xticks: n > 8 ? range(Math.ceil(n / 5), (i) => 5 * i) : range(n),
    };
    const used = training ? 1 : 2;
    before
      .limits(limits)
      .legend([{ label: training ? "its own μ ± σ" : "running μ ± σ", color: used }]);
    before
      .rect(-0.6, mu - sd, n - 0.4, mu + sd, { width: 0, fill: used, opacity: 0.15 })
      .line(-0.6, mu, n - 0.4, mu, { color: used });
    after.limits(limits).legend([{ label: "β ± |γ|", color: 3 }]);
    after
      .rect(-0.6, beta - gamma, n - 0.4, beta + gamma, { width: 0, fill: 3, opacity: 0.15 })
      .line(-0.6, beta, n - 0.4, beta, { color: 3 });
    y.forEach((u, i) => after.line(i, beta, i, u, { color: "muted", width: 1, dash: "3 3" }));
    after.dots(
      y.map((u, i) => [i, u]),
      { color: 1, r: 5 },
    );
    const chosen = clamp(w.get("sample"), 0, n - 1);
    after.dots([[chosen, y[chosen]]], { color: "none", ring: "ink", r: 8, width: 1.5 });
    if (n <= 8)
      y.forEach((u, i) =>
        after.text(i, u, fmt(u, 3, true), {
          anchor: "middle",
          dy: u < beta ? 18 : -9,
          size: 11.5,
          halo: true,
        }),
      );
    if (n <= 8)
      x.forEach((u, i) =>
        before.text(i, u, fmt(u, 3, true), {
          anchor: "middle",
          dy: u < mu ? 20 : -11,
          size: 11.5,
          halo: true,
        }),
      );

    const all = training ? [...history, [a1, b1]] : history,
      flat = all.flat();
    past.limits({
      x: [0, Math.max(10, LAST * (all.length > 11))],
      y: room(Math.min(0, ...flat), Math.max(4, ...flat) + 0.5),
    });
    past.legend([
      { label: `μ ${fmt(a1, 3, true)}`, color: 2 },
      { label: `s² ${fmt(b1, 3, true)}`, color: 4 },
    ]);
    // each batch's own statistics: the noise that the running ones smooth away
    const own = range(step, batch).map((u) => [mean(u), (spread(u) * n) / (n - 1)]);
    if (training) own.push([m, unbiased]);
    for (const k of [0, 1])
      past.dots(
        own.map((s, t) => [t + 1, s[k]]),
        { color: [2, 4][k], r: 2, width: 0, opacity: 0.6 },
      );
    for (const k of [0, 1])
      past
        .curve(
          range(all.length),
          all.map((h) => h[k]),
          { color: [2, 4][k] },
        )
        .dots([[all.length - 1, all.at(-1)[k]]], { color: [2, 4][k], r: 4.5 });

    const list =
      n <= 8 ? `(${x.map((u, i) => (i ? signed(u) : num(u))).join(" + ")}) / ${n}` : `Σx / ${n}`;
    const i = chosen;
    lines.show(
      [
        `batch: μ = ${list} = ${num(m)}\nσ² = Σ(x − μ)² / ${n} = ${num(variance)}, unbiased s² = Σ(x − μ)² / ${n - 1} = ${num(unbiased)}`,
        `y[${i}] = γ (x − ${training ? "μ" : "running mean"}) / √(${training ? "σ²" : "running var"} + ε) + β = ${num(gamma)} · (${minus(x[i], mu)}) / √(${num(v)} + ${fmt(eps, 3, true)}) + ${signed(beta)} = ${num(y[i])}`,
        training
          ? `running mean ← (1 − ${num(p)}) · ${signed(a)} + ${num(p)} · ${signed(m)} = ${num(a1)}\nrunning var ← (1 − ${num(p)}) · ${num(b)} + ${num(p)} · ${num(unbiased)} = ${fmt(b1, 5, true)}`
          : `running mean = ${num(a)}, running var = ${fmt(b, 5, true)}: evaluation uses them and leaves them as they are`,
      ].join("\n"),
    );
    const moved = w.get("shift") !== 0 || w.get("scale") !== 1;
    w.say(
      training && variance < 1e-12
        ? "No spread at all: ε keeps the division from being 0/0, and every output is β."
        : training
          ? moved
            ? "In training a shift or a scale of the whole batch leaves y (nearly) as it was: the batch is measured against itself. It does enter the running statistics."
            : "In training y has mean β and standard deviation |γ|, whatever came in. σ² divides by n, the running variance takes s², which divides by n − 1. torch's momentum 0.1 weighs the new batch; elsewhere the same is written 0.9."
          : moved
            ? "In evaluation every activation is treated alone and by fixed numbers: a shifted or scaled batch comes out shifted or scaled."
            : step < 10 && p < 0.5
              ? "The running statistics started at 0 and 1 and have not caught up with the data: evaluation differs from training."
              : "The running statistics have caught up: evaluation does nearly what training does, one activation at a time.",
    );
  }).destroy;
}
export default { render };
