// Trained nets go on with a text; what each expects next, and its letters coloured by a hidden unit.
// uses: sequences
const SHOWN = 7; // likeliest next letters, as bars
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };
const sign = (c) => SIGNS[c] ?? c;

// Probabilities at a temperature; at 0 the likeliest letter has all.
function shares(logits, temperature) {
  const { data } = logits;
  if (temperature) return nn.softmax(each(logits, (v) => v / temperature)).data;
  const best = data.indexOf(data.reduce((a, b) => Math.max(a, b)));
  return data.map((_, i) => (i === best ? 1 : 0));
}
// The prompt and what a net writes after it: {ids, logits, states}, logits[k] after k + 1 letters.
function goOn(net, start, { temperature, length, chance }) {
  const ids = [...start],
    logits = [],
    states = [];
  for (let k = 0, now = []; k < start.length + length; k++) {
    const next = net.step(ids[k], now);
    now = next.states;
    states.push(next.h.data);
    logits.push(next.logits);
    const drawn = k + 1 - start.length;
    if (drawn < 0 || drawn >= length) continue;
    const p = shares(next.logits, temperature);
    let i = 0;
    for (let total = p[0]; i < p.length - 1 && total <= chance[drawn]; total += p[++i]);
    ids.push(i);
  }
  return { ids, logits, states };
}

function render({ model, el }) {
  const w = widget(el, model, { name: "Sample text" });
  const characters = w.get("characters"),
    nets = loadRecurrent(w.get("networks")),
    names = Object.keys(nets),
    place = new Map(characters.map((c, i) => [c, i]));
  const known = (text) => [...text].map((c) => (place.has(c) ? c : c.toLowerCase())).join("");

  const views = names.map((name) => {
    const text = h("div", {
      style:
        "white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:13px;line-height:1.55;max-height:13em;overflow-y:auto;border:1px solid var(--d2l-line);border-radius:6px;padding:6px 8px",
      tabindex: "0",
      role: "region",
      "aria-label": `What the ${name} writes`,
      onclick: ({ target }) => {
        if (target.dataset.at) w.set({ position: Number(target.dataset.at) });
      },
    });
    const bars = h("div", { style: "flex:0 1 190px;min-width:150px" });
    w.stage.append(
      h(
        "div",
        { class: "d2l-wide", style: "display:flex;flex-wrap:wrap;gap:4px 14px" },
        h(
          "div",
          { style: "flex:1 1 300px;min-width:0" },
          h("div", { class: "d2l-title", text: name }),
          text,
        ),
        bars,
      ),
    );
    const plot = w.plot({
      into: bars,
      basis: 150,
      axes: false,
      title: "Next letter",
      label: `What the ${name} expects next`,
      x: [-0.14, 1.3],
      y: [SHOWN - 0.4, -0.6],
      aspect: 0.72,
    });
    return { text, plot };
  });

  w.text({
    label: "Beginning",
    get: () => w.get("prompt"),
    set: (prompt) => w.set({ prompt }),
    maxlength: 100,
    parse: (typed) => {
      const text = known(typed),
        strange = [...text].find((c) => !place.has(c));
      if (!text) return [text, "Type at least one letter."];
      return [text, strange ? `These networks have never seen “${strange}”.` : ""];
    },
  });
  w.slider("temperature", { label: "temperature", max: 2, step: 0.05 });
  w.slider("position", {
    label: "letters read",
    min: 1,
    max: 200,
    step: 1,
    integer: true,
    typed: [1, 500],
    get: () => Math.min(w.get("position"), w.get("prompt").length + w.get("length")),
  });
  w.slider("length", {
    label: "letters to write",
    min: 20,
    max: 400,
    step: 10,
    integer: true,
    typed: [1, 400],
  });
  w.select("color", {
    label: "Colour letters by",
    options: [
      ["nothing", "nothing"],
      ["surprise", "surprise (how unexpected)"],
      ["unit", "one hidden unit"],
    ],
  });
  const least = Math.min(...Object.values(w.get("networks").nets).map((net) => net.hidden));
  const unit = w.slider("unit", { label: "unit", min: 0, max: least - 1, step: 1, integer: true });
  w.row(w.reseed("Draw again"));

  let ran = {},
    key;
  return w.draw(() => {
    const [prompt, temperature, length, seed, color] = [
        "prompt",
        "temperature",
        "length",
        "seed",
        "color",
      ].map(w.get),
      now = JSON.stringify([prompt, temperature, length, seed]);
    if (now !== key) {
      const how = { temperature, length, chance: uniforms(seed, length) },
        start = [...prompt].map((c) => place.get(c));
      ran = Object.fromEntries(names.map((name) => [name, goOn(nets[name], start, how)]));
      key = now;
    }
    unit.hidden = color !== "unit";
    const total = prompt.length + length,
      at = Math.min(w.get("position"), total);
    w.values = {};
    views.forEach(({ text, plot }, n) => {
      const { ids, logits, states } = ran[names[n]],
        p = shares(logits[at - 1], temperature);
      const colors =
        color === "unit"
          ? states.map((h) => h[w.get("unit")])
          : color === "surprise"
            ? ids.map((id, k) => (k ? -nn.logSoftmax(logits[k - 1]).data[id] / Math.LN2 : 0))
            : [];
      const most = color === "unit" ? Math.max(1, ...colors.map(Math.abs)) : 8;
      text.replaceChildren(
        ...ids.map((id, k) => {
          const c = characters[id],
            style = [
              colors.length ? `background:${diverge(colors[k], most)}` : "",
              k < prompt.length ? "font-weight:bold" : "",
              k === at - 1 ? "outline:2px solid var(--d2l-ink);outline-offset:-1px" : "",
            ];
          return h("span", {
            "data-at": k + 1,
            style: style.filter(Boolean).join(";") || null,
            text: c === "\n" ? "⏎\n" : c,
          });
        }),
      );
      const order = range(p.length)
          .sort((a, b) => p[b] - p[a])
          .slice(0, SHOWN),
        next = ids[at];
      order.forEach((id, k) => {
        const taken = id === next;
        plot
          .rect(0, k - 0.36, p[id], k + 0.36, { width: 0, fill: taken ? 1 : 0 })
          .text(-0.03, k, sign(characters[id]), { anchor: "end", bold: taken })
          .text(p[id], k, `${(100 * p[id]).toFixed(p[id] > 0 && p[id] < 0.095 ? 1 : 0)} %`, {
            dx: 5,
            halo: true,
            bold: taken,
          });
      });
      w.values[names[n]] = { ids, probabilities: Array.from(p), colors: Array.from(colors) };
    });
    const before = [...ran[names[0]].ids]
      .slice(Math.max(0, at - 12), at)
      .map((id) => sign(characters[id]))
      .join("");
    w.say(
      (at <= prompt.length
        ? `The bars say what each network expects after “${before}”; orange is the letter that follows.`
        : `The bars say what each network expects after ${at} letters of its own text; orange is the letter it drew.`) +
        (color === "surprise"
          ? " The deeper a letter's orange, the less it was expected; full colour is 8 bits, one chance in 256."
          : color === "unit"
            ? ` Orange is above zero, blue below: the value of unit ${w.get("unit")} after each letter.`
            : ""),
    );
  }).destroy;
}
export default { render };
