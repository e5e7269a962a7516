-- When an agreement ends by itself; NULL for one without an end.
ALTER TABLE agreements ADD COLUMN expires_at INTEGER;
CREATE INDEX agreements_by_expiry ON agreements (expires_at) WHERE expires_at IS NOT NULL;

-- Events for services, written in the transaction of the change that they are about. A row is pending
-- while it has a `next_at`; then it was delivered, or is a dead letter.
CREATE TABLE outbox (
    -- Events of one subject are delivered in this order.
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The same at every attempt: receivers recognise repetitions by it.
    jti          TEXT NOT NULL UNIQUE,
    service      TEXT NOT NULL,
    form         TEXT NOT NULL CHECK (form IN ('security_event', 'kakao_unlink', 'kakao_channel')),
    -- The account as the service knows it: `sub`, or the user id of Kakao's API.
    subject      TEXT NOT NULL,
    -- What happened, as JSON.
    event        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    -- When to try next.
    next_at      INTEGER,
    -- Attempts that were begun.
    attempts     INTEGER NOT NULL DEFAULT 0,
    -- Of the process that is delivering: no other does, until then.
    lease        BLOB,
    lease_until  INTEGER,
    delivered_at INTEGER,
    dead_at      INTEGER,
    last_error   TEXT,
    CHECK ((next_at IS NOT NULL) + (delivered_at IS NOT NULL) + (dead_at IS NOT NULL) = 1)
) STRICT;
CREATE INDEX outbox_due ON outbox (service, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_order ON outbox (service, form, subject, id) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;

-- Notices that the law wants users to get about their agreement to advertising (KR-N05, KR-N06). Cycle
-- 0 is the result of an agreement or a withdrawal; cycle n is the n-th reconfirmation.
CREATE TABLE notices (
    receipt_id   TEXT NOT NULL,
    -- `term:marketing` or `channel:_shop`
    key          TEXT NOT NULL,
    cycle        INTEGER NOT NULL CHECK (cycle >= 0),
    account      TEXT NOT NULL,
    service      TEXT NOT NULL,
    -- Of the user.
    outcome      TEXT NOT NULL CHECK (outcome IN ('agreed', 'withdrawn')),
    decided_at   INTEGER NOT NULL,
    -- From when on the service can hear of it.
    announce_at  INTEGER NOT NULL,
    -- Before which the user must have it.
    due_at       INTEGER NOT NULL,
    announced_at INTEGER,
    PRIMARY KEY (receipt_id, key, cycle)
) STRICT;
CREATE INDEX notices_to_announce ON notices (announce_at) WHERE announced_at IS NULL;
CREATE INDEX notices_by_account ON notices (account, service, key);
CREATE INDEX notices_by_due ON notices (due_at);
