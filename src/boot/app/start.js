// Downloads and starts the app.

/** After so long the page reports that the app cannot start. A later app still replaces it. */
const LONGEST_START_MS = 20_000;

/** A server-rendered page needs no app: it stays as it is. */
const cannotStart = () => {
  if (root.dataset.app === "starting") root.dataset.app = isRendered ? "no-wasm" : "broken";
};

const start = () => {
  setTimeout(cannotStart, LONGEST_START_MS);
  Promise.all([import(JS), loadTexts()])
    .then(([module]) => module.default({ module_or_path: WASM }))
    .catch(cannotStart);
};

/** With `Save-Data`, a server-rendered page downloads the app once the user interacts with it. */
const startOnInteraction = () => {
  cannotStart();
  const interactions = new AbortController();
  const { signal } = interactions;
  for (const type of ["pointerdown", "keydown", "focusin"]) {
    addEventListener(
      type,
      (event) => {
        if (!event.isTrusted || signal.aborted) return;
        interactions.abort();
        start();
      },
      { capture: true, signal },
    );
  }
};

if (isRendered && navigator.connection?.saveData) startOnInteraction();
// The first frame comes first. A page in the background has no frames: it need not wait.
else if (isRendered && !document.hidden) requestAnimationFrame(() => setTimeout(start));
else start();

// After a trap in WebAssembly the app cannot continue: the error page replaces it, or the
// server-rendered page stays.
listen("error unhandledrejection", (event) => {
  const { error, reason } = /** @type {ErrorEvent & PromiseRejectionEvent} */ (event);
  if (!((error || reason) instanceof WebAssembly.RuntimeError)) return;
  if (isRendered && shell.isConnected) {
    app.replaceChildren();
    root.dataset.app = "no-wasm";
  } else {
    root.dataset.app = "broken";
    byId("cannot-start").hidden = false;
  }
});
