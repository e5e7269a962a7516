-- One row for each member. `sub` is the provider's user id and the only key of a linked member:
-- e-mail address and phone number may change. Members of before have no `sub` until they are linked.
CREATE TABLE members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sub TEXT UNIQUE,
    -- When the provider connected the user. Another time means that the user left in between.
    connected_at INTEGER,
    name TEXT,
    email TEXT,
    email_verified INTEGER NOT NULL DEFAULT 0,
    phone TEXT,
    address TEXT,
    -- Tags of the service terms that were agreed to when the member last signed in, as JSON.
    terms TEXT NOT NULL DEFAULT '[]',
    joined_by TEXT NOT NULL CHECK (joined_by IN ('sign_up', 'login', 'before')),
    joined_at INTEGER NOT NULL,
    password_hash TEXT,
    -- The row before its upgrade, as JSON, for the page that compares them.
    before_upgrade TEXT
) STRICT;
CREATE INDEX members_by_email ON members (email);
CREATE INDEX members_by_phone ON members (phone);

-- A sign-up that is not finished. The person is no member yet.
CREATE TABLE pending (
    sub TEXT PRIMARY KEY,
    -- The state of the sign-up, as JSON.
    sign_up TEXT NOT NULL,
    return_to TEXT NOT NULL DEFAULT '/',
    expires_at INTEGER NOT NULL
) STRICT;

-- Each time a user stopped being linked. A sign-in that began before the newest one is out of date.
CREATE TABLE unlinks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sub TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX unlinks_by_sub ON unlinks (sub);

-- What the provider has still to be told. The row is written with the change that needs it.
CREATE TABLE due_unlinks (
    sub TEXT PRIMARY KEY,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL
) STRICT;

-- Ids of webhooks that were taken.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

-- Keys are digests: whoever reads the database cannot use a session.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    csrf TEXT NOT NULL,
    -- The user who signed in, a member or not.
    sub TEXT,
    language TEXT,
    -- How the silent login ended; null before it was tried.
    silent TEXT,
    notice TEXT,
    -- The requests to the provider that were made before a redirect, as JSON.
    requests TEXT,
    seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_sub ON sessions (sub);

-- One row for each time a browser goes to the provider, so that two tabs do not disturb each other.
CREATE TABLE attempts (
    state TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    way TEXT NOT NULL,
    -- The one item of personal information that was asked for.
    item TEXT,
    silent INTEGER NOT NULL,
    return_to TEXT NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE basket (
    session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    slug TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (session, slug)
) STRICT;

-- Orders are kept for five years (E-Commerce Act, article 6), without the person once they left.
CREATE TABLE orders (
    number TEXT PRIMARY KEY,
    member INTEGER REFERENCES members ON DELETE SET NULL,
    -- The session that ordered: a second press of the button finds the order of the first.
    session TEXT,
    lines TEXT NOT NULL,
    total_won INTEGER NOT NULL,
    recipient TEXT,
    phone TEXT,
    address TEXT,
    placed_at INTEGER NOT NULL
) STRICT;

-- E-mails to be sent. A shop's mailer takes them from here; the demo shows them.
CREATE TABLE mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    code TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
