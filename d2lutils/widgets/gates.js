// A GRU and an LSTM cell of one unit: every gate over time, and what is left of each input.
const CELLS = {
  gru: [
    ["r", "reset gate r", 3],
    ["z", "update gate z", 2],
    ["n", "candidate n", 4],
  ],
  lstm: [
    ["i", "input gate i", 3],
    ["f", "forget gate f", 2],
    ["g", "candidate g", 4],
    ["o", "output gate o", 0],
  ],
};
const WAVE = [0.5, 1.2, 1.6, 1.2, 0.5, -0.5, -1.2, -1.6, -1.2, -0.5],
  PULSE = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
// label, inputs, rows of the GRU, rows of the LSTM
const PRESETS = [
  [
    "remember: hold the last pulse",
    [0, 1, 0, 0, 0, 0.5, 0, 0, 0, 0],
    [
      [0, 0, 5],
      [-16, 0, 5],
      [1, 0, 0, 0],
    ],
    [
      [16, 0, -5],
      [-16, 0, 5],
      [1, 0, 0],
      [0, 0, 5],
    ],
  ],
  [
    "forget: half is gone in three steps",
    PULSE,
    [
      [0, 0, 5],
      [0, 0, 1.35],
      [2, 0, 0, 0],
    ],
    [
      [0, 0, 5],
      [0, 0, 1.35],
      [2, 0, 0],
      [0, 0, 5],
    ],
  ],
  [
    "copy: follow the input",
    WAVE,
    [
      [0, 0, 5],
      [0, 0, -6],
      [1.5, 0, 0, 0],
    ],
    [
      [0, 0, 6],
      [0, 0, -6],
      [1.5, 0, 0],
      [0, 0, 6],
    ],
  ],
  [
    "add up: count the pulses",
    [1, 0, 1, 0, 1, 0, 1, 0, 1, 0],
    [
      [0, 0, 6],
      [-3, 0, 3],
      [1, 1, 0, 0],
    ],
    [
      [0, 0, 8],
      [0, 0, 8],
      [0.5, 0, 0],
      [0, 0, 8],
    ],
  ],
  [
    "untrained: small random weights",
    PULSE,
    [
      [-0.01, -0.74, 0.24],
      [0.54, -0.39, 0.49],
      [-0.82, 0.27, -0.09, -0.2],
    ],
    [
      [-0.96, 0.4, 0.2],
      [-0.66, 0.6, 0.94],
      [-0.41, -0.68, 0.7],
      [0.04, -0.44, -0.18],
    ],
  ],
];

// One step, with the derivative (dx, dh, dc) carried along.
const STEP = {
  gru([r_, z_, n_], s, x, { h, dh }, dx) {
    const gate = ([w, u, b]) => {
      const v = sigmoid(s * w * x + s * u * h + b);
      return [v, v * (1 - v) * (s * w * dx + s * u * dh)];
    };
    const [r, dr] = gate(r_),
      [z, dz] = gate(z_),
      q = s * n_[1] * h + n_[3];
    const n = Math.tanh(s * n_[0] * x + n_[2] + r * q),
      dn = (1 - n * n) * (s * n_[0] * dx + dr * q + r * s * n_[1] * dh);
    return { gates: [r, z, n], h: (1 - z) * n + z * h, dh: (1 - z) * dn + dz * (h - n) + z * dh };
  },
  lstm(rows, s, x, { h, c, dh, dc }, dx) {
    const [[i, di], [f, df], [g, dg], [o, dO]] = rows.map(([w, u, b], k) => {
      const a = s * w * x + s * u * h + b,
        v = k === 2 ? Math.tanh(a) : sigmoid(a);
      return [v, (k === 2 ? 1 - v * v : v * (1 - v)) * (s * w * dx + s * u * dh)];
    });
    const next = f * c + i * g,
      slope = df * c + f * dc + di * g + i * dg,
      t = Math.tanh(next);
    return {
      gates: [i, f, g, o],
      c: next,
      dc: slope,
      h: o * t,
      dh: dO * t + o * (1 - t * t) * slope,
    };
  },
};

