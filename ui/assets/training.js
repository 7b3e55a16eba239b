// Keeps the Training tab fresh while somebody looks at it, walks the Review tab by keyboard, and keeps the focus where it
// was when a part of either is drawn anew.
//
//   data-tick="tick"   a visible element with this asks the server again, every data-every seconds
//   data-fold="log"    a <details> that stays open or closed over redrawing
//   data-focus         gets the focus when what had it is gone
//   data-step="next"   goes to the next entry of the queue ("previous")
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

  // Where it is drawn over all the same, by an answer that was on its way, it is asked again.
  let asked = null;
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("#training [data-confirm]");
    if (button) asked = button.dataset.asked ? null : { selector: successor(button), at: Date.now() };
  }, true);

  // ---- what is open stays open, what had the focus keeps it

  document.addEventListener("click", ({ target }) => {
    const fold = target.closest("[data-fold] > summary")?.parentElement;
    if (fold) folds.set(fold.dataset.fold, !fold.open);
  });

  document.addEventListener("focusin", ({ target }) => {
    const region = target.closest?.(":is(#training, #review) .block.region");
    focused = region ? { region: region.id, selector: successor(target) } : null;
  });

  function successor(element) {
    const fold = element.closest("[data-fold]");
    if (element.tagName === "SUMMARY" && fold) return `[data-fold="${fold.dataset.fold}"] > summary`;
    const { act, run, item, all: every, step } = element.dataset;
    if (step) return `[data-step="${step}"]`;
    // In the list it is that entry; beside the opened one, the same button of the next.
    const which = { run, item: act === "open_item" ? item : undefined, all: every };
    const named = Object.entries(which).map(([name, value]) => (value === undefined ? "" : `[data-${name}="${CSS.escape(value)}"]`));
    return act ? `[data-act="${act}"]${named.join("")}:not(:disabled)` : "[data-focus]";
  }

  document.addEventListener("curbside:drawn", ({ detail: element }) => {
    for (const fold of all("[data-fold]", element)) {
      if (folds.has(fold.dataset.fold)) fold.open = folds.get(fold.dataset.fold);
    }
    const again = asked && Date.now() - asked.at < 5000 && $(asked.selector, element);
    if (again && !again.dataset.asked) again.click();
    const region = element.closest(".block.region");
    if (!focused || region?.id !== focused.region || document.activeElement !== document.body) return;
    const target = $(focused.selector, region) ?? $("[data-focus]", region);
    target?.focus({ preventScroll: true });
  });

  // ---- the review queue by keyboard

  const KEYS = { j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", a: "accept", d: "discard", e: "correct" };

  function step(way) {
    const entries = all("#queue [data-act=open_item]");
    const now = entries.findIndex((entry) => entry.closest("[aria-current]"));
    const next = entries[Math.min(Math.max(now + (way === "next" ? 1 : -1), 0), entries.length - 1)];
    if (!next || next === entries[now]) return;
    next.scrollIntoView({ block: "nearest" });
    next.click();
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("#queue-item [data-step]");
    if (button) step(button.dataset.step);
  });

  document.addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    const act = KEYS[key.length === 1 ? key.toLowerCase() : key];
    if (!act || ctrlKey || metaKey || altKey || event.isComposing || !$("#queue-item section")?.offsetParent) return;
    if (target.closest("input, textarea, select, [contenteditable=true]")) return;
    if (key.startsWith("Arrow") && target.closest("[role=tab], .paper")) return; // arrows mean something there
    if (act === "next" || act === "previous") step(act);
    else $(act === "correct" ? "#queue-item [data-open]" : `#queue-item [data-act=${act}]:not(:disabled)`)?.click();
    event.preventDefault();
  });
})();
