// Tries once to sign a member in, and shows the sign-in options if that fails. Without this script the
// page has a link for each of them.
const page = document.querySelector(".auto-login");
const welcome = page.querySelector(".auto-login__welcome");
const { service, redirectUri, appFiles } = page.dataset;

// How long an attempt counts for the same visit, in milliseconds.
const VISIT = 10 * 60 * 1000;
// The timeout of the request, in milliseconds.
const REQUEST_TIMEOUT = 8000;

// The address of this page after an attempt.
const asTried = () => {
  const address = new URL(location.href);
  address.searchParams.set("tried", "1");
  return address.href;
};

// Whether this visit has had its attempt; it has from now on. A service that rejects the code sends
// the browser back here, which would loop.
const tried = () => {
  const key = "auto-login " + service;
  const now = Date.now();
  try {
    const then = sessionStorage.getItem(key);
    // A clock may have been set back.
    if (then !== null && Math.abs(now - then) < VISIT) return true;
    sessionStorage.setItem(key, String(now));
  } catch {
    // Without storage the address remembers, for a reload. The server detects repeat visits.
    history.replaceState(null, "", asTried());
  }
  return false;
};

// The user has continued by the link: the attempt's response comes too late.
let left = false;

// Replaces the welcome by the sign-in options. Reports a failure only if there was one.
const showWaysIn = (failed) => {
  if (left || !welcome.isConnected) return;
  const waysIn = page.querySelector(".auto-login__ways-in");
  const heading = waysIn.querySelector("h1");
  welcome.remove();
  if (!failed) waysIn.querySelector(".notice").remove();
  heading.id = "heading";
  waysIn.hidden = false;
  document.title = heading.textContent;
  heading.focus();
};

const timeout = new AbortController();

const signIn = async () => {
  const request = Object.fromEntries(new URLSearchParams(location.search));
  delete request.tried;
  setTimeout(() => timeout.abort(), REQUEST_TIMEOUT);
  const response = await fetch("/api/v1/auto-login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal: timeout.signal,
  });
  const { outcome, redirect_to: to } = await response.json();
  if (!response.ok || left) throw outcome;
  // Something changed since the page was rendered: the server renders it again.
  if (outcome && outcome !== "signed_in") return location.replace(asTried());
  // Only to the address that the page was rendered for.
  const isOurs = to && [redirectUri + "?", redirectUri + "&"].some((it) => to.startsWith(it));
  if (!isOurs) throw outcome;
  location.replace(to);
};

if (redirectUri) {
  welcome.querySelector("a").addEventListener("click", () => {
    // One response is enough: the service accepts each of its requests once.
    left = true;
    timeout.abort();
  });
  // Restored from the back/forward cache: no attempt is in progress any more.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    left = false;
    showWaysIn(false);
  });
  if (tried()) showWaysIn(false);
  else signIn().catch(() => showWaysIn(true));
}

// The consent screen comes next: its files are prefetched when this page is loaded.
if (appFiles) {
  addEventListener("load", () => {
    for (const file of appFiles.split(" ")) fetch(file, { priority: "low" }).catch(() => {});
  });
}
