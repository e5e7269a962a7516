-- Digest of the recipient, the purpose and the retention that an item was agreed to with, in the
-- language in which they were shown. NULL for terms, for configured agreements and for those from
-- before this migration, which are taken for agreements to the statements of now.
ALTER TABLE agreements ADD COLUMN statements TEXT;
