// What comes back of a gradient through a stack of blocks, plain and with skip connections.
const ROWS = 16,
  UNITS = 32,
  SIZE = ROWS * UNITS,
  EPS = 1e-5;
const PLAIN = 1,
  SKIP = 0; // colours
// name: [label, σ(z), σ′ from z and σ(z)]
const SIGMAS = {
  tanh: ["tanh", Math.tanh, (z, a) => 1 - a * a],
  relu: ["ReLU", (z) => Math.max(z, 0), (z) => +(z > 0)],
  sigmoid: ["sigmoid", sigmoid, (z, a) => a * (1 - a)],
};
const spread = (v) => {
  const mean = sum(v) / v.length;
  return Math.sqrt(v.reduce((all, x) => all + (x - mean) ** 2, 0) / v.length);
};

// z (rows × units) to zero mean and unit variance for each unit; returns the reciprocal deviations.
function standardize(z) {
  const scale = new Float64Array(UNITS);
  for (let j = 0; j < UNITS; j++) {
    let mean = 0,
      square = 0;
    for (let b = j; b < SIZE; b += UNITS) mean += z[b] / ROWS;
    for (let b = j; b < SIZE; b += UNITS) square += (z[b] - mean) ** 2 / ROWS;
    scale[j] = 1 / Math.sqrt(square + EPS);
    for (let b = j; b < SIZE; b += UNITS) z[b] = (z[b] - mean) * scale[j];
  }
  return scale;
}
// The gradient dz of the standardized z becomes that of what was standardized.
function unstandardize(dz, z, scale) {
  for (let j = 0; j < UNITS; j++) {
    let mean = 0,
      along = 0;
    for (let b = j; b < SIZE; b += UNITS) {
      mean += dz[b] / ROWS;
      along += (dz[b] * z[b]) / ROWS;
    }
    for (let b = j; b < SIZE; b += UNITS) dz[b] = (dz[b] - mean - z[b] * along) * scale[j];
  }
}

