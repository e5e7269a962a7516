-- Events of a messenger that came, so that each counts once. The id is the SHA-256 of that of the event. They
-- are kept as long as a sender may try again.
CREATE TABLE messenger_events (
    id          BLOB PRIMARY KEY,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX messenger_events_by_time ON messenger_events (received_at);

-- When the newest change happened that a messenger or an operator has reported of an account, in milliseconds
-- since 1970: an event that comes late does not undo it.
CREATE TABLE messenger_changes (
    account     TEXT NOT NULL,
    -- membership, or channel: and its public id
    about       TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    PRIMARY KEY (account, about)
) STRICT, WITHOUT ROWID;
