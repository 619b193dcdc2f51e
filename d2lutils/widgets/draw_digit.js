// A digit is drawn; a trained net answers, and shows what each of its layers makes of it.
// uses: tensors, network
const SIDE = 28,
  BOX = 20; // MNIST's ink fits into so many pixels

// Drawings to begin with: corners of lines (column, row) "x,y x,y", lines apart by a slash.
const EXAMPLES = {
  0: "14,5 10,8 9,14 11,20 15,21 18,17 19,11 17,6 14,5",
  1: "17,4 16,13 15,22",
  2: "7,6 8,4 11,4 12,6 12,8 7,14 13,14",
  3: "16,12 19,11 22,13 21,16 18,17 22,18 23,22 20,24 16,23",
  4: "9,3 7,11 16,11/15,4 14,19",
  5: "20,8 14,8 13,13 17,13 19,16 17,20 12,20",
  6: "8,4 5,9 4,14 6,18 10,17 11,13 8,11 5,13",
  7: "5,5 20,5 15,12 12,23",
  8: "20,4 16,5 16,8 21,12 22,16 18,18 16,15 20,10 22,6 20,4",
  9: "15,10 12,8 9,10 10,14 14,14 15,10 15,16 13,23",
};
const WORDS = {
  linear: "dense layer",
  conv2d: "convolution",
  maxPool2d: "max pooling",
  avgPool2d: "average pooling",
  adaptiveAvgPool2d: "average pooling",
  batchNorm: "batch normalization",
  relu: "ReLU",
  logSoftmax: "log softmax",
  add: "sum",
  concat: "joined channels",
  pad2d: "padding",
};

// The drawing with a line from a to b in it: what is drawn as `brush` in draw_digit.py does, or
// rubbed out.
function brush(ink, [ax, ay], [bx, by], rub = false) {
  const dx = bx - ax,
    dy = by - ay,
    length = Math.max(dx * dx + dy * dy, 1e-12);
  return ink.map((row, y) =>
    row.map((old, x) => {
      const t = clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1),
        far = Math.hypot(x - ax - t * dx, y - ay - t * dy),
        wet = Math.floor(clamp(1.9 - far, 0, 1) * 255 + 0.5);
      return rub ? Math.min(old, 255 - wet) : Math.max(old, wet);
    }),
  );
}
// How n pixels become `out`, a row of weights for each: triangles as wide as need be.
const resizing = (n, out) =>
  range(out, (i) => {
    const ratio = n / out;
    const row = range(n, (j) =>
      Math.max(1 - Math.abs(j + 0.5 - ratio * (i + 0.5)) / Math.max(ratio, 1), 0),
    );
    const total = sum(row);
    return row.map((v) => v / total);
  });
const product = (A, B) =>
  A.map((row) => B[0].map((_, j) => row.reduce((total, v, k) => total + v * B[k][j], 0)));
