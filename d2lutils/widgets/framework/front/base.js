// The frame of every widget: elements, numbers as text, state, theme, one draw per frame.

const fill = (node, attrs, children) => {
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};
// h("button", {class: "x", onclick: f, text: "Play"}, child, ...) makes an HTML element, s() an SVG one.
const h = (tag, attrs, ...children) => fill(document.createElement(tag), attrs, children);
const s = (tag, attrs, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attrs, children);
const esc = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const clamp = (v, lo, hi) => Math.min(Math.max(v, lo), hi);
const range = (n, f = (i) => i) => Array.from({ length: n }, (_, i) => f(i));
const linspace = (lo, hi, n) => range(n, (i) => lo + ((hi - lo) * i) / Math.max(n - 1, 1));
const sum = (values) => values.reduce((a, b) => a + b, 0);
// A matrix with another number in row i, column j.
const replaced = (rows, i, j, v) => rows.with(i, rows[i].with(j, v));
const sigmoid = (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
// Whether two JSON values are the same, whatever the order of their keys.
const same = (a, b) =>
  a === b ||
  (a instanceof Object &&
    b instanceof Object &&
    Object.keys(a).length === Object.keys(b).length &&
    Object.keys(a).every((key) => same(a[key], b[key])));
// A label's id: unique on the page, whichever copy of this module asks.
const uid = () => `d2l-${(globalThis.d2lCount = (globalThis.d2lCount || 0) + 1)}`;
// Colour 0..7 of the palette, a name of the theme (ink, muted, line, panel, field) or any CSS colour.
const col = (c) =>
  typeof c === "number"
    ? `var(--d2l-${c % 8})`
    : /^(ink|muted|line|panel|field|bad)$/.test(c)
      ? `var(--d2l-${c})`
      : c;
// -1..1 as a colour between palette blue (negative), the panel and palette orange (positive).
const diverge = (v, limit = 1) => {
  const t = Number.isFinite(v) ? clamp(v / (limit || 1), -1, 1) : 0;
  return `color-mix(in srgb, var(--d2l-${t < 0 ? 0 : 1}) ${Math.round(Math.abs(t) * 75)}%, var(--d2l-panel))`;
};

const digits = (n, signs) => [...String(n)].map((c) => signs["0123456789-".indexOf(c)]).join("");
const superscript = (n) => digits(n, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻");
const subscript = (n) => digits(n, "₀₁₂₃₄₅₆₇₈₉₋");
const whole = (n) => n.toLocaleString("en-US"); // 1,234,567

// Numbers for people: fmt(0.00012) is 1.20×10⁻⁴, fmt(Infinity) is ∞; trim drops zeros at the end.
function fmt(v, digits = 4, trim = false) {
  if (typeof v !== "number") return String(v ?? "");
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  let text;
  if (size === 0) text = "0";
  else if (size < 1e-3 || size >= 1e6) {
    const [mantissa, power] = v.toExponential(Math.max(digits - 2, 0)).split("e");
    const raised = superscript(Number(power));
    const front = trim ? String(Number(mantissa)) : mantissa;
    text =
      (trim && Math.abs(Number(front)) === 1 ? front.replace("1", "10") : `${front}×10`) + raised;
  } else {
    text = v.toFixed(clamp(digits - 1 - Math.floor(Math.log10(size)), 0, 12));
    if (trim && text.includes(".")) text = text.replace(/\.?0+$/, "");
  }
  return text.replace(/^-/, "−");
}

function addStyle(el) {
  const root = el.getRootNode();
  const home = root.host ? root : document.head;
  const key = `d2l-style-${CSS_TEXT.length}`;
  if (!home.querySelector(`[data-key="${key}"]`))
    home.append(h("style", { "data-key": key, text: CSS_TEXT }));
}

// How numbers stand in a written sum: num "−2", par "(−2)" behind a sign, more "− 2" as a next term.
function written(digits) {
  const num = (v) => fmt(Math.abs(v) < 1e-12 ? 0 : v, digits, true);
  return {
    num,
    par: (v) => (v < 0 ? `(${num(v)})` : num(v)),
    more: (v) => (v < 0 ? `− ${num(-v)}` : `+ ${num(v)}`),
  };
}

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const CONTROLS = {}; // name: make(w, ...), which a widget calls as w.name(...)

// The frame of one widget. Controls and plots are added to it; `w.draw(body)` says how to show
// the state, and body then runs at most once per frame, whenever state, size or theme changed.
function widget(el, model, { name }) {
  const root = h("div", { class: "d2l-widget", role: "group", "aria-label": name });
  const stage = h("div", { class: "d2l-stage" });
  const panel = h("div", { class: "d2l-panel" });
  const note = h("p", { class: "d2l-note", role: "status" });
  root.append(stage, panel, note);
  addStyle(el);
  el.append(root);

  const before = [],
    after = [],
    cleanup = [];
  let body = () => {},
    pending = 0;
  const run = () => {
    cancelAnimationFrame(pending);
    pending = 0;
    try {
      for (const f of before) f();
      body();
      for (const f of after) f();
      if (note.dataset.error) {
        note.textContent = "";
        delete note.dataset.error;
      }
    } catch (error) {
      console.error(error);
      note.textContent = `This cannot be drawn: ${error.message}`;
      note.dataset.error = "1";
    }
  };
  const w = {
    el: root,
    model,
    stage,
    panel,
    values: {},
    before,
    after,
    cleanup,
    themeKey: 0,
    get: (key) => model.get(key),
    set(changes) {
      for (const [key, value] of Object.entries(changes)) model.set(key, value);
      model.save_changes();
      w.refresh();
    },
    refresh() {
      pending ||= requestAnimationFrame(run);
    },
    draw(f) {
      body = f;
      addStyle(el);
      run();
      return w;
    },
    // A sentence under the controls, read out by screen readers when it changes.
    say(text) {
      if (!note.dataset.error && note.textContent !== text) note.textContent = text;
    },
    add(node, where = panel) {
      where.append(node);
      return node;
    },
    plot: (options) => makePlot(w, options),
    destroy: () => {
      cancelAnimationFrame(pending);
      for (const f of cleanup) f();
    },
  };
  for (const [key, make] of Object.entries(CONTROLS)) w[key] = (...args) => make(w, ...args);
  // What tests and the curious read: document.querySelector(".d2l-widget").d2l.values
  root.d2l = {
    model,
    flush: run,
    get values() {
      return w.values;
    },
  };

  const onChange = () => w.refresh();
  model.on("change", onChange);
  cleanup.push(() => model.off("change", onChange));
  const onTheme = () => {
    w.themeKey++;
    w.refresh();
  };
  const watch = new MutationObserver(onTheme);
  const names = ["data-theme", "data-mode", "data-jp-theme-light", "theme", "class"];
  for (const node of [document.documentElement, document.body])
    watch.observe(node, { attributes: true, attributeFilter: names });
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", onTheme);
  cleanup.push(() => {
    watch.disconnect();
    media.removeEventListener("change", onTheme);
  });
  return w;
}
