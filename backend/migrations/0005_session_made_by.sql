-- How a session was made: `demo` or `proxy`. Sessions of before do not say, and are not accepted.
ALTER TABLE sessions ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
