// Optimizers racing over a surface. Each rule is the one of torch.optim, in the same order of
// operations, so that even a race that diverges gives the same numbers.
const SQ = (v) => v * v;
// f and its gradient g, limits of the plot, a start, learning rates that suit, the minima (f = 0).
const SURFACES = {
  bowl: {
    label: "Bowl",
    f: (x, y) => x * x + y * y,
    g: (x, y) => [2 * x, 2 * y],
    x: [-5, 5],
    y: [-4, 4],
    start: [-4, 2.5],
    lr: { sgd: 0.05, slow: 0.05, fast: 0.1 },
    minima: [[0, 0]],
  },
  ravine: {
    label: "Ravine",
    f: (x, y) => 0.1 * (x * x) + 2 * (y * y),
    g: (x, y) => [0.1 * (2 * x), 2 * (2 * y)],
    x: [-5, 5],
    y: [-4, 4],
    start: [-4, 1.5],
    lr: { sgd: 0.4, slow: 0.05, fast: 0.2 },
    minima: [[0, 0]],
  },
  saddle: {
    label: "Saddle",
    f: (x, y) => x * x + SQ(0.5 * (y * y) - 1),
    g: (x, y) => [2 * x, 0.5 * (2 * (0.5 * (y * y) - 1)) * (2 * y)],
    x: [-3, 3],
    y: [-2.4, 2.4],
    start: [-2.5, 0.01],
    lr: { sgd: 0.1, slow: 0.02, fast: 0.1 },
    minima: [
      [0, Math.SQRT2],
      [0, -Math.SQRT2],
    ],
  },
  rosenbrock: {
    label: "Rosenbrock",
    f: (x, y) => SQ(1 - x) + 100 * SQ(y - x * x),
    g: (x, y) => {
      const d = 100 * (2 * (y - x * x));
      return [-(2 * (1 - x)) - d * (2 * x), d];
    },
    x: [-2, 2],
    y: [-1, 3],
    start: [-1.2, 1],
    lr: { sgd: 0.001, slow: 0.0003, fast: 0.1 },
    minima: [[1, 1]],
  },
  beale: {
    label: "Beale",
    f: (x, y) => SQ(1.5 - x + x * y) + SQ(2.25 - x + x * (y * y)) + SQ(2.625 - x + x * (y * y * y)),
    g: (x, y) => {
      const a = 2 * (1.5 - x + x * y),
        b = 2 * (2.25 - x + x * (y * y)),
        c = 2 * (2.625 - x + x * (y * y * y));
      return [
        a * y - a + (b * (y * y) - b) + (c * (y * y * y) - c),
        a * x + b * x * (2 * y) + c * x * (3 * (y * y)),
      ];
    },
    x: [-4.5, 4.5],
    y: [-4, 4],
    start: [1, 1.5],
    lr: { sgd: 0.005, slow: 0.002, fast: 0.1 },
    minima: [[3, 0.5]],
  },
  himmelblau: {
    label: "Himmelblau",
    f: (x, y) => SQ(x * x + y - 11) + SQ(x + y * y - 7),
    g: (x, y) => {
      const a = 2 * (x * x + y - 11),
        b = 2 * (x + y * y - 7);
      return [a * (2 * x) + b, a + b * (2 * y)];
    },
    x: [-5, 5],
    y: [-5, 5],
    start: [0, 0],
    lr: { sgd: 0.01, slow: 0.003, fast: 0.2 },
    minima: [
      [3, 2],
      [-2.805118, 3.131312],
      [-3.77931, -3.283186],
      [3.584428, -1.848126],
    ],
  },
};
// One coordinate's step: rule(p, g, memory, hyperparameters, t) -> new p. memory starts as {}.
const momentum = (p, g, m, { lr, momentum: mu }, nesterov) => {
  m.b = m.b === undefined ? g : mu * m.b + g;
  return p - lr * (mu === 0 ? g : nesterov ? g + mu * m.b : m.b);
};
const adam = (p, g, m, { lr, beta1, beta2, eps }, t) => {
  m.m = (m.m || 0) + (1 - beta1) * (g - (m.m || 0));
  m.v = (m.v || 0) * beta2 + (1 - beta2) * g * g;
  const step = lr / (1 - beta1 ** t),
    denominator = Math.sqrt(m.v) / Math.sqrt(1 - beta2 ** t) + eps;
  return p - step * (m.m / denominator);
};
const OPTIMIZERS = {
  sgd: ["SGD", (p, g, m, { lr }) => p - lr * g],
  momentum: ["Momentum", (p, g, m, s) => momentum(p, g, m, s, false)],
  nesterov: ["Nesterov", (p, g, m, s) => momentum(p, g, m, s, true)],
  adagrad: [
    "AdaGrad",
    (p, g, m, { lr, eps }) => {
      m.s = (m.s || 0) + g * g;
      return p - lr * (g / (Math.sqrt(m.s) + eps));
    },
  ],
  rmsprop: [
    "RMSprop",
    (p, g, m, { lr, alpha, eps }) => {
      m.s = (m.s || 0) * alpha + (1 - alpha) * g * g;
      return p - lr * (g / (Math.sqrt(m.s) + eps));
    },
  ],
  adadelta: [
    "Adadelta",
    (p, g, m, { lr, rho, eps }) => {
      m.s = (m.s || 0) * rho + (1 - rho) * g * g;
      const delta = (Math.sqrt((m.d || 0) + eps) / Math.sqrt(m.s + eps)) * g;
      m.d = (m.d || 0) * rho + (1 - rho) * delta * delta;
      return p - lr * delta;
    },
  ],
  adam: ["Adam", adam],
  adamw: ["AdamW", (p, g, m, s, t) => adam(p * (1 - s.lr * s.weight_decay), g, m, s, t)],
};
const HYPER = {
  lr: { label: "learning rate", min: 1e-4, max: 10, log: true, typed: [0, 100] },
  momentum: { label: "momentum", min: 0, max: 0.999, step: 0.001 },
  alpha: { label: "α (memory)", min: 0, max: 0.999, step: 0.001 },
  rho: { label: "ρ (memory)", min: 0, max: 0.999, step: 0.001 },
  beta1: { label: "β₁", min: 0, max: 0.999, step: 0.001 },
  beta2: { label: "β₂", min: 0, max: 0.9999, step: 0.0001 },
  eps: { label: "ε", min: 1e-10, max: 1, log: true, typed: [0, 10] },
  weight_decay: { label: "weight decay", min: 0, max: 1, step: 0.01, typed: [0, 100] },
};

