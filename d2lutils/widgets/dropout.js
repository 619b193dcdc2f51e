// Inverted dropout on the hidden layer of a small net: mask, scaled values, mean over many masks.
function render({ model, el }) {
  const w = widget(el, model, { name: "Dropout" });
  const n = w.get("h").length,
    LAST = 299;
  const net = w.plot({
    title: "The net with this mask",
    axes: false,
    x: [0, 4],
    y: [0, 4],
    aspect: 0.95,
    basis: 190,
    label: "A net of 4 inputs, the hidden units and 3 outputs; dropped units are crossed out",
  });
  const bars = w.plot({
    title: "Hidden units",
    x: [-0.6, n - 0.4],
    y: [0, 5],
    xticks: [],
    xlabel: "unit",
    aspect: 0.95,
    basis: 210,
  });
  const means = w.plot({
    title: "Mean over the masks so far",
    x: [0, 300],
    y: [0, 4],
    xlabel: "masks",
    aspect: 0.95,
    basis: 210,
  });
  range(n, (i) =>
    bars.handle({
      label: `Value of h${i + 1}`,
      axis: "y",
      step: [0, 0.1],
      color: "muted",
      r: 6,
      get: () => [i, w.get("h")[i]],
      set: ([, y]) => w.set({ h: w.get("h").with(i, clamp(Number(y.toFixed(3)), 0, 4)) }),
    }),
  );
  w.player("draw", { last: () => LAST, rate: 20, label: "mask" });
  w.slider("p", { label: "dropped with p", min: 0, max: 1, step: 0.05 });
  w.select("training", {
    label: "mode",
    options: [
      [true, "net.train()"],
      [false, "net.eval()"],
    ],
  });
  w.check("scaled", { label: "divide what is kept by 1 − p" });
  w.row(
    w.reseed("Other masks"),
    w.reset(["h", "p", "draw", "seed", "training", "scaled"], "Defaults"),
  );
  const out = w.readout(),
    lines = w.formula();

  return w.draw(() => {
    const [h, p, draw, training, scaled] = ["h", "p", "draw", "training", "scaled"].map(w.get);
    const count = draw + 1,
      keep = 1 - p,
      u = uniforms(w.get("seed"), count * n);
    const scale = training && scaled ? (keep > 0 ? 1 / keep : 0) : 1;
    const masks = range(count, (t) => range(n, (i) => (training ? +(u[t * n + i] >= p) : 1)));
    const mask = masks[draw],
      total = h.map(() => 0);
    const paths = masks.map((m, t) => m.map((k, i) => (total[i] += k * h[i] * scale) / (t + 1)));
    w.values = {
      mask,
      scale,
      output: h.map((v, i) => mask[i] * v * scale),
      gradient: mask.map((k) => k * scale),
      mean: paths[draw],
      spread: h.map((v) => (training ? v * scale * Math.sqrt(p * keep) : 0)),
      kept: sum(masks.flat()) / (count * n),
    };
    const { output, mean, gradient } = w.values;

    const place = (k, of) => 2 + (((of - 1) / 2 - k) * 3.3) / Math.max(of - 1, 3),
      gone = (i) => !mask[i];
    for (const [x, size] of [
      [0.4, 4],
      [3.6, 3],
    ])
      range(size, (k) =>
        range(n, (i) =>
          net.line(
            x,
            place(k, size),
            2,
            place(i, n),
            gone(i)
              ? { color: "line", width: 1, dash: "2 5" }
              : { color: 0, width: 1.3, opacity: 0.7 },
          ),
        ),
      );
    for (const [x, size, name] of [
      [0.4, 4, "x"],
      [3.6, 3, "o"],
    ])
      range(size, (k) =>
        net
          .dots([[x, place(k, size)]], { color: "field", ring: "muted", r: 13 })
          .text(x, place(k, size), name + subscript(k + 1), { anchor: "middle" }),
      );
    range(n, (i) => {
      const y = place(i, n);
      net
        .dots(
          [[2, y]],
          gone(i)
            ? { color: "panel", ring: "bad", r: 13 }
            : { color: "field", ring: 0, width: 2.5, r: 13 },
        )
        .text(2, y, `h${subscript(i + 1)}`, {
          anchor: "middle",
          bold: !gone(i),
          color: gone(i) ? "muted" : "ink",
        });
      if (gone(i))
        net.text(2, y, "✕", { dx: 13, dy: -5, size: 15, bold: true, color: "bad", halo: true });
    });

    const tall = Math.max(4.4, 1.08 * Math.max(...output, ...mean));
    bars.limits({ y: [0, tall] });
    bars.bars(output, { color: range(n, (i) => i) });
    range(n, (i) =>
      bars
        .line(i - 0.4, mean[i], i + 0.4, mean[i], { color: "ink", width: 2.5 })
        .text(i, 0, `h${subscript(i + 1)}${gone(i) ? " ✕" : ""}`, {
          anchor: "middle",
          dy: 14,
          color: gone(i) ? "bad" : "ink",
        }),
    );
    bars.legend([{ label: "mean so far", color: "ink" }]);

    const far = [30, 100, 300].find((v) => v >= count);
    means.limits({
      x: [0, far],
      y: [0, Math.max(1, 1.5 * Math.max(...h), Math.min(1.1 * Math.max(...mean), 12))],
    });
    h.forEach((v, i) =>
      means
        .line(0, v, far, v, { color: i, width: 1.2, dash: "5 4" })
        .curve(
          range(count, (t) => t + 1),
          paths.map((m) => m[i]),
          { color: i, width: 2 },
        )
        .dots([[count, mean[i]]], { color: i }),
    );
    const worst = Math.max(...h.map((v, i) => Math.abs(mean[i] - v)));
    out.show({
      "kept in this mask": `${sum(mask)} of ${n}`,
      "kept so far": `${fmt(100 * w.values.kept, 3)} %`,
      "largest |mean − h|": worst,
      "standard error of a mean, up to": Math.max(...w.values.spread) / Math.sqrt(count),
    });
    const rule = !training ? "1" : !scaled ? "" : keep > 0 ? `/${fmt(keep, 3, true)}` : "·0";
    lines.show(
      h
        .map(
          (v, i) =>
            (training
              ? `h${subscript(i + 1)}′ = ξ·h${scaled ? "/(1 − p)" : ""} = ${mask[i]}·${fmt(v, 3, true)}${rule} = ${fmt(output[i], 4, true)},`
              : `h${subscript(i + 1)}′ = h = ${fmt(v, 3, true)},`) +
            ` ∂h′/∂h = ${fmt(gradient[i], 4, true)}, mean ${fmt(mean[i])}`,
        )
        .join("\n"),
    );
    w.say(
      !training
        ? scaled
          ? "After eval() nothing is dropped and nothing is scaled: each unit gives h, which is what it gave on average in training."
          : "After eval() each unit gives h, but in training it gave (1 − p)·h on average: the next layer meets values that it was not trained on. Dividing by 1 − p in training mends this."
        : p === 1
          ? "With p = 1 everything is dropped: nothing arrives and nothing is learned. (1 − p = 0 cannot be divided by: the output is set to 0.)"
          : p === 0
            ? "With p = 0 every unit is kept and divided by 1: dropout does nothing."
            : (scaled
                ? "Each single output is 0 or too large, yet the mean over the masks approaches h (dashed)."
                : "Without the division the mean approaches (1 − p)·h, not h (dashed).") +
              " A crossed unit passes no gradient: for this mask the weights into and out of it learn nothing.",
    );
  }).destroy;
}
export default { render };
