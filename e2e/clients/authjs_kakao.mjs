// Auth.js for Express with its Kakao provider: https://authjs.dev/getting-started/providers/kakao
//
// It sends neither state nor nonce with this provider, and fails on an `iss` or an ID token that it
// did not ask for. It does not refresh tokens itself: its documentation shows how applications do.

import { ExpressAuth, getSession } from "@auth/express";
import Kakao from "@auth/express/providers/kakao";
import express from "express";
import { origin, refreshed, settings, userOf } from "./app.mjs";

const { issuer, clientId, clientSecret } = settings;

const config = {
  secret: "known to this application only",
  trustHost: true,
  providers: [
    Kakao({
      clientId,
      clientSecret,
      authorization: `${issuer}/oauth/authorize?scope`,
      token: `${issuer}/oauth/token`,
      userinfo: `${issuer}/v2/user/me`,
    }),
  ],
  callbacks: {
    jwt: ({ token, account, profile }) => ({
      ...token,
      tokens: account ?? token.tokens,
      user: profile ?? token.user,
    }),
    session: ({ session, token }) => ({ ...session, user: token.user, tokens: token.tokens }),
  },
};

const app = express();
app.set("trust proxy", true);
app.use("/auth", ExpressAuth(config));
app.get("/login", (_, response) => response.redirect("/auth/signin?callbackUrl=/session"));
app.get("/session", async (request, response) => response.json(await getSession(request, config)));
app.get("/refresh", async (request, response) => {
  const { tokens } = await getSession(request, config);
  const fresh = await refreshed(tokens);
  response.json({ tokens: fresh, user: await userOf(fresh) });
});
app.get("/logout", (_, response) => response.redirect("/auth/signout?callbackUrl=/session"));
app.listen(settings.port, "127.0.0.1", () => console.log(`listening on ${origin}`));
