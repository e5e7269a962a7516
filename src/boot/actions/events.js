// Helpers for the listeners below. They listen on the window, in the capture phase: before any other
// listener of the page.

/** @param {Event} event */
const block = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};

/**
 * @param {Event} event
 * @param {string} selector
 */
const closest = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;
