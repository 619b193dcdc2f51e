// Activation functions, their derivatives, and the derivative of a stack of layers by its input.
function erf(x) {
  // to double precision: a series near 0, a continued fraction further out
  const a = Math.abs(x);
  if (a < 2.5) {
    let term = a,
      total = a;
    for (let n = 1; n < 80; n++) {
      term *= -(a * a) / n;
      total += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * total;
  }
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (a + f);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + f));
}
const softplus = (x) => (x > 20 ? x : Math.log1p(Math.exp(x))); // torch's threshold is 20 too
const SELU = [1.0507009873554805, 1.6732632423543772];
// name: [label, f(x, α), f'(x, α), where it saturates]. At a kink: the slope that torch takes.
const ACTIVATIONS = {
  relu: ["ReLU", (x) => Math.max(x, 0), (x) => +(x > 0), "0 for x ≤ 0"],
  leaky_relu: [
    "Leaky ReLU",
    (x, a) => (x > 0 ? x : a * x),
    (x, a) => (x > 0 ? 1 : a),
    "nowhere, if α > 0",
  ],
  prelu: ["PReLU", (x, a) => (x > 0 ? x : a * x), (x, a) => (x > 0 ? 1 : a), "nowhere, if α > 0"],
  elu: [
    "ELU",
    (x, a) => (x > 0 ? x : a * Math.expm1(x)),
    (x, a) => (x > 0 ? 1 : a * Math.exp(x)),
    "−α for x → −∞",
  ],
  selu: [
    "SELU",
    (x) => SELU[0] * (x > 0 ? x : SELU[1] * Math.expm1(x)),
    (x) => SELU[0] * (x > 0 ? 1 : SELU[1] * Math.exp(x)),
    "−1.758 for x → −∞",
  ],
  gelu: [
    "GELU",
    (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
    (x) => (1 + erf(x / Math.SQRT2)) / 2 + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
    "0 for x → −∞",
  ],
  silu: [
    "SiLU",
    (x) => x * sigmoid(x),
    (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    "0 for x → −∞",
  ],
  mish: [
    "Mish",
    (x) => x * Math.tanh(softplus(x)),
    (x) => {
      const t = Math.tanh(softplus(x));
      return t + x * (1 - t * t) * sigmoid(x);
    },
    "0 for x → −∞",
  ],
  softplus: ["Softplus", softplus, sigmoid, "0 for x → −∞"],
  softsign: [
    "Softsign",
    (x) => x / (1 + Math.abs(x)),
    (x) => 1 / (1 + Math.abs(x)) ** 2,
    "±1, slowly",
  ],
  sigmoid: ["Sigmoid", sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x)), "0 and 1"],
  hardsigmoid: [
    "Hard sigmoid",
    (x) => clamp(x / 6 + 0.5, 0, 1),
    (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
    "0 and 1, for |x| ≥ 3",
  ],
  tanh: ["Tanh", Math.tanh, (x) => 1 - Math.tanh(x) ** 2, "−1 and 1"],
  hardtanh: [
    "Hardtanh",
    (x) => clamp(x, -1, 1),
    (x) => +(x > -1 && x < 1),
    "−1 and 1, for |x| ≥ 1",
  ],
  relu6: ["ReLU6", (x) => clamp(x, 0, 6), (x) => +(x > 0 && x < 6), "0 and 6"],
  hardswish: [
    "Hard swish",
    (x) => x * clamp(x / 6 + 0.5, 0, 1),
    (x) => (x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1),
    "0 for x ≤ −3",
  ],
  identity: ["Identity", (x) => x, () => 1, "nowhere"],
};

function render({ model, el }) {
  const w = widget(el, model, { name: "Activation functions" });
  const names = Object.keys(ACTIVATIONS),
    color = (name) => names.indexOf(name);
  const dash = (name) => (color(name) > 15 ? "2 4" : color(name) > 7 ? "7 5" : undefined);
  const one = { xlabel: "x", aspect: 0.85, basis: 190 };
  const value = w.plot({ ...one, title: "Function σ(x)", x: [-6, 6], y: [-2, 4] });
  const slope = w.plot({ ...one, title: "Derivative σ′(x)", x: [-6, 6], y: [-0.3, 1.5] });
  const stack = w.plot({
    ...one,
    title: "|Gradient| through the stack",
    xlabel: "layers",
    log: "y",
    x: [0, 10],
    y: [1e-8, 10],
  });
  const out = w.readout();
  for (const plot of [value, slope])
    plot.handle({
      label: "Input x",
      axis: "x",
      color: "ink",
      r: 6,
      get: () => [w.get("x"), plot.options.y[0]],
      set: ([x]) => w.set({ x: Number(x.toPrecision(6)) }),
      step: [0.1, 0],
    });
  w.slider("x", { label: "input x", min: -6, max: 6, step: 0.01 });
  w.slider("alpha", { label: "α (leaky, PReLU, ELU)", min: 0, max: 2, step: 0.01 });
  w.slider("depth", { label: "layers", min: 1, max: 50, step: 1, integer: true });
  w.slider("gain", { label: "weight of a layer", min: -5, max: 5, step: 0.05 });
  w.several("chosen", {
    label: "Functions",
    options: names.map((n) => [n, ACTIVATIONS[n][0]]),
    colors: names.map(color),
    dashes: names.map(dash),
  });

  const grid = linspace(-6, 6, 241);
  return w.draw(() => {
    const [x, alpha, depth, gain, chosen] = ["x", "alpha", "depth", "gain", "chosen"].map(w.get);
    w.values = { f: {}, df: {}, stack: {} };
    for (const name of chosen) {
      const [, f, df] = ACTIVATIONS[name],
        gradients = [];
      let hidden = x,
        chain = 1;
      for (let layer = 0; layer < depth; layer++) {
        chain *= gain * df(gain * hidden, alpha);
        hidden = f(gain * hidden, alpha);
        gradients.push(chain);
      }
      w.values.f[name] = f(x, alpha);
      w.values.df[name] = df(x, alpha);
      w.values.stack[name] = gradients;
    }
    const sizes = Object.values(w.values.stack)
      .flat()
      .map(Math.abs)
      .filter((g) => g > 0 && Number.isFinite(g));
    const pow = (v, round) => 10 ** clamp(round(Math.log10(v)), -40, 40);
    stack.limits({
      x: [0, depth],
      y: [
        Math.min(pow(Math.min(1, ...sizes), Math.floor), 0.1),
        Math.max(pow(Math.max(1, ...sizes), Math.ceil), 10),
      ],
    });
    for (const plot of [value, slope])
      plot.line(x, -9, x, 9, { color: "muted", width: 1, dash: "3 3" });
    for (const name of chosen) {
      const [, f, df] = ACTIVATIONS[name],
        look = { color: color(name), dash: dash(name), width: 2.2 };
      value
        .curve(
          grid,
          grid.map((v) => f(v, alpha)),
          look,
        )
        .dots([[x, w.values.f[name]]], look);
      slope
        .curve(
          grid,
          grid.map((v) => df(v, alpha)),
          look,
        )
        .dots([[x, w.values.df[name]]], look);
      stack.curve(range(depth + 1), [1, ...w.values.stack[name].map(Math.abs)], look);
    }
    out.show(
      Object.fromEntries(
        chosen.map((name) => [
          ACTIVATIONS[name][0],
          `${fmt(w.values.f[name])}, slope ${fmt(w.values.df[name])}, after ${depth} layers ${fmt(w.values.stack[name].at(-1), 3)}`,
        ]),
      ),
    );
    w.say(
      chosen.length
        ? `Flat (the gradient vanishes): ${chosen.map((n) => `${ACTIVATIONS[n][0]} at ${ACTIVATIONS[n][3]}`).join("; ")}.`
        : "Choose a function.",
    );
  }).destroy;
}
export default { render };
