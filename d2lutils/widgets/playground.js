// A small net learns in the page: its diagram with every unit's surface, the answer, the losses.
// uses: learning
const G = 24, // cells along a unit's small picture
  MOST = 20000,
  EDGE = 1.3; // the plane is drawn from -EDGE to EDGE
const SPEEDS = [1, 5, 25, 100].map((n) => [n, `${n} step${n > 1 ? "s" : ""} a frame`]);
const TASKS = [
  ["XOR, no hidden layer", { data: "XOR", hidden: [] }],
  ["XOR, two units", { data: "XOR", hidden: [2] }],
  ["XOR, four units", { data: "XOR", hidden: [4] }],
  ["circles, three units", { data: "circles", hidden: [3] }],
  ["circles, two layers", { data: "circles", hidden: [4, 2] }],
  ["spirals, two layers of eight", { data: "spirals", hidden: [8, 8] }],
];

function render({ model, el }) {
  const w = widget(el, model, { name: "Playground" });
  const KEYS = [
    "data",
    "n",
    "noise",
    "hidden",
    "activation",
    "optimizer",
    "lr",
    "decay",
    "batch_size",
    "seed",
  ];
  const again = (changes) => w.set({ step: 0, look: 0, ...changes }); // another net starts anew
  const map = w.plot({
    title: "Network",
    label: "Inputs on the left, then what each unit answers over the plane",
    axes: false,
    basis: 330,
    aspect: 0.86,
    maxHeight: 380,
    x: [0, 1],
    y: [0, 1],
  });
  const plane = w.plot({
    basis: 260,
    aspect: 0.9,
    maxHeight: 330,
    x: [-EDGE, EDGE],
    y: [-EDGE, EDGE],
    xlabel: "x₁",
    ylabel: "x₂",
    label: "The plane, its points, and what the chosen unit answers",
  });
  const name = plane.box.firstChild; // its title
  const curves = w.plot({
    basis: 260,
    aspect: 0.5,
    maxHeight: 210,
    x: [0, 100],
    y: [0, 1],
    xlabel: "steps",
    ylabel: "loss",
    label: "Loss on the training points and on the test points",
  });

  w.presets({ label: "Try", options: TASKS, set: again });
  w.select("data", {
    label: "Data",
    options: ["XOR", "circles", "moons", "spirals", "two heaps"],
    set: (data) => again({ data }),
  });
  w.text({
    label: "hidden units",
    get: () => w.get("hidden").join(", "),
    set: (text) => again({ hidden: text ? text.split(",").map(Number) : [] }),
    write: String,
    parse: (typed) => {
      const parts = typed.split(/[\s,;]+/).filter(Boolean);
      if (parts.some((part) => !/^\d+$/.test(part) || part < 1 || part > 8))
        return ["", "Units of each layer, 1 to 8, for instance 4, 2. Nothing: no hidden layer."];
      if (parts.length > 4) return ["", "At most four hidden layers, please."];
      return [parts.map(Number).join(", "), ""];
    },
  });
  w.select("activation", {
    label: "activation",
    options: [
      ["tanh", "tanh"],
      ["relu", "ReLU"],
      ["leaky_relu", "leaky ReLU"],
      ["sigmoid", "sigmoid"],
      ["identity", "none"],
    ],
    set: (activation) => again({ activation }),
  });
  w.select("optimizer", {
    label: "optimizer",
    options: Object.keys(RULES),
    set: (rule) => again({ optimizer: rule }),
  });
  for (const [key, label, options] of [
    ["lr", "learning rate η", { min: 0.001, max: 3, log: true, typed: [1e-5, 10] }],
    ["decay", "weight decay λ", { max: 0.1, step: 0.001, typed: [0, 1] }],
    ["batch_size", "batch size", { min: 1, max: 100, step: 1, integer: true, typed: [1, 300] }],
    ["n", "training points", { min: 4, max: 300, step: 1, integer: true }],
    ["noise", "noise", { max: 0.5, step: 0.01 }],
  ])
    w.slider(key, { label, ...options, set: (v) => again({ [key]: v }) });
  const units = () => sum(w.get("hidden"));
  w.slider("look", {
    label: "look at unit",
    max: 32,
    step: 1,
    integer: true,
    get: () => Math.min(w.get("look"), units()),
    set: (v) => w.set({ look: Math.min(v, units()) }),
  });

  let testing = false;
  w.check("testing", {
    label: "show the test points",
    get: () => testing,
    set: (on) => {
      testing = on;
      w.refresh();
    },
  });
  let playing = 0,
    speed = 1;
  const stop = () => {
    cancelAnimationFrame(playing);
    playing = 0;
    w.refresh();
  };
  const go = (steps) => w.set({ step: clamp(w.get("step") + steps, 0, MOST) });
  const tick = () => {
    go(speed);
    if (w.get("step") >= MOST) stop();
    else playing = requestAnimationFrame(tick);
  };
  const play = w.button("Play", () => {
    if (playing) stop();
    else if (reducedMotion()) go(200);
    else playing = requestAnimationFrame(tick);
  });
  w.cleanup.push(stop);
  w.row(
    play,
    w.button("Step", () => go(1)),
    w.button("Back to the start", () => {
      stop();
      w.set({ step: 0 });
    }),
    w.button("Other random numbers", () => again({ seed: (w.get("seed") + 1) % 10000 })),
    w.select("speed", {
      label: "speed",
      options: SPEEDS,
      get: () => speed,
      set: (v) => (speed = v),
    }),
  );
  const readout = w.readout();

  // where the units stand: [layer, unit] -> [x, y] in 0..1, and the side of a small picture
  const spots = (sizes) => {
    const { W, H } = map.size(),
      rows = Math.max(...sizes),
      side = clamp(Math.min(W / (1.75 * sizes.length), H / (1.22 * rows)), 12, 54),
      x = (l) => (side / 2 + 2 + (l * (W - side - 4)) / (sizes.length - 1)) / W,
      y = (l, k) => 0.5 + ((sizes[l] - 1) / 2 - k) * Math.min((1.22 * side) / H, 0.24);
    return { side, at: (l, k) => [x(l), y(l, k)] };
  };
  const unitOf = (look) => {
    let l = 1,
      k = look - 1;
    const hidden = w.get("hidden");
    if (!look) return [hidden.length + 1, 0];
    while (k >= hidden[l - 1]) k -= hidden[l++ - 1];
    return [l, k];
  };
  map.svg.addEventListener("click", (event) => {
    const [x, y] = map.at(event),
      hidden = w.get("hidden"),
      { side, at } = spots([2, ...hidden, 1]),
      { W, H } = map.size();
    const near = ([a, b]) => Math.max(Math.abs(a - x) * W, Math.abs(b - y) * H) < side / 2 + 2;
    if (near(at(hidden.length + 1, 0))) w.set({ look: 0 });
    let look = 0;
    hidden.forEach((count, l) =>
      range(count, (k) => {
        look++;
        if (near(at(l + 1, k))) w.set({ look });
      }),
    );
  });

  const grid = Float64Array.from(
    range(G * G).flatMap((i) => [
      EDGE * ((2 * ((i % G) + 0.5)) / G - 1),
      EDGE * (1 - (2 * (Math.floor(i / G) + 0.5)) / G),
    ]),
  );
  const rgb = (pen, key) => {
    pen.fillStyle = getComputedStyle(w.el).getPropertyValue(`--d2l-${key}`).trim() || "#888888";
    return [1, 3, 5].map((k) => parseInt(pen.fillStyle.slice(k, k + 2), 16));
  };
  const small = h("canvas", { width: G, height: G });
  const pictures = (all, sizes, { side, at }) => {
    const { W, H } = map.size(),
      dpr = Math.min(globalThis.devicePixelRatio || 1, 3),
      pen = map.canvas.getContext("2d");
    Object.assign(map.canvas, { width: Math.round(W * dpr), height: Math.round(H * dpr) });
    map.canvas.dataset.key = "units";
    map.canvas.style.cssText = `left:0;top:0;width:${W}px;height:${H}px`;
    const [panel, cold, warm] = ["panel", 0, 1].map((key) => rgb(pen, key)),
      brush = small.getContext("2d");
    sizes.forEach((count, l) => {
      const values = l ? all[l] : grid;
      range(count, (k) => {
        const own = range(G * G, (i) => values[i * count + k]),
          most = Math.max(1e-9, ...own.map(Math.abs)),
          image = new ImageData(G, G);
        own.forEach((v, i) => {
          const ink = v > 0 ? warm : cold,
            t = Math.min(Math.abs(v) / most, 1) * 0.85;
          image.data.set([...panel.map((p, c) => p + (ink[c] - p) * t), 255], 4 * i);
        });
        brush.putImageData(image, 0, 0);
        const [x, y] = at(l, k);
        pen.drawImage(
          small,
          (x * W - side / 2) * dpr,
          ((1 - y) * H - side / 2) * dpr,
          side * dpr,
          side * dpr,
        );
      });
    });
  };

  let key, run;
  const valueOf = (net, X, n, [l, k]) => {
    const values = forward(net, X, n)[l],
      wide = values.length / n;
    return range(n, (i) => values[i * wide + k]);
  };
  return w.draw(() => {
    const state = Object.fromEntries(KEYS.map((name) => [name, w.get(name)])),
      now = JSON.stringify(state);
    if (now !== key) {
      key = now;
      run = training(state);
    }
    const step = Math.min(w.get("step"), MOST),
      { net, losses } = run.at(step),
      sizes = [2, ...state.hidden, 1],
      look = Math.min(w.get("look"), units()),
      chosen = unitOf(look),
      place = spots(sizes);
    play.textContent = playing ? "Pause" : "Play";

    const { W: wide, H: high } = map.size(),
      edge = place.side / 2 / wide;
    net.layers.forEach(({ W, into, out }, l) => {
      const most = Math.max(1, ...Array.from(W, Math.abs));
      for (let o = 0; o < out; o++)
        for (let i = 0; i < into; i++) {
          const v = W[o * into + i],
            [from, to] = [place.at(l, i), place.at(l + 1, o)];
          map.line(from[0] + edge, from[1], to[0] - edge, to[1], {
            color: v < 0 ? 0 : 1,
            width: clamp((4.5 * Math.abs(v)) / most, 0.3, 4.5),
            opacity: 0.75,
          });
        }
    });
    sizes.forEach((count, l) =>
      range(count, (k) => {
        const [x, y] = place.at(l, k),
          [dx, dy] = [place.side / 2 / wide, place.side / 2 / high],
          here = l === chosen[0] && k === chosen[1];
        map.rect(x - dx, y - dy, x + dx, y + dy, {
          fill: "none",
          color: here ? "ink" : "line",
          width: here ? 3 : 1,
        });
        if (!l)
          map.text(x, y - dy, `x${subscript(k + 1)}`, { anchor: "middle", dy: -5, halo: true });
      }),
    );
    pictures(forward(net, grid, G * G), sizes, place);

    const surface = (x, y) => valueOf(net, [x, y], 1, chosen)[0];
    plane.field([key, step, look].join(), surface, { levels: [0], signed: true, cells: 44 });
    const { X, y } = testing ? run.test : run.train;
    for (const label of [0, 1])
      plane.dots(
        range(state.n)
          .filter((i) => y[i] === label)
          .map((i) => [X[2 * i], X[2 * i + 1]]),
        { color: label, r: 3.2 },
      );
    name.textContent = look
      ? `Unit ${chosen[1] + 1} of hidden layer ${chosen[0]}`
      : `Answer (logit) and ${testing ? "test" : "training"} points`;

    const most = Math.max(0.75, ...losses.slice(-2000).flat().filter(Number.isFinite)),
      every = Math.max(1, Math.floor(losses.length / 400)),
      xs = range(losses.length).filter((i) => i % every === 0 || i === losses.length - 1);
    curves
      .limits({ x: [0, Math.max(100, losses.length - 1)], y: [0, Math.min(most, 3) * 1.05] })
      .curve(
        xs,
        xs.map((i) => losses[i][0]),
        { color: 0 },
      )
      .curve(
        xs,
        xs.map((i) => losses[i][1]),
        { color: 1, dash: "5 3" },
      )
      .dots([[losses.length - 1, losses.at(-1)[0]]], { color: 0 })
      .legend([
        { label: "training", color: 0 },
        { label: "test", color: 1, dash: true },
      ]);
    const logits = forward(net, run.test.X, state.n).at(-1),
      right = logits.reduce((total, z, i) => total + (z > 0 === run.test.y[i] > 0), 0) / state.n,
      five = range(25, (i) => [Math.floor(i / 5) / 2 - 1, (i % 5) / 2 - 1]);
    w.values = {
      weights: net.layers.flatMap(({ W, b }) => [Array.from(W), Array.from(b)]),
      train_loss: losses.map(([a]) => a),
      test_loss: losses.map(([, b]) => b),
      test_accuracy: right,
      surface: valueOf(net, five.flat(), 25, chosen),
    };
    const [train, test] = losses.at(-1);
    readout.show({
      step: whole(step),
      epoch: fmt(step / Math.ceil(state.n / state.batch_size), 3, true),
      "training loss": fmt(train, 3),
      "test loss": fmt(test, 3),
      "test accuracy": fmt(right, 3),
    });
    w.say(
      !Number.isFinite(train)
        ? "The weights have grown without bound: take a smaller learning rate."
        : "Orange is positive, blue negative. A line's width is the size of its weight; click a unit to see it large." +
            (state.hidden.length && state.activation === "identity"
              ? " Without an activation, all layers together are one linear function: the border stays straight."
              : ""),
    );
  }).destroy;
}
export default { render };
