// Steps of gradient descent on the parabola MSE(w) = mean (xw − y)², and the MSE per step.
function render({ model, el }) {
  const w = widget(el, model, { name: "Gradient descent in one dimension" });
  const xs = w.get("x"),
    ys = w.get("y"),
    n = xs.length;
  const cost = (a) => sum(xs.map((x, i) => (x * a - ys[i]) ** 2)) / n;
  const slope = (a) => (2 * sum(xs.map((x, i) => x * (x * a - ys[i])))) / n;
  const curve = (2 * sum(xs.map((x) => x * x))) / n,
    best = sum(xs.map((x, i) => x * ys[i])) / sum(xs.map((x) => x * x));
  const x = [best - 3, best + 3],
    top = cost(best + 3) * 1.05;
  const bowl = w.plot({
    title: "MSE and steps",
    x,
    y: [-top * 0.06, top],
    xlabel: "w",
    ylabel: "MSE(w)",
    aspect: 0.75,
    label: "The parabola of the MSE, with the steps of the descent on it",
  });
  const trace = w.plot({
    title: "MSE per step",
    x: [0, w.get("steps")],
    y: [1e-6, 100],
    log: "y",
    xlabel: "step",
    aspect: 0.75,
  });
  bowl.handle({
    label: "Start",
    axis: "x",
    get: () => [w.get("w0"), cost(w.get("w0"))],
    set: ([a]) => w.set({ w0: Number(a.toPrecision(5)) }),
    step: [0.1, 0],
    color: 1,
  });
  w.slider("lr", { label: "learning rate η", min: 0.001, max: 0.3, log: true, typed: [0, 10] });
  w.slider("w0", { label: "start w₀", min: x[0], max: x[1], step: 0.05 });
  w.player("step", { last: () => w.get("steps"), rate: 3 });
  const line = w.formula();

  return w.draw(() => {
    const lr = w.get("lr"),
      steps = w.get("steps"),
      now = clamp(w.get("step"), 0, steps);
    const path = [w.get("w0")];
    for (let i = 0; i < steps; i++) path.push(path[i] - lr * slope(path[i]));
    const costs = path.map(cost);
    w.values = { path, costs };
    const seen = path.slice(0, now + 1),
      seenCosts = costs.slice(0, now + 1);
    const grid = linspace(...x, 121);
    bowl
      .curve(grid, grid.map(cost), { color: 0 })
      .line(best, 0, best, top, { color: "line", width: 1, dash: "3 3" });
    bowl.curve(seen, seenCosts, { color: 1, width: 1.3 }).dots(
      seen.map((a, i) => [a, seenCosts[i]]),
      { color: 1, r: 3.5 },
    );
    const a = path[now],
      g = slope(a),
      reach = 0.5;
    if (Math.abs(a - best) < 3)
      bowl.line(a - reach, costs[now] - reach * g, a + reach, costs[now] + reach * g, {
        color: 2,
        width: 2,
      });
    const finite = costs.filter((c) => c > 0 && Number.isFinite(c));
    const low = Math.max(Math.min(...finite, 0.1), 1e-16),
      high = Math.min(Math.max(...finite, 1), 1e12);
    trace.limits({
      x: [0, steps],
      y: [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)],
    });
    trace.curve(range(steps + 1), costs, { color: "line", width: 1.5 });
    trace
      .curve(range(now + 1), seenCosts, { color: 1, width: 2.2 })
      .dots([[now, costs[now]]], { color: 1, r: 4.5 });
    line.show(
      now === 0
        ? `w = ${fmt(a)}, MSE ${fmt(costs[0])}, slope ${fmt(g)}`
        : `step ${now}: w = ${fmt(path[now - 1])} − ${fmt(lr, 3, true)} × (${fmt(slope(path[now - 1]))}) = ${fmt(a)}, MSE ${fmt(costs[now])}`,
    );
    const k = Math.abs(1 - lr * curve);
    w.say(
      lr === 0
        ? "With η = 0 nothing moves."
        : k > 1 + 1e-9
          ? `Each step overshoots: the distance to the minimum grows ${fmt(k, 3)} times. It diverges above η = ${fmt(2 / curve, 3)}.`
          : k > 1 - 1e-9
            ? "It jumps between two points without end."
            : lr * curve > 1 + 1e-9
              ? `Each step overshoots, but the distance to the minimum shrinks to ${fmt(k, 3)} of it.`
              : `Each step leaves ${fmt(k, 3)} of the distance to the minimum.`,
    );
  }).destroy;
}
export default { render };
