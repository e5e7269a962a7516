-- Who went to the provider for something of theirs. Nobody else may come back for it.
ALTER TABLE attempts ADD COLUMN sub TEXT;
