-- Times are seconds since 1970, UTC. Secrets are stored as their SHA-256 only.

-- What this backend makes for itself at its first start.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- Every version of every text that was ever shown. Never changed: receipts point here.
CREATE TABLE documents (
    service        TEXT NOT NULL,
    tag            TEXT NOT NULL,
    version        TEXT NOT NULL,
    locale         TEXT NOT NULL,
    digest         TEXT NOT NULL,
    title          TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    blocks         TEXT NOT NULL,
    PRIMARY KEY (service, tag, version, locale)
) STRICT;
CREATE INDEX documents_by_digest ON documents (digest);

-- The statements about the provision of personal information that a receipt's digest stands for.
CREATE TABLE statements (
    digest TEXT PRIMARY KEY,
    locale TEXT NOT NULL,
    text   TEXT NOT NULL
) STRICT;

-- A signed-in browser. `id` stays when the cookie is rotated: challenges are bound to it.
CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    cookie     BLOB NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    signed_in  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- A question that was put to a person. `query` is the authorize request, in one spelling.
CREATE TABLE challenges (
    id         BLOB PRIMARY KEY,
    session    INTEGER NOT NULL,
    account    TEXT NOT NULL,
    service    TEXT NOT NULL,
    query      TEXT NOT NULL,
    locale     TEXT NOT NULL,
    signed_in  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    extensions INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a person decided: one row for each challenge, ever.
CREATE TABLE decisions (
    receipt_id     TEXT PRIMARY KEY,
    schema_version INTEGER NOT NULL,
    challenge      BLOB NOT NULL UNIQUE,
    session        INTEGER NOT NULL,
    account        TEXT NOT NULL,
    service        TEXT NOT NULL,
    decision       TEXT NOT NULL CHECK (decision IN ('agree', 'cancel')),
    purpose        TEXT NOT NULL,
    locale         TEXT NOT NULL,
    -- Of the decision as it was sent, to recognise the same one sent again.
    body           BLOB NOT NULL,
    decided_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_account ON decisions (account, service, decided_at);

-- The receipt: every item that was asked, agreed to or not. No values of the person.
CREATE TABLE receipt_items (
    receipt_id TEXT NOT NULL REFERENCES decisions (receipt_id),
    position   INTEGER NOT NULL,
    -- `term:tos`, `item:account_email`, `channel:_shop`
    key        TEXT NOT NULL,
    -- The kind of consent: a kind of term, `provision` or `channel`.
    kind       TEXT NOT NULL,
    title      TEXT NOT NULL,
    required   INTEGER NOT NULL,
    version    TEXT,
    digest     TEXT,
    locale     TEXT NOT NULL,
    agreed     INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (receipt_id, position)
) STRICT;

-- What holds now. Everything below this line can be changed; nothing above it from `documents` on
-- that proves a consent can.
CREATE TABLE links (
    account   TEXT NOT NULL,
    service   TEXT NOT NULL,
    how       TEXT NOT NULL CHECK (how IN ('combined_screen', 'plain_login')),
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (account, service)
) STRICT;

CREATE TABLE agreements (
    account   TEXT NOT NULL,
    service   TEXT NOT NULL,
    -- `term:tos` or `item:account_email`
    key       TEXT NOT NULL,
    version   TEXT,
    -- Typed on the screen because the account had none.
    value     TEXT,
    agreed_at INTEGER NOT NULL,
    PRIMARY KEY (account, service, key)
) STRICT;

CREATE TABLE channel_relations (
    account   TEXT NOT NULL,
    public_id TEXT NOT NULL,
    relation  TEXT NOT NULL CHECK (relation IN ('none', 'added', 'blocked')),
    PRIMARY KEY (account, public_id)
) STRICT;

-- Configured links that were written once, and are not written again after the person changed them.
CREATE TABLE seeded (
    account TEXT PRIMARY KEY
) STRICT;

CREATE TABLE codes (
    code           BLOB PRIMARY KEY,
    account        TEXT NOT NULL,
    service        TEXT NOT NULL,
    redirect_uri   TEXT NOT NULL,
    code_challenge TEXT,
    nonce          TEXT,
    openid         INTEGER NOT NULL,
    signed_in      INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    used           INTEGER NOT NULL DEFAULT 0,
    receipt_id     TEXT
) STRICT;

CREATE TABLE tokens (
    token      BLOB PRIMARY KEY,
    code       BLOB NOT NULL,
    account    TEXT NOT NULL,
    service    TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_by_code ON tokens (code);

-- Proof that can be rewritten proves nothing.
CREATE TRIGGER documents_stay BEFORE UPDATE ON documents
BEGIN SELECT RAISE(ABORT, 'documents are never changed'); END;
CREATE TRIGGER documents_remain BEFORE DELETE ON documents
BEGIN SELECT RAISE(ABORT, 'documents are never deleted'); END;
CREATE TRIGGER statements_stay BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'statements are never changed'); END;
CREATE TRIGGER statements_remain BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'statements are never deleted'); END;
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
CREATE TRIGGER receipt_items_stay BEFORE UPDATE ON receipt_items
BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END;
CREATE TRIGGER receipt_items_remain BEFORE DELETE ON receipt_items
BEGIN SELECT RAISE(ABORT, 'receipts are never deleted'); END;
