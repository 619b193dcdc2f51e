// A window slides over the image; the arithmetic of the current cell is written out.
const PALE = 1.5; // shades behind numbers stay pale enough to read them in the dark, too
const grid = (text) => text.split("/").map((row) => row.trim().split(/\s+/).map(Number));
const IMAGES = {
  nine: grid("0 1 2/3 4 5/6 7 8"),
  five: grid("3 4 6 5 7/2 4 6 8 2/1 6 7 8 4/9 7 4 6 2/3 7 5 4 1"),
  four: grid("3 4 6 5/2 4 6 8/1 6 7 8/9 7 4 6"),
  band: range(6, () => [1, 1, 0, 0, 0, 0, 1, 1]),
  digit: grid(
    "0 0 7 8 13 16 15 1/0 0 7 7 4 11 12 0/0 0 0 0 8 13 1 0/0 4 8 8 15 15 6 0/0 2 11 15 15 4 0 0/0 0 0 16 5 0 0 0/0 0 9 15 1 0 0 0/0 0 13 5 0 0 0 0",
  ),
};
const TWO = grid("0 1/2 3"),
  COUNT = grid("1 2 3/4 5 6/7 8 9"),
  ONES = (n) => range(n, () => Array(n).fill(1));
const SOBEL = grid("-1 0 1/-2 0 2/-1 0 1");
// label, image, kernel, operation, padding, stride, dilation
const EXAMPLES = [
  ["3×3 image, 2×2 kernel", "nine", TWO],
  ["… padding 1: output 4×4", "nine", TWO, "cross", [1, 1]],
  ["… padding 1, stride (3, 2)", "nine", TWO, "cross", [1, 1], [3, 2]],
  ["… true convolution: kernel flipped", "nine", TWO, "flipped"],
  ["… max pooling 2×2, stride 1", "nine", ONES(2), "max"],
  ["… average pooling 2×2, stride 1", "nine", ONES(2), "avg"],
  ["5×5 image, 3×3 kernel", "five", COUNT],
  ["… padding 1 keeps 5×5", "five", COUNT, "cross", [1, 1]],
  ["… stride 2", "five", COUNT, "cross", [0, 0], [2, 2]],
  ["… dilation 2: 3×3 spans 5×5", "five", COUNT, "cross", [0, 0], [1, 1], [2, 2]],
  ["4×4 image, MaxPool2d(2)", "four", ONES(2), "max", [0, 0], [2, 2]],
  ["Edges of a band, kernel 1 −1", "band", [[1, -1]]],
  ["Max pooling the band", "band", ONES(2), "max", [0, 0], [2, 2]],
  ["A digit, upright edges", "digit", SOBEL, "cross", [1, 1]],
].map(([label, image, kernel, operation = "cross", ...rest]) => {
  const [padding = [0, 0], stride = [1, 1], dilation = [1, 1]] = rest;
  return [label, { image: IMAGES[image], kernel, operation, padding, stride, dilation }];
});
const KERNELS = [
  ["identity", grid("0 0 0/0 1 0/0 0 0")],
  ["blur", grid(".1 .1 .1/.1 .2 .1/.1 .1 .1")],
  ["sharpen", grid("0 -1 0/-1 5 -1/0 -1 0")],
  ["upright edges (Sobel)", SOBEL],
  ["level edges (Sobel)", grid("-1 -2 -1/0 0 0/1 2 1")],
  ["difference to the right neighbour", [[1, -1]]],
  ["1 to 9", COUNT],
];
const AXES = ["rows", "columns"];

