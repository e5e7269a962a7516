// A web application around an OpenID Connect or OAuth client: what every application of this
// directory has in common. The client itself is configured as its own documentation shows.

import http from "node:http";

/** Where the backend is, and as which client this application is registered there. */
export const settings = {
  issuer: process.env.ISSUER,
  clientId: process.env.CLIENT_ID,
  clientSecret: process.env.CLIENT_SECRET,
  /** Of this application, on 127.0.0.1. */
  port: Number(process.env.PORT),
};

/** Of this application, as browsers reach it. */
export const origin = `http://127.0.0.1:${settings.port}`;

const sessions = new Map();

/** The values of this browser, kept by a cookie. */
const sessionOf = (request, response) => {
  const known = /(?:^|; )app=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  const id = sessions.has(known) ? known : crypto.randomUUID();
  if (id !== known) {
    sessions.set(id, {});
    response.setHeader("set-cookie", `app=${id}; Path=/; HttpOnly`);
  }
  return sessions.get(id);
};

/**
 * Serves routes: each gets the address and the session, and returns a redirect (a URL) or what is
 * shown as JSON. Errors are shown, too.
 */
export const serve = (routes) => {
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, origin);
    const route = routes[url.pathname];
    if (!route) return response.writeHead(404).end();
    let answer;
    try {
      answer = await route({ url, session: sessionOf(request, response) });
    } catch (error) {
      answer = { error: `${error.error ?? error.code ?? error.name}: ${error.message}` };
    }
    if (answer instanceof URL) return response.writeHead(302, { location: answer.href }).end();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  server.listen(settings.port, "127.0.0.1", () => console.log(`listening on ${origin}`));
};

/** New tokens for a refresh token, as applications get them whose client library has no way to. */
export const refreshed = async (tokens) => {
  const response = await fetch(`${settings.issuer}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      refresh_token: tokens.refresh_token,
    }),
  });
  const fresh = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(fresh));
  return { ...tokens, ...fresh };
};

/** What `/v2/user/me` knows, as applications ask for it themselves. */
export const userOf = async (tokens) => {
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const response = await fetch(`${settings.issuer}/v2/user/me`, { headers });
  return response.json();
};
