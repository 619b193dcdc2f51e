// A dense block, layer by layer: what is concatenated, and what that costs.
const OLD = "muted", // colour of the block's input
  ROW = 0.36; // half the height of a bar
const NETS = [
  ["Four layers on 64 channels", { in_channels: 64, growth: 32, layers: 4, size: 7 }],
  ["After the first transition", { in_channels: 96, growth: 32, layers: 4, size: 3 }],
  [
    "DenseNet-121, first block",
    { in_channels: 64, growth: 32, layers: 6, size: 56, bottleneck: true },
  ],
  [
    "DenseNet-121, last block",
    { in_channels: 512, growth: 32, layers: 16, size: 7, bottleneck: true, transition: false },
  ],
].map(([label, state]) => [label, { bottleneck: false, transition: true, ...state }]);

function render({ model, el }) {
  const w = widget(el, model, { name: "Growth of a dense block" });
  const stack = w.plot({
    title: "What each layer reads",
    x: [0, 200],
    y: [0.4, 5.6],
    xlabel: "channels, concatenated",
    ylabel: "layer",
    yticks: [],
    basis: 340,
    aspect: 0.72,
    label: "A bar for each layer: the block's input, then what the layers before it put out",
  });
  const price = w.plot({
    title: "Weights (thousands)",
    x: [0.4, 4.6],
    y: [0, 50],
    xlabel: "layer",
    xticks: [],
    basis: 240,
    aspect: 1.02,
    label: "Bars: the weights of each layer, concatenated and added",
  });
  const lines = w.formula();
  const at = () => Math.min(w.get("layer"), w.get("layers"));
  stack.handle({
    label: "Layer",
    axis: "y",
    step: [0, 1],
    color: "ink",
    r: 6,
    get: () => [0, at()],
    set: ([, y]) => w.set({ layer: clamp(Math.round(y), 1, w.get("layers")) }),
  });
  w.presets({ label: "Example", options: NETS });
  for (const [key, label, max, most] of [
    ["in_channels", "channels in", 256, 512],
    ["growth", "growth rate", 64, 128],
    ["layers", "layers", 16, 16],
    ["size", "size of a map", 56, 224],
  ])
    w.slider(key, { label, min: 1, max, step: 1, integer: true, typed: [1, most] });
  w.row();
  w.check("bottleneck", { label: "1×1 to 4 · growth before each 3×3" });
  w.check("transition", { label: "transition: a 1×1 halves the channels" });

  return w.draw(() => {
    const [c, k, L, bottleneck, transition, n] = [
      "in_channels",
      "growth",
      "layers",
      "bottleneck",
      "transition",
      "size",
    ].map(w.get);
    const layer = at(),
      cells = n * n,
      reads = range(L, (i) => c + i * k),
      out = c + L * k,
      after = transition ? Math.floor(out / 2) : out;
    const weights = reads.map((r) => (bottleneck ? r * 4 * k + 9 * 4 * k * k : 9 * r * k)),
      shrink = transition ? out * after : 0,
      total = sum(weights) + shrink,
      one = 9 * c * c;
    w.values = {
      reads,
      out,
      after,
      weights,
      multiply_adds: weights.map((v) => v * cells),
      transition: [shrink, shrink * cells],
      total: [total, total * cells],
      added: [L * one, L * one * cells],
    };

    const color = (i) => i % 7;
    stack.limits({ x: [0, out * 1.04], y: [0.4, L + 1.6] });
    for (let row = 1; row <= L + 1; row++) {
      const strong = row === layer,
        look = { width: 0, opacity: strong ? 1 : 0.5 };
      stack.rect(0, row - ROW, c, row + ROW, { ...look, fill: OLD });
      for (let i = 1; i < row; i++)
        stack.rect(c + (i - 1) * k, row - ROW, c + i * k, row + ROW, { ...look, fill: color(i) });
      if (strong)
        stack.rect(0, row - ROW, reads[row - 1], row + ROW, {
          color: "ink",
          fill: "none",
          width: 2,
        });
      if (row <= L)
        stack.text(0, row, row, { anchor: "end", dx: -10, bold: strong, size: L > 10 ? 10.5 : 12 });
    }
    stack.text(0, L + 1, "out", { anchor: "end", dx: -6, size: L > 10 ? 10.5 : 12 });

    const thousands = weights.map((v) => v / 1000);
    price.limits({ x: [0.4, L + 0.6], y: [0, (Math.max(...thousands, one / 1000) || 1) * 1.12] });
    price.legend([
      { label: "concatenated", color: 0 },
      { label: "added", color: 1 },
    ]);
    thousands.forEach((v, i) => {
      price
        .rect(i + 0.62, 0, i + 1, v, { width: 0, fill: 0 })
        .rect(i + 1, 0, i + 1.38, one / 1000, { width: 0, fill: 1 });
      if (L <= 10 || i % 3 === 0 || i + 1 === layer)
        price.text(i + 1, 0, i + 1, { anchor: "middle", dy: 16, bold: i + 1 === layer });
    });

    const r = reads[layer - 1];
    lines.show(
      `layer ${layer} reads ${c} + ${layer - 1} · ${k} = ${r} channels and adds ${k}: ` +
        (bottleneck
          ? `${r} · ${4 * k} + 9 · ${4 * k} · ${k} = ${whole(weights[layer - 1])} weights\n`
          : `9 · ${r} · ${k} = ${whole(weights[layer - 1])} weights\n`) +
        `the block puts out ${c} + ${L} · ${k} = ${out} channels` +
        (transition
          ? `, the transition makes ${after}: ${out} · ${after} = ${whole(shrink)} weights\n`
          : "\n") +
        `together ${whole(total)} weights, ${whole(total * cells)} multiply–adds; ` +
        `added, ${L} layers of 9 · ${c}² = ${whole(one)}: ${whole(L * one)} and ${whole(L * one * cells)}`,
    );
    const ratio = total / (L * one),
      same = Math.abs(ratio - 1) < 0.005;
    w.say(
      "Every layer can read every earlier map as it was put out: nothing is added over it. " +
        (same
          ? `It costs as many weights as adding at ${c} channels: the early layers fewer, the late ones more.`
          : `It costs ${fmt(ratio, 3, true)} times the weights of adding at ${c} channels` +
            (ratio < 1
              ? `, since each layer makes only ${k} new ones.`
              : bottleneck
                ? "."
                : ": try the 1×1 before each 3×3, or a smaller growth rate.")),
    );
  }).destroy;
}
export default { render };
