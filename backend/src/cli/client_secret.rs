//! `consent-backend client-secret`: makes a client secret, or the digest of one.

use std::io::Read;

use clap::Args;
use consent_backend::crypto;

/// A shorter secret could be found from its digest, in characters.
const SHORTEST: usize = 32;

#[derive(Args)]
pub struct ClientSecret {
    /// Read a secret from standard input instead of making one.
    #[arg(long)]
    stdin: bool,
}

/// Returns what to print, and the exit status.
///
/// # Errors
/// When standard input cannot be read.
pub fn run(arguments: &ClientSecret) -> Result<(String, u8), String> {
    if !arguments.stdin {
        let secret = crypto::random_token();
        let text = format!(
            "For the service, shown this once:\n{secret}\n\nFor its entry in services.toml:\n{}\n",
            entry(&secret)
        );
        return Ok((text, 0));
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| format!("standard input: {error}"))?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.chars().count() < SHORTEST {
        let why = format!(
            "the secret is shorter than {SHORTEST} characters, so it could be found from its digest: \
             take a new one\n"
        );
        return Ok((why, 1));
    }
    Ok((format!("{}\n", entry(secret)), 0))
}

fn entry(secret: &str) -> String {
    let digest = crypto::sha256(&[secret.as_bytes()]);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("client_secret = {{ sha256 = \"{digest}\" }}")
}