function pass({ activation, normalize, depth, gain, branch, seed }, skip, matrix) {
  const first = normals(seed * 64, 2 * SIZE),
    [, f, slope] = SIGMAS[activation],
    size = gain / Math.sqrt(UNITS);
  let a = first.slice(0, SIZE),
    g = first.slice(SIZE);
  const kept = [],
    stds = [spread(a)],
    back = [spread(g)];
  for (let layer = 1; layer <= depth; layer++) {
    const W = matrix(seed, layer),
      z = new Float64Array(SIZE),
      next = new Float64Array(SIZE),
      slopes = new Float64Array(SIZE);
    for (let b = 0; b < SIZE; b += UNITS)
      for (let o = 0; o < UNITS; o++) {
        let total = 0;
        for (let i = 0, k = o * UNITS; i < UNITS; i++, k++) total += W[k] * a[b + i];
        z[b + o] = total * size;
      }
    const scale = normalize ? standardize(z) : null;
    for (let k = 0; k < SIZE; k++) {
      const out = f(z[k]);
      slopes[k] = slope(z[k], out);
      next[k] = skip ? a[k] + branch * out : out;
    }
    a = next;
    kept.push([W, z, scale, slopes]);
    stds.push(spread(a));
  }
  for (const [W, z, scale, slopes] of kept.reverse()) {
    const dz = g.map((v, k) => v * slopes[k] * (skip ? branch : 1));
    if (scale) unstandardize(dz, z, scale);
    const before = skip ? Float64Array.from(g) : new Float64Array(SIZE);
    for (let b = 0; b < SIZE; b += UNITS)
      for (let o = 0; o < UNITS; o++) {
        const d = dz[b + o] * size;
        if (d !== 0) for (let i = 0, k = o * UNITS; i < UNITS; i++, k++) before[b + i] += W[k] * d;
      }
    g = before;
    back.unshift(spread(g));
  }
  return { h: stds, g: back };
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Gradients with and without skip connections" });
  const keys = ["activation", "normalize", "depth", "gain", "branch", "block", "seed"];
  const one = { xlabel: "block", log: "y", aspect: 0.72, basis: 270, x: [0, 30], y: [1e-8, 10] };
  const gradients = w.plot({ ...one, title: "Gradient coming back: std" });
  const activations = w.plot({ ...one, title: "Activations going forward: std" });
  const at = () => Math.min(w.get("block"), w.get("depth"));
  const reading = w.position(
    [
      [gradients, "Block, gradients"],
      [activations, "Block, activations"],
    ],
    { get: at, set: (block) => w.set({ block }), last: () => w.get("depth") },
  );
  w.slider("depth", { label: "blocks", min: 1, max: 60, step: 1, integer: true });
  w.slider("gain", { label: "gain of the weights", min: 0.1, max: 3, step: 0.05 });
  w.slider("branch", { label: "a block adds α", min: 0, max: 1, step: 0.05 });
  w.select("activation", {
    label: "activation σ",
    options: Object.entries(SIGMAS).map(([k, [label]]) => [k, label]),
  });
  w.check("normalize", { label: "batch normalization before σ" });
  w.row(w.reseed("Other numbers"), w.reset(keys, "Defaults"));
  const lines = w.formula();

  const drawn = new Map();
  const matrix = (seed, layer) => {
    const key = seed * 64 + layer;
    if (!drawn.has(key)) {
      if (drawn.size > 240) drawn.clear();
      drawn.set(key, normals(key, UNITS * UNITS));
    }
    return drawn.get(key);
  };

  return w.draw(() => {
    const state = Object.fromEntries(keys.map((key) => [key, w.get(key)])),
      block = at(),
      { depth } = state;
    w.values = { plain: pass(state, false, matrix), skip: pass(state, true, matrix) };
    const shown = [
      [w.values.plain, PLAIN, "without skip"],
      [w.values.skip, SKIP, "with skip"],
    ];
    for (const [plot, key] of [
      [gradients, "g"],
      [activations, "h"],
    ]) {
      plot.limits({ x: [0, depth], y: logLimits(shown.flatMap(([v]) => v[key])) });
      plot.legend(shown.map(([, color, label]) => ({ label, color })));
      plot.line(0, 1, depth, 1, { color: "muted", width: 1 });
      reading.mark(plot);
      for (const [values, color] of shown) {
        plot.curve(range(depth + 1), values[key], { color, width: 2.2 });
        if (values[key][block] > 0) plot.dots([[block, values[key][block]]], { color, r: 4 });
      }
    }
    lines.show(
      shown
        .map(
          ([{ g, h: forward }, , label]) =>
            `${label}: back through all ${depth} blocks ×${fmt(g[0] / g[depth], 3)}, on average ×${fmt((g[0] / g[depth]) ** (1 / depth), 3)} a block; ` +
            (block ? `after block ${block}` : "at the input") +
            `: gradient ${fmt(g[block], 3)}, activations ${fmt(forward[block], 3)}`,
        )
        .join("\n"),
    );
    const [plain, skip] = shown.map(([{ g }]) => g[0] / g[depth]);
    w.say(
      state.branch === 0
        ? "With α = 0 every block hands on what it was given: forward and back, nothing changes."
        : plain < 1e-3
          ? `Each plain block multiplies the gradient by its own slope, and ${depth} factors below 1 leave ${fmt(plain, 2)}. With a skip the factor is 1 plus that slope.`
          : plain > 1e3
            ? `The plain stack's factors are above 1, and ${depth} of them make ${fmt(plain, 2)}. The skip adds 1 to each factor: it keeps a gradient from vanishing, not from growing.`
            : skip > 1e3
              ? "Here the plain stack does well, and the skip makes the gradient grow: each block adds to what it was given. A smaller α, or normalization, tames it."
              : "Both stacks bring the gradient back at a usable size here. More blocks or a smaller gain part them.",
    );
  }).destroy;
}
export default { render };
