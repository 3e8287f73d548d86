/* Background analyses: settings go into the URL; the bar of settings folds on narrow windows. */
(function () {
  "use strict";
  const noUpdate = () => window.dash_clientside.no_update;

  function spelt(value, setting) {
    const text = String(value).trim();
    return setting.number ? text.replace(",", ".").replace(/\s*%$/, "") : text;
  }

  /* A control that was emptied shows what holds without it. */
  function restore(id, setting) {
    const french = document.documentElement.lang === "fr" && setting.number;
    const value = french ? setting.default.replace(".", ",") : setting.default;
    window.dash_clientside.set_props(id, { value });
  }

  /* One control changed: its pair changes, all others stay as they are. */
  function write(...parts) {
    const spec = parts.pop();
    const search = parts.pop() || "";
    const changed = window.dash_clientside.callback_context.triggered;
    const pairs = new URLSearchParams(search);
    let differs = false;
    changed.forEach((trigger) => {
      const name = trigger.prop_id.replace(/^.*-option-/, "").replace(/-value\.value$/, "");
      const setting = spec.find((one) => one.name === name);
      if (!setting || trigger.value === null || trigger.value === undefined) return;
      const wanted = spelt(trigger.value, setting);
      const shown = spelt(pairs.get(name) || setting.default, setting);
      if (wanted === "" && !pairs.has(name)) {
        if (setting.default) restore(trigger.prop_id.replace(/\.value$/, ""), setting);
        return;
      }
      if (wanted === shown) return;
      if (wanted === "" || wanted === setting.default) pairs.delete(name);
      else pairs.set(name, wanted);
      differs = true;
    });
    if (differs) {
      const text = pairs.toString();
      window.dash_clientside.set_props("url", { search: text ? "?" + text : "" });
    }
    return noUpdate();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_options: { write },
  });

  /* The bar changes when one of its buttons was pressed: the keyboard stays in it. */
  function stayIn(section, tries) {
    const gone = document.activeElement === document.body;
    const next = section.querySelector(".run-main button");
    if (gone && next) next.focus();
    else if (tries > 0) setTimeout(() => stayIn(section, tries - 1), 100);
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest(".run-main button");
    if (pressed) stayIn(pressed.closest(".run"), 30);
    const toggle = event.target instanceof Element && event.target.closest(".options-toggle");
    if (!toggle) return;
    const shown = toggle.parentElement.classList.toggle("options-shown");
    toggle.setAttribute("aria-expanded", shown ? "true" : "false");
  });
})();
