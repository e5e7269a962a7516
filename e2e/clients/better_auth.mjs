// Better Auth with its generic OAuth plugin: https://www.better-auth.com/docs/plugins/generic-oauth

import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { genericOAuth } from "better-auth/plugins";
import express from "express";
import { origin, settings } from "./app.mjs";

const { issuer, clientId, clientSecret } = settings;

const isConsent = (account) => account.providerId === "consent";

const auth = betterAuth({
  secret: "known to this application only, and long enough",
  baseURL: origin,
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  plugins: [
    genericOAuth({
      config: [
        {
          providerId: "consent",
          clientId,
          clientSecret,
          discoveryUrl: `${issuer}/.well-known/openid-configuration`,
          scopes: ["openid", "profile", "email", "offline_access"],
          pkce: true,
          // It has no users without an address.
          mapProfileToUser: ({ sub, email }) => ({ email: email ?? `${sub}@users.example` }),
        },
      ],
    }),
  ],
});

const app = express();
app.all("/api/auth/*splat", toNodeHandler(auth));
app.get("/login", async (_, response) => {
  const body = { provider: "consent", callbackURL: "/session", errorCallbackURL: "/failed" };
  const { headers, response: started } = await auth.api.signInSocial({ body, returnHeaders: true });
  response.setHeader("set-cookie", headers.getSetCookie());
  response.redirect(started.url);
});
/** The account at the provider of the signed-in user. */
const accountOf = async (headers) => {
  const accounts = await auth.api.listUserAccounts({ headers });
  return accounts.find(isConsent);
};

const userOf = async (tokens) => {
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  const user = await fetch(`${issuer}/oauth/userinfo`, { headers });
  return user.json();
};

app.get("/session", async (request, response) => {
  const headers = fromNodeHeaders(request.headers);
  if (!(await auth.api.getSession({ headers }))) return response.json(null);
  const { id: accountId, scopes } = await accountOf(headers);
  const tokens = await auth.api.getAccessToken({ body: { accountId }, headers });
  response.json({ user: await userOf(tokens), scopes });
});
app.get("/refresh", async (request, response) => {
  const headers = fromNodeHeaders(request.headers);
  const { id: accountId } = await accountOf(headers);
  const tokens = await auth.api.refreshToken({ body: { accountId }, headers });
  response.json({ user: await userOf(tokens) });
});
app.get("/logout", async (request, response) => {
  const out = await auth.api.signOut({ headers: fromNodeHeaders(request.headers), returnHeaders: true });
  response.setHeader("set-cookie", out.headers.getSetCookie());
  response.redirect("/session");
});
app.get("/failed", (request, response) => response.json(request.query));
app.use((error, _request, response, _next) => response.json({ error: error.message }));
app.listen(settings.port, "127.0.0.1", () => console.log(`listening on ${origin}`));
