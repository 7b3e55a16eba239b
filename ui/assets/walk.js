// Walks from span to span of the masked report, and carries what a reviewer decides about the one at hand.
//
// A span is an element with data-spot; it says its offsets (data-start, data-end), its state and how sure it was.
//   data-walk="next"      goes to the next span ("previous"; or a state: to the next one of it)
//   data-go="120"         goes to the span at this offset
//   data-do="unmask"      does this to the span at hand; data-for names the states it is for
(() => {
  const { $, all, send, toggle, selectedSpan } = curbside;
  const DOUBTFUL = ["check", "doubt"];
  let at = null; // offset of the span at hand: it outlives redrawing, as the original does not change
  let report = null;
  let focused = null; // what had the focus in the panel, as a selector; "" is the text; null: the focus is elsewhere
  let touched = false;
  let onward = false; // a finding was settled: go on to the next one

  const start = (spot) => Number(spot.dataset.start);
  const inPanel = (target) => target.closest?.("#report section.report");

  // What is still to be checked comes first.
  function spots(states) {
    const found = all("#report [data-spot]");
    const order = [...found.filter((spot) => spot.dataset.state === "check"), ...found.filter((spot) => spot.dataset.state !== "check")];
    return states ? order.filter((spot) => states.includes(spot.dataset.state)) : order;
  }
  const atHand = () => (at === null ? undefined : all("#report [data-spot]").find((spot) => start(spot) <= at && at < Number(spot.dataset.end)));
  const nearest = (among) => among.find((spot) => start(spot) >= at) ?? among.at(-1);

  // ---- walking

  function go(spot) {
    if (!spot) return;
    at = start(spot);
    spot.focus({ preventScroll: true });
    spot.scrollIntoView({ block: "nearest" });
    tell();
    announce($("#report .place")?.textContent ?? "");
  }

  function step(by, states) {
    const order = spots(states);
    if (!order.length) return answer(states ? "There is none." : "Nothing is masked.");
    const now = order.indexOf(atHand());
    if (now >= 0) go(order[(now + by + order.length) % order.length]);
    else if (at === null) go(order.at(by > 0 ? 0 : -1));
    else go(by > 0 ? order.find((spot) => start(spot) > at) ?? order[0] : order.findLast((spot) => start(spot) < at) ?? order.at(-1));
  }

  // The span at hand in words, and the buttons that fit it.
  function tell() {
    const spot = atHand();
    for (const other of all("#report [aria-current]")) other.removeAttribute("aria-current");
    spot?.setAttribute("aria-current", "true");
    const { original, sure, state, alike } = spot?.dataset ?? {};
    for (const button of all("#report [data-do]")) {
      button.hidden = !button.dataset.for.split(" ").includes(state) || ("many" in button.dataset && alike < 2);
      if ("many" in button.dataset) $("span", button).textContent = `All ${alike}`;
    }
    const words = $("#report .hand .span");
    if (!words) return;
    words.textContent = spot ? `${spot.textContent} · ${sure}${original ? ` · ${original}` : ""}` : "";
    const order = spots();
    $("#report .place").textContent = spot ? `${order.indexOf(spot) + 1} of ${order.length}` : "";
  }

  // ---- deciding

  const INSTEAD = { mask: "Select the text that is to be masked.", unmask: "There is no mask at hand.", confirm: "There is nothing to check at hand." };

  // What is selected, else the span at hand.
  function decide(act) {
    const selected = act.startsWith("mask") ? selectedSpan() : null;
    const spot = atHand();
    const fits = spot && $(`#report [data-do="${act}"]`)?.dataset.for.split(" ").includes(spot.dataset.state);
    if (!selected && !fits) return answer($("#report .review") ? INSTEAD[act.split("_")[0]] : "Close the source first, with Esc.");
    const span = selected ?? { start: start(spot), end: Number(spot.dataset.end) };
    onward = !selected && spot.dataset.state === "check";
    getSelection().removeAllRanges();
    at = span.start;
    send(act, span);
  }

  function answer(text) {
    const said = $("#report .said");
    if (said) said.textContent = text;
    announce(text);
  }

  function undo() {
    onward = false;
    send("undo", {});
  }

  // Screen readers say what changes in here; the span itself says its name when it gets the focus.
  const live = Object.assign(document.createElement("div"), { className: "sr" });
  live.setAttribute("aria-live", "polite");
  document.addEventListener("curbside:drawn", () => live.isConnected || document.body.append(live));
  const announce = (text) => (live.textContent = text);

  // ---- after the report was drawn anew

  document.addEventListener("curbside:drawn", ({ detail: region }) => {
    if (region.id !== "report" && !region.closest("#report")) return;
    const now = $(".paper[data-live]", region)?.dataset.report ?? null;
    if (now !== report) at = focused = null;
    report = now;
    tell();
    const said = $(".said[data-new]", region);
    if (said) announce(said.textContent);
    // What had the focus is gone, or drawn over by another span.
    const ours = focused !== null && (document.activeElement === document.body || inPanel(document.activeElement));
    const next = onward && nearest(spots(["check"]));
    onward = false;
    if (!ours || !now) return;
    const control = focused && $(`#report ${focused}`);
    if (next) at = start(next);
    else if (!atHand() && at !== null && spots().length) at = start(nearest(all("#report [data-spot]")));
    const target = (control && !control.disabled && control.offsetParent && control) || atHand() || $("#report .paper");
    target.focus({ preventScroll: true });
    if (target === atHand()) target.scrollIntoView({ block: "nearest" });
    tell();
  });

  document.addEventListener("focusin", ({ target }) => {
    if (!inPanel(target)) return void (focused = null);
    const name = ["walk", "open"].find((key) => target.dataset[key]) ?? (target.dataset.act === "undo" && "act");
    focused = name ? `[data-${name}="${target.dataset[name]}"]` : "";
  });

  // ---- mouse and touch

  document.addEventListener("pointerdown", (event) => (touched = event.pointerType !== "mouse"), true);
  document.addEventListener("click", (event) => {
    const spot = event.target.closest("#report [data-o][data-start]");
    const button = event.target.closest("#report :is([data-walk], [data-go], [data-do], [data-act][data-start])");
    if (spot) {
      // A finger has no hover: its first tap shows what is there, its second acts.
      const first = touched && spot !== atHand();
      at = start(spot);
      tell();
      if (first) event.stopPropagation();
    } else if (button) {
      const { walk, go: place, do: act } = button.dataset;
      if (act) decide(act);
      else if (place) goTo(Number(place));
      else if (!walk) at = start(button);
      else if (walk === "next" || walk === "previous") step(walk === "next" ? 1 : -1);
      else step(1, [walk]);
    } else if (event.target.closest("#report .paper") && getSelection().isCollapsed) {
      at = null;
      tell();
    }
  }, true);

  function goTo(place) {
    at = place;
    go(atHand() ?? nearest(all("#report [data-spot]")));
  }

  // ---- keys, while the focus is in the report's panel

  document.addEventListener("keydown", (event) => {
    const { target, ctrlKey, metaKey, altKey, shiftKey } = event;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!$("#report .paper[data-live]")) return;
    if (altKey && event.code === "KeyR") goToReport();
    else if (typing(event) || altKey || !inPanel(target)) return;
    else if ((ctrlKey || metaKey) && (key !== "z" || shiftKey)) return;
    else if (!meant(key, shiftKey)) return;
    event.preventDefault();
  });

  const typing = (event) => event.isComposing || event.target.closest("input, textarea, select, [contenteditable='true']");

  function goToReport() {
    const spot = atHand() ?? spots()[0];
    spot ? go(spot) : $("#report .paper").focus();
  }

  // Whether the key means something here.
  function meant(key, shift) {
    const doubtful = shift ? DOUBTFUL : undefined;
    if (key === "n" || key === "j" || (key === "ArrowRight" && !shift)) step(1, doubtful);
    else if (key === "p" || key === "k" || (key === "ArrowLeft" && !shift)) step(-1, doubtful);
    else if (key === "d") step(shift ? -1 : 1, DOUBTFUL);
    else if (key === "u") decide("unmask");
    else if (key === "m") decide("mask");
    else if (key === "a") decide(shift ? "unmask_alike" : "mask_alike");
    else if (key === "x") decide(shift ? "confirm_alike" : "confirm");
    else if (key === "z") undo();
    else if (key === "?") toggle("keys");
    else return false;
    return true;
  }

  Object.assign(curbside, { decide });
})();
