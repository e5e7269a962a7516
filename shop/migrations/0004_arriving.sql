-- Users whom the provider linked with a code, and of whom the shop has nothing yet. The row is there
-- until the sign-in ends; what stays is unlinked.
CREATE TABLE arriving (
    sub TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
