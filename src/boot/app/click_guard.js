// Clickjacking protection: a click agrees only if the user can have seen the page.
//
// A click does not count when a script makes it, nor right after the page became visible: it may be
// the second click of a double click whose first closed a window over this one (SEC-50). Keyboards
// and assistive technology make clicks without a click count; they are never delayed.

/** Longer than the pause within a double click. */
const MS_UNTIL_CLICKS_COUNT = 700;

let visibleSince = 0;
listen("visibilitychange focus pageshow", (event) => {
  // Of the window or the document, not of an element.
  if (!(event.target instanceof Element)) visibleSince = performance.now();
});

listen("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target?.closest(".actions .button--primary")) return;
  const { isTrusted, detail } = /** @type {MouseEvent} */ (event);
  const isSeen = performance.now() > visibleSince + MS_UNTIL_CLICKS_COUNT;
  if (isTrusted && (!detail || isSeen)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
});
