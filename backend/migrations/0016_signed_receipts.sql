-- Receipts are signed, and sealed into a Merkle log. docs/RECEIPTS.md describes both.

-- The keys that sign receipts (ES256) and checkpoints of the log (Ed25519). The newest of each signs.
CREATE TABLE receipt_keys (
    number     INTEGER PRIMARY KEY,
    -- The SHA-256 thumbprint of the public key (RFC 7638).
    kid        TEXT NOT NULL UNIQUE,
    signs      TEXT NOT NULL CHECK (signs IN ('receipts', 'checkpoints')),
    public_jwk TEXT NOT NULL,
    -- NULL once a newer key signs.
    pkcs8      BLOB,
    created_at INTEGER NOT NULL
) STRICT;

-- What the triggers below and the commands without a configuration need to know.
CREATE TABLE receipt_settings (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    -- The public origin of the last start.
    issuer        TEXT NOT NULL,
    -- Seconds for which cancelled and refused decisions are kept.
    keep_refusals INTEGER NOT NULL,
    -- Seconds for which receipts are kept after the account has left the service; NULL for no end.
    keep_ended    INTEGER
) STRICT;
INSERT INTO receipt_settings VALUES (1, '', 90 * 24 * 60 * 60, NULL);

-- The subject of a receipt is an HMAC of the account under this salt: it names the account as long as
-- the salt is here.
CREATE TABLE subjects (
    account TEXT NOT NULL,
    service TEXT NOT NULL,
    salt    BLOB NOT NULL,
    PRIMARY KEY (account, service)
) STRICT, WITHOUT ROWID;

-- Receipts as they were signed. Numbers are contiguous: receipt n is leaf n - 1 of the log.
CREATE TABLE signed_receipts (
    number     INTEGER PRIMARY KEY,
    receipt_id TEXT NOT NULL UNIQUE,
    about      TEXT NOT NULL CHECK (about IN ('decision', 'change', 'deletion')),
    jws        TEXT NOT NULL,
    -- Of the leaf: without it the log confirms no guess at the content of a receipt.
    salt       BLOB NOT NULL
) STRICT;

