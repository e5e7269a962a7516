// Starts a bundle, and marks the page as broken if it fails. Trunk defines the constants JS and WASM.
const page = document.documentElement;
// Resolved before the address of the page changes.
const [js, wasm] = [JS, WASM].map((it) => new URL(it, document.baseURI).href);
// The folder of this page's files, for the addresses that the bundle makes.
page.dataset.root = new URL(".", js).pathname;
// The introduction in the page is shown before the app is downloaded, compiled and run. A hidden page draws nothing.
const shown = new Promise((done) => {
  if (document.getElementById("shell") === null || document.hidden) done();
  requestAnimationFrame(() => setTimeout(done));
  setTimeout(done, 2000);
});
shown
  .then(() => Promise.all([import(js), fetch(wasm)]))
  .then(([{ default: start }, module]) => start({ module_or_path: module }))
  .catch((why) => {
    page.dataset.app = "broken";
    // Not logged: leaving the page before it has loaded also ends here.
    page.dataset.why = String(why);
  });