const turned = (A) => A[0].map((_, j) => A.map((row) => row[j]));
// As MNIST made its images: {rows, ratio}, the scaled and centred image and the scale.
function centred(rows) {
  const used = (A) => range(A.length).filter((i) => A[i].some((v) => v > 0));
  const [ys, xs] = [used(rows), used(turned(rows))];
  if (!ys.length) return { rows, ratio: 1 };
  const crop = rows.slice(ys[0], ys.at(-1) + 1).map((row) => row.slice(xs[0], xs.at(-1) + 1));
  const shape = [crop.length, crop[0].length],
    long = Math.max(...shape),
    [H, W] = shape.map((n) => Math.max(Math.floor((n * BOX) / long + 0.5), 1));
  const small = product(product(resizing(shape[0], H), crop), turned(resizing(shape[1], W)));
  const corner = (A) => {
    const mass = A.map(sum),
      middle = sum(mass.map((v, i) => v * (i + 0.5))) / sum(mass);
    return clamp(Math.floor(SIDE / 2 - middle + 0.5 + 1e-6), 0, SIDE - A.length);
  };
  const [top, left] = [corner(small), corner(turned(small))];
  return {
    rows: range(SIDE, (i) => range(SIDE, (j) => small[i - top]?.[j - left] ?? 0)),
    ratio: BOX / long,
  };
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Draw a digit" });
  const empty = range(SIDE, () => Array(SIDE).fill(0));
  const run = loadNetwork(w.get("network")),
    steps = w.get("network").steps;
  const field = (title, flex, attrs) => {
    const canvas = h("canvas", {
      width: SIDE,
      height: SIDE,
      style:
        "width:100%;display:block;image-rendering:pixelated;border:1px solid var(--d2l-control);border-radius:4px;touch-action:none",
      ...attrs,
    });
    const view = h("div", { style: "position:relative" }, canvas);
    w.stage.append(
      h(
        "div",
        { style: `flex:${flex};min-width:0` },
        h("div", { class: "d2l-title", text: title }),
        view,
      ),
    );
    return canvas;
  };
  const paper = field("Draw a digit", "1 1 230px;max-width:330px", {
    tabindex: "0",
    role: "application",
    "aria-label":
      "Drawing field of 28 rows and columns. Arrow keys move, Space paints, an arrow key with Shift draws, Backspace rubs out.",
  });
  paper.style.cursor = "crosshair";
  const spot = h("div", {
    style: `position:absolute;pointer-events:none;width:${100 / SIDE}%;height:${100 / SIDE}%;outline:2px solid var(--d2l-1)`,
    hidden: true,
  });
  const where = h("span", { class: "d2l-hidden", "aria-live": "polite" });
  paper.after(spot, where);
  const seen = field("The net sees", "0 1 140px", {
    role: "img",
    "aria-label": "The image that the net sees",
  });
  const shares = w.plot({
    title: "Probabilities",
    basis: 200,
    x: [0, 1.3],
    y: [9.6, -0.6],
    aspect: 0.95,
    maxHeight: 300,
    xlabel: "p",
    xticks: [0, 0.5, 1],
    yticks: range(10),
  });
  const name = w.title(),
    maps = h("canvas", { role: "img", style: "image-rendering:pixelated;max-width:100%" });
  w.add(h("div", { class: "d2l-wide" }, maps), w.stage);

  // the pen: by mouse, pen or finger
  let rubbing = false,
    down = false,
    slow = false;
  const draw = (from, to, rub = rubbing) => w.set({ ink: brush(w.get("ink"), from, to, rub) });
  const cell = (event) => {
    const box = paper.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * SIDE - 0.5,
      ((event.clientY - box.top) / box.height) * SIDE - 0.5,
    ];
  };
  paper.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  paper.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    paper.focus({ preventScroll: true });
    spot.hidden = true;
    paper.setPointerCapture(event.pointerId);
    let last = cell(event);
    down = true;
    draw(last, last);
    const move = (e) => {
      const next = cell(e);
      draw(last, next);
      last = next;
    };
    const stop = () => {
      paper.removeEventListener("pointermove", move);
      down = false;
      w.refresh();
    };
    paper.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"])
      paper.addEventListener(end, stop, { once: true });
  });
  // the pen: by keys
  let at = [14, 14];
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  paper.addEventListener("keydown", (event) => {
    const way = WAYS[event.key],
      from = at;
    if (way) at = at.map((v, k) => clamp(v + way[k], 0, SIDE - 1));
    else if (![" ", "Backspace", "Delete"].includes(event.key)) return;
    event.preventDefault();
    spot.hidden = false;
    if (!way) draw(at, at, event.key !== " " || rubbing);
    else if (event.shiftKey) draw(from, at);
    const [x, y] = at,
      wet = w.get("ink")[y][x];
    where.textContent = `row ${y + 1}, column ${x + 1}, ${wet ? `ink ${Math.round(wet / 2.55)} %` : "paper"}`;
    w.refresh();
  });
  paper.addEventListener("blur", () => (spot.hidden = true));

  const drawn = Object.entries(EXAMPLES).map(([digit, lines]) => {
    let ink = empty;
    for (const line of lines.split("/")) {
      const points = line.split(" ").map((pair) => pair.split(",").map(Number));
      for (let k = 1; k < points.length; k++) ink = brush(ink, points[k - 1], points[k]);
    }
    return [`a ${digit}`, { ink }];
  });
  w.presets({ label: "Drawing", options: [["nothing", { ink: empty }], ...drawn] });
  const blank = run(tensor([1, SIDE, SIDE]));
  w.select("layer", {
    label: "Look at layer",
    options: [
      [0, "none"],
      ...steps.map(({ op, name: own }, i) => [
        i + 1,
        `${i + 1} ${WORDS[op] || op} ${own}: ${blank[i + 1].shape.join("×")}`,
      ]),
    ],
  });
  w.row(
    w.button("Clear", () => w.set({ ink: empty })),
    w.check("rub", { label: "rub out", get: () => rubbing, set: (on) => (rubbing = on) }),
    w.check("centring", { label: "scale and centre as MNIST did" }),
  );

  const rgb = (key) => {
    const pen = seen.getContext("2d");
    pen.fillStyle = getComputedStyle(w.el).getPropertyValue(`--d2l-${key}`).trim() || "#888888";
    return [1, 3, 5].map((k) => parseInt(pen.fillStyle.slice(k, k + 2), 16));
  };
  // Numbers as one picture: paint(i, j) is the colour of a pixel, or nothing.
  const picture = (canvas, rows, cols, paint) => {
    canvas.width = cols;
    canvas.height = rows;
    const pixels = new ImageData(cols, rows);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < cols; j++) {
        const color = paint(i, j);
        if (color) pixels.data.set([...color, 255], 4 * (i * cols + j));
      }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  };
  const mix = (from, to, t) => from.map((v, k) => v + (to[k] - v) * t);
  // The values of one layer, a map beside the other; single numbers as cells.
  const showMaps = ({ shape, data }, panel) => {
    const [c, H, W] = shape.length === 3 ? shape : [data.length, 1, 1],
      gap = H * W > 1 ? 1 : 0,
      across = Math.min(c, gap ? Math.max(1, Math.floor(112 / (W + 1))) : 20),
      tall = Math.ceil(c / across),
      [rows, cols] = [tall * (H + gap) - gap, across * (W + gap) - gap],
      most = data.reduce((a, v) => Math.max(a, Math.abs(v)), 0) || 1;
    const [cold, warm] = [rgb(0), rgb(1)];
    picture(maps, rows, cols, (i, j) => {
      const [y, x] = [i % (H + gap), j % (W + gap)],
        k = Math.floor(i / (H + gap)) * across + Math.floor(j / (W + gap));
      if (y >= H || x >= W || k >= c) return;
      const v = data[(k * H + y) * W + x];
      return mix(panel, v < 0 ? cold : warm, Math.abs(v) / most);
    });
    maps.style.width = `${cols * clamp(Math.floor(640 / cols), 1, gap ? 12 : 24)}px`;
    maps.style.border = gap ? "" : "1px solid var(--d2l-line)";
    const what = gap ? `${c} map${c > 1 ? "s" : ""} of ${H}×${W}` : `${c} numbers`;
    name.textContent = `After layer ${w.get("layer")}: ${what}. Orange is above zero, blue below; full colour is ${fmt(most, 3)}.`;
    maps.setAttribute("aria-label", name.textContent);
  };

  return w.draw(() => {
    const ink = w.get("ink"),
      layer = w.get("layer"),
      [panel, dark] = [rgb("panel"), rgb("ink")];
    picture(paper, SIDE, SIDE, (i, j) => mix(panel, dark, ink[i][j] / 255));
    spot.style.left = `${(100 * at[0]) / SIDE}%`;
    spot.style.top = `${(100 * at[1]) / SIDE}%`;
    const rows = ink.map((row) => row.map((v) => v / 255)),
      { rows: image28, ratio } = w.get("centring") ? centred(rows) : { rows, ratio: 1 };
    picture(seen, SIDE, SIDE, (i, j) => mix(panel, dark, image28[i][j]));
    if (!(slow && down)) {
      const start = performance.now();
      w.answer = run(tensor([1, SIDE, SIDE], image28.flat()));
      slow = performance.now() - start > 30; // such a net answers when the pen is lifted
    }
    const values = w.answer,
      logits = values.at(-1),
      p = Array.from(nn.softmax(logits).data);
    w.values = {
      pixels: image28.flat(),
      logits: Array.from(logits.data),
      probabilities: p,
      maps: layer ? Array.from(values[layer].data) : [],
    };
    const order = range(10).sort((a, b) => p[b] - p[a]),
      percent = (v) => `${(100 * v).toFixed(v < 0.005 || v > 0.995 ? 1 : 0)} %`;
    p.forEach((v, k) =>
      shares
        .rect(0, k - 0.38, v, k + 0.38, { width: 0, fill: k === order[0] ? 1 : 0 })
        .text(v, k, percent(v), { dx: 5, bold: k === order[0], halo: true }),
    );
    maps.hidden = !layer;
    if (layer) showMaps(values[layer], panel);
    else name.textContent = "";
    w.say(
      same(ink, empty)
        ? "Nothing is drawn yet. Even of an empty image the net has an opinion: it can only choose among ten digits."
        : `The net says ${order[0]} (${percent(p[order[0]])}), or else ${order[1]} (${percent(p[order[1]])}). ` +
            (w.get("centring")
              ? `It sees the ink ${fmt(ratio, 3, true)} times as large, its centre of mass in the middle, as in the images it was trained on.`
              : "It sees the drawing where it stands, and was trained on digits in the middle only."),
    );
  }).destroy;
}
export default { render };