-- Receipts from before this migration.
CREATE TABLE unsigned_receipts (
    receipt_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO unsigned_receipts SELECT receipt_id FROM decisions;
INSERT INTO unsigned_receipts SELECT receipt_id FROM grant_changes;

-- Hashes of complete subtrees (RFC 9162, 2.1): of 2^level leaves from leaf position * 2^level on.
CREATE TABLE log_nodes (
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

-- Signed heads of the log (c2sp.org/tlog-checkpoint), all of them.
CREATE TABLE checkpoints (
    tree_size INTEGER PRIMARY KEY,
    note      TEXT NOT NULL,
    made_at   INTEGER NOT NULL
) STRICT;

-- The account that is being erased, within the transaction that does it.
CREATE TABLE erasing (
    account TEXT PRIMARY KEY
) STRICT;

-- Never changed, never replaced.
CREATE TRIGGER receipt_keys_stay BEFORE UPDATE ON receipt_keys
WHEN NEW.pkcs8 IS NOT NULL OR NEW.number <> OLD.number OR NEW.kid <> OLD.kid
    OR NEW.signs <> OLD.signs OR NEW.public_jwk <> OLD.public_jwk
    OR NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'keys of receipts are never changed'); END;
CREATE TRIGGER receipt_keys_remain BEFORE DELETE ON receipt_keys
BEGIN SELECT RAISE(ABORT, 'keys of receipts are never deleted'); END;
CREATE TRIGGER receipt_keys_are_not_replaced BEFORE INSERT ON receipt_keys
WHEN EXISTS (
    SELECT 1 FROM receipt_keys WHERE number = NEW.number
    UNION ALL
    SELECT 1 FROM receipt_keys WHERE kid = NEW.kid
)
BEGIN SELECT RAISE(ABORT, 'keys of receipts are never replaced'); END;

CREATE TRIGGER subjects_stay BEFORE UPDATE ON subjects
BEGIN SELECT RAISE(ABORT, 'subjects of receipts are never changed'); END;
CREATE TRIGGER subjects_remain BEFORE DELETE ON subjects
WHEN OLD.account NOT IN (SELECT account FROM erasing) AND (
    EXISTS (SELECT 1 FROM decisions WHERE account = OLD.account AND service = OLD.service)
    OR EXISTS (SELECT 1 FROM grant_changes WHERE account = OLD.account AND service = OLD.service))
BEGIN SELECT RAISE(ABORT, 'subjects of receipts are never deleted'); END;
CREATE TRIGGER subjects_are_not_replaced BEFORE INSERT ON subjects
WHEN EXISTS (SELECT 1 FROM subjects WHERE account = NEW.account AND service = NEW.service)
BEGIN SELECT RAISE(ABORT, 'subjects of receipts are never replaced'); END;

CREATE TRIGGER signed_receipts_stay BEFORE UPDATE ON signed_receipts
BEGIN SELECT RAISE(ABORT, 'signed receipts are never changed'); END;
CREATE TRIGGER signed_receipts_remain BEFORE DELETE ON signed_receipts
WHEN OLD.about = 'deletion'
    OR EXISTS (SELECT 1 FROM decisions WHERE receipt_id = OLD.receipt_id)
    OR EXISTS (SELECT 1 FROM grant_changes WHERE receipt_id = OLD.receipt_id)
BEGIN SELECT RAISE(ABORT, 'signed receipts are never deleted'); END;
CREATE TRIGGER signed_receipts_are_not_replaced BEFORE INSERT ON signed_receipts
WHEN EXISTS (
    SELECT 1 FROM signed_receipts WHERE number = NEW.number
    UNION ALL
    SELECT 1 FROM signed_receipts WHERE receipt_id = NEW.receipt_id
)
BEGIN SELECT RAISE(ABORT, 'signed receipts are never replaced'); END;

CREATE TRIGGER unsigned_receipts_are_not_added BEFORE INSERT ON unsigned_receipts
BEGIN SELECT RAISE(ABORT, 'every receipt is signed'); END;
CREATE TRIGGER unsigned_receipts_stay BEFORE UPDATE ON unsigned_receipts
BEGIN SELECT RAISE(ABORT, 'the list of unsigned receipts is never changed'); END;

CREATE TRIGGER unsigned_receipts_remain BEFORE DELETE ON unsigned_receipts
WHEN EXISTS (SELECT 1 FROM decisions WHERE receipt_id = OLD.receipt_id)
    OR EXISTS (SELECT 1 FROM grant_changes WHERE receipt_id = OLD.receipt_id)
BEGIN SELECT RAISE(ABORT, 'the list of unsigned receipts is never shortened'); END;

CREATE TRIGGER log_nodes_stay BEFORE UPDATE ON log_nodes
BEGIN SELECT RAISE(ABORT, 'the log of receipts is never changed'); END;
CREATE TRIGGER log_nodes_remain BEFORE DELETE ON log_nodes
BEGIN SELECT RAISE(ABORT, 'the log of receipts is never deleted'); END;
CREATE TRIGGER log_nodes_are_not_replaced BEFORE INSERT ON log_nodes
WHEN EXISTS (SELECT 1 FROM log_nodes WHERE level = NEW.level AND position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'the log of receipts is never replaced'); END;

CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoints_remain BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
CREATE TRIGGER checkpoints_are_not_replaced BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE tree_size = NEW.tree_size)
BEGIN SELECT RAISE(ABORT, 'checkpoints are never replaced'); END;

-- Erasure replaces the account of a receipt by `erased:` and the subject of the receipt, and
-- changes nothing else. It leaves a signed receipt.
DROP TRIGGER decisions_stay;
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
WHEN OLD.account NOT IN (SELECT account FROM erasing) OR NEW.account NOT LIKE 'erased:%'
    OR NEW.rowid <> OLD.rowid OR NEW.receipt_id <> OLD.receipt_id
    OR NEW.schema_version <> OLD.schema_version OR NEW.challenge <> OLD.challenge
    OR NEW.session <> OLD.session OR NEW.service <> OLD.service OR NEW.decision <> OLD.decision
    OR NEW.purpose <> OLD.purpose OR NEW.locale <> OLD.locale OR NEW.body <> OLD.body
    OR NEW.decided_at <> OLD.decided_at
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
DROP TRIGGER grant_changes_stay;
CREATE TRIGGER grant_changes_stay BEFORE UPDATE ON grant_changes
WHEN OLD.account NOT IN (SELECT account FROM erasing) OR NEW.account NOT LIKE 'erased:%'
    OR NEW.rowid <> OLD.rowid OR NEW.receipt_id <> OLD.receipt_id
    OR NEW.schema_version <> OLD.schema_version OR NEW.service <> OLD.service
    OR NEW.change <> OLD.change OR NEW.caused_by <> OLD.caused_by
    OR NEW.changed_at <> OLD.changed_at
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never changed'); END;
DROP TRIGGER kakao_user_ids_remain;
CREATE TRIGGER kakao_user_ids_remain BEFORE DELETE ON kakao_user_ids
WHEN OLD.account NOT IN (SELECT account FROM erasing)
BEGIN SELECT RAISE(ABORT, 'user ids are never deleted'); END;

