// A name is typed; a trained net says its language after every letter.
// uses: sequences
const SHOWN = 6; // likeliest languages

function render({ model, el }) {
  const w = widget(el, model, { name: "Language of a name" });
  const classes = w.get("classes"),
    { net } = loadRecurrent(w.get("network")),
    place = new Map(w.get("characters").map((c, i) => [c, i])),
    id = (c) => place.get(c) ?? place.get(c.toLowerCase());
  const map = w.plot({
    title: "Probability of each language, letter by letter",
    label: "Probability of each language after each letter",
    axes: false,
    basis: 320,
    x: [-3.4, 8],
    y: [SHOWN, -0.9],
    aspect: 0.5,
    maxHeight: 250,
    minHeight: 190,
  });
  w.text({
    label: "Name",
    get: () => w.get("name"),
    set: (name) => w.set({ name }),
    maxlength: 30,
    parse: (typed) => {
      const strange = [...typed].find((c) => id(c) === undefined);
      if (!typed) return [typed, "Type a name."];
      return [typed, strange ? `The network has never seen “${strange}”.` : ""];
    },
  });

  const percent = (p) =>
    p > 0.995 && p < 1 ? ">99 %" : p < 0.005 ? "<1 %" : `${Math.round(100 * p)} %`;
  return w.draw(() => {
    const letters = [...w.get("name")],
      ids = letters.map(id),
      rows = ids.map((_, k) => Array.from(nn.softmax(net.read(ids.slice(0, k + 1)).logits).data)),
      last = rows.at(-1),
      order = range(classes.length)
        .sort((a, b) => last[b] - last[a])
        .slice(0, SHOWN),
      n = letters.length,
      across = Math.max(n, 7);
    map.limits({ x: [-0.36 * across, across * 1.14] });
    letters.forEach((c, k) => map.text(k + 0.5, -0.4, c, { anchor: "middle", bold: true }));
    order.forEach((k, r) => {
      map.text(-0.15, r + 0.5, classes[k], { anchor: "end", bold: !r });
      rows.forEach((row, t) => {
        map.rect(t + 0.03, r + 0.06, t + 0.97, r + 0.94, {
          width: 1,
          color: "line",
          fill: diverge(row[k] * 1.2),
          round: 2,
        });
      });
      map.text(n + 0.1, r + 0.5, percent(last[k]), { bold: !r });
    });
    w.values = { probabilities: rows };
    const best = rows.map((row) => row.indexOf(Math.max(...row))),
      turns = range(n - 1).filter((k) => best[k] !== best[k + 1]),
      turn = turns.at(-1);
    w.say(
      `The network says ${classes[best.at(-1)]} (${percent(last[best.at(-1)])}). ` +
        (turn === undefined
          ? "It has said so from the first letter."
          : `It last changed its mind at letter ${turn + 2}, “${letters[turn + 1]}”: before, it said ${classes[best[turn]]}.`),
    );
  }).destroy;
}
export default { render };
