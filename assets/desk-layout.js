/* The layout of the desk: colours, density, navigation and filters folded or not, the navigation's
   width. Remembered in this browser; every change is a step of undo. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { word } = desk;
  const COOKIE = "picholine_desk";
  const YEAR = 31536000;
  const DEFAULTS = { density: "comfortable", nav: "open", filters: "open", width: "" };
  const [LEAST, MOST, STEP] = [150, 380, 16];

  function read() {
    const found = document.cookie.split("; ").find((part) => part.startsWith(COOKIE + "="));
    const pairs = new URLSearchParams(found ? decodeURIComponent(found.slice(COOKIE.length + 1)) : "");
    return { ...DEFAULTS, ...Object.fromEntries(pairs) };
  }

  const valueOf = (name) => (name === "theme" ? window.picholine.theme() : read()[name]);

  function applyLayout(name, value) {
    if (name === "theme") window.picholine.setTheme(value);
    else place(name, value);
    document.dispatchEvent(new Event("desk-layout")); // kept on the server a moment later
  }

  function place(name, value) {
    const pairs = Object.entries({ ...read(), [name]: value }).filter(([n, v]) => v !== DEFAULTS[n]);
    const text = encodeURIComponent(new URLSearchParams(pairs).toString());
    document.cookie = `${COOKIE}=${text}; Max-Age=${YEAR}; Path=/; SameSite=Lax`;
    window.picholineLayout();
    window.dispatchEvent(new Event("resize")); // charts and grids measure themselves anew
  }

  function change(name, value) {
    const before = valueOf(name);
    if (before === value) return;
    applyLayout(name, value);
    desk.pushLayout(name, before, value, word("step-" + name));
  }

  desk.functions.theme = (name) => change("theme", name);
  desk.functions.density = (name) => change("density", name);
  desk.functions.fold = (name) => change(name, valueOf(name) === "open" ? "closed" : "open");
  desk.states["view.theme"] = { checked: (action) => valueOf("theme") === action.told };
  desk.states["view.density"] = { checked: (action) => valueOf("density") === action.told };
  desk.states["view.nav"] = { checked: () => valueOf("nav") === "open" };
  desk.states["view.filterpane"] = { checked: () => valueOf("filters") === "open" };
  Object.assign(desk, { applyLayout, changeLayout: change });

  /* The edge of the navigation: by the mouse and by the arrows. */
  const edge = (target) => target instanceof Element && target.closest("#nav-edge");
  const width = () => document.querySelector(".navigation").getBoundingClientRect().width;
  const clamped = (wanted) => String(Math.round(Math.max(LEAST, Math.min(MOST, wanted))));

  function say() {
    const found = document.getElementById("nav-edge");
    if (found) found.setAttribute("aria-valuenow", String(Math.round(width())));
  }

  document.addEventListener("pointerdown", (event) => {
    const grip = edge(event.target);
    if (!grip || event.button) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const before = valueOf("width");
    const show = (wanted) => document.documentElement.style.setProperty("--p-nav", wanted + "px");
    const follow = (move) => show(clamped(move.clientX));
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("lostpointercapture", () => {
      grip.removeEventListener("pointermove", follow);
      const now = clamped(width());
      if (now !== before) change("width", now);
      say();
    }, { once: true });
  });
  document.addEventListener("dblclick", (event) => { if (edge(event.target)) change("width", ""); });
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!step || !edge(event.target)) return;
    event.preventDefault();
    change("width", clamped(width() + step));
    say();
  });
})();