function run(cell, rows, scale, x, h0, c0, step) {
  const go = STEP[cell],
    states = [{ h: h0, c: c0, dh: 0, dc: 0 }];
  for (const v of x) states.push(go(rows, scale, v, { ...states.at(-1), dh: 0, dc: 0 }, 0));
  const gradient = x.map((_, s) => {
    if (s >= step) return 0;
    let at = { ...states[s], dh: 0, dc: 0 };
    for (let t = s; t < step; t++) at = go(rows, scale, x[t], at, t === s ? 1 : 0);
    return at.dh;
  });
  const gates = Object.fromEntries(
    CELLS[cell].map(([name], k) => [name, states.slice(1).map((v) => v.gates[k])]),
  );
  return {
    gates,
    h: states.map((v) => v.h),
    gradient,
    ...(cell === "lstm" ? { c: states.map((v) => v.c) } : {}),
  };
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Gates" });
  const cell = () => w.get("cell"),
    T = w.get("x").length,
    now = () => clamp(w.get("step"), 0, T);
  const one = { x: [-0.25, T + 0.4], basis: 300, aspect: 0.5, xticks: range(T + 1) };
  const inputs = w.plot({
    ...one,
    title: "Inputs x: drag them",
    y: [-2, 2],
    ylabel: "x",
    label: "The inputs, one a step",
  });
  const doors = w.plot({
    ...one,
    title: "Gates",
    y: [-0.06, 1.06],
    yticks: [0, 0.5, 1],
    ylabel: "open",
    label: "Gates over time",
  });
  const store = w.plot({
    ...one,
    title: "State",
    y: [-1, 1],
    xlabel: "step t",
    ylabel: "value",
    aspect: 0.54,
    label: "State over time",
  });
  const trace = w.plot({
    ...one,
    title: "What is left of each input",
    y: [-1, 1],
    xlabel: "input of step s",
    ylabel: "∂h/∂x",
    aspect: 0.54,
    label: "Derivative of the present state with respect to each input",
  });
  range(T, (t) =>
    inputs.handle({
      label: `Input ${t + 1}`,
      axis: "y",
      color: 0,
      r: 6,
      step: [0, 0.1],
      get: () => [t + 1, w.get("x")[t]],
      set: ([, y]) => w.set({ x: w.get("x").with(t, clamp(Number(y.toFixed(2)), -2, 2)) }),
    }),
  );
  store.handle({
    label: "Time",
    axis: "x",
    step: [1, 0],
    get: () => [now(), w.values.h?.[now()] ?? 0],
    set: ([x]) => w.set({ step: clamp(Math.round(x), 0, T) }),
  });
  const title = w.title();
  const sums = w.formula();
  w.player("step", { last: () => T, rate: 1.5 });
  w.select("cell", {
    label: "cell",
    options: [
      ["gru", "GRU: one state h"],
      ["lstm", "LSTM: state h and cell c"],
    ],
  });
  w.presets({
    label: "what it does",
    options: PRESETS.map(([label, x, gru, lstm]) => [
      label,
      { x: range(T, (t) => x[t] ?? 0), gru, lstm, scale: 1, h0: 0, c0: 0 },
    ]),
    fits: (state) => same(state[cell()], w.get(cell())) && w.get("scale") === 1,
  });
  const put = (kind, i, k, v) => w.set({ [kind]: replaced(w.get(kind), i, k, v) });
  const bias = (kind, label) =>
    w.slider(kind, {
      label,
      min: -6,
      max: 6,
      step: 0.05,
      typed: [-100, 100],
      get: () => w.get(kind)[1][2],
      set: (v) => put(kind, 1, 2, v),
    });
  const own = {
    gru: [bias("gru", "bias of z (keep)")],
    lstm: [bias("lstm", "bias of f (forget)")],
  };
  w.slider("scale", { label: "scale of all weights", min: 0, max: 4, step: 0.05, typed: [0, 100] });
  w.slider("h0", { label: "state h before", min: -1, max: 1, step: 0.05 });
  own.lstm.push(w.slider("c0", { label: "cell c before", min: -5, max: 5, step: 0.1 }));
  // every weight, in a table
  const tables = Object.entries(CELLS).map(([kind, gates]) => {
    const n = kind === "gru" ? 4 : 3,
      heads = ["weight of x", "weight of h", kind === "gru" ? "bias (b_in)" : "bias", "b_hn"].slice(
        0,
        n,
      );
    const grid = h(
      "div",
      {
        style: `grid-column:1/-1;display:grid;grid-template-columns:minmax(84px,auto) repeat(${n},minmax(48px,110px));gap:4px 8px;align-items:center;font-size:13px`,
      },
      h("span"),
      ...heads.map((text) => h("span", { text, style: "color:var(--d2l-muted);text-align:right" })),
    );
    const wrong = h("div", { style: "grid-column:1/-1" });
    gates.forEach(([name, label, color], i) => {
      grid.append(
        h("span", { text: label, style: `border-left:4px solid ${col(color)};padding-left:6px` }),
      );
      range(n, (k) => {
        if (k === 3 && name !== "n") return grid.append(h("span"));
        w.cell(grid, wrong, {
          label: `${label}, ${heads[k]}`,
          limits: { min: -100, max: 100 },
          step: 0.1,
          get: () => w.get(kind)[i][k],
          set: (v) => put(kind, i, k, v),
        });
      });
    });
    grid.append(wrong);
    w.add(grid);
    return [kind, grid];
  });

  const { num, par, more } = written(3);
  return w.draw(() => {
    const [x, scale, h0, c0] = ["x", "scale", "h0", "c0"].map(w.get),
      kind = cell(),
      lstm = kind === "lstm",
      rows = w.get(kind),
      t = now();
    for (const [name, sliders] of Object.entries(own))
      for (const slider of sliders) slider.hidden = name !== kind;
    for (const [name, grid] of tables) grid.hidden = name !== kind;
    w.values = run(kind, rows, scale, x, h0, c0, t);
    const { gates, h: hs, c: cs, gradient } = w.values,
      steps = range(T, (i) => i + 1);
    const most = Math.max(1, ...(cs || []).map(Math.abs)),
      edge = most > 1 ? Math.ceil(most * 1.05) : 1;
    store.limits({ y: [-edge * 1.05, edge * 1.05] });
    const steep = Math.max(...gradient.map(Math.abs)),
      reach = steep > 1 ? steep * 1.1 : 1;
    trace.limits({ y: [-reach, reach] });
    for (const plot of [inputs, doors, store])
      plot.line(t, -1e3, t, 1e3, { color: "ink", width: 1, dash: "3 3", opacity: 0.6 });
    inputs.line(-0.25, 0, T + 0.4, 0, { color: "muted", width: 1 });
    x.forEach((v, i) =>
      inputs.line(i + 1, 0, i + 1, v, { color: 0, width: 3, opacity: i < t ? 0.9 : 0.3 }),
    );
    const open = CELLS[kind].filter(([name]) => name !== "n" && name !== "g");
    for (const [name, , color] of open) {
      doors.curve(steps, gates[name], { color, width: 2 });
      doors
        .dots(
          gates[name].map((v, i) => [i + 1, v]),
          { color, r: 3 },
        )
        .dots(t ? [[t, gates[name][t - 1]]] : [], { color, r: 5.5 });
    }
    doors.legend(open.map(([, label, color]) => ({ label, color })));
    const guess = lstm ? "g" : "n";
    store.line(-0.25, 0, T + 0.4, 0, { color: "muted", width: 1 });
    store.curve(steps, gates[guess], { color: 4, width: 1.5, dash: "2 4" });
    if (lstm)
      store.curve(range(T + 1), cs, { color: 6, width: 2, dash: "7 3" }).dots(
        cs.map((v, i) => [i, v]),
        { color: 6, r: 3 },
      );
    store.curve(range(T + 1), hs, { color: 1, width: 2.5 }).dots(
      hs.map((v, i) => [i, v]),
      { color: 1, r: 3.5 },
    );
    store.legend([
      { label: "h", color: 1 },
      ...(lstm ? [{ label: "c", color: 6, dash: true }] : []),
      { label: `candidate ${guess}`, color: 4, dash: true },
    ]);
    trace
      .line(-0.25, 0, T + 0.4, 0, { color: "muted", width: 1 })
      .bars(gradient, { at: 1, span: 0.6, color: 1 });
    trace.legend([{ label: `in h after step ${t}`, color: 1 }]);

    title.textContent = t
      ? `Step ${t}: x = ${num(x[t - 1])}, state before h = ${num(hs[t - 1])}${lstm ? `, c = ${num(cs[t - 1])}` : ""}`
      : "Step 0: the state before the first input";
    if (t) {
      const v = x[t - 1],
        h_ = hs[t - 1],
        gate = Object.fromEntries(Object.entries(gates).map(([name, line]) => [name, line[t - 1]]));
      const lines = CELLS[kind].map(([name], i) => {
        const [a, b, c, d] = rows[i],
          f = name === guess ? "tanh" : "σ";
        const inside =
          name === "n"
            ? `${par(scale * a)}·${par(v)} ${more(c)} + r·(${num(scale * b)}·${par(h_)} ${more(d)})`
            : `${num(scale * a)}·${par(v)} ${more(scale * b)}·${par(h_)} ${more(c)}`;
        return `${name} = ${f}(${inside}) = ${num(gate[name])}`;
      });
      if (lstm)
        lines.push(
          `c = f·c + i·g = ${num(gate.f)}·${par(cs[t - 1])} + ${num(gate.i)}·${par(gate.g)} = ${num(cs[t])}`,
          `h = o·tanh(c) = ${num(gate.o)}·tanh(${num(cs[t])}) = ${num(hs[t])}`,
        );
      else
        lines.push(
          `h = (1 − z)·n + z·h = ${num(1 - gate.z)}·${par(gate.n)} + ${num(gate.z)}·${par(h_)} = ${num(hs[t])}`,
        );
      sums.show(lines.join("\n"));
    } else sums.show(`h₀ = ${num(h0)}${lstm ? `, c₀ = ${num(c0)}` : ""}`);
    const keep = gates[lstm ? "f" : "z"].at(t - 1 < 0 ? 0 : t - 1),
      name = lstm ? "f" : "z";
    const half = Math.log(0.5) / Math.log(keep),
      long =
        half > 999
          ? "in more than 999 steps"
          : half < 1
            ? "in less than a step"
            : `in ${fmt(half, 2, true)} steps`;
    w.say(
      `${name} = ${fmt(keep, 3, true)} keeps ${keep > 0.9995 ? "nearly all" : keep < 0.0005 ? "next to nothing" : `${fmt(100 * keep, 3, true)} %`} of the old ${lstm ? "cell c" : "state h"} in this step; staying there, it would halve a memory ${long}.`,
    );
  }).destroy;
}
export default { render };
