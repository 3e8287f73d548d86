/* The first steps: put away, asked for again, and what counts as the first export. */
(function () {
  "use strict";
  const YEAR = 31536000;
  const remember = (name, seconds) => {
    document.cookie = `${name}=1; Max-Age=${seconds}; Path=/; SameSite=Lax`;
  };
  const ask = (show) =>
    window.dash_clientside.set_props("welcome-asked", { data: { show, n: Date.now() } });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("#welcome-close")) {
      remember("picholine_welcomed", YEAR);
      ask(false);
      document.getElementById("main").focus({ preventScroll: true });
    }
    const runs = target.closest("[data-run]");
    if (runs) window.picholine.desk.run(runs.dataset.run, event);
    if (target.closest("a[href*='/export/']")) remember("picholine_exported", YEAR);
  }, true);

  window.picholine.desk.functions.welcome = function () {
    remember("picholine_welcomed", 0);
    if (location.pathname !== "/overview") window.picholine.desk.go("/overview");
    const wait = setInterval(() => {
      if (!document.getElementById("welcome-steps")) return;
      clearInterval(wait);
      ask(true);
    }, 60);
  };
})();
