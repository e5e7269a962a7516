-- Authorization requests that clients pushed (RFC 9126), until they expire. `consumed_by` is the session
-- that decided, or got a code at once: that browser may load the request again, and no other.
CREATE TABLE pushed_requests (
    -- Of the request_uri.
    id          BLOB PRIMARY KEY,
    service     TEXT NOT NULL,
    query       TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    -- Whether a browser has come with it. From then on there is time for a login and a decision.
    presented   INTEGER NOT NULL DEFAULT 0,
    consumed_by INTEGER
) STRICT;
CREATE INDEX pushed_requests_by_expiry ON pushed_requests (expires_at);
CREATE INDEX pushed_requests_by_service ON pushed_requests (service, expires_at);

-- Names of claims that the request asked for in the ID token, with spaces between them.
ALTER TABLE codes ADD COLUMN id_token_claims TEXT NOT NULL DEFAULT '';

-- Items that an account has decided on at a service, agreed to or not: standard scopes, which clients
-- send with every sign-in, do not ask for them again.
CREATE TABLE asked_items (
    account TEXT NOT NULL,
    service TEXT NOT NULL,
    -- `item:account_email`
    key     TEXT NOT NULL,
    PRIMARY KEY (account, service, key)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO asked_items
SELECT decisions.account, decisions.service, receipt_items.key
FROM decisions JOIN receipt_items USING (receipt_id)
WHERE decisions.decision = 'agree' AND receipt_items.key LIKE 'item:%';
