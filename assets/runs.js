/* Background analyses: settings and URL; the bar of settings folds on narrow windows. */
(function () {
  "use strict";
  const { navigate, propsOf, isEdited, own } = window.picholine.controls;
  const PAGE = /^(.+)-option-.+-value$/;

  function settingOf(control) {
    const [, page] = PAGE.exec(control.id) || [];
    return page && (propsOf(`${page}-options-spec`).data || []).find((one) => one.id === control.id);
  }

  /* As it stands in the URL. */
  function spelt(value, setting) {
    const text = value.trim();
    return setting.decimal ? text.replace(",", ".").replace(/\s*%$/, "") : text;
  }

  /* As it stands in the control: as typed, with the reader's decimal sign. */
  function shown(setting, pairs) {
    const typed = pairs.getAll(setting.name).map((text) => text.trim()).filter(Boolean);
    const value = typed.length ? typed[typed.length - 1] : setting.default;
    return setting.decimal ? value.replaceAll(".", setting.decimal) : value;
  }

  function show(setting, search) {
    const value = shown(setting, new URLSearchParams(search));
    if (propsOf(setting.id).value === value) return;
    window.dash_clientside.set_props(setting.id, { value });
  }

  const restore = (control) => show(settingOf(control), location.search);

  /* One control changed: its pair changes, all others stay as they are. */
  function send(control) {
    const setting = settingOf(control);
    const pairs = new URLSearchParams(location.search);
    const wanted = spelt(control.value, setting);
    if (wanted !== spelt(shown(setting, pairs), setting)) {
      if (wanted === "" || wanted === setting.default) pairs.delete(setting.name);
      else pairs.set(setting.name, wanted);
      navigate(pairs);
    }
    if (wanted === "") restore(control); // an emptied control shows what holds without it
  }

  own({ owns: (control) => Boolean(settingOf(control)), send, restore });

  /* The URL changed: the controls follow, but for the one somebody is typing in. */
  function fill(query, spec) {
    if (query === null || query === undefined) return window.dash_clientside.no_update;
    spec.filter((setting) => !isEdited(setting.id)).forEach((setting) => show(setting, query));
    return query;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_options: { fill },
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
