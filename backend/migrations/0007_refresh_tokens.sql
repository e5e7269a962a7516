-- Scopes that the service asked for beside items, separated by spaces; and the session in which the
-- code was issued, 0 in codes of before.
ALTER TABLE codes ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN session INTEGER NOT NULL DEFAULT 0;
UPDATE codes SET scope = 'openid' WHERE openid = 1;
ALTER TABLE codes DROP COLUMN openid;
CREATE INDEX codes_by_session ON codes (session);

-- What was granted with the token: it gives no more, and nothing that does not hold any more.
ALTER TABLE tokens ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN session INTEGER NOT NULL DEFAULT 0;
-- Whether it outlives the session.
ALTER TABLE tokens ADD COLUMN is_offline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN issued_at INTEGER NOT NULL DEFAULT 0;
-- The refresh token that was issued with it.
ALTER TABLE tokens ADD COLUMN refresh_token BLOB;
UPDATE tokens SET issued_at = expires_at - 60 * 60, scope = trim(
    CASE WHEN EXISTS (SELECT 1 FROM codes WHERE codes.code = tokens.code AND codes.scope = 'openid')
        THEN 'openid ' ELSE '' END
    || coalesce((SELECT group_concat(substr(key, 6), ' ') FROM agreements
        WHERE agreements.account = tokens.account AND agreements.service = tokens.service
            AND key LIKE 'item:%'), ''));
CREATE INDEX tokens_by_session ON tokens (session);

CREATE TABLE refresh_tokens (
    token             BLOB PRIMARY KEY,
    -- The code that the token and its predecessors follow from: the family.
    code              BLOB NOT NULL,
    account           TEXT NOT NULL,
    service           TEXT NOT NULL,
    session           INTEGER NOT NULL,
    is_offline        INTEGER NOT NULL,
    scope             TEXT NOT NULL,
    signed_in         INTEGER NOT NULL,
    issued_at         INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    -- When the whole family ends, used or not.
    family_expires_at INTEGER NOT NULL,
    -- Only a rotated token may be accepted again, and only after a lost response.
    state             TEXT NOT NULL CHECK (state IN ('active', 'rotated', 'reused', 'revoked')),
    -- Of the successor, which is derived from the token and this. NULL once the client has shown
    -- that it received the successor.
    salt              BLOB,
    -- Whether the client has shown that it received this token, or the access token beside it.
    is_received       INTEGER NOT NULL
) STRICT;
CREATE INDEX refresh_tokens_by_code ON refresh_tokens (code);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session);
CREATE INDEX refresh_tokens_by_account ON refresh_tokens (account, service);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
