// A recurrent network unrolled over a word: every hidden state, and the sum behind each unit.
const LETTERS = [..."ehlo"],
  OHLOL = [3, 1, 2, 3, 2];
const spell = (word) => word.map((i) => LETTERS[i]).join("");
const dot = (a, b) => sum(a.map((v, i) => v * b[i]));

function run(net, word, memory) {
  const zero = net.b_h.map(() => 0),
    hidden = [],
    logits = [],
    p = [];
  word.forEach((letter, t) => {
    const before = memory && t > 0 ? hidden[t - 1] : zero;
    const h = net.b_h.map((b, j) => Math.tanh(net.w_xh[j][letter] + dot(net.w_hh[j], before) + b));
    const z = net.b_o.map((b, k) => dot(net.w_ho[k], h) + b),
      top = Math.max(...z),
      e = z.map((v) => Math.exp(v - top));
    hidden.push(h);
    logits.push(z);
    p.push(e.map((v) => v / sum(e)));
  });
  const known = spell(word) === "hello",
    answer = logits.map((z) => z.indexOf(Math.max(...z)));
  const nll = (z, k) =>
    Math.log(sum(z.map((v) => Math.exp(v - Math.max(...z))))) + Math.max(...z) - z[k];
  return {
    hidden,
    logits,
    p,
    answer: spell(answer),
    loss: known ? sum(logits.map((z, t) => nll(z, OHLOL[t]))) / 5 : null,
  };
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Unrolled recurrent network" });
  const word = () => w.get("word"),
    last = () => word().length,
    now = () => clamp(w.get("time"), 0, last());
  const net = () => w.get("weights")[w.get("chosen")],
    units = w.get("weights")[0].b_h.length;
  const middle = (j) => units - 0.5 - j;
  const map = w.plot({
    axes: false,
    basis: 560,
    maxHeight: 900,
    y: [-2, units + 4.4],
    label: "Hidden states over time, inputs below, answers above",
  });
  map.handle({
    label: "Unit in time",
    r: 6,
    step: [1, 1],
    get: () => [now() + 0.33, middle(w.get("unit")) + 0.5],
    set: ([x, y]) =>
      w.set({
        time: clamp(Math.round(x - 0.33), 0, last()),
        unit: clamp(Math.round(units - y), 0, units - 1),
      }),
  });
  w.player("time", { last, rate: 1, label: "letter" });
  const scores = w.plot({
    title: "Logits",
    x: [-0.6, 3.6],
    y: [-1, 1],
    xticks: [],
    basis: 210,
    aspect: 0.72,
    label: "Logits of the four letters, with their probabilities",
  });
  const sums = h("div", { style: "flex:1 1 330px;min-width:0" });
  w.stage.append(sums);
  const head = w.title(sums);
  const [state, score, share] = range(3, () => w.formula({ into: sums }));

  const read = (text) =>
    w.set({ word: [...text].map((c) => LETTERS.indexOf(c)), time: text.length });
  w.text({
    label: "letters to read",
    get: () => spell(word()),
    set: read,
    parse: (typed) => {
      const text = typed.trim().toLowerCase(),
        odd = [...text].find((c) => !LETTERS.includes(c));
      if (!text) return ["", "Type one to eight letters."];
      if (odd) return ["", `“${odd}” is unknown: the network has only seen e, h, l and o.`];
      return [text, text.length > 8 ? "At most eight letters, please." : ""];
    },
  });
  w.select("chosen", {
    label: "trained for",
    options: w
      .get("weights")
      .map(({ step }, i) => [i, step ? `${step} steps` : "0 steps (random weights)"]),
  });
  w.slider("unit", {
    label: "hidden unit",
    min: 1,
    max: units,
    step: 1,
    integer: true,
    get: () => w.get("unit") + 1,
    set: (v) => w.set({ unit: v - 1 }),
  });
  w.check("memory", { label: "carry the hidden state from letter to letter" });
  w.row(...["hello", "hell", "olleh", "llllllll"].map((text) => w.button(text, () => read(text))));
  const out = w.readout();

  const { num, par, more } = written(3);
  const product = (a, b) => `${more(a)}·${par(b)}`;
  return w.draw(() => {
    const letters = word(),
      n = letters.length,
      t = now(),
      j = w.get("unit"),
      memory = w.get("memory"),
      weights = net();
    w.values = run(weights, letters, memory);
    const { hidden, logits, p, answer, loss } = w.values,
      known = loss !== null;
    const aspect = ((units + 6.4) * (map.size().W < 520 ? 24 : 27)) / map.size().W;
    map.limits({ x: [-0.62, n + 0.62] });
    if (Math.abs(aspect - map.options.aspect) > 1e-6) {
      map.options.aspect = aspect;
      map.remeasure();
    }
    const wide = map.X(1) - map.X(0),
      half = 0.33,
      roomy = wide > 46,
      edge = map.X(0) - map.X(-half) > 16;
    const states = [range(units, () => 0), ...hidden];
    // what reaches the selected unit
    const link = (x0, y0, x1, y1, v) =>
      map.line(x0, y0, x1, y1, {
        color: v < 0 ? 0 : 1,
        width: clamp(Math.abs(v) * 1.6, 0.4, 6),
        opacity: 0.8,
      });
    states.forEach((h_t, c) => {
      const late = c > t,
        here = c === t,
        opacity = late ? 0.25 : undefined,
        ink = late ? "line" : "muted";
      if (c > 0) {
        const letter = LETTERS[letters[c - 1]],
          said = answer[c - 1],
          right = known && said === LETTERS[OHLOL[c - 1]];
        if (!here && memory)
          map.line(c - 1 + half, units / 2, c - half, units / 2, {
            color: ink,
            width: 1.5,
            arrow: true,
          });
        map.line(c, -0.85, c, -0.08, { color: ink, width: 1.5, arrow: true });
        map.line(c, units + 0.08, c, units + 0.62, { color: ink, width: 1.5, arrow: true });
        map.rect(c - 0.2, -1.75, c + 0.2, -0.85, {
          color: here ? "ink" : "line",
          fill: "field",
          round: 4,
          opacity,
        });
        map.text(c, -1.3, letter, {
          anchor: "middle",
          dy: 5,
          size: 16,
          bold: true,
          color: late ? "muted" : "ink",
        });
        p[c - 1].forEach((v, k) => {
          const x = c - half + (k * 2 * half) / 4,
            best = LETTERS[k] === said;
          map.rect(x + 0.01, units + 1.4, x + half / 2 - 0.01, units + 1.4 + v * 1.5, {
            width: 0,
            fill: best ? 2 : 7,
            opacity,
          });
          if (wide > 40)
            map.text(x + half / 4, units + 1.02, LETTERS[k], {
              anchor: "middle",
              size: 11,
              color: best && !late ? "ink" : "muted",
            });
        });
        map.line(c - half, units + 1.4, c + half, units + 1.4, { color: "line", width: 1 });
        if (!late) {
          map.text(c, units + 3.45, said, {
            anchor: "middle",
            dy: 5,
            size: 17,
            bold: true,
            color: !known ? "ink" : right ? 2 : "bad",
          });
          if (known && !right)
            map.text(c, units + 4.1, `not ${LETTERS[OHLOL[c - 1]]}`, {
              anchor: "middle",
              size: 11,
              color: "bad",
            });
        }
      }
      h_t.forEach((v, k) => {
        map.rect(c - half, units - k, c + half, units - k - 1, {
          color: here && k === j ? "ink" : "line",
          width: here && k === j ? 2.5 : 1,
          fill: c ? diverge(v, 1.5) : "field",
          opacity,
        });
        if (!late && edge)
          map.text(
            c,
            middle(k),
            roomy ? v.toFixed(2).replace("-", "−") : v.toFixed(1).replace("-", "−"),
            { anchor: "middle", size: roomy ? 12 : 10, color: c ? "ink" : "muted" },
          );
      });
      map.text(c, -0.5, c ? "" : `h${subscript(0)}`, { anchor: "middle", color: "muted" });
    });
    for (const [y, name] of [
      [units + 3.45, "answer"],
      [units + 1.9, "p"],
      [-1.3, "letter"],
    ])
      map.text(0, y, name, { anchor: "middle", color: "muted" });
    const letter = t ? letters[t - 1] : 0,
      before = memory && t ? states[t - 1] : states[0];
    if (t) {
      if (memory)
        before.forEach((v, k) =>
          link(t - 1 + half, middle(k), t - half, middle(j), v * weights.w_hh[j][k]),
        );
      const v = weights.w_xh[j][letter];
      map.curve([t - 0.2, t - 0.42, t - half], [-1.2, -0.2, middle(j) - 0.2], {
        color: v < 0 ? 0 : 1,
        width: clamp(Math.abs(v) * 1.6, 0.4, 6),
        opacity: 0.8,
      });
    }

    head.textContent = t
      ? `Unit ${j + 1} after letter ${t}, ${LETTERS[letter]}`
      : "Before the first letter";
    const z = t ? logits[t - 1] : weights.b_o,
      q = t ? p[t - 1] : null,
      top = Math.max(1, ...z.map(Math.abs)) * 1.3;
    if (t) {
      const a = weights.w_xh[j][letter] + dot(weights.w_hh[j], before) + weights.b_h[j],
        v = hidden[t - 1][j];
      const best = LETTERS.indexOf(answer[t - 1]);
      state.show(
        `input ${LETTERS[letter]}: ${num(weights.w_xh[j][letter])}, bias: ${num(weights.b_h[j])}\n` +
          (memory
            ? `state h${subscript(t - 1)}: ${before
                .map((v, k) => product(weights.w_hh[j][k], v))
                .join(" ")
                .replace(/^\+ /, "")}\n`
            : "state: not carried, 0\n") +
          `h${subscript(t)}[${j + 1}] = tanh(${num(weights.w_xh[j][letter])} ${more(weights.b_h[j])} ${more(dot(weights.w_hh[j], before))}) = tanh(${num(a)}) = ${num(v)}`,
      );
      score.show(
        `logit of ${LETTERS[best]} = ${num(weights.b_o[best])} ${hidden[t - 1].map((v, k) => product(weights.w_ho[best][k], v)).join(" ")} = ${num(z[best])}`,
      );
      share.show(`p(${LETTERS[best]}) = exp(${num(z[best])}) / Σ exp(logits) = ${num(q[best])}`);
    } else {
      state.show("h₀ = 0: the network has read nothing yet.");
      score.show("");
      share.show("");
    }
    scores
      .limits({ title: "", y: [-top, top] })
      .line(-0.6, 0, 3.6, 0, { color: "muted", width: 1 });
    if (t) {
      // as many decimals as the bars can show: longer numbers would stand on each other
      const decimals = clamp(3 - Math.floor(Math.log10(top)), 0, 3),
        short = (v) => fmt(Number(v.toFixed(decimals)), 3, true);
      scores.bars(z, { color: z.map((v) => (v === Math.max(...z) ? 2 : 7)) });
      z.forEach((v, k) =>
        scores
          .text(k, v, short(v), { anchor: "middle", dy: v < 0 ? 15 : -5, halo: true })
          .text(k, -top, `${LETTERS[k]} ${q[k].toFixed(3)}`, {
            anchor: "middle",
            dy: 16,
            color: "ink",
            bold: LETTERS[k] === answer[t - 1],
          }),
      );
    }
    out.show({
      reads: spell(letters.slice(0, t)) || "nothing",
      answers: answer.slice(0, t) || "nothing yet",
      ...(known ? { wanted: "ohlol", "mean cross-entropy": loss } : {}),
    });
    const twice = t > 1 && memory ? letters.slice(0, t - 1).lastIndexOf(letters[t - 1]) : -1;
    w.say(
      !memory
        ? "Without memory the same letter always gets the same answer, so one of the two l of hello must be wrong."
        : twice >= 0 && answer[twice] !== answer[t - 1]
          ? `Letters ${twice + 1} and ${t} are both ${LETTERS[letter]}, but the answers are ${answer[twice]} and ${answer[t - 1]}: only the hidden state can tell them apart.`
          : known
            ? "Line width: how much each number adds to the unit. Orange pushes up, blue down."
            : "This word was not in the training data: the network still applies the same weights at every letter.",
    );
  }).destroy;
}
export default { render };