-- Decisions and changes whose retention period has ended. Agreements and changes: some time after the
-- account has left the service, if nothing happened there since.
CREATE VIEW deletable_decisions AS
    SELECT receipt_id FROM decisions AS old
    WHERE (decision IN ('cancel', 'refused')
            AND decided_at <= unixepoch() - (SELECT keep_refusals FROM receipt_settings))
        OR (decided_at <= unixepoch() - (SELECT keep_ended FROM receipt_settings)
            AND NOT EXISTS (SELECT 1 FROM links
                WHERE links.account = old.account AND links.service = old.service)
            AND NOT EXISTS (SELECT 1 FROM decisions AS later
                WHERE later.account = old.account AND later.service = old.service
                    AND later.decided_at > unixepoch() - (SELECT keep_ended FROM receipt_settings))
            AND NOT EXISTS (SELECT 1 FROM grant_changes AS later
                WHERE later.account = old.account AND later.service = old.service
                    AND later.changed_at > unixepoch() - (SELECT keep_ended FROM receipt_settings)));
CREATE VIEW deletable_changes AS
    SELECT receipt_id FROM grant_changes AS old
    WHERE changed_at <= unixepoch() - (SELECT keep_ended FROM receipt_settings)
        AND NOT EXISTS (SELECT 1 FROM links
            WHERE links.account = old.account AND links.service = old.service)
        AND NOT EXISTS (SELECT 1 FROM decisions AS later
            WHERE later.account = old.account AND later.service = old.service
                AND later.decided_at > unixepoch() - (SELECT keep_ended FROM receipt_settings))
        AND NOT EXISTS (SELECT 1 FROM grant_changes AS later
            WHERE later.account = old.account AND later.service = old.service
                AND later.changed_at > unixepoch() - (SELECT keep_ended FROM receipt_settings));

DROP TRIGGER decisions_remain;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
WHEN NOT EXISTS (SELECT 1 FROM deletable_decisions WHERE receipt_id = OLD.receipt_id)
    AND (OLD.decision <> 'cancel'
        OR EXISTS (SELECT 1 FROM receipt_items WHERE receipt_id = OLD.receipt_id))
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted before their retention period ends'); END;
DROP TRIGGER receipt_items_remain;
CREATE TRIGGER receipt_items_remain BEFORE DELETE ON receipt_items
WHEN EXISTS (SELECT 1 FROM decisions WHERE receipt_id = OLD.receipt_id)
    AND NOT EXISTS (SELECT 1 FROM deletable_decisions WHERE receipt_id = OLD.receipt_id)
BEGIN SELECT RAISE(ABORT, 'receipts are never deleted before their retention period ends'); END;
DROP TRIGGER grant_changes_remain;
CREATE TRIGGER grant_changes_remain BEFORE DELETE ON grant_changes
WHEN NOT EXISTS (SELECT 1 FROM deletable_changes WHERE receipt_id = OLD.receipt_id)
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never deleted before their retention period ends'); END;
DROP TRIGGER grant_change_items_remain;
CREATE TRIGGER grant_change_items_remain BEFORE DELETE ON grant_change_items
WHEN EXISTS (SELECT 1 FROM grant_changes WHERE receipt_id = OLD.receipt_id)
    AND NOT EXISTS (SELECT 1 FROM deletable_changes WHERE receipt_id = OLD.receipt_id)
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never deleted before their retention period ends'); END;

CREATE TRIGGER decisions_take_signatures_along AFTER DELETE ON decisions
BEGIN
    DELETE FROM signed_receipts WHERE receipt_id = OLD.receipt_id;
    DELETE FROM unsigned_receipts WHERE receipt_id = OLD.receipt_id;
END;
CREATE TRIGGER grant_changes_take_signatures_along AFTER DELETE ON grant_changes
BEGIN
    DELETE FROM signed_receipts WHERE receipt_id = OLD.receipt_id;
    DELETE FROM unsigned_receipts WHERE receipt_id = OLD.receipt_id;
END;
