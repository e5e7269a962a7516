-- Ids of erased accounts, which no other identity gets: services know the account by names that are
-- derived from its id. Both are MACs under the key of these names.
CREATE TABLE erased_ids (
    id       TEXT PRIMARY KEY,
    -- Of the id with the issuer and the subject that the account belonged to.
    identity TEXT NOT NULL
) STRICT, WITHOUT ROWID;
