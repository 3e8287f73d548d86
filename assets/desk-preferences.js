/* Colours and layout go to the server a moment after the last change, so that another browser of
   the same person opens alike. What could not be sent is sent by the next page. */
(function () {
  "use strict";
  const PAUSE_MS = 1500;
  const AGAIN_MS = 6000;
  const YEAR = 31536000;
  let timer = 0;

  function cookie(name) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }
  const remember = (name, value, seconds) => {
    document.cookie = `${name}=${value}; Max-Age=${seconds}; Path=/; SameSite=Lax`;
  };

  async function send() {
    clearTimeout(timer);
    timer = 0;
    try {
      const answer = await fetch("/desk/preferences", {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ theme: cookie("picholine_theme"), desk: cookie("picholine_desk") }),
      });
      if (!answer.ok || timer) return; // changed again meanwhile: that is sent next
      remember("picholine_kept", (await answer.json()).stamp, YEAR);
      remember("picholine_unsent", "", 0);
    } catch { /* the cookie says that it is to be sent */ }
  }

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  }

  document.addEventListener("desk-layout", () => {
    remember("picholine_unsent", "1", YEAR);
    later(PAUSE_MS);
  });
  window.addEventListener("pagehide", () => { if (timer) send(); });
  window.addEventListener("load", () => { if (cookie("picholine_unsent")) later(AGAIN_MS); });
})();
