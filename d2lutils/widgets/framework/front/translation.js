// An encoder–decoder with additive attention that Python packed (framework/translation.py), decoded
// as there.
// uses: recurrent, network
const LONGEST = 20,
  ALPHA = 0.75;

function loadTranslator({ bidirectional, weights }, bos, eos) {
  const all = unpackWeights(weights),
    layer = Object.fromEntries(
      ["source", "encoder", "bridge", "target", "query", "key", "score", "decoder", "output"].map(
        (name) => [name, ownWeights(all, name)],
      ),
    ),
    cell = Object.fromEntries(
      Object.entries(layer.decoder).map(([key, t]) => [key.replace("_l0", ""), t]),
    );
  const encode = (ids) => {
    const { output, states } = nn.recurrent("gru", nn.embedding(ids, layer.source), layer.encoder, {
      bidirectional,
    });
    const ends = nn.concat(states.map(({ h }) => h)),
      first = layer.bridge.weight ? nn.tanh(nn.linear(ends, layer.bridge)) : states.at(-1).h;
    return { output, first };
  };
  const row = (t) => tensor([1, t.data.length], t.data),
    flat = (t) => nn.flatten(t);
  const step = (states, s, word) => {
    const look = nn.additiveAttention(row(s), states, states, layer),
      context = flat(look.output),
      given = nn.concat([flat(nn.embedding([word], layer.target)), context]),
      { h } = nn.gruCell(given, { h: s }, cell),
      wide = layer.output.weight.shape[1];
    return {
      logits: nn.linear(wide === h.data.length ? h : nn.concat([h, context]), layer.output),
      attention: look.weights.data,
      state: h,
    };
  };
  // Finished translations {words, logp, score, steps}, the best first; width 1 is greedy.
  return (ids, width) => {
    const { output, first } = encode(ids),
      done = [];
    let live = [{ words: [], logp: 0, steps: [], state: first }];
    for (let at = 1; at <= LONGEST && live.length; at++) {
      const born = live.flatMap((old) => {
        const { logits, attention, state } = step(output, old.state, old.words.at(-1) ?? bos),
          logs = nn.logSoftmax(logits).data,
          best = Array.from(logs.keys())
            .sort((a, b) => logs[b] - logs[a])
            .slice(0, width);
        return best.map((word) => ({
          words: [...old.words, word],
          logp: old.logp + logs[word],
          steps: [...old.steps, { logs, attention }],
          state,
        }));
      });
      born.sort((a, b) => b.logp - a.logp);
      live = [];
      for (const next of born.slice(0, width - done.length))
        (next.words.at(-1) === eos || at === LONGEST ? done : live).push(next);
    }
    for (const one of done) one.score = one.logp / one.words.length ** ALPHA;
    return done.sort((a, b) => b.score - a.score);
  };
}
