// Choices: one of a list, a named state of the whole widget, yes or no, several of a list.

// [["value", "label"], ...], ["a", "b"] and {value: label} all say the same.
const choices = (list) =>
  (Array.isArray(list) ? list : Object.entries(list)).map((c) => (Array.isArray(c) ? c : [c, c]));

Object.assign(CONTROLS, {
  select(
    w,
    key,
    { label = key, options, get = () => w.get(key), set = (v) => w.set({ [key]: v }) } = {},
  ) {
    const id = uid(),
      list = choices(options);
    const box = h("select", { id }, ...list.map(([, text], i) => h("option", { value: i, text })));
    box.addEventListener("change", () => set(list[box.value][0]));
    w.after.push(() => {
      const i = list.findIndex(([v]) => v === get());
      if (Number(box.value) !== i) box.value = i;
    });
    return w.add(h("div", { class: "d2l-control" }, h("label", { for: id, text: label }), box));
  },
  // Named states of the widget, [["label", {key: value, ...}], ...]: the one that it is in, or "your
  // own". fits(state): whether it is in this one; also: what else a choice sets; set(state): how.
  presets(
    w,
    {
      label = "Example",
      options,
      fits = (state) => Object.entries(state).every(([k, v]) => same(v, w.get(k))),
      also,
      set = (state) => w.set({ ...state, ...also }),
    },
  ) {
    let picked = 0; // of two that fit: the one that was chosen
    const now = () =>
      fits(options[picked][1]) ? picked : options.findIndex(([, state]) => fits(state));
    CONTROLS.select(w, "", {
      label,
      options: [...options.map(([text], i) => [i, text]), [-1, "your own"]],
      get: now,
      set: (i) => {
        if (i >= 0) set(options[(picked = i)][1]);
      },
    });
    return { now };
  },
  check(
    w,
    key,
    {
      label = key,
      color,
      dash,
      get = () => w.get(key),
      set = (v) => w.set({ [key]: v }),
      into,
    } = {},
  ) {
    const box = h("input", { type: "checkbox" });
    box.addEventListener("change", () => set(box.checked));
    w.after.push(() => {
      box.checked = Boolean(get());
    });
    const swatch =
      color === undefined
        ? ""
        : h("i", {
            class: "d2l-swatch",
            style: `border-top:4px ${dash ? "dashed" : "solid"} ${col(color)}`,
          });
    return w.add(h("label", { class: "d2l-check" }, box, swatch, label), into);
  },
  // Several of a list: key holds the array of the chosen values. colors, dashes: one per choice.
  several(w, key, { label = key, options, colors = [], dashes = [] } = {}) {
    const group = w.add(h("fieldset", { class: "d2l-several" }, h("legend", { text: label })));
    choices(options).forEach(([value, text], i, list) =>
      CONTROLS.check(w, key, {
        label: text,
        color: colors[i],
        dash: dashes[i],
        into: group,
        get: () => w.get(key).includes(value),
        set: (on) =>
          w.set({
            [key]: list.map(([v]) => v).filter((v) => (v === value ? on : w.get(key).includes(v))),
          }),
      }),
    );
    return group;
  },
});
