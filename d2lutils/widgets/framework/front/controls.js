// Sliders, buttons and lines of text. A control returns its element, whose `hidden` may be set.

Object.assign(CONTROLS, {
  // A slider and its number. options: label, min, max, step; log: true; integer: true;
  // typed: [lo, hi] when the number may go further than the slider; get/set for a part of a key;
  // check(v): what is wrong with v beside the rest of the state, said beside the control, or "".
  slider(
    w,
    key,
    {
      label = key,
      min = 0,
      max = 1,
      step = (max - min) / 100,
      log = false,
      integer = false,
      typed = [min, max],
      get = () => w.get(key),
      set = (v) => w.set({ [key]: v }),
      check,
    } = {},
  ) {
    const id = uid();
    const bar = h("input", {
      type: "range",
      id,
      ...(log ? { min: 0, max: 200, step: 1 } : { min, max, step }),
    });
    const there = (v) => (log ? (200 * Math.log(v / min)) / Math.log(max / min) : v);
    const back = (t) =>
      log
        ? Number((min * (max / min) ** (t / 200)).toPrecision(3))
        : Number(Number(t).toPrecision(12));
    const limits = { min: typed[0], max: typed[1], integer, check };
    const field = numberField(w, {
      label: `${label}, typed`,
      get,
      set,
      limits,
      step: log ? min : step,
    });
    bar.addEventListener("input", () => {
      const v = back(bar.value);
      if (!field.refused(v)) set(v);
    });
    const row = h(
      "div",
      { class: "d2l-control" },
      h("label", { for: id, text: label }),
      bar,
      field.input,
      field.message,
    );
    const show = () => {
      const v = get();
      if (Math.abs(there(v) - Number(bar.value)) > 1e-9 * Math.abs(max)) bar.value = there(v);
      bar.setAttribute("aria-valuetext", fmt(v, 4, true));
      field.show();
    };
    w.after.push(show);
    return w.add(row);
  },
  button(w, label, onclick) {
    return w.add(h("button", { type: "button", class: "d2l-button", onclick, text: label }));
  },
  // A button that sets these keys back to what they are now, as the widget opens.
  reset(w, keys, label = "Reset") {
    const start = Object.fromEntries(keys.map((key) => [key, w.get(key)]));
    return CONTROLS.button(w, label, () => w.set(start));
  },
  // A button for other random numbers.
  reseed: (w, label) =>
    CONTROLS.button(w, label, () => w.set({ seed: (w.get("seed") + 1) % 10000 })),
  row: (w, ...nodes) => w.add(h("div", { class: "d2l-row" }, ...nodes)),
  title: (w, into = w.stage) => w.add(h("div", { class: "d2l-title d2l-wide" }), into),
  // Named numbers: show({MSE: 0.25, "ŷ": "2.0"}).
  readout(w) {
    const list = w.add(h("div", { class: "d2l-readout" }), w.stage),
      cells = new Map();
    return {
      show(items) {
        const names = Object.keys(items);
        if (names.join() !== [...cells.keys()].join()) {
          cells.clear();
          list.replaceChildren(
            ...names.map((name) => {
              const number = h("b");
              cells.set(name, number);
              return h("div", {}, h("span", { text: `${name} ` }), number);
            }),
          );
        }
        for (const name of names) {
          const v = items[name],
            text = typeof v === "number" ? fmt(v) : v;
          if (cells.get(name).textContent !== text) cells.get(name).textContent = text;
        }
      },
    };
  },
  // Lines of text or formulas, in figures of equal width: show("a = b").
  formula(w, { into = w.stage } = {}) {
    const node = w.add(h("p", { class: "d2l-formula" }), into);
    return {
      show(text) {
        if (node.textContent !== text) node.textContent = text;
      },
    };
  },
});
