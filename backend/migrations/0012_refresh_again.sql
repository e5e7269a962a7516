-- Successors are not derived any more: a token that was rotated and is sent again gets a new one.
ALTER TABLE refresh_tokens ADD COLUMN is_accepted_again INTEGER NOT NULL DEFAULT 0;
UPDATE refresh_tokens SET is_accepted_again = 1 WHERE salt IS NOT NULL;
ALTER TABLE refresh_tokens DROP COLUMN salt;
