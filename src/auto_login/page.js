// Signs in whoever is a member, once, and shows the ways in when that does not come to anything.
// Without this script the page has a link for everything.
const page = document.querySelector(".auto-login");
const { service, redirectUri, appFiles } = page.dataset;

// For how long an attempt counts as this visit's, in milliseconds.
const VISIT = 10 * 60 * 1000;
// How long an answer may take.
const PATIENCE = 8000;

// Whether this visit has had its attempt; it has from now on. A service that does not take the
// answer sends the browser back here, and would for ever.
const tried = () => {
  const key = "auto-login " + service;
  const now = Date.now();
  try {
    const then = sessionStorage.getItem(key);
    sessionStorage.setItem(key, String(now));
    // A clock may have been set back.
    return then !== null && Math.abs(now - then) < VISIT;
  } catch {
    // Without storage the address remembers, for whoever reloads it. Who is sent here anew is known
    // to the server by a cookie.
    const address = new URL(location.href);
    address.searchParams.set("tried", "1");
    history.replaceState(null, "", address);
    return false;
  }
};

// The ways in take the greeting's place. Only after a failure is it said that there was one.
const showWaysIn = (failed) => {
  const waysIn = page.querySelector(".auto-login__ways-in");
  const heading = waysIn.querySelector("h1");
  page.querySelector(".auto-login__greeting").remove();
  if (!failed) waysIn.querySelector(".notice").remove();
  heading.id = "heading";
  waysIn.hidden = false;
  document.title = heading.textContent;
  heading.focus();
};

const signIn = async () => {
  const request = Object.fromEntries(new URLSearchParams(location.search));
  delete request.tried;
  const patience = new AbortController();
  setTimeout(() => patience.abort(), PATIENCE);
  const response = await fetch("/api/v1/auto-login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal: patience.signal,
  });
  const { outcome, redirect_to: to } = await response.json();
  // Nowhere but to the address that the page was painted for.
  const isOurs = to && [redirectUri + "?", redirectUri + "&"].some((it) => to.startsWith(it));
  if (!response.ok || outcome !== "signed_in" || !isOurs) throw outcome;
  location.replace(to);
};

if (redirectUri) {
  if (tried()) showWaysIn(false);
  else signIn().catch(() => showWaysIn(true));
}

// Whoever signs up meets the consent screen next: its files are fetched when this page is done.
if (appFiles) {
  addEventListener("load", () => {
    for (const file of appFiles.split(" ")) fetch(file, { priority: "low" }).catch(() => {});
  });
}
