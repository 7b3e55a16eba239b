// Carries what people do on the page to the server, and keeps what they typed while the server redraws.
//
// The server renders HTML; elements say what they mean:
//   data-act="rate"        a click (or, on a form, submitting) sends this with all data-* and the form's fields
//   data-change="compare"  a <select> that sends its value
//   data-open="edit-7"     shows or hides the element with data-panel="edit-7"
//   data-draft="edit-7"    a field whose text outlives redrawing
//   data-confirm="Sure?"   asks once before it acts
(() => {
  const triggers = new Map(); // act → its region, and how that tells the server
  const open = new Set(); // panels that are open
  const drafts = new Map(); // what was typed and not sent yet
  const settled = new Set(); // corrections that were kept: their editors closed once
  const scrolled = new Map(); // how far each report was read
  let cited = null; // the citation whose source is open, to come back to
  let hadPaper = false;
  let uploads = null; // files waiting to be sent, one by one

  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  function connect(element, trigger, watch, acts) {
    for (const act of acts) triggers.set(act, { element, trigger });
    watch("value", () => {
      for (const region of all(".busy")) region.classList.remove("busy");
      refresh(element);
    });
    refresh(element);
  }

  // What is said where an answer takes longer than a moment.
  const BUSY = { upload: "Reading and masking", paste: "Masking", example: "Masking", pick: "Masking", mask: "Masking", mask_alike: "Masking",
    unmask: "Masking", unmask_alike: "Masking", confirm: "Masking", revert: "Masking", keep_report: "Indexing", search: "Searching",
    delete_report: "Deleting" };

  function send(act, data) {
    const region = triggers.get(act);
    if (!region) return;
    if (BUSY[act]) {
      region.element.dataset.busy = BUSY[act] + " …";
      region.element.classList.add("busy");
    }
    region.trigger(act, data);
  }

  // ---- after the server has redrawn a region

  function refresh(element) {
    for (const panel of all("[data-saved]", element)) {
      const stamp = panel.dataset.saved + ":" + panel.dataset.stamp;
      if (settled.has(stamp)) continue;
      settled.add(stamp);
      open.delete(panel.dataset.saved);
      drafts.delete(panel.dataset.saved);
    }
    for (const field of all("[data-draft]", element)) {
      const text = drafts.get(field.dataset.draft) ?? field.defaultValue;
      if (field.value !== text) field.value = text;
    }
    for (const panel of all("[data-panel]", element)) show(panel);
    for (const box of all("select[data-change]", element)) {
      const selected = $("option[selected]", box);
      box.value = selected ? selected.value : "";
    }
    const sheet = $(".paper[data-report]", element);
    if (sheet) sheet.scrollTop = scrolled.get(sheet.dataset.report) ?? 0;
    const quoted = $("mark.quoted, .quoted", element);
    const key = quoted && element.innerText.length + ":" + all(".quoted", element).map((e) => e.textContent).join("");
    if (quoted && element.dataset.quoted !== key) quoted.scrollIntoView({ block: "center" });
    element.dataset.quoted = key ?? "";
    // A report has just come: the next thing to do is to ask.
    const paper = $(".paper[data-live]", element);
    if (paper && !hadPaper && document.activeElement === document.body) $("#question textarea")?.focus();
    if (element.closest("#report")) hadPaper = Boolean(paper);
    const turns = $(".turns", element);
    if (turns) arrived(turns);
    const running = $(".running", element);
    if (running) follow(running);
    if (uploads && $("section.ingest", element)) nextUpload();
    document.dispatchEvent(new CustomEvent("curbside:drawn", { detail: element }));
  }

  // A report that is drawn anew stays where it was scrolled to.
  document.addEventListener("scroll", ({ target }) => {
    if (target.matches?.(".paper[data-report]")) scrolled.set(target.dataset.report, target.scrollTop);
  }, true);

  function show(panel) {
    const name = panel.dataset.panel;
    panel.hidden = !open.has(name);
    for (const opener of all(`[data-open="${name}"]`)) opener.setAttribute("aria-expanded", String(open.has(name)));
    const turn = panel.closest(".turn");
    if (turn) turn.classList.toggle("editing", all("form.editor", turn).some((form) => !form.hidden));
  }

  function toggle(name, on = !open.has(name)) {
    on ? open.add(name) : open.delete(name);
    const panel = $(`[data-panel="${name}"]`);
    if (!panel) return;
    show(panel);
    const field = $("textarea, input:not([type=hidden])", panel);
    if (on && field) {
      grow(field);
      field.focus({ preventScroll: true });
      panel.scrollIntoView({ block: "nearest" });
    }
  }

  const flow = () => $("#flow");

  // Down to the end of a turn, but never so far that its question leaves the screen.
  function reveal(turn) {
    const box = flow();
    const top = turn.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
    const bottom = top + turn.offsetHeight - box.clientHeight;
    box.scrollTop = Math.max(0, Math.min(top - 8, bottom + 24));
  }

  let followed = null; // an answer that streams in is followed until somebody scrolls
  let placed = 0;
  function follow(turn) {
    const box = flow();
    if (followed === turn && Math.abs(box.scrollTop - placed) > 4) return;
    followed = turn;
    reveal(turn);
    placed = box.scrollTop;
  }

  let shownTurns = "";
  function arrived(turns) {
    // The address remembers the conversation, so that a reload comes back to it.
    const number = turns.dataset.conversation;
    const place = number ? "#c" + number : location.pathname + location.search;
    if ((number ? location.hash : location.hash || place) !== place) history.replaceState(null, "", place);
    const pairs = all(".pair", turns);
    const now = [number, turns.children.length, pairs.length].join(":");
    const last = pairs.length ? pairs.at(-1).closest(".turn") : $(".turn:last-child", turns);
    if (now !== shownTurns && last) requestAnimationFrame(() => reveal(last));
    shownTurns = now;
  }

  // ---- clicks, forms, fields

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-act], [data-open], [data-close], [data-copy]");
    for (const name of [...open]) {
      const panel = $(`[data-panel="${name}"].pop`);
      if (panel && !panel.parentElement.contains(event.target)) toggle(name, false);
    }
    const menu = $("details.who-menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
    if (!target || target.tagName === "FORM") return;
    const { act, open: opens, close, forget, copy, confirm } = target.dataset;
    if (opens) toggle(opens);
    if (close) {
      if (forget) drafts.delete(forget);
      const field = forget && $(`[data-draft="${forget}"]`);
      if (field) field.value = field.defaultValue;
      toggle(close, false);
    }
    if (copy !== undefined) copyText(target, copy);
    if (!act || !unmaskable(target)) return;
    if (confirm && !target.dataset.asked) return ask(target, confirm);
    if (target.dataset.opens) toggle(target.dataset.opens, true);
    if (act === "cite") cited = target;
    if (act === "open_conversation") toggle("menu", false);
    send(act, { ...target.dataset });
    if (act === "use_report" || act === "compare_report") $("#tabs [role=tab]")?.click();
  });

  // A click that ends a selection selects; it does not unmask what lies under it.
  const unmaskable = (target) => !target.matches("[data-o]") || getSelection().isCollapsed;

  function ask(target, question) {
    const label = target.textContent;
    target.dataset.asked = "yes";
    target.textContent = question;
    const back = () => {
      delete target.dataset.asked;
      target.textContent = label;
    };
    target.addEventListener("blur", back, { once: true });
    setTimeout(back, 6000);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    const { act, closes } = form.dataset;
    send(act, Object.fromEntries(new FormData(form)));
    if (closes) toggle(closes, false);
  });

  document.addEventListener("change", (event) => {
    const { change, file } = event.target.dataset;
    if (change) send(change, { value: event.target.value });
    if (file) chosen(file, event.target);
  });

  document.addEventListener("input", (event) => {
    const { draft } = event.target.dataset;
    if (draft) drafts.set(draft, event.target.value);
    if (event.target.matches("form.editor textarea")) grow(event.target);
  });

  function grow(field) {
    if (field.tagName !== "TEXTAREA") return;
    field.style.height = "auto";
    field.style.height = Math.min(field.scrollHeight + 4, innerHeight * 0.34) + "px";
  }

  async function copyText(target, text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure context there is no clipboard; the old way works everywhere.
      const box = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    target.classList.add("done");
    setTimeout(() => target.classList.remove("done"), 1500);
  }

  // ---- files: read here and sent as text, so that the server never writes one to its disk

  document.addEventListener("paste", (event) => {
    const box = event.target.closest("#paste");
    if (box && !box.value) setTimeout(() => box.form.requestSubmit());
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    if ($("#reports")?.offsetParent) startUploads(files);
    else sendFile("upload", files[0], {});
  });

  function chosen(kind, input) {
    const files = [...input.files];
    input.value = "";
    if (kind === "ingest") startUploads(files);
    else if (files.length) sendFile("upload", files[0], {});
  }

  function startUploads(files) {
    uploads = { files: files.filter((file) => !file.name.startsWith(".")), sent: 0 };
    if (uploads.files.length) nextUpload();
  }

  function nextUpload() {
    const { files, sent } = uploads;
    const done = Number($("#ingest progress")?.getAttribute("value") ?? 0);
    if (sent && sent < files.length && done < sent) return; // the server is still reading the last one
    if (sent === files.length) return void (uploads = null);
    uploads.sent += 1;
    sendFile("add_file", files[sent], { number: sent, total: files.length });
  }

  const MAX_SENT = 64e6; // beyond any sensible limit: only the size is sent, and the server says what the limit is
  async function sendFile(act, file, data) {
    const content = file.size > MAX_SENT ? "" : await base64(file);
    send(act, { ...data, name: file.webkitRelativePath || file.name, size: file.size, content });
  }

  const base64 = (file) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => resolve("");
      reader.readAsDataURL(file);
    });

  // ---- keyboard

  const running = () => Boolean($("#live .running"));
  const lastTurn = () => all("#talk .turn").at(-1);

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = target.closest?.("form");
      if (form?.dataset.act) form.requestSubmit();
      // The box tells Gradio what was typed a moment after the key.
      else if (target.closest?.("#question")) setTimeout(() => $("#ask").click(), 30);
      else return;
      event.preventDefault();
    } else if (event.key === "Escape") {
      escape(target);
    } else if (event.altKey && ["1", "2", "e", "E"].includes(event.key)) {
      const turn = lastTurn();
      const what = { 1: '[data-act="rate"][data-thumbs="1"]', 2: '[data-act="rate"][data-thumbs="-1"]' }[event.key] ?? '[data-open^="edit-"]';
      const button = turn && $(what, turn);
      if (!button) return;
      event.preventDefault();
      button.click();
    } else if (target.getAttribute?.("role") === "button" && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      target.click();
    }
  });

  function escape(target) {
    const menu = $("details.who-menu[open]");
    const panel = target.closest?.("[data-panel]");
    if (menu) menu.open = false;
    else if (open.has("menu")) toggle("menu", false);
    else if (panel) {
      toggle(panel.dataset.panel, false); // the draft stays
      $(`[data-open="${panel.dataset.panel}"]`)?.focus();
    } else if ($(".source, .openbar")) {
      send("close_source", {});
      cited?.focus();
    } else if (running()) $("#stop").click();
    else if (open.size) toggle([...open].at(-1), false);
  }

  window.curbside = { connect, send, toggle, $, all };
})();
