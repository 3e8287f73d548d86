/* The customer list of the churn page: send a file to the inbox, put choices into the URL. */
(function () {
  "use strict";
  const NAMES = "picholine_lists"; // names of uploaded lists by hash, known to this browser
  const ABOUT = ["label", "left_value", "identifier", "value_column"];
  const PROPOSED = "*"; // what titles and values say: nothing in the URL
  let opener = null;

  function names() {
    try { return JSON.parse(localStorage.getItem(NAMES)) || {}; } catch { return {}; }
  }

  function remember(sha, name) {
    try {
      localStorage.setItem(NAMES, JSON.stringify(Object.assign(names(), { [sha]: name })));
    } catch { /* a private window: the list stays without its name */ }
  }

  function navigate(pairs) {
    window.dash_clientside.set_props("url", { search: "?" + pairs.toString() });
  }

  /* What a person chooses goes into the URL; what the server shows never does. */
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (!(control instanceof HTMLSelectElement) || !control.closest(".labelled-field")) return;
    const name = JSON.parse(control.id).name;
    const pairs = new URLSearchParams(location.search);
    if (name === "label") pairs.delete("left_value"); // values of another column
    if (control.value === PROPOSED) pairs.delete(name);
    else pairs.set(name, control.value);
    navigate(pairs);
  });

  function say(text) {
    const area = opener && opener.parentElement.querySelector(".labelled-progress");
    if (area) area.textContent = text;
  }

  function send(file) {
    const words = opener.dataset;
    const request = new XMLHttpRequest();
    const share = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent" });
    request.open("POST", `/uploads?preview=no&name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("X-CSRF-Token", window.picholine.csrfToken());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => say(
      `${words.sending} ${file.size ? share.format(event.loaded / file.size) : ""}`);
    request.onerror = () => say(words.failed);
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText) || {}; } catch { /* no JSON: told below */ }
      if (request.status !== 200 || !answer.sha256) {
        say(answer.title ? `${answer.title} ${answer.remedy || ""}` : words.failed);
        return;
      }
      remember(answer.sha256, answer.name);
      const pairs = new URLSearchParams(location.search);
      ABOUT.forEach((name) => pairs.delete(name));
      pairs.set("kind", "contracts");
      pairs.set("file", answer.sha256);
      say("");
      navigate(pairs);
    };
    say(words.sending);
    request.send(file);
  }

  document.addEventListener("click", (event) => {
    const found = event.target instanceof Element && event.target.closest(".labelled-choose");
    if (!found) return;
    opener = found;
    const input = document.createElement("input");
    input.type = "file";
    input.accept = found.dataset.accept;
    input.addEventListener("change", () => { if (input.files.length) send(input.files[0]); });
    input.click();
  });

  /* A list is called by its file's name where this browser has sent it. */
  new MutationObserver(() => {
    document.querySelectorAll(".labelled-name[data-sha]").forEach((label) => {
      const known = names()[label.dataset.sha];
      if (known && label.textContent !== known) label.textContent = known;
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
