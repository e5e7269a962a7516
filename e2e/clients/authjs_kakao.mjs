// Auth.js for Express with its Kakao provider: https://authjs.dev/getting-started/providers/kakao
//
// It sends neither state nor nonce with this provider, and fails on an `iss` or an ID token that it
// did not ask for. It does not refresh tokens itself: its documentation shows how applications do.

import { ExpressAuth } from "@auth/express";
import Kakao from "@auth/express/providers/kakao";
import express from "express";
import { origin, refreshed, settings } from "./app.mjs";

const { issuer, clientId, clientSecret } = settings;

const app = express();
app.set("trust proxy", true);
app.use(
  "/auth/*splat",
  ExpressAuth({
    secret: "known to this application only",
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
      jwt: async ({ token, account, profile, trigger }) => {
        if (trigger === "update") return { ...token, account: await refreshed(token.account) };
        return { ...token, account: account ?? token.account, user: profile ?? token.user };
      },
      session: ({ session, token }) => ({
        ...session,
        user: token.user,
        scope: token.account.scope,
        tokens: token.account,
      }),
    },
  }),
);
app.listen(settings.port, "127.0.0.1", () => console.log(`listening on ${origin}`));
