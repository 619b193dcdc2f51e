// A sentence is typed; a trained encoder–decoder writes its translation, and shows where it looks.
// uses: translation
const LIKELY = 6, // next words, as bars
  WORDS = 16;
const wordsOf = (text) =>
  text
    .toLowerCase()
    .replace(/[\u202f\xa0]/g, " ")
    .replace(/([,.!?])/g, " $1 ")
    .split(/\s+/)
    .filter(Boolean);

function render({ model, el }) {
  const w = widget(el, model, { name: "Translate" });
  const source = w.get("source_words"),
    target = w.get("target_words"),
    place = new Map(source.map((word, i) => [word, i])),
    end = place.get("<eos>"),
    translate = loadTranslator(w.get("network"), target.indexOf("<bos>"), target.indexOf("<eos>"));
  const known = (word) => !word.startsWith("<") && place.has(word);
  const map = w.plot({
    title: "Where each word looked",
    label: "Attention: a row for each word written, a column for each word read",
    axes: false,
    basis: 340,
    aspect: 0.8,
    minHeight: 220,
    maxHeight: 420,
  });
  const bars = w.plot({
    axes: false,
    basis: 190,
    title: "Next word",
    label: "Probabilities of the next word",
    x: [-0.9, 1.35],
    y: [LIKELY - 0.4, -0.6],
    aspect: 0.8,
    maxHeight: 200,
  });
  const ends = w.formula();
  if (w.get("examples").length)
    w.presets({
      label: "Sentence",
      options: w.get("examples").map((text) => [text, { sentence_in: text }]),
      also: { shown: 99 },
    });
  w.text({
    label: "or type",
    get: () => w.get("sentence_in"),
    set: (text) => w.set({ sentence_in: text, shown: 99 }),
    maxlength: 120,
    parse: (typed) => {
      const words = wordsOf(typed),
        strange = words.find((word) => !known(word));
      if (!words.length) return [typed, "Type a sentence."];
      if (words.length > WORDS) return [typed, `At most ${WORDS} words, please.`];
      return [typed, strange ? `The network does not know “${strange}”.` : ""];
    },
  });
  w.slider("beams", { label: "beams", min: 1, max: 5, step: 1, integer: true });
  let found = [],
    key;
  w.player("shown", { last: () => found[0]?.words.length ?? 1, rate: 1, label: "words written" });

  const shades = (plot, i, weights) =>
    weights.forEach((p, j) =>
      plot.rect(j + 0.03, i + 0.05, j + 0.97, i + 0.95, {
        color: "line",
        fill: diverge(p * 1.2),
        round: 2,
      }),
    );
  return w.draw(() => {
    const read = wordsOf(w.get("sentence_in")).map((word) => place.get(word)),
      ids = end === undefined ? read : [...read, end],
      now = `${ids} ${w.get("beams")}`;
    if (now !== key) {
      found = translate(ids, w.get("beams"));
      key = now;
    }
    const [{ words, steps }] = found,
      shown = clamp(w.get("shown"), 0, words.length),
      at = Math.max(shown, 1) - 1,
      p = Array.from(steps[at].logs, Math.exp);
    const high = Math.max(ids.length, 4);
    map.limits({
      x: [-0.36 * high, ids.length + 0.7],
      y: [words.length + 0.1, -0.26 * words.length - 0.6],
    });
    ids.forEach((id, j) => map.text(j + 0.5, -0.15, source[id], { anchor: "start", rotate: -35 }));
    words.slice(0, shown).forEach((id, i) => {
      map.text(-0.12, i + 0.5, target[id], { anchor: "end", bold: i === at });
      shades(map, i, Array.from(steps[i].attention));
    });
    range(p.length)
      .sort((a, b) => p[b] - p[a])
      .slice(0, LIKELY)
      .forEach((id, k) => {
        const taken = shown > 0 && id === words[at];
        bars
          .rect(0, k - 0.36, p[id], k + 0.36, { width: 0, fill: taken ? 1 : 0 })
          .text(-0.04, k, target[id], { anchor: "end", bold: taken })
          .text(p[id], k, `${(100 * p[id]).toFixed(p[id] < 0.095 ? 1 : 0)} %`, {
            dx: 5,
            halo: true,
          });
      });
    const text = (one) =>
      one.words
        .map((id) => target[id])
        .filter((t) => t !== "<eos>")
        .join(" ");
    ends.show(found.map((one) => `${fmt(one.score, 3)}  ${text(one)}`).join("\n"));
    w.values = {
      words: found.map((one) => one.words),
      scores: found.map((one) => one.score),
      attention: steps.map(({ attention }) => Array.from(attention)),
      probabilities: p,
    };
    const most = steps[at].attention.indexOf(Math.max(...steps[at].attention));
    w.say(
      shown
        ? `Writing “${target[words[at]]}”, the network looks most at “${source[ids[most]]}”. In front of each translation stands its score: its log probability, divided by its number of words to the power 0.75.`
        : "The network has read the sentence and written nothing yet.",
    );
  }).destroy;
}
export default { render };
