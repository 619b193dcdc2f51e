// Deeper sections are closed <details>. A link into one opens it, and so do a search hit and
// the printer. Without this script they still open by hand (and in most browsers by a link).
(() => {
  const reveal = (element) => {
    if (element?.matches("section.deeper")) element = element.querySelector("details.deeper > *");
    for (let d = element?.closest("details"); d; d = d.parentElement.closest("details"))
      d.open = true;
  };

  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("details") && !target?.matches("section.deeper")) return;
    reveal(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  // The address does not change when a link leads where it already points.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href*='#']");
    if (link && link.href === location.href) follow();
  });

  // Sphinx marks the words of a search a moment after the page is there.
  const found = () => document.querySelectorAll("details.deeper .highlighted").forEach(reveal);
  const start = () => {
    follow();
    const watch = new MutationObserver(found);
    watch.observe(document.querySelector("article") ?? document.body, {
      childList: true,
      subtree: true,
    });
    setTimeout(() => {
      watch.disconnect();
      found();
    }, 2000);
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.deeper:not([open])")];
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of opened) d.open = false;
  });
})();
