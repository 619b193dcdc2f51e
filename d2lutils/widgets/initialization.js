// What a stack of layers does to the size of activations and gradients, for schemes of initialization.
const BATCH = 8;
// name: [label, standard deviation of a weight (n, gain), its formula, colour]
const SCHEMES = {
  small: ["N(0, 0.01²)", () => 0.01, () => "", 3],
  unit: ["N(0, 1)", () => 1, () => "", 1],
  xavier: ["Xavier", (n) => Math.sqrt(1 / n), (n) => `√(2/(${n} + ${n}))`, 2],
  he: ["He", (n) => Math.sqrt(2 / n), (n) => `√(2/${n})`, 0],
  default: ["nn.Linear's default", (n) => 1 / Math.sqrt(3 * n), (n) => `1/√(3·${n})`, 4],
  orthogonal: [
    "Gain × orthogonal",
    (n, gain) => gain / Math.sqrt(n),
    (n, gain) => `${fmt(gain, 3, true)}/√${n}`,
    6,
  ],
};
// name: [label, σ(z), σ′ from z and σ(z)]
const SIGMAS = {
  linear: ["linear (none)", (z) => z, () => 1],
  tanh: ["tanh", Math.tanh, (z, a) => 1 - a * a],
  sigmoid: ["sigmoid", sigmoid, (z, a) => a * (1 - a)],
  relu: ["ReLU", (z) => Math.max(z, 0), (z) => +(z > 0)],
};
function std(v) {
  let mean = 0,
    square = 0;
  for (const x of v) mean += x / v.length;
  for (const x of v) square += (x - mean) ** 2 / v.length;
  return Math.sqrt(square);
}
// The rows made orthonormal, one after the other (Gram and Schmidt).
function orthonormal(W, n) {
  const Q = Float64Array.from(W);
  for (let i = 0; i < n; i++) {
    const row = Q.subarray(i * n, i * n + n);
    let norm = 0;
    for (let k = 0; k < n; k++) norm += row[k] * row[k];
    norm = Math.sqrt(norm);
    for (let k = 0; k < n; k++) row[k] /= norm;
    for (let j = i + 1; j < n; j++) {
      const other = Q.subarray(j * n, j * n + n);
      let dot = 0;
      for (let k = 0; k < n; k++) dot += row[k] * other[k];
      for (let k = 0; k < n; k++) other[k] -= dot * row[k];
    }
  }
  return Q;
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Initialization" });
  const keys = ["schemes", "activation", "width", "depth", "gain", "layer", "seed"];
  const one = { xlabel: "layer", aspect: 0.9, basis: 200, x: [0, 20] };
  const forward = w.plot({ ...one, title: "Activations: std", log: "y", y: [1e-8, 10] });
  const backward = w.plot({ ...one, title: "Gradients: std", log: "y", y: [1e-8, 10] });
  const flat = w.plot({
    ...one,
    title: "Units with slope σ′ < 0.1",
    y: [0, 100],
    ylabel: "%",
    yticks: [0, 25, 50, 75, 100],
  });
  const at = () => Math.min(w.get("layer"), w.get("depth"));
  const reading = w.position(
    [
      [forward, "Layer, activations"],
      [backward, "Layer, gradients"],
      [flat, "Layer, slopes"],
    ],
    { get: at, set: (layer) => w.set({ layer }), last: () => w.get("depth") },
  );
  w.select("activation", {
    label: "activation σ",
    options: Object.entries(SIGMAS).map(([k, [label]]) => [k, label]),
  });
  w.slider("depth", { label: "layers", min: 1, max: 30, step: 1, integer: true });
  w.slider("width", { label: "width n", min: 2, max: 64, step: 1, integer: true });
  const gain = w.slider("gain", { label: "gain", min: 0.1, max: 5, step: 0.05 });
  w.several("schemes", {
    label: "Weights drawn from",
    options: Object.entries(SCHEMES).map(([k, [label]]) => [k, label]),
    colors: Object.values(SCHEMES).map((s) => s[3]),
  });
  const alone = { schemes: ["orthogonal"], activation: "linear", depth: 30, layer: 30 };
  w.row(
    w.button("0.2³⁰", () => w.set({ ...alone, gain: 0.2 })),
    w.button("5³⁰", () => w.set({ ...alone, gain: 5 })),
    w.button("He for ReLU", () =>
      w.set({ schemes: ["xavier", "he", "default"], activation: "relu", depth: 30 }),
    ),
    w.reseed("Other numbers"),
    w.reset(keys, "Defaults"),
  );
  const lines = w.formula();

  const drawn = new Map(),
    done = new Map(); // random matrices; results
  const once = (map, key, make) => {
    if (!map.has(key)) {
      if (map.size > 400) map.clear();
      map.set(key, make());
    }
    return map.get(key);
  };
  function matrix(kind, seed, n, layer) {
    const key = [kind, seed, n, layer].join(),
      size = n * n;
    return once(drawn, key, () =>
      kind === "default"
        ? uniforms(seed * 64 + layer, size).map((u) => (2 * u - 1) * Math.sqrt(3))
        : kind === "orthogonal"
          ? orthonormal(matrix("normal", seed, n, layer), n).map((v) => v * Math.sqrt(n))
          : normals(seed * 64 + layer, size),
    );
  }
  function pass(scheme, activation, n, depth, gain, seed) {
    const size = BATCH * n,
      first = normals(seed * 64, 2 * size),
      [, f, df] = SIGMAS[activation];
    const scale = SCHEMES[scheme][1](n, gain),
      kind = ["default", "orthogonal"].includes(scheme) ? scheme : "normal";
    let a = first.slice(0, size),
      g = first.slice(size);
    const slopes = [],
      h = [std(a)],
      back = [std(g)],
      few = [];
    for (let layer = 1; layer <= depth; layer++) {
      const W = matrix(kind, seed, n, layer),
        next = new Float64Array(size),
        slope = new Float64Array(size);
      let idle = 0;
      for (let b = 0; b < size; b += n)
        for (let o = 0; o < n; o++) {
          let z = 0;
          for (let i = 0, k = o * n; i < n; i++, k++) z += W[k] * a[b + i];
          next[b + o] = f((z *= scale));
          idle += (slope[b + o] = df(z, next[b + o])) < 0.1;
        }
      a = next;
      slopes.push(slope);
      h.push(std(a));
      few.push(idle / size);
    }
    for (let layer = depth; layer >= 1; layer--) {
      const W = matrix(kind, seed, n, layer),
        before = new Float64Array(size),
        slope = slopes[layer - 1];
      for (let b = 0; b < size; b += n)
        for (let o = 0; o < n; o++) {
          const d = g[b + o] * slope[b + o] * scale;
          if (d !== 0) for (let i = 0, k = o * n; i < n; i++, k++) before[b + i] += W[k] * d;
        }
      g = before;
      back.unshift(std(g));
    }
    return { h, g: back, flat: few, std: scale };
  }

  return w.draw(() => {
    const [schemes, activation, n, depth, g, , seed] = keys.map(w.get),
      layer = at();
    gain.hidden = !schemes.includes("orthogonal");
    w.values = { h: {}, g: {}, flat: {}, std: {} };
    for (const name of schemes) {
      const args = [name, activation, n, depth, name === "orthogonal" ? g : 1, seed];
      const result = once(done, args.join(), () => pass(...args));
      for (const key in w.values) w.values[key][name] = result[key];
    }
    for (const [plot, key] of [
      [forward, "h"],
      [backward, "g"],
    ]) {
      plot.limits({ x: [0, depth], y: logLimits(Object.values(w.values[key]).flat()) });
      plot.line(0, 1, depth, 1, { color: "muted", width: 1 });
    }
    flat.limits({ x: [0, depth] });
    for (const plot of [forward, backward, flat]) reading.mark(plot);
    const layers = range(depth + 1);
    for (const name of schemes) {
      const color = SCHEMES[name][3],
        look = { color, width: 2.2 },
        percent = w.values.flat[name].map((v) => 100 * v);
      for (const [plot, key] of [
        [forward, "h"],
        [backward, "g"],
      ]) {
        const v = w.values[key][name];
        plot.curve(layers, v, look);
        if (v[layer] > 0) plot.dots([[layer, v[layer]]], { color, r: 4 });
      }
      flat
        .curve(layers.slice(1), percent, look)
        .dots([[layer, layer ? percent[layer - 1] : NaN]], { color, r: 4 });
    }
    lines.show(
      schemes
        .map((name) => {
          const [label, , rule] = SCHEMES[name],
            {
              h,
              g: back,
              std: s,
            } = Object.fromEntries(Object.keys(w.values).map((k) => [k, w.values[k][name]]));
          return (
            `${label}: std of W = ${rule(n, g)}${rule(n, g) && " = "}${fmt(s, 4, true)}, n·std² = ${fmt(n * s * s, 3)}; layer ${layer}: activations ${fmt(h[layer], 3)}, gradients ${fmt(back[layer], 3)}; ` +
            `through all ${depth}: ×${fmt(h[depth] / h[0], 3)} forward, ×${fmt(back[0] / back[depth], 3)} back`
          );
        })
        .join("\n"),
    );
    w.say(
      !schemes.length
        ? "Choose a scheme."
        : {
            linear:
              "A linear layer multiplies the variance by n·std², forward by its inputs, back by its outputs: only n·std² = 1 (Xavier) neither vanishes nor explodes.",
            tanh: "tanh hides an explosion: with N(0, 1) the activations stay near ±1, but almost all units are flat there. While n·std² is near 1, tanh works in its steep middle.",
            sigmoid:
              "The sigmoid's slope is at most ¼, so the gradient's variance changes by at most n·std²/16 a layer: each usual scheme lets it vanish.",
            relu: "ReLU lets half through: a layer multiplies the mean square by n·std²/2. Xavier (n·std² = 1) loses half a layer; He (n·std² = 2) makes up for it.",
          }[activation],
    );
  }).destroy;
}
export default { render };
