-- Receipts of every change of a grant without a decision on the screen: by a service over its API, by
-- the user on the account page, by the end of a validity, by the operator.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE grant_changes (
    receipt_id     TEXT PRIMARY KEY,
    schema_version INTEGER NOT NULL,
    account        TEXT NOT NULL,
    service        TEXT NOT NULL,
    change         TEXT NOT NULL CHECK (change IN ('agree', 'withdraw', 'expire', 'unlink', 'erase')),
    caused_by      TEXT NOT NULL CHECK (
        caused_by IN ('user', 'user_token', 'admin_key', 'no_sign_up', 'expiry', 'operator')),
    changed_at     INTEGER NOT NULL
) STRICT;
INSERT INTO grant_changes
    SELECT receipt_id, schema_version, account, service, change, caused_by, changed_at
    FROM api_changes ORDER BY rowid;

-- The agreements that began or ended.
CREATE TABLE grant_change_items (
    receipt_id TEXT NOT NULL REFERENCES grant_changes (receipt_id),
    position   INTEGER NOT NULL,
    -- `term:tos` or `item:account_email`
    key        TEXT NOT NULL,
    version    TEXT,
    PRIMARY KEY (receipt_id, position)
) STRICT;
INSERT INTO grant_change_items
    SELECT receipt_id, position, key, version FROM api_change_items ORDER BY rowid;

DROP TABLE api_change_items;
DROP TABLE api_changes;
CREATE INDEX grant_changes_by_account ON grant_changes (account, service, changed_at);

-- Proof that can be rewritten proves nothing.
CREATE TRIGGER grant_changes_stay BEFORE UPDATE ON grant_changes
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never changed'); END;
CREATE TRIGGER grant_changes_remain BEFORE DELETE ON grant_changes
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never deleted'); END;
CREATE TRIGGER grant_changes_are_not_replaced BEFORE INSERT ON grant_changes
WHEN EXISTS (
    SELECT 1 FROM grant_changes WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM grant_changes WHERE receipt_id = NEW.receipt_id
)
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never replaced'); END;
CREATE TRIGGER grant_change_items_stay BEFORE UPDATE ON grant_change_items
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never changed'); END;
CREATE TRIGGER grant_change_items_remain BEFORE DELETE ON grant_change_items
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never deleted'); END;
CREATE TRIGGER grant_change_items_are_not_replaced BEFORE INSERT ON grant_change_items
WHEN EXISTS (
    SELECT 1 FROM grant_change_items WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM grant_change_items
    WHERE receipt_id = NEW.receipt_id AND position = NEW.position
)
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never replaced'); END;
