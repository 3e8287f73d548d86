/* The explorer's builder: what is chosen in a list goes into the URL at once. */
(function () {
  "use strict";
  const { navigate, own } = window.picholine.controls;
  const PREFIX = "explorer-set-";
  const NOTHING = "-";
  const DEFAULTS = { top: "all", others: "yes", changes: "auto", subtotals: "yes" };
  const adds = (control) => {
    const holder = control.closest("[data-adds]");
    return holder && JSON.parse(holder.dataset.adds);
  };

  /* A list that adds holds what is chosen already: the URL may leave it to the defaults. */
  function added(control) {
    const [name, keys] = adds(control);
    return [name, [...keys, control.value].join(",")];
  }

  function send(control) {
    const pairs = new URLSearchParams(location.search);
    if (adds(control)) {
      if (control.value === NOTHING) return;
      const [name, value] = added(control);
      pairs.set(name, value);
      window.dash_clientside.set_props(control.id, { value: NOTHING });
    } else {
      const name = control.id.slice(PREFIX.length);
      if (control.value === (DEFAULTS[name] || NOTHING)) pairs.delete(name);
      else pairs.set(name, control.value);
    }
    navigate(pairs);
  }

  own({ owns: (control) => control.id.startsWith(PREFIX), send, restore: () => {} });
})();
