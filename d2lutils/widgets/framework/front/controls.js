// Controls: each belongs to one key of the state, has a label, and says what is wrong beside itself.

// What a typed number may be; returns [number, message].
function parseNumber(text, { min = -Infinity, max = Infinity, integer = false, check } = {}) {
  const clean = text.trim().replace("−", "-").replace(",", ".");
  const v = Number(clean);
  if (clean === "") return [NaN, "Type a number."];
  if (Number.isNaN(v) || /^[-+]?0[xbo]/i.test(clean))
    return [NaN, `“${text.trim().slice(0, 20)}” is not a number.`];
  if (!Number.isFinite(v)) return [NaN, "The number must be finite."];
  if (integer && !Number.isInteger(v)) return [NaN, "Give a whole number."];
  if (v < min) return [NaN, `At least ${fmt(min, 4, true)}, please.`];
  if (v > max) return [NaN, `At most ${fmt(max, 4, true)}, please.`];
  const wrong = check?.(v) || ""; // what the rest of the state does not allow
  return [wrong ? NaN : v, wrong];
}
const plain = (v) => (Number.isFinite(v) ? String(Number(v.toPrecision(6))) : String(v));

// A text field for a number, with its message; get() and set(v) belong to the caller.
function numberField(w, { label, get, set, limits, step = 1, id }) {
  const message = h("span", { class: "d2l-message", id: uid(), "aria-live": "polite" });
  const input = h("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    class: "d2l-number",
    id,
    "aria-label": label,
    "aria-describedby": message.id,
  });
  let tried;
  const refused = (v) => {
    const wrong = limits.check?.((tried = v)) || "";
    tell(wrong);
    if (wrong) w.refresh();
    return Boolean(wrong);
  };
  const tell = (text) => {
    if (message.textContent !== text) message.textContent = text;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => {
    const [v, wrong] = parseNumber(input.value, limits);
    tell(wrong);
    tried = Number(input.value);
    if (!wrong) set(v);
  });
  input.addEventListener("keydown", (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (way) {
      event.preventDefault();
      const v = clamp(
        get() + way * step * (event.shiftKey ? 10 : 1),
        limits.min ?? -Infinity,
        limits.max ?? Infinity,
      );
      if (!refused(v)) set(Number(v.toPrecision(12)));
      input.value = plain(get());
    }
    if (event.key === "Escape" || (event.key === "Enter" && !message.textContent)) {
      tell("");
      input.value = plain(get());
    }
  });
  input.addEventListener("blur", () => {
    if (!message.textContent) input.value = plain(get());
  });
  let shown;
  const show = () => {
    const v = get();
    if (
      limits.check &&
      message.textContent &&
      Number.isFinite(tried) &&
      !parseNumber(String(tried), limits)[1]
    )
      tell("");
    // what is being typed stays as it is, unless the number was changed from elsewhere
    if (v !== shown && message.textContent && parseNumber(input.value, limits)[1]) tell("");
    const typing =
      input.getRootNode().activeElement === input && parseNumber(input.value, limits)[0] === v;
    if (!typing && !message.textContent && input.value !== plain(v)) input.value = plain(v);
    shown = v;
  };
  return { input, message, show, tell, refused };
}

// [["value", "label"], ...], ["a", "b"] and {value: label} all say the same.
const choices = (list) =>
  (Array.isArray(list) ? list : Object.entries(list)).map((c) => (Array.isArray(c) ? c : [c, c]));

