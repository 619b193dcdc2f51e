// The life without a kernel: every box on the page that is not alive yet gets a model of a few
// lines (get, set, on, off, save_changes) and the same module that runs in a notebook.
const shared = (globalThis.d2lModules ||= {});
const piece = (key) => document.querySelector(`script[data-code="${key}"]`).textContent;
const unzip = (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Response(
    new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")),
  ).text();
};
// All pieces but the last, the widget's own, are shared and gzipped.
async function load(keys) {
  const code = await Promise.all(
    keys.slice(0, -1).map((key) => (shared[key] ||= unzip(piece(key)))),
  );
  const all = [...code, piece(keys.at(-1))].join("\n");
  return import(URL.createObjectURL(new Blob([all], { type: "text/javascript" })));
}
for (const box of document.querySelectorAll(".d2l-box:not([data-alive])")) {
  box.dataset.alive = "yes";
  const keys = box.dataset.code.split(" "),
    listeners = [];
  const state = JSON.parse(box.querySelector("script[data-state]").textContent);
  const model = {
    get: (key) => state[key],
    set(key, value) {
      if (JSON.stringify(state[key]) === JSON.stringify(value)) return;
      state[key] = value;
      for (const [name, f] of listeners.slice())
        if (name === "change" || name === `change:${key}`) f();
    },
    on: (names, f) => names.split(" ").forEach((name) => listeners.push([name, f])),
    off: (name, f) =>
      listeners.splice(0, 1e9, ...listeners.filter((l) => l[0] !== name || (f && l[1] !== f))),
    save_changes() {},
    send() {},
  };
  (shared[keys.join()] ||= load(keys))
    .then((module) => {
      const el = document.createElement("div");
      box.append(el);
      module.default.render({ model, el });
      box.querySelector(".d2l-picture").hidden = true;
    })
    .catch((error) => console.error("This widget could not start:", error));
}
