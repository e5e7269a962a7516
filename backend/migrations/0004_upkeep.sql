-- Cleaning up: every delete by time and every limit by owner has an index to go by.
CREATE INDEX challenges_by_expiry ON challenges (expires_at);
CREATE INDEX challenges_by_session ON challenges (session, expires_at);
CREATE INDEX challenges_by_account ON challenges (account, expires_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (account, expires_at);
CREATE INDEX codes_by_expiry ON codes (expires_at);
CREATE INDEX codes_by_account ON codes (account, service, expires_at);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);
CREATE INDEX tokens_by_account ON tokens (account, service, expires_at);
CREATE INDEX decisions_to_delete ON decisions (decided_at)
    WHERE decision IN ('cancel', 'refused');

-- The name of a challenge is derived from this, so that an identical request can be given the
-- same challenge again. NULL in rows from before: those are not reused.
ALTER TABLE challenges ADD COLUMN nonce BLOB;

-- Whose database this is: the demo's, where anyone can be anyone, or a real one. One row, written at
-- the first start and never changed.
CREATE TABLE database_mode (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    mode TEXT NOT NULL CHECK (mode IN ('demo', 'production'))
) STRICT;
CREATE TRIGGER database_mode_is_not_replaced BEFORE INSERT ON database_mode
WHEN EXISTS (SELECT 1 FROM database_mode)
BEGIN SELECT RAISE(ABORT, 'the mode of a database is never replaced'); END;
CREATE TRIGGER database_mode_is_not_updated BEFORE UPDATE ON database_mode
BEGIN SELECT RAISE(ABORT, 'the mode of a database is never changed'); END;
CREATE TRIGGER database_mode_is_not_deleted BEFORE DELETE ON database_mode
BEGIN SELECT RAISE(ABORT, 'the mode of a database is never deleted'); END;

-- Written and emptied again by each readiness check: a disk that is full shows only in a write.
CREATE TABLE readiness_probe (
    filler BLOB NOT NULL
) STRICT;

-- INSERT OR REPLACE deletes the row that is in its way without firing delete triggers
-- (sqlite.org/lang_conflict.html). So an INSERT whose key, any other unique column or explicit rowid
-- is there already is refused before it deletes anything.
CREATE TRIGGER documents_are_not_replaced BEFORE INSERT ON documents
WHEN EXISTS (
    SELECT 1 FROM documents WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM documents WHERE service = NEW.service AND tag = NEW.tag
        AND version = NEW.version AND locale = NEW.locale
)
BEGIN SELECT RAISE(ABORT, 'documents are never replaced'); END;

CREATE TRIGGER decisions_are_not_replaced BEFORE INSERT ON decisions
WHEN EXISTS (
    SELECT 1 FROM decisions WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM decisions WHERE receipt_id = NEW.receipt_id
    UNION ALL
    SELECT 1 FROM decisions WHERE challenge = NEW.challenge
)
BEGIN SELECT RAISE(ABORT, 'decisions are never replaced'); END;

CREATE TRIGGER receipt_items_are_not_replaced BEFORE INSERT ON receipt_items
WHEN EXISTS (
    SELECT 1 FROM receipt_items WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM receipt_items WHERE receipt_id = NEW.receipt_id AND position = NEW.position
)
BEGIN SELECT RAISE(ABORT, 'receipts are never replaced'); END;

-- The same statements are written with every receipt (ON CONFLICT DO NOTHING): that is let through
-- and changes nothing. The digest is of the text alone, so the text decides what is the same.
CREATE TRIGGER statements_are_not_replaced BEFORE INSERT ON statements
WHEN EXISTS (
    SELECT 1 FROM statements WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM statements WHERE digest = NEW.digest
)
BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM statements WHERE digest = NEW.digest AND text = NEW.text)
            THEN RAISE(IGNORE)
        ELSE RAISE(ABORT, 'statements are never replaced')
    END;
END;

-- An agreement is proof and stays. Other decisions may be deleted 90 days later (store/cleanup.rs);
-- a cancel at which nothing was shown proves nothing and goes with its challenge.
DROP TRIGGER IF EXISTS decisions_remain;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
WHEN OLD.decision NOT IN ('cancel', 'refused')
    OR (OLD.decided_at > unixepoch() - 90 * 24 * 60 * 60
        AND (OLD.decision <> 'cancel'
            OR EXISTS (SELECT 1 FROM receipt_items WHERE receipt_id = OLD.receipt_id)))
BEGIN SELECT RAISE(ABORT, 'agreements are never deleted, other decisions not before 90 days'); END;

DROP TRIGGER IF EXISTS receipt_items_remain;
CREATE TRIGGER receipt_items_remain BEFORE DELETE ON receipt_items
WHEN EXISTS (
    SELECT 1 FROM decisions WHERE receipt_id = OLD.receipt_id
        AND (decision NOT IN ('cancel', 'refused')
            OR decided_at > unixepoch() - 90 * 24 * 60 * 60)
)
BEGIN SELECT RAISE(ABORT, 'receipts of agreements are never deleted, others not before 90 days'); END;

CREATE TRIGGER challenges_take_empty_cancels_along AFTER DELETE ON challenges
BEGIN
    DELETE FROM decisions
    WHERE challenge = OLD.id AND decision = 'cancel'
        AND NOT EXISTS (SELECT 1 FROM receipt_items WHERE receipt_id = decisions.receipt_id);
END;
