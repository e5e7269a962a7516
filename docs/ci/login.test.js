// npm install --save-dev vitest openid-client
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as oidc from 'openid-client';

let server, issuer, client;
const hook = (name, body = {}) => fetch(`${issuer}/__test/${name}`, { method: 'POST',
  headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
beforeAll(async () => {
  server = spawn(process.env.CONSENT_BACKEND ?? 'consent-backend',
    ['--demo', '--test-hooks', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  issuer = String((await once(server.stdout, 'data'))[0]).trim().split(' ').at(-1);
  client = await oidc.discovery(new URL(issuer), 'demo-shop', 'demo-shop-is-no-secret', undefined,
    { execute: [oidc.allowInsecureRequests] });
});
afterAll(() => server.kill());
beforeEach(() => hook('reset'));
test.each([['required', false], ['everything', true]])('%s', async (answer, hasPhone) => {
  await hook('answer', { answer });
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(client, { redirect_uri: `${issuer}/demo/callback`,
    scope: 'openid', login_hint: 'new', code_challenge_method: 'S256',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier) });
  const callback = (await fetch(url, { redirect: 'manual' })).headers.get('location');
  const tokens = await oidc.authorizationCodeGrant(client, new URL(callback), { pkceCodeVerifier });
  const user = await oidc.fetchUserInfo(client, tokens.access_token, tokens.claims().sub);
  expect('phone_number' in user).toBe(hasPhone);
});
