-- Attempts to prove that someone is a member of before. Counted for each member, whoever signs in and
-- however often: a sign-up that begins again gets no new attempts.
CREATE TABLE proofs (
    member INTEGER PRIMARY KEY REFERENCES members ON DELETE CASCADE,
    wrong_passwords INTEGER NOT NULL,
    wrong_codes INTEGER NOT NULL,
    codes_sent INTEGER NOT NULL,
    -- The first of them. A day later all counts begin again.
    since INTEGER NOT NULL
) STRICT;
