// openid-client 6: https://github.com/panva/openid-client

import * as client from "openid-client";
import { origin, serve, settings } from "./app.mjs";

const config = await client.discovery(
  new URL(settings.issuer),
  settings.clientId,
  settings.clientSecret,
  undefined,
  // The backend of a test speaks plain http.
  { execute: [client.allowInsecureRequests] },
);

const shown = async (session) => {
  if (!session.tokens) return null;
  const { access_token, scope } = session.tokens;
  const claims = session.tokens.claims();
  const user = await client.fetchUserInfo(config, access_token, claims.sub);
  return { user, scope, claims };
};

serve({
  "/login": async ({ url, session }) => {
    session.verifier = client.randomPKCECodeVerifier();
    session.state = client.randomState();
    session.nonce = client.randomNonce();
    return client.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: "openid profile email offline_access",
      code_challenge: await client.calculatePKCECodeChallenge(session.verifier),
      code_challenge_method: "S256",
      state: session.state,
      nonce: session.nonce,
      ...Object.fromEntries(url.searchParams),
    });
  },
  "/callback": async ({ url, session }) => {
    session.tokens = await client.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: session.verifier,
      expectedState: session.state,
      expectedNonce: session.nonce,
      idTokenExpected: true,
    });
    return new URL("/session", origin);
  },
  "/session": ({ session }) => shown(session),
  "/refresh": async ({ session }) => {
    session.tokens = await client.refreshTokenGrant(config, session.tokens.refresh_token);
    return shown(session);
  },
  "/revoke": async ({ session }) => {
    await client.tokenRevocation(config, session.tokens.refresh_token ?? session.tokens.access_token);
    return { revoked: true };
  },
  "/introspect": async ({ session }) =>
    client.tokenIntrospection(config, session.tokens.access_token),
  "/logout": ({ session }) => {
    const { id_token } = session.tokens;
    delete session.tokens;
    return client.buildEndSessionUrl(config, {
      id_token_hint: id_token,
      post_logout_redirect_uri: `${origin}/session`,
    });
  },
});
