// Starts a bundle, and says so when it cannot. Trunk puts this behind the constants JS and WASM.
import(JS)
  .then(({ default: start }) => start({ module_or_path: WASM }))
  .then(() => document.getElementById("shell")?.remove())
  .catch((why) => {
    document.documentElement.dataset.app = "broken";
    // Not to the console: a page that is left before it was there ends here, too.
    document.documentElement.dataset.why = String(why);
  });
