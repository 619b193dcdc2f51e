// Play, step and back, for a key that counts.

Object.assign(CONTROLS, {
  // Play, step, back to the start for an integer key that counts 0..last(). With reduced motion, play jumps to the end.
  player(w, key, { last, rate = 12, label = "step", auto = false, loop = false } = {}) {
    let playing = false,
      from = 0,
      begun = 0,
      frame = 0;
    const go = (v) => w.set({ [key]: clamp(Math.round(v), 0, last()) });
    const stop = () => {
      playing = false;
      cancelAnimationFrame(frame);
      w.refresh();
    };
    const tick = (now) => {
      if (!playing) return;
      begun ||= now;
      let v = Math.floor(from + ((now - begun) / 1000) * rate);
      if (loop && v > last() + rate) {
        from = 0;
        begun = now;
        v = 0;
      }
      if (Math.min(v, last()) !== w.get(key)) go(v);
      if (v >= last() && !loop) stop();
      else frame = requestAnimationFrame(tick);
    };
    const play = () => {
      if (playing) return stop();
      if (reducedMotion()) return go(last());
      from = w.get(key) >= last() ? 0 : w.get(key);
      begun = 0;
      playing = true;
      frame = requestAnimationFrame(tick);
    };
    const button = h("button", { type: "button", class: "d2l-button d2l-play", onclick: play });
    const move = (text, to) =>
      h("button", {
        type: "button",
        class: "d2l-button",
        text,
        onclick: () => {
          stop();
          go(to());
        },
      });
    const box = w.add(
      h(
        "div",
        { class: "d2l-player" },
        button,
        move("Back", () => w.get(key) - 1),
        move("Step", () => w.get(key) + 1),
        move("Reset", () => 0),
      ),
    );
    const id = uid(),
      bar = h("input", {
        type: "range",
        id,
        min: 0,
        step: 1,
        oninput: () => {
          stop();
          go(Number(bar.value));
        },
      });
    const count = h("span", { class: "d2l-count" });
    box.append(h("label", { for: id, text: label, class: "d2l-hidden" }), bar, count);
    w.after.push(() => {
      const n = last(),
        v = clamp(w.get(key), 0, n);
      bar.max = n;
      bar.value = v;
      bar.setAttribute("aria-valuetext", `${label} ${v} of ${n}`);
      count.textContent = `${label} ${v}`;
      const text = playing ? "Pause" : "Play";
      if (button.textContent !== text) button.textContent = text;
    });
    w.cleanup.push(stop);
    if (auto && !reducedMotion()) {
      // plays while it is in view, until the reader takes over
      const seen = new IntersectionObserver(([entry]) => {
        if (entry.isIntersecting !== playing) {
          if (playing) stop();
          else play();
        }
      });
      seen.observe(w.el);
      for (const kind of ["pointerdown", "keydown"])
        box.addEventListener(kind, () => seen.disconnect());
      w.cleanup.push(() => seen.disconnect());
    }
  },
});
