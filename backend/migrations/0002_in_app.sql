-- What the demo lets a browser pretend to be.
ALTER TABLE sessions ADD COLUMN user_agent TEXT;
