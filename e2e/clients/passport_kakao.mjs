// passport-kakao: https://www.passportjs.org/packages/passport-kakao/
//
// It has no option for the addresses, and sets them when a strategy is made: they are replaced there.
// It joins scopes by commas, and sends the access token in the query.

import express from "express";
import session from "express-session";
import passport from "passport";
import { Strategy as KakaoStrategy } from "passport-kakao";
import { origin, refreshed, settings, userOf } from "./app.mjs";

const { issuer, clientId, clientSecret } = settings;

const strategy = new KakaoStrategy(
  { clientID: clientId, clientSecret, callbackURL: `${origin}/callback` },
  (accessToken, refreshToken, profile, done) =>
    done(null, { user: profile._json, tokens: { access_token: accessToken, refresh_token: refreshToken } }),
);
strategy._oauth2._authorizeUrl = `${issuer}/oauth/authorize`;
strategy._oauth2._accessTokenUrl = `${issuer}/oauth/token`;
strategy._userProfileURL = `${issuer}/v2/user/me`;
passport.use(strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: "known to this application only", resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get("/login", (request, response, next) => {
  const scope = request.query.scope?.split(" ");
  passport.authenticate("kakao", { scope })(request, response, next);
});
app.get("/callback", passport.authenticate("kakao", { failureRedirect: "/failed" }), (_, response) =>
  response.redirect("/session"),
);
app.get("/session", (request, response) => response.json(request.user ?? null));
app.get("/failed", (_, response) => response.json({ error: "access_denied" }));
app.get("/refresh", async (request, response) => {
  request.user.tokens = await refreshed(request.user.tokens);
  response.json({ ...request.user, user: await userOf(request.user.tokens) });
});
app.get("/logout", (request, response) => request.logout(() => response.redirect("/session")));
app.use((error, _request, response, _next) => response.json({ error: error.message }));
app.listen(settings.port, "127.0.0.1", () => console.log(`listening on ${origin}`));
