-- Browser and system of the session, for the user's own list: `Chrome, Android`. NULL when unknown.
ALTER TABLE sessions ADD COLUMN device TEXT;
