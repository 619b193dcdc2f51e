// Logits, temperature and the true class; probabilities, cross-entropy and its gradient.
function render({ model, el }) {
  const w = widget(el, model, { name: "Softmax" });
  const names = w.get("classes"),
    n = names.length;
  const ticks = range(n),
    shade = (i) => (i === w.get("target") ? 2 : 0);
  const one = { x: [-0.6, n - 0.4], aspect: 0.8, basis: 230, xticks: [] };
  const scores = w.plot({
    ...one,
    title: "Logits z, and where a step would move them",
    y: [-6, 6],
    ylabel: "z",
  });
  const shares = w.plot({ ...one, title: "Probabilities", y: [0, 1], ylabel: "p" });
  const setLogit = (i, v) =>
    w.set({ logits: w.get("logits").with(i, clamp(Number(v.toPrecision(4)), -20, 20)) });
  names.forEach((name, i) => {
    scores.handle({
      label: `Logit of ${name}`,
      axis: "y",
      step: [0, 0.1],
      get: () => [i, clamp(w.get("logits")[i], -6, 6)],
      set: ([, y]) => setLogit(i, y),
    });
    w.slider("logits", {
      label: `logit of ${name}`,
      min: -6,
      max: 6,
      step: 0.1,
      typed: [-20, 20],
      get: () => w.get("logits")[i],
      set: (v) => setLogit(i, v),
    });
  });
  w.slider("temperature", {
    label: "temperature T",
    min: 0.1,
    max: 10,
    log: true,
    typed: [0.05, 20],
  });
  w.select("target", { label: "the truth is", options: names.map((name, i) => [i, name]) });
  w.row(
    w.button("Step down the gradient", () =>
      w.set({ logits: w.get("logits").map((z, i) => clamp(z - w.values.gradient[i], -20, 20)) }),
    ),
    w.button("Add 1 to all", () =>
      w.set({ logits: w.get("logits").map((z) => clamp(z + 1, -20, 20)) }),
    ),
    w.reset(["logits", "temperature", "target"]),
  );
  const out = w.readout(),
    formula = w.formula({ into: w.panel });

  return w.draw(() => {
    const z = w.get("logits"),
      T = w.get("temperature"),
      target = w.get("target");
    const top = Math.max(...z) / T,
      e = z.map((v) => Math.exp(v / T - top)),
      total = sum(e);
    const p = e.map((v) => v / total);
    w.values = {
      p,
      loss: Math.log(total) + top - z[target] / T,
      gradient: p.map((v, i) => (v - (i === target)) / T),
      entropy: -sum(p.map((v) => (v > 0 ? v * Math.log(v) : 0))),
    };
    scores.line(-0.6, 0, n - 0.4, 0, { color: "muted", width: 1 });
    scores.bars(
      z.map((v) => clamp(v, -6, 6)),
      { color: ticks.map(shade), opacity: 0.25 },
    );
    w.values.gradient.forEach((g, i) => {
      const from = clamp(z[i], -6, 6),
        to = clamp(from - g, -6, 6);
      if (Math.abs(g) > 0.02)
        scores.line(i + 0.22, from, i + 0.22, to, { color: 1, width: 2.5, arrow: true });
      scores.text(i, -5.8, names[i], { anchor: "middle", halo: true });
    });
    shares.bars(p, { color: ticks.map(shade) });
    p.forEach((v, i) =>
      shares
        .text(i, v, fmt(v, 3), {
          anchor: "middle",
          dy: v > 0.9 ? 16 : -6,
          halo: true,
          bold: i === target,
        })
        .text(i, 0, names[i], { anchor: "middle", dy: 15 }),
    );
    out.show({
      "cross-entropy": w.values.loss,
      "largest p": Math.max(...p),
      entropy: w.values.entropy,
      ...Object.fromEntries(names.map((name, i) => [`∂loss/∂z, ${name}`, w.values.gradient[i]])),
    });
    formula.show(
      `loss = −log p(${names[target]}) = −log ${fmt(p[target], 4)} = ${fmt(w.values.loss, 4)}`,
    );
    w.say(
      w.get("temperature") === 1
        ? "The gradient is p − y: it adds up to zero, pushes the true class up and every other one down by its own probability."
        : "The gradient is (p − y) / T. A small T makes the largest logit win outright; a large T makes all classes alike.",
    );
  }).destroy;
}
export default { render };
