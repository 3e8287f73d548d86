/* The status bar: active filters with a way out, jobs with their progress, and what finished. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { element, word } = desk;
  const CALM_MS = 20_000;
  const BUSY_MS = 1_500;
  const GOING = ["queued", "running"];
  let known = null; // id → status, as it was last heard
  let shown = null; // { layer, list } of the open pane
  let timer = 0;

  /* Filters: the chips of the bar as a menu, each taken away by choosing it. */
  function filterMenu(button) {
    const chips = [...document.querySelectorAll("#filter-chips a.chip")];
    const items = chips.map((chip) => ({
      text: [...chip.childNodes].map((n) => n.textContent).filter(Boolean).join(" "), icon: "close", section: 0, act: () => chip.click(),
    }));
    const reset = document.getElementById("filter-reset");
    if (reset) items.push({ text: reset.textContent, section: 1, act: () => reset.click() });
    if (items.length) desk.popup(items, button, { label: word("filterMenu"), own: button });
  }

  /* Jobs --------------------------------------------------------------------------------------- */
  async function listen() {
    clearTimeout(timer);
    let busy = false;
    if (!document.hidden) {
      try {
        const answer = await fetch("/desk/jobs", { cache: "no-store" });
        if (answer.ok) busy = heard((await answer.json()).jobs);
      } catch {
        if (shown) shown.list.replaceChildren(element("p", "jobs-none", word("jobsFailed")));
      }
    }
    timer = setTimeout(listen, busy ? BUSY_MS : CALM_MS);
  }

  function heard(jobs) {
    const going = jobs.filter((job) => GOING.includes(job.status));
    jobs.filter((job) => known && GOING.includes(known[job.id]) && !GOING.includes(job.status))
      .forEach(ended);
    known = Object.fromEntries(jobs.map((job) => [job.id, job.status]));
    const button = document.getElementById("status-jobs");
    if (button) {
      button.hidden = !going.length;
      button.textContent = word("jobsRunning", { n: going.length })
        + (going.length === 1 && going[0].progress ? ` · ${percent(going[0])}` : "");
    }
    if (shown) draw(jobs);
    return going.length > 0;
  }

  /* The intake tells itself of what it reads; the rest is told here. */
  function ended(job) {
    const title = [job.title, job.detail].filter(Boolean).join(" – ");
    if (job.title === "" || document.querySelector("dialog[open]")) return;
    if (job.status === "done") window.picholine.toast(word("jobDone", { title }), "success");
    if (job.status === "failed") window.picholine.toast(word("jobLost", { title }), "danger");
  }

  const percent = (job) => new Intl.NumberFormat(document.documentElement.lang,
    { style: "percent" }).format(job.progress);

  function row(job) {
    const going = GOING.includes(job.status);
    const name = element("strong", "", job.title + (job.detail ? ` – ${job.detail}` : ""));
    const state = job.cancel && going ? word("jobCancelling")
      : job.status === "running" ? `${percent(job)} ${job.step}` : job.state;
    const parts = [name, element("span", "job-state", state)];
    if (job.status === "running") {
      parts.push(element("progress", "", null, { value: job.progress, max: 1, "aria-label": job.title }));
    }
    if (job.why) parts.push(element("p", "job-why", job.why));
    if (going && !job.cancel) {
      const stop = element("button", "btn btn-sm btn-outline-primary", word("jobCancel"),
        { type: "button", "data-job": job.id });
      stop.addEventListener("click", async () => {
        stop.disabled = true;
        await fetch(`/jobs/${job.id}/cancel`, { method: "POST" });
        listen();
      });
      parts.push(stop);
    }
    if (job.retry) {
      const again = element("button", "btn btn-sm btn-outline-primary", word("jobRetry"),
        { type: "button", "data-job": job.id, "aria-label": `${word("jobRetry")}: ${job.title} ${job.detail}` });
      again.addEventListener("click", async () => {
        again.disabled = true;
        await fetch(`/jobs/${job.id}/retry`, { method: "POST" });
        listen();
      });
      parts.push(again);
    }
    return element("li", `job job-${job.status}`, parts);
  }

  function draw(jobs) {
    const held = document.activeElement && document.activeElement.dataset.job;
    shown.list.replaceChildren(...(jobs.length ? jobs.map(row)
      : [element("li", "jobs-none", word("jobsNone"))]));
    const again = held && shown.list.querySelector(`[data-job="${held}"]`);
    if (again) again.focus();
  }

  desk.functions.jobs = function () {
    if (shown) { desk.closeLayer(shown.layer); return; }
    const close = element("button", "icon-button", desk.iconOf("close"),
      { type: "button", "aria-label": word("close") });
    const list = element("ul", "jobs-list");
    const box = element("section", "desk-box jobs-pane", [
      element("header", "keys-head", [element("h2", "", word("jobs")), close]), list],
    { role: "dialog", "aria-label": word("jobs"), tabindex: "-1" });
    const layer = desk.openLayer(box, () => {
      box.remove();
      shown = null;
    });
    layer.light = true;
    shown = { layer, list };
    close.addEventListener("click", () => desk.closeLayer(layer));
    document.body.append(box);
    box.focus();
    listen();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const filters = target.closest("#status-filters");
    if (filters) filterMenu(filters);
    else if (target.closest("#status-jobs")) desk.functions.jobs();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) listen(); });
  // What a press or an upload starts shows soon, not at the next calm look.
  ["picholine-press", "picholine-imported"].forEach((name) =>
    document.addEventListener(name, () => setTimeout(listen, 600)));
  window.addEventListener("load", () => setTimeout(listen, 4000));
})();
