// Text fields: what is typed is read at once, and what is wrong with it is said beside the field.

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

// A text field with its message. parse(text) is [value, what is wrong or ""], write(value) the text.
function textField(w, { get, set, parse, write = String, label, ...attrs }) {
  const message = h("span", { class: "d2l-message", id: uid(), "aria-live": "polite" });
  const input = h("input", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    class: "d2l-number",
    "aria-label": label,
    "aria-describedby": message.id,
    ...attrs,
  });
  const tell = (text) => {
    if (message.textContent !== text) message.textContent = text;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  const restore = () => {
    input.value = write(get());
  };
  input.addEventListener("input", () => {
    const [v, wrong] = parse(input.value);
    tell(wrong);
    if (!wrong) set(v);
  });
  input.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") tell("");
    if (key === "Escape" || (key === "Enter" && !message.textContent)) restore();
  });
  input.addEventListener("blur", () => {
    if (!message.textContent) restore();
  });
  let shown;
  const show = () => {
    const v = get();
    // what is being typed stays as it is, unless the value was changed from elsewhere
    if (v !== shown && message.textContent && parse(input.value)[1]) tell("");
    const typing = input.getRootNode().activeElement === input && parse(input.value)[0] === v;
    if (!typing && !message.textContent && input.value !== write(v)) restore();
    shown = v;
  };
  return { input, message, show, tell };
}

// A text field for a number, which the arrow keys change too (Shift: ten times as far).
function numberField(w, { get, set, limits, step = 1, ...rest }) {
  const parse = (text) => parseNumber(text, limits);
  const field = textField(w, { get, set, parse, write: plain, inputmode: "decimal", ...rest });
  const { input, message, tell } = field;
  let tried;
  const refused = (v) => {
    const wrong = limits.check?.((tried = v)) || "";
    tell(wrong);
    if (wrong) w.refresh();
    return Boolean(wrong);
  };
  input.addEventListener("input", () => {
    tried = Number(input.value);
  });
  input.addEventListener("keydown", (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const far = way * step * (event.shiftKey ? 10 : 1),
      v = clamp(get() + far, limits.min ?? -Infinity, limits.max ?? Infinity);
    if (!refused(v)) set(Number(v.toPrecision(12)));
    input.value = plain(get());
  });
  const show = () => {
    // what the rest of the state did not allow, it may allow now
    const allowed = limits.check && Number.isFinite(tried) && !parse(String(tried))[1];
    if (message.textContent && allowed) tell("");
    field.show();
  };
  return { ...field, show, refused };
}

Object.assign(CONTROLS, {
  // A text field with its label in front: w.text({label, get, set, parse, write}).
  text(w, { label, ...field }) {
    const id = uid(),
      { input, message, show } = textField(w, { ...field, id, style: "text-align:left" });
    w.add(h("div", { class: "d2l-control" }, h("label", { for: id, text: label }), input, message));
    w.after.push(show);
  },
  // One number of a table: the field goes into the table, its message to the others' below it.
  cell(w, table, messages, options) {
    const field = numberField(w, options);
    table.append(field.input);
    messages.append(field.message);
    w.after.push(field.show);
    return field;
  },
});
