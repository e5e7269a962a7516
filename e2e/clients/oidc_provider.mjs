// oidc-provider: https://github.com/panva/node-oidc-provider
//
// An OpenID provider at which the product's users sign in. It signs in whom `login_hint` names, without a
// page, and asks no one to agree.

import Provider from "oidc-provider";
import { origin, settings } from "./app.mjs";

const accounts = {
  hana: { sub: "hana", email: "hana@example.com", email_verified: true, name: "하나" },
};

const provider = new Provider(origin, {
  clients: [
    {
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      redirect_uris: [`${settings.issuer}/sign-in/callback`],
    },
  ],
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  findAccount: (_context, id) =>
    accounts[id] && { accountId: id, claims: () => accounts[id] },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ["a key of the tests"] },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 600, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return next();
  const { req, res } = context;
  const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
  if (prompt.name === "login") {
    const login = { accountId: params.login_hint ?? "hana" };
    return provider.interactionFinished(req, res, { login });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(" "));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(req, res, { consent }, { mergeWithLastSubmission: true });
});

provider.listen(settings.port, "127.0.0.1", () => console.log(`listening on ${origin}`));
