// What a mask stands for and how sure it was, beside it, while the pointer is over it or it has the focus.
(() => {
  const tip = Object.assign(document.createElement("div"), { id: "tip" });
  tip.setAttribute("aria-hidden", "true"); // the span's own name says the same
  const MARK = "#report [data-sure]";
  const MASK = "#report [data-original]"; // what can be read needs no tip over the next line while one walks
  let of = null;

  function show(spot) {
    of = spot;
    if (!spot?.isConnected || !getSelection().isCollapsed) return tip.remove();
    const { original, sure } = spot.dataset;
    tip.textContent = original ? `${original} · ${sure}` : sure;
    document.body.append(tip);
    const box = spot.getClientRects()[0];
    const paper = spot.closest(".paper").getBoundingClientRect();
    if (box.bottom < paper.top || box.top > paper.bottom) return tip.remove();
    const below = box.bottom + tip.offsetHeight + 4 < innerHeight;
    tip.style.left = Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = (below ? box.bottom + 4 : box.top - tip.offsetHeight - 4) + "px";
  }

  const focused = () => document.activeElement?.closest(MASK) ?? null;
  document.addEventListener("pointerover", ({ target }) => show(target.closest?.(MARK) ?? focused()));
  document.addEventListener("focusin", () => show(focused()));
  document.addEventListener("focusout", () => show(null));
  document.addEventListener("selectionchange", () => show(of));
  document.addEventListener("scroll", () => show(of), true);
  document.addEventListener("curbside:drawn", () => show(focused()));
})();
