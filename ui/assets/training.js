// Keeps the Training tab fresh while somebody looks at it, and the focus where it was when a part is drawn anew.
//
//   data-tick="tick"   a visible element with this asks the server again, every data-every seconds
//   data-fold="log"    a <details> that stays open or closed over redrawing
//   data-focus         gets the focus when what had it is gone
(() => {
  const { $, all, send } = curbside;
  const folds = new Map(); // name → whether it is open, once somebody has said so
  let last = 0;
  let focused = null; // what had the focus: its region, and a selector that finds its successor

  // ---- asking again, quietly

  setInterval(() => {
    const ticking = all("[data-tick]").find((element) => element.offsetParent);
    if (!ticking || document.hidden || busy()) return;
    if (Date.now() - last < Number(ticking.dataset.every) * 1000) return;
    last = Date.now();
    send(ticking.dataset.tick, {});
  }, 500);

  // A question that waits for its second click, or selected text, must not be drawn over.
  const busy = () => $("[data-asked]") || !getSelection().isCollapsed;

  // ---- what is open stays open, what had the focus keeps it

  document.addEventListener("click", ({ target }) => {
    const fold = target.closest("[data-fold] > summary")?.parentElement;
    if (fold) folds.set(fold.dataset.fold, !fold.open);
  });

  document.addEventListener("focusin", ({ target }) => {
    const region = target.closest?.("#training .block.region");
    focused = region ? { region: region.id, selector: successor(target) } : null;
  });

  function successor(element) {
    const fold = element.closest("[data-fold]");
    if (element.tagName === "SUMMARY" && fold) return `[data-fold="${fold.dataset.fold}"] > summary`;
    const { act, run } = element.dataset;
    return act ? `[data-act="${act}"]${run ? `[data-run="${CSS.escape(run)}"]` : ""}` : "[data-focus]";
  }

  document.addEventListener("curbside:drawn", ({ detail: element }) => {
    for (const fold of all("[data-fold]", element)) {
      if (folds.has(fold.dataset.fold)) fold.open = folds.get(fold.dataset.fold);
    }
    const region = element.closest(".block.region");
    if (!focused || region?.id !== focused.region || document.activeElement !== document.body) return;
    const target = $(focused.selector, region) ?? $("[data-focus]", region);
    target?.focus({ preventScroll: true });
  });
})();
