// Signs in whoever is a member, once, and shows the ways in when that does not come to anything.
// Without this script the page has a link for everything.
const page = document.querySelector(".auto-login");
const greeting = page.querySelector(".auto-login__greeting");
const { service, redirectUri, appFiles } = page.dataset;

// For how long an attempt counts as this visit's, in milliseconds.
const VISIT = 10 * 60 * 1000;
// How long an answer may take.
const PATIENCE = 8000;

// This page once more, as somebody sees it who has had their attempt.
const asTried = () => {
  const address = new URL(location.href);
  address.searchParams.set("tried", "1");
  return address.href;
};

// Whether this visit has had its attempt; it has from now on. A service that does not take the
// answer sends the browser back here, and would for ever.
const tried = () => {
  const key = "auto-login " + service;
  const now = Date.now();
  try {
    const then = sessionStorage.getItem(key);
    // A clock may have been set back.
    if (then !== null && Math.abs(now - then) < VISIT) return true;
    sessionStorage.setItem(key, String(now));
  } catch {
    // Without storage the address remembers, for whoever reloads it. Who is sent here anew is known
    // to the server.
    history.replaceState(null, "", asTried());
  }
  return false;
};

// The person has gone on by themselves: what comes of the attempt is late.
let left = false;

// The ways in take the greeting's place. Only after a failure is it said that there was one.
const showWaysIn = (failed) => {
  if (left || !greeting.isConnected) return;
  const waysIn = page.querySelector(".auto-login__ways-in");
  const heading = waysIn.querySelector("h1");
  greeting.remove();
  if (!failed) waysIn.querySelector(".notice").remove();
  heading.id = "heading";
  waysIn.hidden = false;
  document.title = heading.textContent;
  heading.focus();
};

const patience = new AbortController();

const signIn = async () => {
  const request = Object.fromEntries(new URLSearchParams(location.search));
  delete request.tried;
  setTimeout(() => patience.abort(), PATIENCE);
  const response = await fetch("/api/v1/auto-login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal: patience.signal,
  });
  const { outcome, redirect_to: to } = await response.json();
  if (!response.ok || left) throw outcome;
  // Something changed since this was painted: the server paints what is true now.
  if (outcome && outcome !== "signed_in") return location.replace(asTried());
  // Nowhere but to the address that the page was painted for.
  const isOurs = to && [redirectUri + "?", redirectUri + "&"].some((it) => to.startsWith(it));
  if (!isOurs) throw outcome;
  location.replace(to);
};

if (redirectUri) {
  greeting.querySelector("a").addEventListener("click", () => {
    // One answer is enough: the service takes each of its own questions once.
    left = true;
    patience.abort();
  });
  // Back from where it went, out of the cache, nothing is under way any more.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    left = false;
    showWaysIn(false);
  });
  if (tried()) showWaysIn(false);
  else signIn().catch(() => showWaysIn(true));
}

// Whoever has something to agree to meets the consent screen next: its files are fetched when this
// page is done.
if (appFiles) {
  addEventListener("load", () => {
    for (const file of appFiles.split(" ")) fetch(file, { priority: "low" }).catch(() => {});
  });
}
