/* Intake in the browser: drop or choose files, send them, follow the jobs.
 *
 * How files travel is in `transport.js`.
 * This script owns the queue, the progress and the dialogue's frame; what stands in the dialogue's
 * body (preview, mapping, result) is drawn by the server from the job named in `intake-shown`.
 */
(function () {
  "use strict";

  const POLL_MS = [150, 250, 400, 700, 1000];
  const LOST_AFTER = 5; // polls that failed in a row before it is said
  const FINAL = ["done", "failed", "cancelled", "passed"];
  const IDLE = ["paused", "interrupted"]; // wait for a person; other files go on
  const LISTED = 8; // names of files that were passed over
  const transport = () => window.picholineTransport;
  const queue = [];
  let current = null;
  let last = 0;
  let changes = 0;
  let wanted = ""; // the job whose panel the server was asked to draw
  let watching = false;
  let auto = false; // everything that is sure is imported without asking for each file

  const byId = (name) => document.getElementById(name);
  const language = () => document.documentElement.lang || "en";

  function settings() {
    const panel = byId("intake");
    return panel ? JSON.parse(panel.dataset.settings) : null;
  }

  function text(name, values) {
    const found = settings().texts[name] || "";
    return found.replace(/\{(\w+)\}/g, (whole, key) =>
      values && key in values ? String(values[key]) : whole
    );
  }

  function size(bytes) {
    const steps = ["byte", "kilobyte", "megabyte", "gigabyte"];
    const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), 3);
    const digits = step < 2 ? 0 : 1;
    return new Intl.NumberFormat(language(), {
      style: "unit", unit: steps[step], unitDisplay: step ? "short" : "long", // 482 bytes
      maximumFractionDigits: digits,
    }).format(bytes / 1000 ** step);
  }

  function element(tag, className, content) {
    const made = document.createElement(tag);
    made.className = className;
    if (content) made.textContent = content;
    return made;
  }

  function setProps(id, props) {
    window.dash_clientside.set_props(id, props);
  }

  /* ---- the queue -------------------------------------------------------------------------- */

  function problem(file) {
    const { suffixes, max_bytes: limit } = settings();
    const name = file.name.toLowerCase();
    if (!suffixes.some((suffix) => name.endsWith(suffix))) {
      return { title: text("wrong_type"), remedy: text("wrong_type_remedy") };
    }
    if (file.size > limit) {
      return {
        title: text("too_large", { size: size(file.size), limit: size(limit) }),
        remedy: text("too_large_remedy"),
      };
    }
    if (file.size === 0) return { title: text("empty"), remedy: text("empty_remedy") };
    return null;
  }

  function entry(name, bytes, more) {
    last += 1;
    return {
      key: last, file: null, name, size: bytes, sent: 0, progress: 0, step: "", state: "waiting",
      error: null, job: null, jobs: [], kind: "upload", shown: null, upload: null, ...more,
    };
  }

  /* Put files into the queue: `found` are {file, path}, the path is empty outside of folders. */
  function add(found) {
    if (!byId("intake")) {
      setTimeout(() => add(found), 100); // dropped before the page was drawn
      return;
    }
    if (!found.length) return;
    const passed = [];
    for (const { file, path } of found) {
      const error = problem(file);
      const broken = queue.find((item) =>
        item.state === "interrupted" && item.name === file.name && item.size === file.size);
      if (broken && !error) Object.assign(broken, { file, state: "waiting", error: null });
      else if (error && path) passed.push(path);
      else queue.push(entry(path || file.name, file.size,
        { file, state: error ? "failed" : "waiting", error }));
    }
    if (passed.length) queue.push(entry(text("passed", { n: passed.length }), 0,
      { state: "passed", note: listed(passed) }));
    open();
    send();
    if (!current || FINAL.includes(current.state) || IDLE.includes(current.state)) next();
    draw();
  }

  function listed(names) {
    return names.slice(0, LISTED).join(", ") + (names.length > LISTED ? ", …" : "");
  }

  /* Files travel one after the other; each is looked at as soon as it is its turn. */
  function send() {
    if (queue.some((item) => item.state === "sending")) return;
    const item = queue.find((one) => one.state === "waiting");
    if (!item) return;
    Object.assign(item, { state: "sending", error: null, step: "" });
    item.trip = transport().send(item.file, settings().piece_bytes, {
      progress: (bytes) => { item.sent = bytes; item.step = ""; draw(); },
      began: (key) => {
        // Another file of the same name: what was left of the earlier one is of no use.
        if (item.upload && item.upload !== key) transport().discard(item.upload);
        item.upload = key;
      },
      waiting: (seconds) => {
        item.step = seconds ? text("retrying", { seconds: Math.ceil(seconds) }) : "";
        draw();
      },
      done: (found) => { item.trip = null; sent(item, found); send(); },
      stopped: () => { item.trip = null; end(item, item.wanted || "cancelled"); send(); },
      unreadable: () => {
        item.trip = null;
        item.file = null;
        fail(item, { title: text("moved"), remedy: text("moved_remedy") });
        send();
      },
    });
    draw();
  }

  function sent(item, { status, answer }) {
    if (status === 200 && answer.job_id) {
      Object.assign(item, { state: "sent", sent: item.size, job: answer.job_id, kind: "preview",
        file: null, step: "" });
      item.jobs.push(String(item.job));
      if (!current || FINAL.includes(current.state) || IDLE.includes(current.state)) next();
      else if (item === current) watch(item);
      draw();
      return;
    }
    item.step = "";
    if (status === 0) fail(item, { title: text("network"), remedy: text("network_remedy") });
    else if (answer.title) fail(item, answer);
    else if (status === 413) fail(item, {
      title: text("too_large", { size: size(item.size), limit: size(settings().max_bytes) }),
      remedy: text("too_large_remedy"),
    });
    else fail(item, { title: text("refused", { status }), remedy: text("try_again") });
  }

  /* What did not arrive whole before this page was loaded: it continues with the same file. */
  async function remind() {
    if (!byId("intake")) { setTimeout(remind, 200); return; }
    for (const found of await transport().unfinished()) {
      if (queue.some((item) => item.upload === found.key)) continue;
      queue.push(entry(found.name, found.size,
        { sent: found.offset, upload: found.key, state: "interrupted" }));
    }
    if (queue.length && !current) next();
    draw();
  }

  function halt(item, wanted) {
    item.wanted = wanted;
    item.trip.stop();
  }

  function resume(item) {
    if (!item.file) return;
    Object.assign(item, { state: "waiting", error: null, step: "", wanted: null });
    send();
    if (!current || FINAL.includes(current.state) || IDLE.includes(current.state)) next();
    draw();
  }

  function fail(item, error) {
    item.error = error;
    end(item, "failed");
  }

  function end(item, state) {
    item.state = state;
    if (item === current && ["cancelled", "paused"].includes(state)) next();
    draw();
  }

  /* Show the next file that is not finished; the last result stays until there is one. */
  function next() {
    const open = queue.filter((item) => !FINAL.includes(item.state));
    current = open.find((item) => !IDLE.includes(item.state)) || open[0] || lastOf(queue);
    if (!current) return;
    if (current.state === "ready") show({ job: current.shown, kind: "preview" });
    else if (current.state === "done" && current.kind === "import") {
      show({ job: current.job, kind: "import" });
    } else show(null);
    if (current.state === "sent") watch(current);
    draw();
  }

  /* ---- all at once ---------------------------------------------------------------------------
   * What is sure is imported file after file; what is in doubt waits until the others are done.
   */

  function importAll() {
    auto = true;
    if (current && current.state === "ready") confirm(current);
    else if (!current || settledOrIdle(current)) proceed();
    draw();
  }

  async function confirm(item) {
    let answer = {};
    try {
      const told = await fetch(`/uploads/sure/${item.shown}`, {
        method: "POST", headers: { "X-CSRF-Token": window.picholine.csrfToken() },
      });
      answer = await told.json();
    } catch { answer = { why: text("network") }; }
    if (item.state !== "ready") return; // cancelled meanwhile
    if (answer.kind === "import") {
      Object.assign(item, { job: answer.job, kind: "import", error: null, note: "" });
      item.jobs.push(String(item.job));
      watch(item);
    } else {
      item.note = answer.why || answer.title || "";
      proceed();
    }
  }

  function proceed() {
    const following = queue.find((item) => item.state === "sent")
      || queue.find((item) => ["waiting", "sending"].includes(item.state));
    if (!following) {
      auto = false;
      next();
      return;
    }
    current = following;
    show(null);
    if (following.state === "sent") watch(following);
    draw();
  }

  function lastOf(items) {
    return items.length ? items[items.length - 1] : null;
  }

  /* ---- following a job --------------------------------------------------------------------- */

  function watch(item) {
    item.state = item.kind === "import" ? "importing" : "reading";
    item.progress = 0;
    item.step = "";
    draw();
    poll(item, item.job, 0, 0);
  }

  async function poll(item, job, round, failures) {
    let found = null;
    try {
      const answer = await fetch(`/jobs/${job}`, { cache: "no-store" });
      found = await answer.json();
      if (!answer.ok) { if (item.job === job) fail(item, found); return; }
    } catch {
      if (failures === LOST_AFTER) { item.step = text("lost"); draw(); }
    }
    if (item.job !== job) return; // replaced by a newer one, or the file was left out
    if (found) {
      item.progress = found.progress;
      item.step = found.step;
      if (FINAL.includes(found.status)) { settled(item, found); return; }
      draw();
    }
    const wait = POLL_MS[Math.min(round, POLL_MS.length - 1)];
    setTimeout(() => poll(item, job, round + 1, found ? 0 : failures + 1), wait);
  }

  function settled(item, job) {
    if (job.status === "failed" && item.shown) {
      // The panel stays: what was chosen is still there to be changed or tried again.
      Object.assign(item, { state: "ready", error: job.error });
    } else if (job.status === "failed") {
      item.error = job.error;
      item.state = "failed";
    } else if (job.status === "cancelled") {
      item.state = item.kind === "import" && item.shown ? "ready" : "cancelled";
    } else if (item.kind === "preview") {
      Object.assign(item, { state: "ready", error: null, shown: item.job });
      if (auto) { confirm(item); draw(); return; }
      show({ job: item.job, kind: "preview" });
    } else {
      Object.assign(item, { state: "done", error: null });
      changed();
      if (item.kind === "import") {
        document.dispatchEvent(new CustomEvent("picholine-imported", { detail: { job: job.id } }));
      }
      if (item.kind === "demo") { close(); return; }
      if (item.kind === "source") { show(null); draw(); return; }
      if (auto) { proceed(); return; }
      show({ job: item.job, kind: "import" });
    }
    if (item.state === "failed" || item.state === "cancelled") show(null);
    if (auto) proceed();
    draw();
  }

  function show(data) {
    wanted = data ? String(data.job) : "";
    setProps("intake-shown", { data });
  }

  function changed() {
    changes += 1;
    setProps({ type: "data-changed", from: "intake" }, { data: changes });
  }

  /* A job the server started for the open file: another preview, or the import itself. */
  function follow(started) {
    if (!started) return null;
    if (started.kind === "demo") {
      current = entry(text("demo"), 0, { job: started.job, kind: "demo" });
      queue.push(current);
      open();
    } else if (started.file) {
      // A file that is there already, or a source: nothing has to be sent.
      const job = { job: started.job, kind: started.kind, jobs: [String(started.job)] };
      current = entry(started.file, started.size || 0, { ...job, state: "sent" });
      queue.push(current);
      show(null);
      open();
    } else if (started.kind === "again") {
      current = entry(started.name, 0, { job: started.job, kind: "preview" });
      current.jobs.push(String(started.job));
      queue.push(current);
      open();
    } else {
      if (current.kind === "preview" && current.state === "reading") stop(current.job);
      Object.assign(current, { job: started.job, kind: started.kind, error: null });
      current.jobs.push(String(started.job));
    }
    watch(current);
    return null;
  }

  function stop(job) {
    return fetch(`/jobs/${job}/cancel`, { method: "POST" });
  }

  function cancel(item) {
    if (item.upload && !["reading", "sent", "importing", "ready"].includes(item.state)) {
      if (item.state === "interrupted") transport().discard(item.upload);
      else transport().cancel(item.upload);
    }
    if (item.state === "sending") halt(item, "cancelled");
    else if (item.state === "importing") stop(item.job);
    else {
      if (item.state === "reading") stop(item.job);
      item.job = null;
      end(item, "cancelled");
    }
  }

  /* ---- what is on the screen --------------------------------------------------------------- */

  function open() {
    const panel = byId("intake");
    if (!panel.open) panel.showModal();
    if (!watching) new MutationObserver(draw).observe(byId("intake-body"), { childList: true });
    watching = true;
    draw();
  }

  function close() {
    byId("intake").close();
    if (queue.every((item) => FINAL.includes(item.state))) {
      queue.length = 0;
      current = null;
      show(null);
    }
    draw();
  }

  function share(item) {
    if (item.state === "sending" || IDLE.includes(item.state)) {
      return item.size ? item.sent / item.size : 0;
    }
    return item.progress || 0;
  }

  function stateText(item) {
    if (item.state === "sending" && item.step) return item.step;
    if (item.state === "sending") {
      return text("sending", { done: size(item.sent), all: size(item.size) });
    }
    if (IDLE.includes(item.state)) {
      return text(`state_${item.state}`, { done: size(item.sent), all: size(item.size) });
    }
    if (["reading", "importing"].includes(item.state) && item.step) return item.step;
    return text(`state_${item.state}`);
  }

  function settledOrIdle(item) {
    return FINAL.includes(item.state) || IDLE.includes(item.state);
  }

  function busy(item) {
    return ["sending", "reading", "importing"].includes(item.state);
  }

  function draw() {
    const panel = byId("intake");
    if (!panel) return;
    const list = byId("intake-files");
    list.replaceChildren(...queue.map(row));
    list.classList.toggle("many", queue.length > 1);
    announce();
    const body = byId("intake-body");
    const drawn = body.firstElementChild ? body.firstElementChild.dataset.job || "" : "";
    const working = Boolean(current && busy(current));
    // The panel of another file is hidden until the server has drawn this one's.
    body.hidden = Boolean(drawn) && !(current && current.jobs.includes(drawn));
    panel.classList.toggle("is-busy", working);
    body.setAttribute("aria-busy", String(working));
    byId("intake-actions").inert = working || drawn !== wanted;
    byId("intake-actions").hidden = body.hidden;
    byId("intake-error").replaceChildren(...(current && current.error ? [told(current.error)] : []));
    byId("intake-empty").hidden = queue.length > 0;
    const more = queue.filter((item) => !FINAL.includes(item.state) && item !== current).length;
    const finished = !current || FINAL.includes(current.state);
    byId("intake-next").hidden = !(finished && more);
    byId("intake-skip").hidden = finished || current.state !== "ready";
    const several = queue.filter((item) =>
      ["waiting", "sending", "sent", "reading", "ready"].includes(item.state)).length > 1;
    byId("intake-all").hidden = auto || !several;
    const choosing = !queue.length || (finished && !more) || queue.every(settledOrIdle);
    byId("intake-choose").hidden = byId("intake-choose-folder").hidden = !choosing;
    const left = queue.some((item) => !FINAL.includes(item.state));
    byId("intake-pill").hidden = panel.open || !left;
  }

  function row(item) {
    const line = element("li", `intake-file ${item.state}${item === current ? " current" : ""}`);
    const head = element("div", "intake-file-head");
    head.append(element("span", "intake-file-name", item.name));
    if (item.size) head.append(element("span", "intake-file-size", size(item.size)));
    head.append(element("span", "intake-file-state", stateText(item)));
    head.append(...buttons(item));
    line.append(head);
    if (busy(item) || IDLE.includes(item.state)) {
      const bar = element("progress", "intake-progress");
      bar.max = 1;
      if (share(item) > 0) bar.value = share(item);
      bar.setAttribute("aria-label", `${item.name}: ${stateText(item)}`);
      line.append(bar);
    }
    if (item.error && item !== current) line.append(element("p", "intake-file-error", item.error.title));
    if (item.note) line.append(element("p", "intake-file-note", item.note));
    return line;
  }

  /* What a person can do with a file of the queue. */
  function buttons(item) {
    const found = [];
    if (item.state === "sending" && item.size > settings().piece_bytes) found.push("pause");
    if (item.state === "paused") found.push("resume");
    if (item.state === "interrupted") found.push("again", "discard");
    if (["failed", "cancelled"].includes(item.state) && item.file && !problem(item.file)) {
      found.push("retry");
    }
    if (busy(item) || ["waiting", "sent", "paused"].includes(item.state)) found.push("cancel");
    return found.map((action) => {
      const made = element("button", `intake-act intake-${action}`, text(action));
      made.type = "button";
      Object.assign(made.dataset, { key: item.key, action });
      made.setAttribute("aria-label", text(`${action}_file`, { name: item.name }));
      return made;
    });
  }

  function act(action, item) {
    if (action === "pause" && item.trip) halt(item, "paused");
    else if (["resume", "retry"].includes(action)) resume(item);
    else if (action === "again") chooser().click();
    else if (["cancel", "discard"].includes(action)) cancel(item);
  }

  function told(error) {
    const box = element("div", "error");
    const words = element("div", "");
    const mark = element("span", "i i-warning");
    mark.setAttribute("aria-hidden", "true");
    words.append(element("strong", "", error.title), element("span", "", error.remedy || ""));
    if (error.code) words.append(element("code", "", error.code));
    box.append(mark, words);
    return box;
  }

  /* Screen readers hear each step once, and the progress in quarters. */
  function announce() {
    const area = byId("intake-status");
    if (!current) { area.textContent = ""; return; }
    const quarter = busy(current) ? ` ${Math.floor(share(current) * 4) * 25} %` : "";
    const name = current.state === "sending" ? text("state_sending") : stateText(current);
    const said = current.error ? current.error.title : `${current.name}: ${name}${quarter}`;
    if (area.textContent !== said) area.textContent = said;
  }

  /* ---- dropping and choosing --------------------------------------------------------------- */

  let leaving = 0;
  const carriesFiles = (event) =>
    Boolean(event.dataTransfer) && Array.from(event.dataTransfer.types).includes("Files");

  function overlay(visible) {
    const drop = byId("intake-drop");
    if (!drop || drop.hidden === !visible) return;
    drop.hidden = !visible;
    if (!drop.showPopover) return;
    drop.popover = "manual"; // above the dialogue, which is a layer of its own
    if (visible) drop.showPopover();
    else drop.hidePopover();
  }

  window.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    clearTimeout(leaving);
    overlay(true);
  }, true);

  window.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    clearTimeout(leaving);
    leaving = setTimeout(() => overlay(false), 120);
  }, true);

  window.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    clearTimeout(leaving);
    overlay(false);
    transport().dropped(event.dataTransfer).then(add);
  }, true);

  function chooser(folder) {
    const id = folder ? "intake-folder-input" : "intake-input";
    let input = byId(id);
    if (input) return input;
    input = document.createElement("input");
    Object.assign(input, { type: "file", id, multiple: true, hidden: true });
    if (folder) input.webkitdirectory = true;
    else input.accept = settings().suffixes.join(",");
    input.addEventListener("change", () => {
      add(transport().chosen(input.files));
      input.value = "";
    });
    document.body.append(input);
    return input;
  }

  window.addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!wanted || event.key.toLowerCase() !== "o" || !byId("intake")) return;
    event.preventDefault();
    chooser().click();
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, a");
    if (!target) return;
    if (target.matches("#import-open, .import-open, #intake-choose")) chooser().click();
    else if (target.matches(".folder-open, #intake-choose-folder")) chooser(true).click();
    else if (target.matches(".intake-close")) close();
    else if (target.matches("#intake-pill")) open();
    else if (target.matches("#intake-next")) next();
    else if (target.matches("#intake-all")) importAll();
    else if (target.matches("#intake-skip")) cancel(current);
    else if (target.matches(".intake-leave")) close();
    else if (target.matches(".intake-act")) {
      act(target.dataset.action, queue.find((item) => String(item.key) === target.dataset.key));
    } else if (target.matches(".confirm-close")) byId("import-confirm").close();
  });

  document.addEventListener("cancel", (event) => {
    // Escape: the same as the close button, so that the queue is put away in order.
    if (event.target.id === "intake") { event.preventDefault(); close(); }
  }, true);

  /* Ask before an undo or a redo; the question is written by the server. */
  function ask(question) {
    const box = byId("import-confirm");
    if (question && !box.open) box.showModal();
    if (!question && box.open) box.close();
    return null;
  }

  /* Files opened with the installed application. */
  if (window.launchQueue) {
    window.launchQueue.setConsumer(async ({ files }) => {
      const opened = await Promise.all((files || []).map((handle) => handle.getFile()));
      add(opened.map((file) => ({ file, path: "" })));
    });
  }

  remind();

  window.dash_clientside = Object.assign({}, window.dash_clientside, { intake: { follow, ask } });
})();
