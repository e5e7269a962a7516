// Replaces the shell by the app, and transfers focus, caret, open details and scroll position.

/** The number of elements that are compared to keep the scroll position. */
const MOST_ANCHORS = 30;

/**
 * The app's element for an element of the shell: by id, never by position, because extensions insert
 * elements of their own.
 * @param {Element} old
 */
const counterpart = (old) =>
  old.id
    ? /** @type {HTMLElement | null} */ (app.querySelector("#" + CSS.escape(old.id)))
    : null;

/**
 * Transfers the focus. Where the app lacks the focused element, the element around it takes the
 * focus, which no key can change.
 * @param {Element | null} from
 */
const transferFocus = (from) => {
  if (!from || !shell.contains(from)) return;
  let near = from;
  while (near !== shell && !counterpart(near)) near = near.parentElement ?? shell;
  /** @type {HTMLElement | null} */
  const to = near === shell ? app.querySelector("#heading") : counterpart(near);
  if (!to) return;
  if (near !== from && to.tabIndex < 0 && !to.hasAttribute("tabindex")) {
    to.tabIndex = -1;
    to.addEventListener("blur", () => to.removeAttribute("tabindex"), { once: true });
  }
  to.focus({ preventScroll: true });
  if (near === from) transferCaret(from, to);
};

/**
 * @param {Element} from
 * @param {Element} to
 */
const transferCaret = (from, to) => {
  if (!(from instanceof HTMLInputElement) || !(to instanceof HTMLInputElement)) return;
  if (from.type === "checkbox") return;
  const direction = from.selectionDirection ?? undefined;
  to.setSelectionRange(from.selectionStart, from.selectionEnd, direction);
  to.scrollLeft = from.scrollLeft;
};

/** @param {Element} element */
const topOf = (element) => element.getBoundingClientRect().top;

/** @param {Element} element */
const isVisible = (element) => element.getClientRects().length > 0 && topOf(element) >= 0;

/**
 * Visible elements of a scrolled page, with their position. What an extension inserted above them is
 * not in the app.
 * @type {[Element, number][]}
 */
let anchors = [];

const noteScrollPosition = () => {
  const visible = [...shell.querySelectorAll("[id]")].filter(isVisible).slice(0, MOST_ANCHORS);
  const focus = document.activeElement;
  // The user looks at the focused element.
  if (focus && shell.contains(focus) && isVisible(focus) && topOf(focus) < innerHeight) {
    visible.unshift(focus);
  }
  anchors = scrollY ? visible.map((element) => [element, topOf(element)]) : [];
};

const replaceShell = () => {
  for (const old of shell.querySelectorAll("details")) {
    const details = counterpart(old);
    if (details instanceof HTMLDetailsElement) details.open = old.open;
  }
  transferFocus(document.activeElement);
  const [anchor, before] = anchors.find(([old]) => counterpart(old)) ?? [];
  const now = anchor && counterpart(anchor);
  shell.remove();
  if (now && before !== undefined) scrollBy({ top: topOf(now) - before, behavior: "instant" });
  root.dataset.app = "mounted";
  // Hidden by attribute, too, in case the style sheet never loaded.
  byId("cannot-start").hidden = true;
};

window.consentShell = {
  whenIdle: async (call) => {
    await untilIdle();
    noteScrollPosition();
    call();
  },
  answer: () => answer,
  texts: () => texts,
  languages: () => languages,
  age: () => (isRendered ? performance.now() / 1000 : 0),
  fields: () => JSON.stringify(isRendered ? window.userActions.fields() : []),
  replaceShell,
};