const CONTROLS = {
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
      into,
      title,
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
      { class: "d2l-control", title },
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
    const control = w.add(row, into);
    return {
      node: control,
      show,
      hide: (off) => {
        row.hidden = off;
      },
    };
  },
  number(
    w,
    key,
    {
      label = key,
      min,
      max,
      step = 1,
      integer = false,
      get = () => w.get(key),
      set = (v) => w.set({ [key]: v }),
      into,
      check,
    } = {},
  ) {
    const id = uid();
    const field = numberField(w, {
      label,
      id,
      get,
      set,
      limits: { min, max, integer, check },
      step,
    });
    w.after.push(field.show);
    const node = w.add(
      h(
        "div",
        { class: "d2l-control" },
        h("label", { for: id, text: label }),
        field.input,
        field.message,
      ),
      into,
    );
    return {
      node,
      show: field.show,
      hide: (off) => {
        node.hidden = off;
      },
    };
  },
  select(
    w,
    key,
    { label = key, options, get = () => w.get(key), set = (v) => w.set({ [key]: v }), into } = {},
  ) {
    const id = uid(),
      list = choices(options);
    const box = h("select", { id }, ...list.map(([, text], i) => h("option", { value: i, text })));
    box.addEventListener("change", () => set(list[box.value][0]));
    w.after.push(() => {
      const i = list.findIndex(([v]) => v === get());
      if (Number(box.value) !== i) box.value = i;
    });
    const node = w.add(
      h("div", { class: "d2l-control" }, h("label", { for: id, text: label }), box),
      into,
    );
    return {
      node,
      hide: (off) => {
        node.hidden = off;
      },
    };
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
    return { node: w.add(h("label", { class: "d2l-check" }, box, swatch, label), into) };
  },
  // Several of a list: key holds the array of the chosen values. colors, dashes: one per choice.
  several(w, key, { label = key, options, colors = [], dashes = [], into } = {}) {
    const group = w.add(
      h("fieldset", { class: "d2l-several" }, h("legend", { text: label })),
      into,
    );
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
    return { node: group };
  },
  button(w, label, onclick, { into, title } = {}) {
    return w.add(
      h("button", { type: "button", class: "d2l-button", onclick, text: label, title }),
      into,
    );
  },
  row: (w, ...nodes) => w.add(h("div", { class: "d2l-row" }, ...nodes)),
  // Named numbers: show({MSE: 0.25, "ŷ": "2.0"}).
  readout(w, { into = w.stage } = {}) {
    const list = w.add(h("div", { class: "d2l-readout" }), into),
      cells = new Map();
    return {
      node: list,
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
  // A line of text or formula, in figures of equal width: show("a = b").
  formula(w, { into } = {}) {
    const node = w.add(h("p", { class: "d2l-formula" }), into);
    return {
      node,
      show(text) {
        if (node.textContent !== text) node.textContent = text;
      },
    };
  },
  // Play, step, back to the start for an integer key that counts 0..last(). With reduced motion, play jumps to the end.
  player(w, key, { last, rate = 12, label = "step", into, auto = false, loop = false } = {}) {
    let playing = false,
      from = 0,
      begun = 0,
      frame = 0;
    const go = (v) => w.set({ [key]: clamp(Math.round(v), 0, last()) });
    const stop = () => {
      playing = false;
      cancelAnimationFrame(frame);
      w.refresh();
    };
    const tick = (now) => {
      if (!playing) return;
      begun ||= now;
      let v = Math.floor(from + ((now - begun) / 1000) * rate);
      if (loop && v > last() + rate) {
        from = 0;
        begun = now;
        v = 0;
      }
      if (Math.min(v, last()) !== w.get(key)) go(v);
      if (v >= last() && !loop) stop();
      else frame = requestAnimationFrame(tick);
    };
    const play = () => {
      if (playing) return stop();
      if (reducedMotion()) return go(last());
      from = w.get(key) >= last() ? 0 : w.get(key);
      begun = 0;
      playing = true;
      frame = requestAnimationFrame(tick);
    };
    const button = h("button", { type: "button", class: "d2l-button d2l-play", onclick: play });
    const box = w.add(
      h(
        "div",
        { class: "d2l-player" },
        button,
        h("button", {
          type: "button",
          class: "d2l-button",
          text: "Back",
          onclick: () => {
            stop();
            go(w.get(key) - 1);
          },
        }),
        h("button", {
          type: "button",
          class: "d2l-button",
          text: "Step",
          onclick: () => {
            stop();
            go(w.get(key) + 1);
          },
        }),
        h("button", {
          type: "button",
          class: "d2l-button",
          text: "Reset",
          onclick: () => {
            stop();
            go(0);
          },
        }),
      ),
      into,
    );
    const id = uid(),
      bar = h("input", {
        type: "range",
        id,
        min: 0,
        step: 1,
        oninput: () => {
          stop();
          go(Number(bar.value));
        },
      });
    const count = h("span", { class: "d2l-count" });
    box.append(h("label", { for: id, text: label, class: "d2l-hidden" }), bar, count);
    w.after.push(() => {
      const n = last(),
        v = clamp(w.get(key), 0, n);
      bar.max = n;
      bar.value = v;
      bar.setAttribute("aria-valuetext", `${label} ${v} of ${n}`);
      count.textContent = `${label} ${v}`;
      const text = playing ? "Pause" : "Play";
      if (button.textContent !== text) button.textContent = text;
    });
    w.cleanup.push(stop);
    if (auto && !reducedMotion()) {
      // plays while it is in view, until the reader takes over
      const seen = new IntersectionObserver(([entry]) => {
        if (entry.isIntersecting !== playing) {
          if (playing) stop();
          else play();
        }
      });
      seen.observe(w.el);
      for (const kind of ["pointerdown", "keydown"])
        box.addEventListener(kind, () => seen.disconnect());
      w.cleanup.push(() => seen.disconnect());
    }
    return { node: box, play, stop, go };
  },
};
