// Starts the app, and looks after the page until it is there. Trunk puts this into index.html,
// behind the constants JS and WASM; the page's policy allows it by its hash. It does what must not
// wait for the WebAssembly, and nothing else.
const root = document.documentElement;
root.dataset.app = "starting";
const at = (id) => document.getElementById(id);
const app = at("app");
const shell = at("shell");

// A theme is not waited for: a style sheet that never comes would keep the page white.
const theme = document.querySelector("link[media]");
if (theme) {
  theme.onload = () => (theme.media = "all");
  if (theme.sheet) theme.onload();
}

// What a server has painted: the answer of the API, and its form. In the static shell: neither.
const painted = at("request");
const form = painted && at("consent-form");
let answer = painted?.textContent;
let asked;

if (!painted) {
  const spoken = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase());
  root.lang = spoken.find((language) => ["ko", "en", "ja"].includes(language)) || "ko";

  // The request is asked for now, beside the download of the app, which takes the answer from here.
  const challenge = /^\/consent\/([A-Za-z0-9_.~-]{1,512})$/.exec(location.pathname);
  if (challenge) {
    const api = "/api/v1/consents/" + challenge[1];
    // What goes wrong here goes wrong again when the app asks, and the app has words for it.
    asked = fetch(api)
      .then((response) => (response.ok ? response.text() : undefined))
      .then((text) => (answer = text))
      .catch(() => {});
    for (const form of document.querySelectorAll("form[data-cancel]")) {
      form.action = api + "/decision";
    }
  }
}

// What is held down or being composed. The app must not take the page over in the middle of it:
// a click whose press and release meet different elements is no click.
const held = new Set();
let since = 0;
let calm = 0;
const listen = (types, call) => {
  for (const type of types.split(" ")) addEventListener(type, call, true);
};
listen("pointerdown keydown compositionstart", (event) => {
  if (!event.isTrusted) return;
  held.add(event.type.slice(0, 3));
  since = performance.now();
});
listen("pointerup pointercancel keyup compositionend", (event) => {
  held.delete(event.type.slice(0, 3));
  // The click comes after its release, on some devices not at once.
  calm = performance.now() + 50;
});
listen("blur", (event) => event.target === window && held.clear());

// Agreeing takes somebody who can have seen what it says. A click does not count when a script makes
// it, nor in the first moments in which the page is seen: it may be the second of a double click,
// whose first closed a window that lay over this one (SEC-50). Keyboards and assistive technology
// make clicks without a number; they are never held up.
let shown = 0;
listen("visibilitychange focus pageshow", (event) => {
  // Of the window or the document, and not of something in it.
  if (!event.target.tagName) shown = performance.now();
});
listen("click", (event) => {
  if (!event.target.closest?.(".actions .button--primary")) return;
  if (event.isTrusted && (!event.detail || performance.now() > shown + 700)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
});

// A form that is under way is not disturbed for a while. Should its page come back out of the
// back/forward cache, nothing is under way any more.
let sent = -Infinity;
listen("submit", () => {
  if (shell.isConnected) sent = performance.now();
});
listen("pageshow", (event) => {
  if (event.persisted) sent = -Infinity;
});

// What the app has in the place of an element of the shell: the one with its id, and never the one at
// its position, for extensions put elements of their own into the page.
const counterpart = (old) => old.id && app.querySelector("#" + CSS.escape(old.id));

// Carries the focus over. Where the app lacks what had it, the element around it gets it, which no
// key can change.
const carryFocus = (from) => {
  if (!shell.contains(from)) return;
  let near = from;
  while (near !== shell && !counterpart(near)) near = near.parentElement;
  const to = near === shell ? app.querySelector("#heading") : counterpart(near);
  if (!to) return;
  if (near !== from && to.tabIndex < 0 && !to.hasAttribute("tabindex")) {
    to.tabIndex = -1;
    to.addEventListener("blur", () => to.removeAttribute("tabindex"), { once: true });
  }
  to.focus({ preventScroll: true });
  if (near === from && from.matches("input:not([type=checkbox])")) {
    to.setSelectionRange?.(from.selectionStart, from.selectionEnd, from.selectionDirection);
    to.scrollLeft = from.scrollLeft;
  }
};

// Where what the user sees of a page that is scrolled stands. An element that an extension put in
// above it does not come along into the app.
const top = (element) => element.getBoundingClientRect().top;
const isSeen = (element) => element.getClientRects().length && top(element) >= 0;
let places = [];
const notePlaces = () => {
  const seen = [...shell.querySelectorAll("[id]")].filter(isSeen).slice(0, 30);
  const focus = document.activeElement;
  // What has the focus is looked at most.
  if (shell.contains(focus) && isSeen(focus) && top(focus) < innerHeight) seen.unshift(focus);
  places = scrollY ? seen.map((element) => [element, top(element)]) : [];
};

// For the app, see src/platform/shell.rs.
window.consentShell = {
  whenQuiet: async (call) => {
    const busy = (now) =>
      // A release can be lost, to a list that the browser opens or to another window.
      (held.size && now < since + 10000) || now < calm || now < sent + 20000;
    // The shell's skeleton stays for as long as an answer usually takes.
    await Promise.race([asked, asked && new Promise((resolve) => setTimeout(resolve, 1000))]);
    while (busy(performance.now())) await new Promise((resolve) => setTimeout(resolve, 20));
    notePlaces();
    call();
  },
  answer: () => answer,
  age: () => (painted ? performance.now() / 1000 : 0),
  fields: () => JSON.stringify(form ? userActions.fields() : []),
  makeWay: () => {
    for (const old of shell.querySelectorAll("details")) {
      const details = counterpart(old);
      if (details) details.open = old.open;
    }
    carryFocus(document.activeElement);
    const [seen, before] = places.find(([old]) => counterpart(old)) || [];
    const now = seen && counterpart(seen);
    shell.remove();
    if (now) scrollBy({ top: top(now) - before, behavior: "instant" });
    root.dataset.app = "mounted";
    // Hidden by attribute too, for when the style sheet never came.
    at("cannot-start").hidden = true;
  },
};

// The app says when it is there. Should it come later than this, it still takes its place. A
// painted page needs no app: it goes on as it is.
const cannotStart = () => {
  if (root.dataset.app === "starting") root.dataset.app = painted ? "by-hand" : "broken";
};
const start = () => {
  setTimeout(cannotStart, 20000);
  import(JS).then((app) => app.default({ module_or_path: WASM })).catch(cannotStart);
};
// What was painted is seen first. A page in the background is not drawn: it has no time to lose.
if (painted && !document.hidden) requestAnimationFrame(() => setTimeout(start));
else start();

// A trap in WebAssembly leaves the app in no state to go on: the panel takes its place, or what was
// painted stays.
listen("error unhandledrejection", (event) => {
  if (!((event.error || event.reason) instanceof WebAssembly.RuntimeError)) return;
  if (painted && shell.isConnected) {
    app.replaceChildren();
    root.dataset.app = "by-hand";
  } else {
    root.dataset.app = "broken";
    at("cannot-start").hidden = false;
  }
});
