/* A long press opens the menu that a right click opens, where the browser does not do so itself. */
(function () {
  "use strict";
  const LONG_MS = 650; // browsers that do it themselves are done by then
  const STILL = 10; // pixels a finger may tremble
  const OWN = ".panel, .nav-link, .desk-tab";
  let press = null; // { timer, x, y }
  let opened = false;

  function end() {
    if (press) clearTimeout(press.timer);
    press = null;
  }

  document.addEventListener("touchstart", (event) => {
    end();
    opened = false;
    const target = event.target;
    if (event.touches.length !== 1 || !(target instanceof Element) || !target.closest(OWN)) return;
    const { clientX: x, clientY: y } = event.touches[0];
    const open = () => {
      press = null;
      opened = true;
      target.dispatchEvent(new MouseEvent("contextmenu",
        { bubbles: true, cancelable: true, clientX: x, clientY: y, button: 2 }));
    };
    press = { x, y, timer: setTimeout(open, LONG_MS) };
  }, { passive: true });

  document.addEventListener("touchmove", (event) => {
    const touch = event.touches[0];
    if (press && Math.hypot(touch.clientX - press.x, touch.clientY - press.y) > STILL) end();
  }, { passive: true });

  // The finger that opened the menu must not choose what lies under it.
  document.addEventListener("touchend", (event) => {
    end();
    if (opened && event.cancelable) event.preventDefault();
    opened = false;
  });
  ["touchcancel", "contextmenu"].forEach((name) => document.addEventListener(name, end, true));
})();
