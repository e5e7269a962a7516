//! Passwords of members of before, as argon2 hashes (PHC strings).

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{self, SaltString},
};

/// Hashes a password.
///
/// # Errors
/// When there are no random numbers.
pub fn hash(password: &str) -> Result<String, password_hash::Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
    let salt = SaltString::encode_b64(&salt)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Whether a password is the one of a hash. It takes tens of milliseconds, which is its purpose: the
/// work is done on a thread that may be blocked.
pub async fn is_right(password: String, hash: String) -> bool {
    let check = move || {
        let Ok(hash) = PasswordHash::new(&hash) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
    };
    tokio::task::spawn_blocking(check).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let hash = hash("tea-since-2019").unwrap();
        assert!(is_right("tea-since-2019".into(), hash.clone()).await);
        assert!(!is_right("tea-since-2020".into(), hash).await);
        assert!(!is_right("tea-since-2019".into(), "no hash".into()).await);
    }
}
