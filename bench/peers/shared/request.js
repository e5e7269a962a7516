// The way to the backend, the same for all peers.

const challenge = location.pathname.split("/")[2];
const api = `/api/v1/consents/${challenge}`;

/** What the page is about: `ask`, `done` or `problem`. index.html has asked for it already. */
export async function load() {
  try {
    const answer = await (window.consentAnswer ?? fetch(api));
    const body = await answer.json();
    return answer.ok ? body : { state: "problem", problem: body };
  } catch {
    return { state: "problem", problem: {} };
  }
}

/** Sends a decision and leaves, or gives the problem there is. */
export async function decide(decision, destination) {
  try {
    const answer = await fetch(`${api}/decision`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(decision),
    });
    const body = await answer.json();
    if (!answer.ok) return body;
    leave(body.redirect_to, destination);
    return undefined;
  } catch {
    return {};
  }
}

export async function text(term) {
  const query = new URLSearchParams({ digest: term.digest });
  const answer = await fetch(`/api/v1/terms/${term.tag}/${term.version}?${query}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** Goes to a service: never to a script, and only to the destination that was shown. */
export function leave(target, destination) {
  const url = new URL(target);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const safe = url.protocol === "https:" || (url.protocol === "http:" && loopback);
  if (!safe || (destination && url.origin !== new URL(destination).origin)) throw new Error("not gone to");
  location.assign(target);
}
