/* Before anything is painted: the chosen theme, or the system's, so that no page flashes white. */
(function () {
  "use strict";
  var found = /(?:^|; )picholine_theme=(light|dark|auto)/.exec(document.cookie);
  var wanted = found ? found[1] : "auto";
  var dark = wanted === "dark" ||
    (wanted === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
