// Starts the app. Trunk puts this into index.html, behind the constants JS and WASM; the page's
// policy allows it by its hash. It does what must not wait for the WebAssembly, and nothing else.
const root = document.documentElement;
root.dataset.app = "starting";

const spoken = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase());
root.lang = spoken.find((language) => ["ko", "en", "ja"].includes(language)) || "ko";

// The request is asked for now, beside the download of the app, which takes the answer from here.
const challenge = /^\/consent\/([A-Za-z0-9_.~-]{1,512})$/.exec(location.pathname);
if (challenge) {
  const api = "/api/v1/consents/" + challenge[1];
  window.consentAnswer = fetch(api, {
    headers: { Accept: "application/json, application/problem+json" },
  });
  // The app looks at failures; until it does, they are not unhandled.
  window.consentAnswer.catch(() => {});
  for (const form of document.querySelectorAll("form[data-cancel]")) {
    form.action = api + "/decision";
  }
}

// The app says when it is there. Should it come later than this, it still takes its place.
const cannotStart = () => {
  if (root.dataset.app === "starting") root.dataset.app = "broken";
};
setTimeout(cannotStart, 20000);
import(JS).then((app) => app.default({ module_or_path: WASM })).catch(cannotStart);

// A trap in WebAssembly leaves the app in no state to go on: the panel takes its place.
addEventListener("error", (event) => {
  if (event.error instanceof WebAssembly.RuntimeError) {
    root.dataset.app = "broken";
    document.getElementById("cannot-start").hidden = false;
  }
});
