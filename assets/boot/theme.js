/* Before the first paint: colours and layout as they were chosen. */
(function () {
  "use strict";
  var root = document.documentElement;
  function cookie(name) {
    var found = document.cookie.split("; ").find(function (part) { return part.startsWith(name + "="); });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }
  window.picholineTheme = function () {
    var chosen = cookie("picholine_theme") || "auto";
    var dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    var contrast = chosen === "contrast"
      || (chosen === "auto" && window.matchMedia("(prefers-contrast: more)").matches);
    var shown = chosen === "auto" ? (dark ? "dark" : "light") : chosen === "contrast" ? "light" : chosen;
    root.setAttribute("data-bs-theme", shown);
    root.setAttribute("data-theme-choice", chosen);
    root.toggleAttribute("data-contrast", contrast);
    return contrast && shown === "light" ? "contrast" : shown;
  };
  window.picholineLayout = function () {
    var pairs = new URLSearchParams(cookie("picholine_desk"));
    ["density", "nav", "filters"].forEach(function (name) {
      if (pairs.get(name)) root.setAttribute("data-" + name, pairs.get(name));
      else root.removeAttribute("data-" + name);
    });
    if (/^\d{2,3}$/.test(pairs.get("width") || "")) {
      root.style.setProperty("--p-nav", pairs.get("width") + "px");
    } else root.style.removeProperty("--p-nav");
  };
  window.picholineTheme();
  window.picholineLayout();
})();
