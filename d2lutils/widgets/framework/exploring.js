// Results that torch computed over a grid when the cell ran; sliders pick one of them.
const real = (v) => (typeof v === "number" ? v : ({ inf: Infinity, "-inf": -Infinity }[v] ?? NaN));
function render({ model, el }) {
  const look = model.get("look"),
    names = model.get("names"),
    choices = model.get("choices");
  const w = widget(el, model, { name: look.title || `Explore ${names.join(", ")}` });
  const results = model.get("results").map(({ frame, numbers = {}, series = {} }) => ({
    frame,
    numbers: Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, real(v)])),
    series: Object.fromEntries(
      Object.entries(series).map(([k, { x, y }]) => [
        k,
        { x: x ? x.map(real) : y.map((_, i) => i), y: y.map(real) },
      ]),
    ),
  }));
  const labels = Object.keys(results[0].series),
    usable = (v, axis) => Number.isFinite(v) && !(look.log && axis === "y" && v <= 0);
  let plot, picture;
  if (labels.length) {
    // one pair of axes for all results, so that they can be compared; a run that diverges leaves them
    const flat = (axis) =>
      results
        .flatMap((r) => labels.flatMap((k) => r.series[k][axis]))
        .filter((v) => usable(v, axis))
        .sort((a, b) => a - b);
    const xs = flat("x"),
      ys = flat("y");
    let [lo, hi] = ys.length ? [ys[0], ys.at(-1)] : [0.1, 1];
    const most = ys[Math.floor(ys.length * 0.9)] ?? 1;
    if (hi > 10 * Math.max(most, 0) && most > 0) hi = (look.log ? 1000 : 2) * most;
    if (look.log) lo = Math.max(lo, hi * 1e-12);
    const pad = (hi - lo || Math.abs(hi) || 1) * 0.05;
    plot = w.plot({
      title: labels.length > 1 ? look.title : look.title || labels[0],
      xlabel: look.xlabel,
      ylabel: look.ylabel,
      x: [xs[0] ?? 0, xs.at(-1) > xs[0] ? xs.at(-1) : (xs[0] ?? 0) + 1],
      log: look.log ? "y" : "",
      y: look.log ? [lo / 1.5, hi * 1.5] : [lo >= 0 && lo < hi / 3 ? 0 : lo - pad, hi + pad],
      aspect: 0.55,
      maxHeight: 340,
    });
    if (labels.length > 1) plot.legend(labels.map((label, color) => ({ label, color })));
  } else if (results[0].frame) {
    if (look.title) w.add(h("div", { class: "d2l-title", text: look.title }), w.stage);
    picture = w.add(h("img", { class: "d2l-frame" }), w.stage);
  }
  const out = w.readout();
  const say = (v) => (typeof v === "number" ? fmt(v, 6, true) : String(v));
  names.forEach((name, i) => {
    const part = {
      label: name,
      get: () => w.get("index")[i],
      set: (v) => w.set({ index: w.get("index").with(i, v) }),
    };
    if (choices[i].every((v) => typeof v === "number") && choices[i].length > 1) {
      const id = uid(),
        value = h("output", { for: id, class: "d2l-formula" });
      const bar = h("input", {
        type: "range",
        id,
        min: 0,
        max: choices[i].length - 1,
        step: 1,
        oninput: () => part.set(Number(bar.value)),
      });
      w.add(h("div", { class: "d2l-control" }, h("label", { for: id, text: name }), bar, value));
      value.style.gridColumn = "3";
      w.after.push(() => {
        bar.value = part.get();
        value.textContent = say(choices[i][part.get()]);
        bar.setAttribute("aria-valuetext", value.textContent);
      });
    } else w.select("index", { ...part, options: choices[i].map((v, j) => [j, say(v)]) });
  });
  return w.draw(() => {
    const index = w.get("index");
    const at = index.reduce((position, i, j) => position * choices[j].length + i, 0),
      run = results[at];
    const setting = names.map((name, i) => `${name} = ${say(choices[i][index[i]])}`).join(", ");
    w.values = { numbers: run.numbers, series: run.series };
    labels.forEach((label, color) => {
      const { x, y } = run.series[label];
      plot.curve(x, y, { color, width: 2.2 });
      if (x.length < 30)
        plot.dots(
          x.map((v, i) => [v, y[i]]),
          { color, r: 3 },
        );
    });
    const lost = labels.filter((label) => run.series[label].y.some((v) => !Number.isFinite(v)));
    w.say(lost.length ? `${lost.join(" and ")}: not finite any more (it diverged).` : "");
    if (picture && picture.dataset.at !== String(at)) {
      picture.dataset.at = at;
      picture.src = run.frame;
      picture.alt = `${look.alt || look.title || "Figure"}, for ${setting}`;
    }
    out.show(run.numbers);
  }).destroy;
}
export default { render };
