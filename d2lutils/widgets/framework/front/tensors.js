// Tensors and the layers of trained nets. A tensor is {shape, data}, its numbers row by row in a
// Float32Array; sums are taken in double precision. One example at a time: an image is
// (channels, rows, columns), a sequence (steps, features); there is no batch dimension. Names and
// meanings of a layer's parameters are PyTorch's. Tests compare every one with torch.

const need = (ok, message) => {
  if (!ok) throw new Error(message);
};
const count = (shape) => shape.reduce((a, b) => a * b, 1);
function tensor(shape, data = new Float32Array(count(shape))) {
  const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
  need(
    numbers.length === count(shape),
    `A tensor of shape (${shape}) holds ${count(shape)} numbers, not ${numbers.length}.`,
  );
  return { shape, data: numbers };
}
// The last dimension as rows: how many there are, and how long each is.
const rowsOf = ({ shape, data }) => {
  const long = shape.at(-1);
  need(long > 0, `There is nothing in a tensor of shape (${shape}).`);
  return [data.length / long, long];
};
const image = (x) => {
  need(x.shape.length === 3, `An image is (channels, rows, columns), not (${x.shape}).`);
  return x.shape;
};
// How many windows fit, as torch counts them: with `ceil` the last one may hang over the edge, but
// must not begin in the padding behind it.
function windows(n, k, stride, padding, dilation, ceil) {
  const steps = (n + 2 * padding - dilation * (k - 1) - 1) / stride,
    all = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1,
    fit = ceil && (all - 1) * stride >= n + padding ? all - 1 : all;
  need(fit > 0, `A window of ${dilation * (k - 1) + 1} does not fit into ${n + 2 * padding}.`);
  return fit;
}
const each = (x, f) => tensor(x.shape, x.data.map(f));
// f(read, first, last) of every row of the last dimension, written back in place of the row.
function byRow(x, f) {
  const [n, long] = rowsOf(x),
    out = tensor(x.shape);
  for (let r = 0; r < n; r++) out.data.set(f(x.data.subarray(r * long, (r + 1) * long)), r * long);
  return out;
}
// Pooling: step(start, end, channel's first number) of every window, without what is padding.
function pool(x, { kernel, stride = kernel, padding = [0, 0], ceil = false }, dilation, answer) {
  const [c, rows, cols] = image(x),
    [kh, kw] = kernel;
  need(
    2 * padding[0] <= kh && 2 * padding[1] <= kw,
    `Pooling over ${kh}×${kw} allows a padding of at most half of that, not ${padding}.`,
  );
  const H = windows(rows, kh, stride[0], padding[0], dilation[0], ceil),
    W = windows(cols, kw, stride[1], padding[1], dilation[1], ceil),
    out = tensor([c, H, W]);
  for (let k = 0, o = 0; k < c; k++)
    for (let i = 0; i < H; i++)
      for (let j = 0; j < W; j++, o++) {
        const top = i * stride[0] - padding[0],
          left = j * stride[1] - padding[1];
        out.data[o] = answer(k * rows * cols, top, left);
      }
  return out;
}

