-- Of the links and channels that an account was written with, to notice that they were edited since.
ALTER TABLE seeded ADD COLUMN digest BLOB;
