-- Whether accounts are on the messenger, where the admin API has set it: it counts more than the services
-- file, the provider or the proxy.
CREATE TABLE messenger_members (
    account    TEXT PRIMARY KEY,
    registered INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
