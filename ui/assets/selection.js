// Selecting text of the report to mask it: which span of the original a selection is, and the buttons beside it.
(() => {
  const { $, all, send } = curbside;
  let buttons = null;

  document.addEventListener("selectionchange", () => {
    if (!selectedSpan()) return buttons?.remove();
    buttons ??= floating({ mask: "Mask this", mask_alike: "Mask all like this" });
    document.body.append(buttons);
    const box = getSelection().getRangeAt(0).getBoundingClientRect();
    buttons.style.left = Math.max(8, Math.min(box.left, innerWidth - buttons.offsetWidth - 8)) + "px";
    buttons.style.top = (box.top > 44 ? box.top - 38 : box.bottom + 6) + "px";
  });

  function floating(labels) {
    const box = Object.assign(document.createElement("div"), { id: "mask-this" });
    for (const [act, textContent] of Object.entries(labels)) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent });
      button.onmousedown = (event) => event.preventDefault(); // keep the selection
      button.onclick = () => curbside.decide(act);
      box.append(button);
    }
    return box;
  }

  // Offsets in the original, or null. A mask, and what was unmasked, is selected as a whole or not at all.
  function selectedSpan() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !selection.toString().trim()) return null;
    const range = selection.getRangeAt(0);
    const common = range.commonAncestorContainer;
    const paper = (common.closest ? common : common.parentElement)?.closest(".paper[data-live]");
    if (!paper) return null;
    const spans = all("[data-o]", paper).filter((piece) => range.intersectsNode(piece)).map((piece) =>
      piece.dataset.end ? whole(piece, range) : part(piece, range));
    const found = spans.filter(Boolean);
    if (!found.length) return null;
    return { start: Math.min(...found.map((span) => span.start)), end: Math.max(...found.map((span) => span.end)) };
  }

  function whole(piece, range) {
    const inside = document.createRange();
    inside.selectNodeContents(piece);
    if (range.compareBoundaryPoints(Range.START_TO_END, inside) <= 0 || range.compareBoundaryPoints(Range.END_TO_START, inside) >= 0) return null;
    return { start: Number(piece.dataset.o), end: Number(piece.dataset.end) };
  }

  function part(piece, range) {
    const node = piece.firstChild;
    if (!node) return null;
    const from = range.startContainer === node ? range.startOffset : 0;
    const to = range.endContainer === node ? range.endOffset : node.data.length;
    const text = node.data.slice(from, to);
    if (!text.trim()) return null;
    // The server counts characters, the browser counts UTF-16 units.
    const lead = text.length - text.trimStart().length;
    const start = Number(piece.dataset.o) + [...node.data.slice(0, from + lead)].length;
    return { start, end: start + [...text.trim()].length };
  }

  Object.assign(curbside, { selectedSpan });
})();
