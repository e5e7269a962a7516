-- Events of a messenger. See migrations/0036_messenger_events.sql for the columns.
CREATE TABLE messenger_events (
    id          BYTEA PRIMARY KEY,
    received_at BIGINT NOT NULL
);
CREATE INDEX messenger_events_by_time ON messenger_events (received_at);

CREATE TABLE messenger_changes (
    account     TEXT COLLATE "C" NOT NULL,
    about       TEXT COLLATE "C" NOT NULL,
    happened_at BIGINT NOT NULL,
    PRIMARY KEY (account, about)
);
