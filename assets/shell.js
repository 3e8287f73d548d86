/* The shell's own behaviour: routing, theme, language, drawer, export links, security token. */
(function () {
  "use strict";
  const YEAR = 31536000;
  const noUpdate = () => window.dash_clientside.no_update;

  function cookie(name) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function remember(name, value) {
    document.cookie = `${name}=${value}; Max-Age=${YEAR}; Path=/; SameSite=Lax`;
  }

  /* Security token: added to every change that a script of ours sends to this server. */
  const plainFetch = window.fetch.bind(window);
  window.fetch = function (target, options) {
    const method = ((options && options.method) || (target && target.method) || "GET").toUpperCase();
    const address = new URL(target && target.url ? target.url : target, location.href);
    if (method === "GET" || method === "HEAD" || address.origin !== location.origin) {
      return plainFetch(target, options);
    }
    const headers = new Headers((options && options.headers) || (target && target.headers) || {});
    headers.set("X-CSRF-Token", cookie("picholine_csrf"));
    return plainFetch(target, Object.assign({}, options, { headers }));
  };

  /* Plotly: the smaller bundle, from here; Dash would fetch the full one. */
  const plotly = document.querySelector('meta[name="picholine-plotly"]');
  if (plotly) {
    Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => plotly.content, set: () => {} });
  }

  /* Theme: auto → light → dark → contrast; charts follow through the store this fills. */
  const THEMES = ["auto", "light", "dark", "contrast"];
  const isTheme = (name) => THEMES.includes(name);
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosenTheme = () => cookie("picholine_theme") || "auto";

  const showTheme = () => window.picholineTheme(); // as before the first paint: boot/theme.js

  function drawTheme() {
    window.dash_clientside.set_props("theme", { data: showTheme() });
  }

  function setTheme(name) {
    remember("picholine_theme", isTheme(name) ? name : "auto");
    drawTheme();
  }

  system.addEventListener("change", () => {
    if (chosenTheme() === "auto") drawTheme();
  });

  /* Router: which page the address names; only the open page's query changes. */
  const scrolled = {};
  let shown = null;

  function keepScroll(key) {
    const main = document.getElementById("main");
    if (!main || key === shown) return;
    scrolled[shown] = main.scrollTop;
    shown = key;
    requestAnimationFrame(() => {
      main.scrollTop = scrolled[key] || 0;
      const link = document.querySelector(".nav-link.active");
      if (link) link.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  /* What only one page's analysis understands stays with its page: the same name may mean
     something else on the next one. */
  const own = {};

  function addressOf(page, open, query) {
    const pairs = new URLSearchParams(query);
    if (open && open !== page) {
      open.own.forEach((name) => pairs.delete(name));
      [...pairs.keys()].filter((name) => name.startsWith("cross.")).forEach((name) => pairs.delete(name));
      page.own.forEach((name) => pairs.delete(name));
      (own[page.key] || []).forEach(([name, value]) => pairs.append(name, value));
    }
    const text = pairs.toString();
    return "/" + page.key + (text ? "?" + text : "");
  }

  /* A page is filled on its first visit only: filling it again would take its values away. */
  function isEmpty(page) {
    const slot = document.getElementById(page.key + "-slot");
    return !slot || !slot.childElementCount;
  }

  function route(pathname, search, pages) {
    const wanted = pathname === "/" ? pages[0].key : pathname.replace(/^\/|\/$/g, "");
    const open = pages.find((page) => page.key === wanted);
    document.title = (open ? open.title + " – " : "") + "Picholine";
    keepScroll(open ? open.key : null);
    const query = search || "";
    if (open) {
      own[open.key] = [...new URLSearchParams(query)].filter(([name]) => open.own.includes(name));
    }
    document.dispatchEvent(new CustomEvent("desk-routed"));
    const each = (make) => pages.map((page) => make(page, page === open));
    return [
      "desk" + (open && open.filters ? " has-filters" : ""),
      open ? open.title : "",
      Boolean(open),
      ...each((page, here) => (here ? query : noUpdate())),
      ...each((page, here) => (here && isEmpty(page) ? true : noUpdate())),
      ...each((page, here) => !here),
      ...each((page) => addressOf(page, open, query)),
      ...each((page, here) => (here ? "nav-link active" : "nav-link")),
    ];
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine: {
      route,
      theme: function (clicks) {
        if (clicks) {
          const next = THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length];
          window.picholine.desk.changeLayout("theme", next);
        }
        return showTheme();
      },
    },
  });

  /* Drawer with the filters, on narrow windows. */
  function closeDrawer() {
    if (document.body.classList.contains("drawer-shown")) {
      document.body.classList.remove("drawer-shown");
      const opener = document.getElementById("filters-open");
      if (opener) opener.focus();
    }
  }

  function openDrawer() {
    document.body.classList.add("drawer-shown");
    const close = document.querySelector(".drawer-close");
    if (close) close.focus();
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu-holder[open]").forEach((menu) => {
      if (menu !== except) menu.removeAttribute("open");
    });
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    closeMenus(target.closest("details.menu-holder"));
    const language = target.closest("[data-language]");
    if (language) {
      remember("picholine_language", language.dataset.language);
      location.reload();
    }
    if (target.closest(".drawer-open")) openDrawer();
    else if (target.closest(".drawer-close")) closeDrawer();
    else if (
      document.body.classList.contains("drawer-shown") &&
      !target.closest("#filter-bar, [data-radix-popper-content-wrapper], .dash-dropdown-content")
    ) closeDrawer();
    if (target.closest(".export-link")) closeMenus(null);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu-holder[open]");
    if (menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    } else if (!document.querySelector(".dash-dropdown-content")) closeDrawer();
  });

  /* Export links carry the filters that are open when they are used, and what a page's script
     knows beside: the order of a grid. */
  const exportPairs = {};

  function completeLink(event) {
    const link = event.target instanceof Element && event.target.closest("a.export-link");
    if (!link) return;
    const more = exportPairs[link.dataset.pairs] || [];
    link.search = new URLSearchParams([...new URLSearchParams(location.search), ...more]);
  }
  ["pointerdown", "focusin", "click"].forEach((name) =>
    document.addEventListener(name, completeLink, true));

  window.picholine = Object.assign({}, window.picholine, {
    exportPairs,
    theme: chosenTheme,
    setTheme,
    csrfToken: () => cookie("picholine_csrf"),
    /* A short message at the corner; kind: "info", "success" or "danger". */
    toast: function (text, kind) {
      const holder = document.getElementById("toasts");
      if (!holder) return;
      const toast = document.createElement("div");
      toast.className = "toast-note " + (kind || "info");
      toast.textContent = text;
      holder.append(toast);
      setTimeout(() => toast.remove(), 6000);
    },
  });
})();
