// A net that Python packed (framework/packed.py, framework/network.py): its weights, its answer.
// uses: tensors

// {name: tensor} out of {entries, bytes}: whole numbers of 8 or 16 bits times the scale of their
// row, or float32.
function unpackWeights({ entries, bytes }) {
  const raw = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)),
    view = new DataView(raw.buffer),
    found = {};
  let at = 0;
  const float = () => view.getFloat32((at += 4) - 4, true);
  for (const [name, shape, bits] of entries) {
    const t = (found[name] = tensor(shape)),
      rows = bits === 32 ? 1 : shape[0],
      long = t.data.length / rows,
      scales = range(bits === 32 ? 0 : rows, float);
    const next = {
      8: () => view.getInt8(at++),
      16: () => view.getInt16((at += 2) - 2, true),
      32: float,
    }[bits];
    for (let r = 0, i = 0; r < rows; r++)
      for (let k = 0; k < long; k++, i++) t.data[i] = next() * (scales[r] ?? 1);
  }
  need(at === raw.length, `The weights are ${raw.length} bytes long, not ${at}.`);
  return found;
}

// A layer's parameters by PyTorch's names: "conv1.weight" as weight, for the layer named conv1.
const ownWeights = (weights, name) =>
  Object.fromEntries(
    Object.entries(weights)
      .filter(([key]) => key.startsWith(`${name}.`))
      .map(([key, t]) => [key.slice(name.length + 1), t]),
  );

// run(x) -> the values of all steps, x first. Each step is a layer of nn, {op, name, of, ...};
// `of` says which earlier values it takes (the one before, where it is left out).
function loadNetwork({ steps, weights }) {
  const all = unpackWeights(weights);
  const ready = steps.map(({ op, name, of, ...options }, i) => {
    need(nn[op], `${name}: this page has no layer ${op}.`);
    return {
      f: nn[op],
      of: of || [i],
      options: { ...options, ...(options.own ? ownWeights(all, options.own) : {}) },
    };
  });
  return (x) => {
    const values = [x];
    for (const { f, of, options } of ready) {
      const given = of.map((k) => values[k]);
      values.push(f === nn.concat ? f(given, options.axis) : f(...given, options));
    }
    return values;
  };
}