const nn = {
  // y = x Wᵀ + b over the last dimension; weight (out, in).
  linear(x, { weight, bias }) {
    const [n, wide] = rowsOf(x),
      [out, into] = weight.shape,
      y = tensor([...x.shape.slice(0, -1), out]);
    need(wide === into, `The layer takes ${into} numbers, not ${wide}.`);
    for (let r = 0; r < n; r++)
      for (let o = 0; o < out; o++) {
        let total = bias ? bias.data[o] : 0;
        for (let i = 0, a = r * into, b = o * into; i < into; i++)
          total += x.data[a + i] * weight.data[b + i];
        y.data[r * out + o] = total;
      }
    return y;
  },
  // Cross-correlation; weight (out, in / groups, rows, columns).
  conv2d(x, { weight, bias, stride = [1, 1], padding = [0, 0], dilation = [1, 1], groups = 1 }) {
    const [c, rows, cols] = image(x),
      [out, into, kh, kw] = weight.shape;
    need(c === into * groups, `The layer takes ${into * groups} channels, not ${c}.`);
    const [sh, sw] = stride,
      H = windows(rows, kh, sh, padding[0], dilation[0]),
      W = windows(cols, kw, sw, padding[1], dilation[1]),
      y = tensor([out, H, W]),
      map = new Float64Array(H * W);
    for (let o = 0; o < out; o++) {
      map.fill(bias ? bias.data[o] : 0);
      const first = Math.floor(o / (out / groups)) * into;
      for (let i = 0; i < into; i++)
        for (let a = 0; a < kh; a++)
          for (let b = 0; b < kw; b++) {
            // one weight meets every place that it can reach
            const v = weight.data[((o * into + i) * kh + a) * kw + b],
              up = a * dilation[0] - padding[0],
              left = b * dilation[1] - padding[1],
              r0 = Math.max(0, Math.ceil(-up / sh)),
              r1 = Math.min(H, Math.floor((rows - 1 - up) / sh) + 1),
              c0 = Math.max(0, Math.ceil(-left / sw)),
              c1 = Math.min(W, Math.floor((cols - 1 - left) / sw) + 1);
            for (let r = r0; r < r1; r++) {
              const from = ((first + i) * rows + r * sh + up) * cols + left;
              for (let s = c0; s < c1; s++) map[r * W + s] += v * x.data[from + s * sw];
            }
          }
      y.data.set(map, o * H * W);
    }
    return y;
  },
  // Padding never wins.
  maxPool2d(x, options) {
    const { kernel, dilation = [1, 1] } = options,
      [, rows, cols] = image(x);
    return pool(x, options, dilation, (at, top, left) => {
      let most = -Infinity;
      for (let a = 0, r = top; a < kernel[0]; a++, r += dilation[0])
        for (let b = 0, s = left; b < kernel[1]; b++, s += dilation[1])
          if (r >= 0 && r < rows && s >= 0 && s < cols) {
            const v = x.data[at + r * cols + s];
            if (v > most || Number.isNaN(v)) most = v;
          }
      return most;
    });
  },
  // countPad: whether the zeros of the padding count in the mean (what hangs over never does).
  avgPool2d(x, options) {
    const { kernel, padding = [0, 0], countPad = true, divisor } = options,
      [, rows, cols] = image(x);
    return pool(x, options, [1, 1], (at, top, left) => {
      const low = Math.min(top + kernel[0], rows + padding[0]),
        right = Math.min(left + kernel[1], cols + padding[1]);
      const [r0, r1] = [Math.max(top, 0), Math.min(low, rows)],
        [s0, s1] = [Math.max(left, 0), Math.min(right, cols)];
      let total = 0;
      for (let r = r0; r < r1; r++)
        for (let s = s0; s < s1; s++) total += x.data[at + r * cols + s];
      return total / (divisor ?? (countPad ? (low - top) * (right - left) : (r1 - r0) * (s1 - s0)));
    });
  },
  // size [1, 1]: the mean of each channel.
  adaptiveAvgPool2d(x, { size }) {
    const [c, rows, cols] = image(x),
      y = tensor([c, ...size]);
    const span = (i, out, n) => [Math.floor((i * n) / out), Math.ceil(((i + 1) * n) / out)];
    for (let k = 0, o = 0; k < c; k++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++, o++) {
          const [r0, r1] = span(i, size[0], rows),
            [s0, s1] = span(j, size[1], cols);
          let total = 0;
          for (let r = r0; r < r1; r++)
            for (let s = s0; s < s1; s++) total += x.data[(k * rows + r) * cols + s];
          y.data[o] = total / ((r1 - r0) * (s1 - s0));
        }
    return y;
  },
  // As in evaluation, by the running statistics; channels are the first dimension.
  batchNorm(x, { weight, bias, running_mean, running_var, eps = 1e-5 }) {
    const c = running_mean.data.length,
      size = x.data.length / c;
    need(x.shape[0] === c, `The layer normalizes ${c} channels, not ${x.shape[0]}.`);
    return tensor(
      x.shape,
      x.data.map((v, i) => {
        const k = Math.floor(i / size),
          unit = (v - running_mean.data[k]) / Math.sqrt(running_var.data[k] + eps);
        return unit * (weight ? weight.data[k] : 1) + (bias ? bias.data[k] : 0);
      }),
    );
  },
  relu: (x) => each(x, (v) => (v < 0 ? 0 : v)),
  sigmoid: (x) => each(x, sigmoid),
  tanh: (x) => each(x, Math.tanh),
  softmax: (x) =>
    byRow(x, (row) => {
      const top = row.reduce((a, b) => Math.max(a, b), -Infinity),
        e = Array.from(row, (v) => Math.exp(v - top)),
        total = sum(e);
      return e.map((v) => v / total);
    }),
  logSoftmax: (x) =>
    byRow(x, (row) => {
      const top = row.reduce((a, b) => Math.max(a, b), -Infinity),
        total = Math.log(row.reduce((a, v) => a + Math.exp(v - top), 0));
      return row.map((v) => v - top - total);
    }),
  // ids: whole numbers; a row of weight (words, features) for each.
  embedding(ids, { weight }) {
    const [words, wide] = weight.shape,
      y = tensor([ids.length, wide]);
    ids.forEach((id, r) => {
      need(Number.isInteger(id) && id >= 0 && id < words, `There is no row ${id} of ${words}.`);
      y.data.set(weight.data.subarray(id * wide, (id + 1) * wide), r * wide);
    });
    return y;
  },
  oneHot(ids, classes) {
    const y = tensor([ids.length, classes]);
    ids.forEach((id, r) => {
      need(Number.isInteger(id) && id >= 0 && id < classes, `${id} is no class of ${classes}.`);
      y.data[r * classes + id] = 1;
    });
    return y;
  },
  flatten: (x) => tensor([x.data.length], x.data),
  // A residual's sum: both of one shape.
  add(a, b) {
    need(same(a.shape, b.shape), `Shapes (${a.shape}) and (${b.shape}) don't add.`);
    return tensor(
      a.shape,
      a.data.map((v, i) => v + b.data[i]),
    );
  },
  // Joined along an axis (0: channels, what torch with a batch calls 1).
  concat(parts, axis = 0) {
    const [{ shape }] = parts,
      outer = count(shape.slice(0, axis)),
      wide = parts.map((p) => count(p.shape.slice(axis))),
      row = sum(wide);
    for (const p of parts)
      need(
        same(p.shape.with(axis, 0), shape.with(axis, 0)),
        `Shapes (${shape}) and (${p.shape}) differ beside axis ${axis}.`,
      );
    const y = tensor(shape.with(axis, sum(parts.map((p) => p.shape[axis]))));
    for (let r = 0; r < outer; r++) {
      let at = r * row;
      parts.forEach((p, i) => {
        y.data.set(p.data.subarray(r * wide[i], (r + 1) * wide[i]), at);
        at += wide[i];
      });
    }
    return y;
  },
  // An image with a frame: [left, right, top, bottom], as F.pad has it.
  pad2d(x, { padding: [left, right, top, bottom], value = 0 }) {
    const [c, rows, cols] = image(x),
      H = rows + top + bottom,
      W = cols + left + right,
      y = tensor([c, H, W]);
    y.data.fill(value);
    for (let k = 0; k < c; k++)
      for (let r = 0; r < rows; r++) {
        const from = (k * rows + r) * cols;
        y.data.set(x.data.subarray(from, from + cols), (k * H + r + top) * W + left);
      }
    return y;
  },
};