function race(surface, name, settings, start, steps) {
  const { f, g } = SURFACES[surface],
    [, rule] = OPTIMIZERS[name],
    memory = [{}, {}];
  let point = [...start];
  const path = [point],
    losses = [f(...point)];
  for (let t = 1; t <= steps; t++) {
    const gradient = g(...point);
    point = point.map((p, i) => rule(p, gradient[i], memory[i], settings, t));
    path.push(point);
    losses.push(f(...point));
  }
  return { path, losses };
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Optimizer paths" });
  const names = Object.keys(OPTIMIZERS),
    color = (name) => [1, 0, 5, 4, 3, 6, 2, 7][names.indexOf(name)];
  const dash = (name) => (name === "nesterov" || name === "adamw" ? "6 3" : undefined);
  const map = w.plot({
    title: "Surface",
    x: [-5, 5],
    y: [-4, 4],
    aspect: 0.86,
    basis: 300,
    label: "Contours of the surface with the path of each optimizer",
  });
  const loss = w.plot({
    title: "Loss",
    x: [0, 60],
    y: [1e-6, 100],
    log: "y",
    xlabel: "step",
    aspect: 0.86,
    basis: 260,
    label: "Loss of each optimizer at each step",
  });
  const surface = () => SURFACES[w.get("surface")];
  const short = (v) => Number(v.toPrecision(4));
  map.handle({
    label: "Start",
    color: "ink",
    get: () => w.get("start"),
    set: (p) => w.set({ start: p.map(short) }),
  });
  const out = w.readout();
  w.player("step", {
    last: () => w.get("steps"),
    rate: 15,
    auto: w.get("playing"),
    loop: w.get("playing"),
  });
  const move = (name) => {
    const { start, lr } = SURFACES[name],
      settings = structuredClone(w.get("settings"));
    const rate = {
      sgd: lr.sgd,
      momentum: lr.slow,
      nesterov: lr.slow,
      adagrad: lr.fast * 5,
      rmsprop: lr.fast / 2,
      adadelta: 1,
      adam: lr.fast,
      adamw: lr.fast,
    };
    for (const key of names) settings[key].lr = rate[key];
    w.set({ surface: name, start, settings });
  };
  w.select("surface", {
    label: "Surface",
    options: Object.entries(SURFACES).map(([k, v]) => [k, v.label]),
    set: move,
  });
  w.slider("steps", {
    label: "Steps",
    min: 10,
    max: 300,
    step: 10,
    integer: true,
    typed: [1, 500],
    set: (v) =>
      w.set({ steps: v, step: w.get("step") >= w.get("steps") ? v : Math.min(v, w.get("step")) }),
  });
  w.several("racing", {
    label: "Racing",
    options: names.map((n) => [n, OPTIMIZERS[n][0]]),
    colors: names.map(color),
    dashes: names.map(dash),
  });
  w.select("tuned", { label: "Settings of", options: names.map((n) => [n, OPTIMIZERS[n][0]]) });
  const sliders = Object.entries(HYPER).map(([key, options]) => [
    key,
    w.slider(key, {
      ...options,
      get: () => w.get("settings")[w.get("tuned")][key] ?? options.min,
      set: (v) =>
        w.set({
          settings: {
            ...w.get("settings"),
            [w.get("tuned")]: { ...w.get("settings")[w.get("tuned")], [key]: v },
          },
        }),
    }),
  ]);

  let made = "";
  return w.draw(() => {
    const [racing, start, steps, settings, tuned] = [
      "racing",
      "start",
      "steps",
      "settings",
      "tuned",
    ].map(w.get);
    const { f, x, y, minima } = surface(),
      now = clamp(w.get("step"), 0, steps);
    const key = JSON.stringify([w.get("surface"), racing, start, steps, settings]);
    if (key !== made) {
      made = key;
      w.values = { paths: {}, losses: {} };
      for (const name of racing) {
        const { path, losses } = race(w.get("surface"), name, settings[name], start, steps);
        w.values.paths[name] = path;
        w.values.losses[name] = losses;
      }
    }
    for (const [key, slider] of sliders) slider.hidden = !(key in settings[tuned]);
    map.limits({ x, y }).field(w.get("surface"), f, { levels: 16 });
    for (const [a, b] of minima)
      map.text(a, b, "+", { anchor: "middle", size: 18, dy: 6, halo: true });
    const { paths, losses } = w.values;
    const all = racing.flatMap((n) => losses[n]).filter((v) => v > 0 && Number.isFinite(v));
    const low = clamp(Math.min(...all, 1), 1e-12, 1),
      high = clamp(Math.max(...all.slice(0, 1), f(...start), 1) * 100, 1, 1e9);
    loss.limits({
      x: [0, steps],
      y: [
        10 ** Math.floor(Math.log10(low)),
        Math.min(10 ** Math.ceil(Math.log10(Math.max(...all, 1)) + 1e-9), high),
      ],
    });
    for (const name of racing) {
      const look = { color: color(name), width: 2.2, dash: dash(name) },
        seen = paths[name].slice(0, now + 1);
      map.curve(
        seen.map((p) => p[0]),
        seen.map((p) => p[1]),
        { color: "panel", width: 4.5, opacity: 0.55 },
      );
      map
        .curve(
          seen.map((p) => p[0]),
          seen.map((p) => p[1]),
          look,
        )
        .dots([seen.at(-1)], { ...look, r: 5, width: 1.5, dash: undefined });
      loss.curve(range(steps + 1), losses[name], { ...look, width: 1, opacity: 0.35 });
      loss
        .curve(range(now + 1), losses[name].slice(0, now + 1), look)
        .dots([[now, losses[name][now]]], { ...look, r: 4.5, dash: undefined });
    }
    out.show(
      Object.fromEntries(racing.map((name) => [OPTIMIZERS[name][0], fmt(losses[name][now], 3)])),
    );
    const lost = racing
      .filter((name) => !losses[name].every((v) => v < 1e12))
      .map((name) => OPTIMIZERS[name][0]);
    w.say(
      !racing.length
        ? "Choose an optimizer."
        : lost.length
          ? `${lost.join(" and ")}: diverges.`
          : "",
    );
  }).destroy;
}
export default { render };
