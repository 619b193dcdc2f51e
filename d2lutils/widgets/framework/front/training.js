// Dense nets that learn in the page, in double precision: forward, backward, and PyTorch's
// optimizers. Rows of numbers are Float64Arrays one after the other; W is (out, in) as in nn.Linear.

const ACTIVATIONS = {
  identity: { f: (z) => z, d: () => 1 },
  relu: { f: (z) => (z > 0 ? z : 0), d: (a) => (a > 0 ? 1 : 0) },
  leaky_relu: { f: (z) => (z > 0 ? z : 0.01 * z), d: (a) => (a > 0 ? 1 : 0.01) },
  tanh: { f: Math.tanh, d: (a) => 1 - a * a },
  sigmoid: { f: sigmoid, d: (a) => a * (1 - a) },
}; // d: the slope, of the value

// sizes: units of each layer, the inputs first; gain: weights are normal with std gain / √inputs.
function denseNet(sizes, activation, gain, seed) {
  const layers = sizes.slice(1).map((out, l) => [out, sizes[l]]),
    drawn = normals(seed, sum(layers.map(([out, into]) => out * into)));
  let at = 0;
  return {
    activation: ACTIVATIONS[activation],
    layers: layers.map(([out, into]) => {
      const W = drawn.slice(at, (at += out * into)).map((v) => (v * gain) / Math.sqrt(into));
      return { W, b: new Float64Array(out), into, out };
    }),
  };
}
// The values of every layer for n rows X, X first; the last layer is linear.
function forward({ layers, activation }, X, n) {
  const values = [X];
  layers.forEach(({ W, b, into, out }, l) => {
    const x = values[l],
      a = new Float64Array(n * out),
      f = l + 1 < layers.length ? activation.f : (z) => z;
    for (let r = 0; r < n; r++)
      for (let o = 0; o < out; o++) {
        let z = b[o];
        for (let i = 0; i < into; i++) z += W[o * into + i] * x[r * into + i];
        a[r * out + o] = f(z);
      }
    values.push(a);
  });
  return values;
}
// Gradients {W, b} of every layer, from those of the last layer's values.
function backward({ layers, activation }, values, last, n) {
  const found = [];
  let g = last; // of the layer's sums
  for (let l = layers.length - 1; l >= 0; l--) {
    const { W, into, out } = layers[l],
      x = values[l],
      dW = new Float64Array(out * into),
      db = new Float64Array(out),
      dx = new Float64Array(n * into);
    for (let r = 0; r < n; r++)
      for (let o = 0; o < out; o++) {
        const v = g[r * out + o];
        db[o] += v;
        for (let i = 0; i < into; i++) {
          dW[o * into + i] += v * x[r * into + i];
          dx[r * into + i] += v * W[o * into + i];
        }
      }
    found.unshift({ W: dW, b: db });
    if (l) g = dx.map((v, k) => v * activation.d(x[k]));
  }
  return found;
}
// Mean of F.binary_cross_entropy_with_logits, and its gradient by the logits.
function logisticLoss(z, y) {
  const n = z.length;
  let loss = 0;
  const gradient = z.map((v, i) => {
    loss += (Math.max(v, 0) - v * y[i] + Math.log1p(Math.exp(-Math.abs(v)))) / n;
    return (sigmoid(v) - y[i]) / n;
  });
  return { loss, gradient };
}

// torch.optim's rules with their defaults: rule(p, g, s, t, lr) moves the numbers p by their
// gradients g at step t = 1, 2, ...; s keeps arrays between steps.
const kept = (s, name, g) => (s[name] ||= new Float64Array(g.length));
function adam(p, g, s, t, lr) {
  const m = kept(s, "m", g),
    v = kept(s, "v", g),
    size = lr / (1 - 0.9 ** t),
    root = Math.sqrt(1 - 0.999 ** t);
  g.forEach((d, i) => {
    m[i] += 0.1 * (d - m[i]);
    v[i] = 0.999 * v[i] + 0.001 * d * d;
    p[i] -= (size * m[i]) / (Math.sqrt(v[i]) / root + 1e-8);
  });
}
const heavyBall = (nesterov) => (p, g, s, t, lr) => {
  const v = kept(s, "v", g);
  g.forEach((d, i) => {
    v[i] = 0.9 * v[i] + d;
    p[i] -= lr * (nesterov ? d + 0.9 * v[i] : v[i]);
  });
};
const RULES = {
  SGD: (p, g, s, t, lr) => g.forEach((d, i) => (p[i] -= lr * d)),
  momentum: heavyBall(false),
  Nesterov: heavyBall(true),
  AdaGrad: (p, g, s, t, lr) => {
    const v = kept(s, "v", g);
    g.forEach((d, i) => {
      v[i] += d * d;
      p[i] -= (lr * d) / (Math.sqrt(v[i]) + 1e-10);
    });
  },
  RMSprop: (p, g, s, t, lr) => {
    const v = kept(s, "v", g);
    g.forEach((d, i) => {
      v[i] = 0.99 * v[i] + 0.01 * d * d;
      p[i] -= (lr * d) / (Math.sqrt(v[i]) + 1e-8);
    });
  },
  Adam: adam,
  AdamW: adam,
};
// step(gradients): one step of a rule for a net; decay is added to the gradients as torch does, or
// taken from the weights first by AdamW.
function optimizer(net, name, lr, decay) {
  const states = net.layers.map(() => ({ W: {}, b: {} }));
  let t = 0;
  return (gradients) => {
    t++;
    net.layers.forEach((layer, l) => {
      for (const key of ["W", "b"]) {
        const p = layer[key];
        let g = gradients[l][key];
        if (name === "AdamW") p.forEach((v, i) => (p[i] = v * (1 - lr * decay)));
        else if (decay) g = g.map((d, i) => d + decay * p[i]);
        RULES[name](p, g, states[l][key], t, lr);
      }
    });
  };
}
