-- The first sign-in of an account asks whether its id was used before, in the transaction that makes it.
CREATE INDEX kakao_user_ids_by_account ON kakao_user_ids (account);
