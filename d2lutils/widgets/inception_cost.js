// Multiply–adds of a convolution, directly and through a 1×1 convolution to fewer channels.
const GOOGLENET = [
  // block, size, channels in, 1×1, 3×3 (reduction, out), 5×5 (reduction, out), 1×1 after the pooling
  ["3a", 28, 192, 64, 96, 128, 16, 32, 32],
  ["3b", 28, 256, 128, 128, 192, 32, 96, 64],
  ["4a", 14, 480, 192, 96, 208, 16, 48, 64],
  ["4b", 14, 512, 160, 112, 224, 24, 64, 64],
  ["4c", 14, 512, 128, 128, 256, 24, 64, 64],
  ["4d", 14, 512, 112, 144, 288, 32, 64, 64],
  ["4e", 14, 528, 256, 160, 320, 32, 128, 128],
  ["5a", 7, 832, 256, 160, 320, 32, 128, 128],
  ["5b", 7, 832, 384, 192, 384, 48, 128, 128],
];
const millions = (v) => fmt(v / 1e6, v < 1e5 ? 2 : 3, true);
const PATHS = GOOGLENET.flatMap(([name, size, c, , r3, c3, r5, c5]) =>
  [
    [3, r3, c3],
    [5, r5, c5],
  ].map(([kernel, reduction, out]) => [
    `${name}, ${kernel}×${kernel}: ${c} → ${reduction} → ${out}`,
    { in_channels: c, size, kernel, reduction, out_channels: out },
    name,
  ]),
);
const cost = (n, k, a, b) => n * n * k * k * a * b;
const BLOCKS = Object.fromEntries(
  GOOGLENET.map(([name, n, c, c1, r3, c3, r5, c5, cp]) => {
    const both = cost(n, 1, c, c1 + cp);
    return [
      name,
      [
        both + cost(n, 1, c, r3 + r5) + cost(n, 3, r3, c3) + cost(n, 5, r5, c5),
        both + cost(n, 3, c, c3) + cost(n, 5, c, c5),
      ],
    ];
  }),
);

