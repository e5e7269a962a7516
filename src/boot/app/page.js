// The page before the app is mounted.
const root = document.documentElement;
root.dataset.app = "starting";

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The mount point of the app. */
const app = byId("app");
/** The static shell, or the server-rendered page. */
const shell = byId("shell");

/** The API response that a server has rendered. Not there in the static shell. */
const renderedAnswer = document.getElementById("request");
const isRendered = renderedAnswer !== null;

/**
 * @param {string} types
 * @param {(event: Event) => void} call
 */
const listen = (types, call) => {
  for (const type of types.split(" ")) addEventListener(type, call, true);
};

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
