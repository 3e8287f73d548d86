/* What changed since the last look is asked for when the page is there: never before its figures. */
(function () {
  "use strict";
  const CALM_MS = 3000;
  window.addEventListener("load", () => setTimeout(() => {
    if (document.getElementById("status-changes")) window.picholine_press("changes-asked", {});
  }, CALM_MS));
})();
