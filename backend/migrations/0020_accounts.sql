-- Accounts that are not in the services file: made when someone signs in for the first time.
CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    -- Who vouches for the account: the issuer of an OpenID provider, with its `sub`; or '' for a reverse
    -- proxy, with what its header names.
    issuer       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    -- Personal values as a JSON object, under the keys of [[account]].
    attributes   TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    -- When the values last changed.
    updated_at   INTEGER NOT NULL,
    -- When an operator disabled it; NULL while it may be used.
    disabled_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX accounts_by_subject ON accounts (issuer, subject);
