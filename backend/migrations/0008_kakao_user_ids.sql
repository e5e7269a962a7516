-- The number by which Kakao's API names an account to a service: another one at each service, also at
-- the test app of a service, and the same one after an account was unlinked and linked again.
CREATE TABLE kakao_user_ids (
    service TEXT NOT NULL,
    account TEXT NOT NULL,
    -- Up to 2^53 - 1, the largest number that every JSON parser keeps.
    id      INTEGER NOT NULL CHECK (id BETWEEN 1 AND 9007199254740991),
    PRIMARY KEY (service, account),
    UNIQUE (service, id)
) STRICT;
CREATE TRIGGER kakao_user_ids_stay BEFORE UPDATE ON kakao_user_ids
BEGIN SELECT RAISE(ABORT, 'user ids are never changed'); END;
CREATE TRIGGER kakao_user_ids_remain BEFORE DELETE ON kakao_user_ids
BEGIN SELECT RAISE(ABORT, 'user ids are never deleted'); END;
