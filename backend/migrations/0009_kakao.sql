-- Accounts that were linked while their service had manual connection. It has to complete each
-- sign-up; accounts that are not here owe nothing.
CREATE TABLE kakao_sign_ups (
    service      TEXT NOT NULL,
    account      TEXT NOT NULL,
    linked_at    INTEGER NOT NULL,
    -- NULL until the service has completed the sign-up.
    signed_up_at INTEGER,
    PRIMARY KEY (service, account)
) STRICT;
CREATE INDEX kakao_sign_ups_awaited ON kakao_sign_ups (service, linked_at)
    WHERE signed_up_at IS NULL;

-- User properties that a service stores.
CREATE TABLE kakao_properties (
    service TEXT NOT NULL,
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (service, account, name)
) STRICT;

CREATE INDEX links_by_service ON links (service, linked_at);

-- Where an agreement was made: on the screen, or by the service, which reports it over the API.
ALTER TABLE agreements ADD COLUMN agreed_by TEXT NOT NULL DEFAULT 'KAUTH'
    CHECK (agreed_by IN ('KAUTH', 'KAPI'));

-- NULL for relations from before this migration, and for configured ones.
ALTER TABLE channel_relations ADD COLUMN updated_at INTEGER;

-- Receipts of what a service changed over the API, without a decision on the screen.
CREATE TABLE api_changes (
    receipt_id     TEXT PRIMARY KEY,
    schema_version INTEGER NOT NULL,
    account        TEXT NOT NULL,
    service        TEXT NOT NULL,
    change         TEXT NOT NULL CHECK (change IN ('agree', 'withdraw', 'unlink')),
    caused_by      TEXT NOT NULL CHECK (caused_by IN ('user_token', 'admin_key', 'no_sign_up')),
    changed_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX api_changes_by_account ON api_changes (account, service, changed_at);

-- The agreements that began or ended.
CREATE TABLE api_change_items (
    receipt_id TEXT NOT NULL REFERENCES api_changes (receipt_id),
    position   INTEGER NOT NULL,
    -- `term:tos` or `item:account_email`
    key        TEXT NOT NULL,
    version    TEXT,
    PRIMARY KEY (receipt_id, position)
) STRICT;

-- Proof that can be rewritten proves nothing.
CREATE TRIGGER api_changes_stay BEFORE UPDATE ON api_changes
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never changed'); END;
CREATE TRIGGER api_changes_remain BEFORE DELETE ON api_changes
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never deleted'); END;
CREATE TRIGGER api_changes_are_not_replaced BEFORE INSERT ON api_changes
WHEN EXISTS (
    SELECT 1 FROM api_changes WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM api_changes WHERE receipt_id = NEW.receipt_id
)
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never replaced'); END;
CREATE TRIGGER api_change_items_stay BEFORE UPDATE ON api_change_items
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never changed'); END;
CREATE TRIGGER api_change_items_remain BEFORE DELETE ON api_change_items
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never deleted'); END;
CREATE TRIGGER api_change_items_are_not_replaced BEFORE INSERT ON api_change_items
WHEN EXISTS (
    SELECT 1 FROM api_change_items WHERE rowid = NEW.rowid
    UNION ALL
    SELECT 1 FROM api_change_items
    WHERE receipt_id = NEW.receipt_id AND position = NEW.position
)
BEGIN SELECT RAISE(ABORT, 'receipts of changes are never replaced'); END;
