// Whether the user is idle. The app must not replace the page during a click, a key press, a
// composition or a submission: a click whose press and release meet different elements is lost.

/** Some devices fire the click a moment after its release. */
const CLICK_DELAY_MS = 50;
/** A release can be lost: to a list that the browser opens, or to another window. */
const LOST_RELEASE_MS = 10_000;
/** A form that is being submitted is left alone for so long. */
const SUBMISSION_MS = 20_000;
/** How long the skeleton waits for the API response before the app replaces it. */
const LONGEST_ANSWER_MS = 1000;
const POLL_MS = 20;

/**
 * Inputs that are held down: pointer, key, composition.
 * @type {Set<string>}
 */
const activeInputs = new Set();
let lastInputAt = 0;
let idleAfter = 0;
let submittedAt = -Infinity;

/** @param {string} type */
const kindOfInput = (type) => type.slice(0, 3);

listen("pointerdown keydown compositionstart", (event) => {
  if (!event.isTrusted) return;
  activeInputs.add(kindOfInput(event.type));
  lastInputAt = performance.now();
});
listen("pointerup pointercancel keyup compositionend", (event) => {
  activeInputs.delete(kindOfInput(event.type));
  idleAfter = performance.now() + CLICK_DELAY_MS;
});
listen("blur", (event) => {
  if (event.target === window) activeInputs.clear();
});
listen("submit", () => {
  if (shell.isConnected) submittedAt = performance.now();
});
listen("pageshow", (event) => {
  // Restored from the back/forward cache: no submission is in progress any more.
  if (/** @type {PageTransitionEvent} */ (event).persisted) submittedAt = -Infinity;
});

/** @param {number} now */
const isBusy = (now) =>
  (activeInputs.size > 0 && now < lastInputAt + LOST_RELEASE_MS) ||
  now < idleAfter ||
  now < submittedAt + SUBMISSION_MS;

const untilIdle = async () => {
  if (loading) await Promise.race([loading, sleep(LONGEST_ANSWER_MS)]);
  while (isBusy(performance.now())) await sleep(POLL_MS);
};
