// A stack of layers along one axis: the cone of inputs that one output sees.
const OUTPUTS = 5,
  MOST = 12,
  INPUTS = 600;
const conv = (kernel, stride = 1, dilation = 1) => ({ kind: "conv", kernel, stride, dilation });
const pool = (kernel, stride = kernel) => ({ kind: "pool", kernel, stride, dilation: 1 });
const STACKS = [
  ["Two 2×2 (a 3×3 field)", [conv(2), conv(2)]],
  ["Two 3×3 instead of one 5×5", [conv(3), conv(3)]],
  ["One 5×5", [conv(5)]],
  ["Three 3×3 instead of one 7×7", [conv(3), conv(3), conv(3)]],
  ["One 7×7", [conv(7)]],
  [
    "VGG: two blocks of two 3×3 and a pooling",
    [conv(3), conv(3), pool(2), conv(3), conv(3), pool(2)],
  ],
  ["LeNet", [conv(5), pool(2), conv(5), pool(2)]],
  [
    "AlexNet",
    [conv(11, 4), pool(3, 2), conv(5), pool(3, 2), conv(3), conv(3), conv(3), pool(3, 2)],
  ],
  ["GoogLeNet's stem", [conv(7, 2), pool(3, 2), conv(1), conv(3), pool(3, 2)]],
  ["Dilations 1, 2, 4, 8", [conv(3), conv(3, 1, 2), conv(3, 1, 4), conv(3, 1, 8)]],
  ["Dilations 2, 2, 2: gaps", [conv(3, 1, 2), conv(3, 1, 2), conv(3, 1, 2)]],
];