function render({ model, el }) {
  const w = widget(el, model, { name: "Convolution" });
  const KEYS = ["image", "kernel", "operation", "padding", "stride", "dilation"];
  const now = (changes) => ({ ...Object.fromEntries(KEYS.map((k) => [k, w.get(k)])), ...changes });
  const pooling = (operation) => operation === "max" || operation === "avg";
  const shape = (m) => [m.length, m[0].length];
  const measures = ({ image, kernel, padding, stride, dilation }) =>
    AXES.map((_, a) => {
      const [n, k, p, s, d] = [shape(image), shape(kernel), padding, stride, dilation].map(
        (of) => of[a],
      );
      const span = d * (k - 1) + 1;
      return { n, k, p, s, d, span, out: Math.floor((n + 2 * p - span) / s) + 1 };
    });
  // What keeps a state from having an output, or "".
  const misfit = (state) =>
    measures(state)
      .map(({ n, k, p, d, span }, a) =>
        span > n + 2 * p
          ? `The window spans ${span} ${AXES[a]}${d > 1 ? ` (${d} · (${k} − 1) + 1)` : ""}; the padded image has ${n + 2 * p}.`
          : pooling(state.operation) && 2 * p > k
            ? `Pooling over ${k} ${AXES[a]} allows a padding of at most ${Math.floor(k / 2)}.`
            : "",
      )
      .find(Boolean) || "";

  const input = w.plot({
    axes: false,
    basis: 260,
    maxHeight: 420,
    label: "Padded image with the window",
  });
  const middle = h("div", { style: "flex:0 0 auto;max-width:100%" });
  w.stage.append(middle);
  const output = w.plot({ axes: false, basis: 200, maxHeight: 420, label: "Output" });
  // Where the window stands: step -> row and column of the output.
  const place = () => {
    const [, { out: cols }] = measures(now()),
      step = w.current ?? 0;
    return [Math.floor(step / cols), step % cols];
  };
  const go = (i, j) => {
    const [{ out: rows }, { out: cols }] = measures(now());
    w.set({ step: clamp(Math.round(i), 0, rows - 1) * cols + clamp(Math.round(j), 0, cols - 1) });
  };
  const corner = (plot, label, color, pace) =>
    plot.handle({
      label,
      color,
      r: 6,
      keys: ([dx, dy]) => {
        const [i, j] = place();
        go(i - dy, j + dx);
      },
      get: () => {
        const [i, j] = place(),
          [a, b] = pace();
        return [j * b, plot.options.tall - i * a];
      },
      set: ([x, y]) => {
        const [a, b] = pace();
        go((plot.options.tall - y) / a, x / b);
      },
    });
  corner(input, "Window", 1, () => w.get("stride"));
  corner(output, "Output cell", 2, () => [1, 1]);

  const title = h("div", { class: "d2l-title" }),
    table = h("div", { style: "display:grid;gap:4px" }),
    wrong = h("div", { style: "max-width:230px" });
  middle.append(title, table, wrong);
  const fields = range(25, (n) => {
    const i = Math.floor(n / 5),
      j = n % 5;
    const field = w.cell(table, wrong, {
      label: `Kernel row ${i + 1}, column ${j + 1}`,
      get: () => w.get("kernel")[i]?.[j] ?? 0,
      set: (v) => w.set({ kernel: replaced(w.get("kernel"), i, j, v) }),
      limits: { min: -1e4, max: 1e4 },
    });
    field.input.style.cssText = `grid-area:${i + 1}/${j + 1};text-align:center;padding:2px`;
    return { ...field, i, j };
  });
  const line = w.formula(),
    formula = w.formula();

  w.player("step", {
    last: () => {
      const [rows, columns] = measures(now());
      return Math.max(rows.out * columns.out, 1) - 1;
    },
    rate: 2,
    label: "cell",
  });
  w.presets({ options: EXAMPLES, also: { step: 0 } });
  w.select("operation", {
    label: "Operation",
    options: [
      ["cross", "cross-correlation (Conv2d)"],
      ["flipped", "convolution (kernel flipped)"],
      ["max", "max pooling"],
      ["avg", "average pooling"],
    ],
    set: (operation) => {
      const half = shape(w.get("kernel")).map((k) => Math.floor(k / 2));
      const padding = w
        .get("padding")
        .map((p, a) => (pooling(operation) ? Math.min(p, half[a]) : p));
      const next = {
        operation,
        padding,
        dilation: operation === "avg" ? [1, 1] : w.get("dilation"),
      };
      const why = misfit(now(next));
      w.set(why ? { ...next, dilation: [1, 1] } : next);
    },
  });
  w.presets({
    label: "Kernel",
    options: KERNELS,
    fits: (kernel) => same(kernel, w.get("kernel")) && !pooling(w.get("operation")),
    set: (kernel) => {
      const next = {
        kernel,
        operation: pooling(w.get("operation")) ? "cross" : w.get("operation"),
      };
      if (misfit(now(next))) Object.assign(next, { dilation: [1, 1] });
      if (misfit(now(next))) Object.assign(next, { padding: [1, 1] });
      w.set(next);
    },
  });
  const roll = (way) =>
    w.set({
      image: w
        .get("image")
        .map((row) => (way > 0 ? [row[0], ...row.slice(0, -1)] : [...row.slice(1), row.at(-1)])),
    });
  w.row(
    w.button("Shift image left", () => roll(-1)),
    w.button("Shift image right", () => roll(1)),
  );
  const sized = (kernel, a, v) =>
    a
      ? kernel.map((row) => range(v, (j) => row[j] ?? 0))
      : range(v, (i) => kernel[i] ?? kernel[0].map(() => 0));
  const dials = [
    ["kernel", "kernel", 1, 5],
    ["padding", "padding", 0, 4],
    ["stride", "stride", 1, 4],
    ["dilation", "dilation", 1, 4],
  ].map(([key, label, min, max]) =>
    AXES.map((axis, a) => {
      const next = (v) => ({
        [key]: key === "kernel" ? sized(w.get("kernel"), a, v) : w.get(key).with(a, v),
      });
      return w.slider(key, {
        label: `${label}, ${axis}`,
        min,
        max,
        step: 1,
        integer: true,
        check: (v) => misfit(now(next(v))),
        get: () => (key === "kernel" ? shape(w.get("kernel"))[a] : w.get(key)[a]),
        set: (v) => w.set(next(v)),
      });
    }),
  );

  const { num, par: signed } = written(4);
  const fitTo = (plot, rows, cols) => {
    const aspect = rows / (cols + 0.1);
    if (plot.options.tall === rows && plot.options.wide === cols) return;
    plot.limits({
      tall: rows,
      wide: cols,
      x: [-0.05, cols + 0.05],
      y: [-0.05, rows + 0.05],
      aspect,
    });
    plot.box.style.maxWidth = `${Math.max(cols, 2) * 62}px`;
    plot.remeasure();
  };
  // A matrix: one ground, coloured where limit(row, column) gives the number of full colour, one grid.
  const sheet = (plot, matrix, font, limit, ground) => {
    const [rows, cols] = shape(matrix),
      size = clamp(font, 8, 15);
    plot.rect(0, 0, cols, rows, { color: "line", fill: ground });
    matrix.forEach((row, a) =>
      row.forEach((x, b) => {
        const full = limit(a, b) * (font > 5 ? PALE : 1),
          y = rows - a;
        if (full && x) plot.rect(b, y, b + 1, y - 1, { width: 0, fill: diverge(x, full) });
        else if (full && ground !== "panel")
          plot.rect(b, y, b + 1, y - 1, { width: 0, fill: "panel" });
        if (font > 5)
          plot.text(b + 0.5, y - 0.5, num(x), {
            anchor: "middle",
            size,
            color: full ? "ink" : "muted",
          });
      }),
    );
    plot.curve(
      [
        ...range(cols + 1).flatMap((b) => [b, b, NaN]),
        ...range(rows + 1).flatMap(() => [0, cols, NaN]),
      ],
      [
        ...range(cols + 1).flatMap(() => [0, rows, NaN]),
        ...range(rows + 1).flatMap((a) => [a, a, NaN]),
      ],
      { color: "line", width: 1 },
    );
  };
  const unit = (plot) => plot.X(1) - plot.X(0);

  return w.draw(() => {
    const state = now(),
      { image, kernel, operation, stride, dilation } = state;
    const why = misfit(state),
      [R, C] = measures(state),
      pool = pooling(operation);
    title.textContent = pool
      ? `${operation === "max" ? "Maximum" : "Mean"} of ${R.k}×${C.k}`
      : "Kernel";
    table.hidden = pool;
    const strong = Math.max(1e-12, ...kernel.flat().map(Math.abs));
    for (const { input: box, message, tell, i, j } of fields) {
      box.hidden = pool || i >= R.k || j >= C.k;
      if (box.hidden && message.textContent) tell("");
      const shade = diverge(kernel[i]?.[j] ?? 0, PALE * strong);
      if (box.dataset.shade !== shade) box.style.background = box.dataset.shade = shade;
    }
    table.style.gridTemplateColumns = `repeat(${C.k}, ${C.k > 3 ? 40 : 46}px)`;
    for (const dial of dials[3]) dial.hidden = operation === "avg";
    if (why) {
      w.values = { out: [], size: [0, 0] };
      formula.show(why);
      line.show("");
      return;
    }
    const weight =
      operation === "flipped" ? [...kernel].reverse().map((row) => [...row].reverse()) : kernel;
    const blank = operation === "max" ? -Infinity : 0;
    const H = R.n + 2 * R.p,
      W = C.n + 2 * C.p;
    const padded = range(H, (i) => range(W, (j) => image[i - R.p]?.[j - C.p] ?? blank));
    const taps = (i, j) =>
      weight.flatMap((row, a) =>
        row.map((_, b) => padded[i * stride[0] + a * dilation[0]][j * stride[1] + b * dilation[1]]),
      );
    const flat = weight.flat();
    const answer = (values) =>
      operation === "max"
        ? Math.max(...values)
        : operation === "avg"
          ? sum(values) / values.length
          : sum(values.map((v, n) => v * flat[n]));
    const out = range(R.out, (i) => range(C.out, (j) => answer(taps(i, j))));
    const step = (w.current = clamp(w.get("step"), 0, R.out * C.out - 1)),
      i = Math.floor(step / C.out),
      j = step % C.out;
    const seen = taps(i, j),
      cell = out[i][j];
    w.values = { out, size: [R.out, C.out], cell, taps: seen };

    fitTo(input, H, W);
    fitTo(output, R.out, C.out);
    const inside = (a, b) => image[a - R.p]?.[b - C.p] !== undefined;
    const top = Math.max(1e-12, ...image.flat().map(Math.abs)),
      u = unit(input),
      v = unit(output);
    input.legend([
      { label: `Image ${R.n}×${C.n}${R.p || C.p ? `, padded ${H}×${W}` : ""}`, color: "muted" },
      { label: "window", color: 1 },
    ]);
    sheet(input, padded, u * 0.34, (a, b) => inside(a, b) && top * 1.6, "field");
    const [y0, x0] = [i * stride[0], j * stride[1]];
    if (dilation[0] > 1 || dilation[1] > 1)
      input.rect(x0, H - y0, x0 + C.span, H - y0 - R.span, {
        color: 1,
        fill: "none",
        width: 1.5,
        dash: "4 3",
      });
    weight.forEach((row, a) =>
      row.forEach((k, b) => {
        const x = x0 + b * dilation[1],
          y = H - y0 - a * dilation[0];
        input.rect(x, y, x + 1, y - 1, { color: 1, fill: "none", width: 2.5 });
        if (!pool && u > 34)
          input.text(x + 1, y - 1, `×${num(k)}`, {
            anchor: "end",
            dx: -3,
            dy: -4,
            size: 10.5,
            color: "ink",
          });
      }),
    );
    output.legend([{ label: `Output ${R.out}×${C.out}`, color: 2 }]);
    const high = Math.max(1e-12, ...out.flat().map(Math.abs));
    sheet(output, out, v * 0.32, (a, b) => a * C.out + b <= step && high * 1.6, "panel");
    output.rect(j, R.out - i, j + 1, R.out - i - 1, { color: 2, fill: "none", width: 3 });

    const lines = range(R.k, (a) => range(C.k, (b) => a * C.k + b));
    const name = `out[${i}, ${j}]`;
    line.show(
      operation === "max"
        ? `${name} = max(${seen.map(num).join(", ")}) = ${num(cell)}`
        : operation === "avg"
          ? `${name} = (${seen.map(signed).join(" + ")}) / ${seen.length} = ${num(sum(seen))} / ${seen.length} = ${num(cell)}`
          : `${name}, pixel · weight, summed:\n${lines.map((row) => row.map((n) => `${signed(seen[n])}·${signed(flat[n])}`).join(" + ")).join(" +\n")} = ${num(cell)}`,
    );
    formula.show(
      `Output size = ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1\n${[R, C]
        .map(
          ({ n, k, p, s, d, out: size }, a) =>
            `${AXES[a]}: ⌊(${n} + 2·${p} − ${d}·(${k} − 1) − 1) / ${s}⌋ + 1 = ⌊${n + 2 * p - d * (k - 1) - 1} / ${s}⌋ + 1 = ${size}`,
        )
        .join("\n")}`,
    );
    const lost = [R, C].map(({ n, p, s, span }) => (n + 2 * p - span) % s);
    const notes = [
      operation === "flipped" &&
        "The kernel is turned by 180° before it slides. A network learns its kernel, turned or not, so Conv2d saves itself the turn.",
      operation === "avg" &&
        (R.p || C.p) &&
        "The zeros of the padding count in the mean (torch's default, count_include_pad=True).",
      operation === "max" && (R.p || C.p) && "Padding of a max pooling is −∞: it never wins.",
      pool &&
        "Pooling has no weights. Shift the image by one column and see how much of the output stays.",
      (lost[0] || lost[1]) &&
        `At this stride the window never reaches the last ${lost
          .map((n, a) => n && (n > 1 ? `${n} ${AXES[a]}` : AXES[a].slice(0, -1)))
          .filter(Boolean)
          .join(" and ")} of the ${R.p || C.p ? "padded " : ""}image.`,
      !pool &&
        R.out === R.n &&
        C.out === C.n &&
        R.k * C.k > 1 &&
        "The output is as large as the image: 2p = d(k − 1) keeps the size at stride 1.",
      !pool &&
        Math.abs(sum(flat)) < 1e-9 &&
        "The weights add up to 0: flat parts of the image give 0, and only changes answer.",
      !pool &&
        (R.d > 1 || C.d > 1) &&
        `${flat.length} weights look at a window of ${R.span}×${C.span}.`,
    ];
    w.say(notes.filter(Boolean).join(" "));
  }).destroy;
}
export default { render };