function render({ model, el }) {
  const w = widget(el, model, { name: "Cost of an Inception path" });
  const bars = w.plot({
    title: "Multiply–adds (millions)",
    x: [-0.6, 1.6],
    y: [0, 100],
    xticks: [],
    basis: 220,
    aspect: 0.9,
    label:
      "Bars: the multiply–adds of the direct convolution, and of the 1×1 and the convolution after it",
  });
  const sweep = w.plot({
    title: "… for every reduction",
    x: [0, 192],
    y: [0, 100],
    xlabel: "channels after the 1×1",
    basis: 260,
    aspect: 0.76,
    label: "Multiply–adds in millions over the number of channels after the 1×1 convolution",
  });
  const lines = w.formula();
  const blocks = w.plot({
    title: "GoogLeNet's blocks (millions)",
    x: [-0.6, 8.6],
    y: [0, 400],
    xticks: [],
    basis: 560,
    aspect: 0.26,
    minHeight: 170,
    label: "Multiply–adds of the nine Inception blocks, with and without their reductions",
  });
  const price = (r) =>
    cost(w.get("size"), 1, w.get("in_channels"), r) +
    cost(w.get("size"), w.get("kernel"), r, w.get("out_channels"));
  sweep.handle({
    label: "Channels after the 1×1",
    axis: "x",
    step: [1, 0],
    get: () => [w.get("reduction"), price(w.get("reduction")) / 1e6],
    set: ([x]) => w.set({ reduction: clamp(Math.round(x), 1, 4096) }),
  });
  const path = w.presets({ label: "GoogLeNet path", options: PATHS });
  for (const [key, label, max, most] of [
    ["in_channels", "channels in", 1024, 4096],
    ["reduction", "channels after 1×1", 512, 4096],
    ["out_channels", "channels out", 512, 4096],
    ["kernel", "kernel", 11, 15],
    ["size", "image size", 112, 1024],
  ])
    w.slider(key, { label, min: 1, max, step: 1, integer: true, typed: [1, most] });

  return w.draw(() => {
    const [c, n, k, o, r] = ["in_channels", "size", "kernel", "out_channels", "reduction"].map(
      w.get,
    );
    const direct = cost(n, k, c, o),
      squeeze = cost(n, 1, c, r),
      expand = cost(n, k, r, o),
      through = squeeze + expand;
    const ratio = direct / through,
      even = direct / (n * n * (c + k * k * o));
    w.values = {
      direct,
      squeeze,
      expand,
      through,
      ratio,
      break_even: even,
      weights: [k * k * c * o, c * r + k * k * r * o],
      blocks: BLOCKS,
    };

    const top = Math.max(direct, through) / 1e6;
    bars.limits({ y: [0, top * 1.15] });
    bars.legend([
      { label: `${k}×${k}`, color: 0 },
      { label: "1×1", color: 1 },
    ]);
    bars
      .bars([direct / 1e6, expand / 1e6], { color: 0 })
      .rect(0.6, expand / 1e6, 1.4, through / 1e6, { color: "ink", width: 0, fill: 1 });
    [
      ["direct", direct],
      ["through 1×1", through],
    ].forEach(([name, v], i) =>
      bars
        .text(i, v / 1e6, millions(v), { anchor: "middle", dy: -6, bold: true, size: 13 })
        .text(i, 0, name, { anchor: "middle", dy: 16 }),
    );

    const far = Math.max(Math.ceil(even * 1.3), r, 4);
    sweep.limits({ x: [0, far], y: [0, (Math.max(price(far), direct) / 1e6) * 1.08] });
    sweep.legend([
      { label: "through 1×1", color: 1 },
      { label: "direct", color: 0, dash: true },
    ]);
    sweep
      .curve([0, far], [0, price(far) / 1e6], { color: 1, width: 2.5 })
      .line(0, direct / 1e6, far, direct / 1e6, { color: 0, dash: "6 4", width: 2 });
    sweep
      .dots([[even, direct / 1e6]], { color: "ink", r: 4 })
      .text(even, direct / 1e6, `even at ${fmt(even, 4, true)}`, {
        anchor: "end",
        dx: -6,
        dy: -8,
        halo: true,
      });

    const mine = PATHS[path.now()]?.[2];
    blocks.limits({ y: [0, 980] });
    const wide = blocks.X(1) - blocks.X(0) > 55;
    blocks.legend([
      { label: "without the 1×1 reductions", color: 0 },
      { label: "as built", color: 1 },
    ]);
    Object.entries(BLOCKS).forEach(([name, [with_them, without]], i) => {
      blocks
        .rect(i - 0.36, 0, i, without / 1e6, { width: 0, fill: 0 })
        .rect(i, 0, i + 0.36, with_them / 1e6, { width: 0, fill: 1 });
      blocks.text(i - 0.18, without / 1e6, millions(without), {
        anchor: "middle",
        dy: -4,
        size: 10.5,
      });
      if (wide)
        blocks.text(i + 0.18, with_them / 1e6, millions(with_them), {
          anchor: "middle",
          dy: -4,
          size: 10.5,
        });
      blocks.text(i, 0, name, {
        anchor: "middle",
        dy: 16,
        bold: name === mine,
        color: name === mine ? "ink" : "muted",
      });
    });

    lines.show(
      `Each of the ${n}² places of each channel out takes k² · channels in products:\n` +
        `direct: ${n}² · ${k}² · ${c} · ${o} = ${whole(direct)}\n` +
        `through 1×1: ${n}² · ${c} · ${r} + ${n}² · ${k}² · ${r} · ${o} = ${whole(squeeze)} + ${whole(expand)} = ${whole(through)}\n` +
        `weights: ${k}² · ${c} · ${o} = ${whole(w.values.weights[0])} against ${c} · ${r} + ${k}² · ${r} · ${o} = ${whole(w.values.weights[1])}`,
    );
    const [, , , c1, , c3, , c5, cp] = GOOGLENET.find(([name]) => name === mine) || [];
    w.say(
      (ratio > 1
        ? `The 1×1 divides the work by ${fmt(ratio, 3, true)}. It pays while it leaves fewer than ${fmt(even, 4, true)} channels.`
        : `Here the 1×1 costs more than it saves: it pays only below ${fmt(even, 4, true)} channels.`) +
        (mine
          ? ` Block ${mine} sets its four paths side by side: ${c1} + ${c3} + ${c5} + ${cp} = ${c1 + c3 + c5 + cp} channels, ${whole(BLOCKS[mine][0])} multiply–adds in all, ${whole(BLOCKS[mine][1])} without reductions.`
          : ""),
    );
  }).destroy;
}
export default { render };
