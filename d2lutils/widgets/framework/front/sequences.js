// Recurrent nets that Python packed (framework/recurrent.py), one symbol after the other.
// uses: recurrent, network

// {name: net}; net.step(id, states) reads one symbol and answers {states, h, logits}: h is the last
// layer's state. net.read(ids) runs a whole sequence, in both directions where the net has two:
// {output, ends, logits}, logits of the last layer's states at the end of each direction.
function loadRecurrent({ nets, weights }) {
  const all = unpackWeights(weights);
  return Object.fromEntries(
    Object.entries(nets).map(([name, { kind, nonlinearity, ...how }]) => {
      const own = (part) => ownWeights(all, `${name}.${part}`),
        cells = { ...own("rnn"), nonlinearity },
        linear = own("linear"),
        { weight } = own("embedding"),
        wide = cells.weight_ih_l0.shape[1],
        given = (ids) => (weight ? nn.embedding(ids, { weight }) : nn.oneHot(ids, wide));
      const step = (id, states = []) => {
        const { output, states: next } = nn.recurrent(kind, given([id]), cells, { ...how, states }),
          h = tensor([output.shape[1]], output.data);
        return { states: next, h, logits: nn.linear(h, linear) };
      };
      const read = (ids) => {
        const { output, states } = nn.recurrent(kind, given(ids), cells, how),
          ends = nn.concat(states.slice(how.bidirectional ? -2 : -1).map(({ h }) => h));
        return { output, ends, logits: nn.linear(ends, linear) };
      };
      return [name, { step, read }];
    }),
  );
}