function render({ model, el }) {
  const w = widget(el, model, { name: "Receptive field" });
  const plot = w.plot({
    axes: false,
    basis: 560,
    maxHeight: 720,
    label: "The layers of the stack and the inputs that the chosen output sees",
  });
  const out = w.readout(),
    price = w.formula();
  // r and jump after each layer, and the length of every row of the drawing
  const measure = (layers) => {
    const r = [1],
      jump = [1],
      sizes = [OUTPUTS];
    for (const { kernel, stride, dilation } of layers) {
      r.push(r.at(-1) + (kernel - 1) * dilation * jump.at(-1));
      jump.push(jump.at(-1) * stride);
    }
    for (const { kernel, stride, dilation } of [...layers].reverse())
      sizes.unshift((sizes[0] - 1) * stride + dilation * (kernel - 1) + 1);
    return { r, jump, sizes };
  };
  const tooWide = (layers) => {
    const n = measure(layers).sizes[0];
    return n > INPUTS
      ? `Its ${OUTPUTS} outputs would need ${whole(n)} inputs; ${INPUTS} can be drawn.`
      : "";
  };
  const centre = ({ r, jump }, level, i) => i * jump[level] + (r[level] - 1) / 2;
  plot.handle({
    label: "Output",
    axis: "x",
    r: 8,
    keys: ([dx, dy]) => w.set({ output: clamp(w.get("output") + (dx || dy), 0, OUTPUTS - 1) }),
    get: () => {
      const m = measure(w.get("layers")),
        d = w.get("layers").length;
      return [centre(m, d, w.get("output")), d];
    },
    set: ([x]) => {
      const m = measure(w.get("layers")),
        d = w.get("layers").length;
      w.set({ output: clamp(Math.round((x - (m.r[d] - 1) / 2) / m.jump[d]), 0, OUTPUTS - 1) });
    },
  });
  w.presets({ options: STACKS.map(([label, layers]) => [label, { layers }]) });
  w.slider("channels", {
    label: "channels C",
    min: 1,
    max: 512,
    step: 1,
    integer: true,
    typed: [1, 4096],
  });
  const table = w.add(h("div", { style: "grid-column:1/-1;display:grid;gap:4px" }));
  const changed = (i, change) => w.get("layers").with(i, { ...w.get("layers")[i], ...change });
  const rows = range(MOST, (i) => {
    const name = `Layer ${i + 1}`,
      kind = h(
        "select",
        { "aria-label": `${name} kind`, style: "width:auto" },
        h("option", { value: "conv", text: "conv" }),
        h("option", { value: "pool", text: "pool" }),
      );
    kind.addEventListener("change", () => w.set({ layers: changed(i, { kind: kind.value }) }));
    const fields = [
      ["kernel", 11],
      ["stride", 4],
      ["dilation", 8],
    ].map(([key, max]) => {
      const field = numberField(w, {
        label: `${name} ${key}`,
        get: () => w.get("layers")[i]?.[key] ?? 1,
        set: (v) => w.set({ layers: changed(i, { [key]: v }) }),
        limits: {
          min: 1,
          max,
          integer: true,
          check: (v) => (w.get("layers")[i] ? tooWide(changed(i, { [key]: v })) : ""),
        },
      });
      field.input.style.width = "3em";
      return { key, ...field };
    });
    const says = h("span", { style: "color:var(--d2l-muted);font-size:13px" });
    const remove = h("button", {
      type: "button",
      class: "d2l-button",
      text: "×",
      "aria-label": `Remove layer ${i + 1}`,
      title: "Remove",
      onclick: () => w.set({ layers: w.get("layers").filter((_, a) => a !== i) }),
    });
    const row = h(
      "div",
      { class: "d2l-row", style: "gap:4px 8px" },
      h("span", { text: `${i + 1}`, style: "min-width:1.2em;font-weight:600" }),
      kind,
      ...fields.map(({ key, input }) =>
        h(
          "span",
          { style: "display:inline-flex;gap:5px;align-items:center;font-size:13px" },
          key,
          input,
        ),
      ),
      remove,
      says,
      ...fields.map((f) => f.message),
    );
    table.append(row);
    w.after.push(() => {
      const x = w.get("layers")[i];
      row.hidden = !x;
      if (!x) {
        for (const f of fields) f.tell("");
        return;
      }
      kind.value = x.kind;
      remove.disabled = w.get("layers").length < 2;
      for (const f of fields) f.show();
    });
    return says;
  });
  let refused = "",
    then; // why the last layer was not added, and to which stack
  const add = (layer) => {
    const next = [...w.get("layers"), layer];
    refused = next.length > MOST ? `At most ${MOST} layers, please.` : tooWide(next);
    then = w.get("layers");
    if (refused) w.refresh();
    else w.set({ layers: next });
  };
  w.row(
    w.button("Add 3×3 convolution", () => add(conv(3))),
    w.button("Add 2×2 pooling", () => add(pool(2))),
  );

  return w.draw(() => {
    const layers = w.get("layers"),
      depth = layers.length,
      output = clamp(w.get("output"), 0, OUTPUTS - 1),
      C = w.get("channels");
    const m = measure(layers),
      { r, jump, sizes } = m,
      n = sizes[0];
    // backwards: the units of each row that the output sees, and the share of the paths through each
    const paths = range(depth + 1, () => new Map());
    paths[depth].set(output, 1);
    for (let level = depth; level > 0; level--) {
      const { kernel, stride, dilation } = layers[level - 1];
      for (const [i, share] of paths[level])
        for (let t = 0; t < kernel; t++) {
          const below = i * stride + t * dilation;
          paths[level - 1].set(below, (paths[level - 1].get(below) || 0) + share / kernel);
        }
    }
    const gradient = range(n, (i) => paths[0].get(i) || 0),
      seen = [...paths[0].keys()].sort((a, b) => a - b);
    const count = sum(layers.map((x) => (x.kind === "conv" ? x.kernel ** 2 : 0)));
    w.values = {
      r: r.slice(1),
      jump: jump.slice(1),
      size: n,
      sees: [seen[0], seen.at(-1)],
      seen: seen.length,
      gradient,
      weights: count * C * C,
      one: r[depth] ** 2 * C * C,
    };

    const { W } = plot.size(),
      margin = 104,
      u = (W - margin - 10) / n,
      tall = (depth + 1) * 46 + 64;
    plot.limits({
      x: [-0.5 - margin / u, n - 0.5 + 10 / u],
      y: [-1.15, depth + 0.45],
      aspect: tall / W,
    });
    if (plot.size().H !== Math.round(tall)) plot.remeasure();
    const left = -0.5 - margin / u;
    for (let level = depth; level > 0; level--) {
      // lines of the cone, one path a layer
      const { kernel, stride, dilation } = layers[level - 1],
        xs = [],
        ys = [];
      for (const i of paths[level].keys())
        for (let t = 0; t < kernel; t++) {
          xs.push(centre(m, level, i), centre(m, level - 1, i * stride + t * dilation), NaN);
          ys.push(level - 0.14, level - 1 + 0.14, NaN);
        }
      plot.curve(xs, ys, { color: 1, width: u < 4 ? 0.6 : 1, opacity: u < 4 ? 0.35 : 0.6 });
    }
    range(depth + 1).forEach((level) => {
      const half = Math.max(Math.min(jump[level], 12 / u) * 0.4, 0.7 / u),
        apart = jump[level] * u;
      const boxes = (spans, style) =>
        plot.curve(
          // many boxes, one path
          spans.flatMap(([a, b]) => [
            centre(m, level, a) - half,
            centre(m, level, b) + half,
            centre(m, level, b) + half,
            centre(m, level, a) - half,
            centre(m, level, a) - half,
            NaN,
          ]),
          spans.flatMap(() => [
            level - 0.14,
            level - 0.14,
            level + 0.14,
            level + 0.14,
            level - 0.14,
            NaN,
          ]),
          { width: 1, ...style },
        );
      const all = range(sizes[level]),
        runs = [];
      for (const i of all.filter((v) => paths[level].has(v)))
        if (runs.length && runs.at(-1)[1] === i - 1) runs.at(-1)[1] = i;
        else runs.push([i, i]);
      boxes(apart > 3 ? all.map((i) => [i, i]) : [[0, sizes[level] - 1]], {
        color: apart > 5 ? "muted" : "line",
        fill: "field",
      });
      boxes(apart > 3 ? runs.flatMap(([a, b]) => range(b - a + 1, (i) => [a + i, a + i])) : runs, {
        color: 1,
        fill: 1,
        width: apart > 5 ? 1 : 0,
      });
      const x = layers[level - 1];
      plot.text(
        left,
        level,
        level === 0 ? "input" : `${x.kernel}×${x.kernel} ${x.kind === "pool" ? "pool" : "conv"}`,
        { dy: -1, bold: true, size: 12.5 },
      );
      plot.text(
        left,
        level,
        level === 0 ? `sees ${seen.length} of ${n}` : `sees ${r[level]}×${r[level]}`,
        { dy: 13, color: "muted", size: 11.5 },
      );
    });
    const peak = Math.max(...gradient);
    const gap = u > 4 ? 0.4 : 0.5;
    plot.area(
      gradient.flatMap((_, i) => [i - gap, i - gap, i + gap, i + gap]),
      gradient.flatMap((g) => [0, g, g, 0].map((v) => -1.1 + (0.75 * v) / peak)),
      -1.1,
      { color: 0, opacity: 1, fill: 0 },
    );
    plot.line(-0.5, -1.1, n - 0.5, -1.1, { color: "muted", width: 1 });
    plot
      .text(left, -0.75, "share of paths", { color: 0, size: 11.5 })
      .text(left, -0.75, "(gradient)", { color: 0, dy: 17, size: 11.5 });

    rows.forEach((node, i) => {
      const x = layers[i];
      if (x)
        node.textContent = `r = ${r[i]} + (${x.kernel}−1)·${x.dilation}·${jump[i]} = ${r[i + 1]}, jump ${jump[i]}·${x.stride} = ${jump[i + 1]}`;
    });
    out.show({
      "receptive field": `${r[depth]}×${r[depth]}`,
      jump: `${jump[depth]}`,
      inputs: `${seen[0]} to ${seen.at(-1)}`,
    });
    const ratio = count / r[depth] ** 2;
    price.show(
      `r ← r + (k − 1)·d·jump, jump ← jump·s, from r = jump = 1\nWeights with C channels in and out: ${
        layers
          .filter((x) => x.kind === "conv")
          .map((x) => `${x.kernel}²`)
          .join(" + ") || "0"
      } times C² = ${count}C² = ${whole(w.values.weights)}; ` +
        `one ${r[depth]}×${r[depth]} convolution: ${whole(r[depth] ** 2)}C² = ${whole(w.values.one)}${count ? ` (the stack has ${fmt(100 * ratio, 3, true)} % of it)` : ""}`,
    );
    const holes = seen.length < r[depth];
    w.say(
      (then === layers && refused) ||
        (holes
          ? `Of the ${r[depth]} inputs along an axis only ${seen.length} are seen: the rest fall through the gaps.`
          : jump[depth] === 1 && depth > 1
            ? "Every layer widens the view by (k − 1)·d. Inputs in the middle are reached by more paths than those at the rim."
            : jump[depth] > 1
              ? `Neighbouring outputs look ${jump[depth]} inputs apart, so whatever comes after widens the view ${jump[depth]} times as fast.`
              : ""),
    );
  }).destroy;
}
export default { render };
