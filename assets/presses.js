/* Buttons that tell a store what was pressed: <button data-press="store" data-told="{…}">.
 *
 * A button that is only being drawn tells nothing, and an answer that is under way is not thrown
 * away because a list came meanwhile: only presses ask the server.
 */
"use strict";
(function () {
  const TYPED_MS = 450; // until what was typed last has reached its field's value
  let count = 0;
  let typed = 0;

  document.addEventListener("input", function () {
    typed = Date.now();
  });

  window.picholine_press = function (store, press) {
    count += 1;
    document.dispatchEvent(new CustomEvent("picholine-press", { detail: { store, press } }));
    window.dash_clientside.set_props(store, { data: { ...press, n: count } });
  };

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-press]");
    if (!button || button.disabled) return;
    const { press: store, told } = button.dataset;
    const wait = Math.max(0, typed + TYPED_MS - Date.now());
    setTimeout(() => window.picholine_press(store, JSON.parse(told)), wait);
  });
})();
