// Starts a bundle, and marks the page as broken if it fails. Trunk defines the constants JS and WASM.
import(JS)
  .then(({ default: start }) => start({ module_or_path: WASM }))
  .catch((why) => {
    document.documentElement.dataset.app = "broken";
    // Not logged: leaving the page before it has loaded also ends here.
    document.documentElement.dataset.why = String(why);
  });
