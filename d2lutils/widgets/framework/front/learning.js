// A dense net that learns to tell points of two classes apart, as far as one asks.
// uses: training, points
const GAINS = { relu: Math.SQRT2, leaky_relu: Math.SQRT2 };

// A net that trains: at(step) takes it there, from the start where it has gone further.
function training(state) {
  const { data, n, noise, hidden, activation, lr, decay, batch_size, seed } = state;
  const [train, test] = pointsOf(data, n, noise, seed),
    places = Math.ceil(n / batch_size);
  let net, go, losses, order, epoch;
  const lossOf = ({ X, y }) => logisticLoss(forward(net, X, n).at(-1), y).loss;
  const begin = () => {
    net = denseNet([2, ...hidden, 1], activation, GAINS[activation] || 1, seed);
    go = optimizer(net, state.optimizer, lr, decay);
    losses = [[lossOf(train), lossOf(test)]];
    epoch = -1;
  };
  const step = () => {
    const k = losses.length - 1,
      now = Math.floor(k / places);
    if (now !== epoch) {
      epoch = now;
      const chance = uniforms(seed + 10000 + now, n);
      order = range(n).sort((i, j) => chance[i] - chance[j]);
    }
    const rows = order.slice((k % places) * batch_size, ((k % places) + 1) * batch_size),
      X = Float64Array.from(rows.flatMap((i) => [train.X[2 * i], train.X[2 * i + 1]])),
      values = forward(net, X, rows.length),
      { gradient } = logisticLoss(
        values.at(-1),
        rows.map((i) => train.y[i]),
      );
    go(backward(net, values, Float64Array.from(gradient), rows.length));
    losses.push([lossOf(train), lossOf(test)]);
  };
  begin();
  return {
    train,
    test,
    at(wanted) {
      if (wanted < losses.length - 1) begin();
      while (losses.length - 1 < wanted) step();
      return { net, losses };
    },
  };
}
