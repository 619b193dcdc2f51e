// Recurrent cells and attention, on top of tensors.js. Weights carry PyTorch's names, gates stand
// in PyTorch's order: r z n in a GRU, i f g o in an LSTM. h, c and x are vectors of shape (n).
// uses: tensors

// The blocks of W x + b, one for each gate: arrays of `hidden` numbers.
const gatesOf = (x, weight, bias, gates) => {
  const { data } = nn.linear(x, { weight, bias }),
    hidden = data.length / gates;
  return range(gates, (g) => data.subarray(g * hidden, (g + 1) * hidden));
};
const vector = (n, f) =>
  tensor(
    [n],
    Float32Array.from({ length: n }, (_, i) => f(i)),
  );
const gateNames = { rnn: "h", gru: "rzn", lstm: "ifgo" };

Object.assign(nn, {
  // One step of nn.RNNCell; nonlinearity "tanh" or "relu". Every cell answers {h, c, gates}.
  rnnCell(x, { h }, { weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity = "tanh" }) {
    const [a] = gatesOf(x, weight_ih, bias_ih, 1),
      [b] = gatesOf(h, weight_hh, bias_hh, 1);
    const next = nn[nonlinearity](vector(a.length, (i) => a[i] + b[i]));
    return { h: next, gates: { h: next } };
  },
  // One step of nn.GRUCell. The reset gate acts on W_hn h + b_hn, as in torch (and cuDNN).
  gruCell(x, { h }, { weight_ih, weight_hh, bias_ih, bias_hh }) {
    const [ar, az, an] = gatesOf(x, weight_ih, bias_ih, 3),
      [br, bz, bn] = gatesOf(h, weight_hh, bias_hh, 3),
      n = ar.length;
    const r = vector(n, (i) => sigmoid(ar[i] + br[i])),
      z = vector(n, (i) => sigmoid(az[i] + bz[i])),
      news = vector(n, (i) => Math.tanh(an[i] + r.data[i] * bn[i]));
    const next = vector(n, (i) => (1 - z.data[i]) * news.data[i] + z.data[i] * h.data[i]);
    return { h: next, gates: { r, z, n: news } };
  },
  // One step of nn.LSTMCell.
  lstmCell(x, { h, c }, { weight_ih, weight_hh, bias_ih, bias_hh }) {
    const a = gatesOf(x, weight_ih, bias_ih, 4),
      b = gatesOf(h, weight_hh, bias_hh, 4),
      n = a[0].length;
    const [i, f, g, o] = range(4, (k) =>
      vector(n, (j) => (k === 2 ? Math.tanh : sigmoid)(a[k][j] + b[k][j])),
    );
    const cell = vector(n, (j) => f.data[j] * c.data[j] + i.data[j] * g.data[j]);
    return {
      h: vector(n, (j) => o.data[j] * Math.tanh(cell.data[j])),
      c: cell,
      gates: { i, f, g, o },
    };
  },
  // nn.RNN, nn.GRU or nn.LSTM over a sequence (steps, features). kind: "rnn", "gru" or "lstm";
  // weights: {weight_ih_l0, weight_hh_l0_reverse, ...}; states: one {h, c} for each layer and
  // direction, in torch's order, zeros where left out. Answers {output, states}.
  recurrent(kind, x, weights, { layers = 1, bidirectional = false, states = [] } = {}) {
    need(kind in gateNames, `There is no recurrent net ${kind}; there are rnn, gru and lstm.`);
    const ways = bidirectional ? ["", "_reverse"] : [""],
      ends = [];
    let rows = x;
    for (let l = 0; l < layers; l++) {
      const sides = ways.map((way) => {
        const own = { nonlinearity: weights.nonlinearity };
        for (const part of ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
          own[part] = weights[`${part}_l${l}${way}`];
        const { shape } = own.weight_hh,
          [steps, wide] = rows.shape,
          out = tensor([steps, shape[1]]);
        let state = states[ends.length] || { h: tensor([shape[1]]), c: tensor([shape[1]]) };
        for (let k = 0; k < steps; k++) {
          const t = way ? steps - 1 - k : k,
            given = tensor([wide], rows.data.subarray(t * wide, (t + 1) * wide));
          state = nn[`${kind}Cell`](given, state, own);
          out.data.set(state.h.data, t * shape[1]);
        }
        ends.push(state);
        return out;
      });
      rows = nn.concat(sides, 1);
    }
    return { output: rows, states: ends };
  },
  // Weights of a softmax over the first `valid` keys (all by default), and the mean of values (keys,
  // features) that they make. scores: (queries, keys).
  attend(scores, values, valid = values.shape[0]) {
    const [queries, keys] = scores.shape,
      [, wide] = values.shape;
    need(values.shape[0] === keys, `There are ${keys} keys and ${values.shape[0]} values.`);
    need(valid > 0 && valid <= keys, `Of ${keys} keys 1 to ${keys} can be valid, not ${valid}.`);
    const masked = tensor(
      scores.shape,
      scores.data.map((v, i) => (i % keys < valid ? v : -Infinity)),
    );
    const weights = nn.softmax(masked),
      output = tensor([queries, wide]);
    for (let q = 0; q < queries; q++)
      for (let f = 0; f < wide; f++) {
        let total = 0;
        for (let k = 0; k < valid; k++)
          total += weights.data[q * keys + k] * values.data[k * wide + f];
        output.data[q * wide + f] = total;
      }
    return { output, weights };
  },
  // softmax(Q Kᵀ scale) V, by default with scale 1/√features.
  dotAttention(queries, keys, values, { scale = keys.shape[1] ** -0.5, valid } = {}) {
    const scores = nn.linear(queries, { weight: keys });
    return nn.attend(
      each(scores, (v) => v * scale),
      values,
      valid,
    );
  },
  // Bahdanau's: score = v · tanh(W_q q + W_k k); query, key, score: {weight, bias} of linear layers.
  additiveAttention(queries, keys, values, { query, key, score }, { valid } = {}) {
    const q = nn.linear(queries, query),
      k = nn.linear(keys, key),
      [m, wide] = q.shape,
      [n] = k.shape,
      scores = tensor([m, n]);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < n; b++) {
        const both = vector(wide, (i) => Math.tanh(q.data[a * wide + i] + k.data[b * wide + i]));
        scores.data[a * n + b] = nn.linear(both, score).data[0];
      }
    return nn.attend(scores, values, valid);
  },
});
