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

// "Agree to all" ticks what it stands for, which the boxes themselves say. The app knows the rule.
const all = form && form.elements.agree_all;
const follow = (event) => {
  const boxes = [...form.querySelectorAll("[data-all]")];
  if (event && event.target === all) for (const box of boxes) box.checked = all.checked;
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && !all.checked;
};
if (all) {
  // It may have been pressed before this script ran.
  follow(all.checked !== all.defaultChecked && { target: all });
  form.addEventListener("change", follow);
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
  if (!event.target.closest(".actions .button--primary")) return;
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

// Where one can go by keyboard; the same places in the shell and in the app.
const stops = (place) => [
  ...place.querySelectorAll(":is(a, button, input:not([type=hidden]), select, summary, [tabindex]):not([data-by-hand], [aria-hidden])"),
];

// For the app, see src/platform/shell.rs.
window.consentShell = {
  whenQuiet: async (call) => {
    const busy = (now) =>
      // A release can be lost, to a list that the browser opens or to another window.
      (held.size && now < since + 10000) || now < calm || now < sent + 20000;
    // The shell's skeleton stays for as long as an answer usually takes.
    await Promise.race([asked, asked && new Promise((resolve) => setTimeout(resolve, 1000))]);
    while (busy(performance.now())) await new Promise((resolve) => setTimeout(resolve, 20));
    call();
  },
  answer: () => answer,
  age: () => (painted ? performance.now() / 1000 : 0),
  fields: () => JSON.stringify(form ? [...new FormData(form)] : []),
  makeWay: () => {
    const from = document.activeElement;
    const to = stops(app)[stops(shell).indexOf(from)];
    if (painted && to) {
      to.focus({ preventScroll: true });
      if (from.matches("input:not([type=checkbox])")) {
        to.setSelectionRange?.(from.selectionStart, from.selectionEnd, from.selectionDirection);
      }
    }
    const folded = [...app.querySelectorAll("details")];
    shell.querySelectorAll("details").forEach((old, place) => {
      if (folded[place]) folded[place].open = old.open;
    });
    shell.remove();
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
