//! Secrets of the configuration: in the file itself, or named there and read from another file, a systemd
//! credential or the environment.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{
    places::Places,
    reader::{StringOrTable, Table},
};
use crate::{clock::Seconds, crypto};

/// Where systemd puts the credentials of a service (systemd.exec(5), `LoadCredential=`).
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The largest file of a secret, in bytes.
const LARGEST: u64 = 8 * 1024;

/// A secret that is written down somewhere.
const EXPECTED: &str = "a string, or a table with `file`, `credential` or `env`";

/// The same, or its digest.
const EXPECTED_OF_CLIENT: &str =
    "a string, or a table with `file`, `credential`, `env` or `sha256`";

/// Where the files of secrets are.
#[derive(Clone, Copy)]
pub struct Folder<'a>(
    /// Where services.toml is; none for a built-in configuration.
    pub Option<&'a Path>,
);

/// The secrets by which a client authenticates: one, or more while it changes from one to the other.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecrets {
    current: Known,
    previous: Vec<Previous>,
}

/// A secret that is accepted beside the current one.
#[derive(Clone, PartialEq, Eq)]
struct Previous {
    secret: Known,
    /// The time from which it is accepted no more; none for one of the file, which stands there as long as
    /// it is good.
    ends_at: Option<Seconds>,
}

/// A secret as the configuration has it.
#[derive(Clone, PartialEq, Eq)]
enum Known {
    Clear(String),
    /// Good for secrets that no one can guess.
    Sha256([u8; 32]),
}

impl Known {
    fn is(&self, sent: &str) -> bool {
        match self {
            Self::Clear(secret) => crypto::same(secret, sent),
            Self::Sha256(digest) => crypto::same_bytes(digest, &crypto::sha256(&[sent.as_bytes()])),
        }
    }
}

impl ClientSecrets {
    /// One secret in clear.
    #[must_use]
    pub fn clear(secret: String) -> Self {
        Self { current: Known::Clear(secret), previous: Vec::new() }
    }

    /// Secrets of which the SHA-256 is known, those before the current one with the time of their end.
    #[must_use]
    pub fn of_digests(current: [u8; 32], previous: Vec<([u8; 32], Seconds)>) -> Self {
        let previous = previous.into_iter().map(|(digest, ends_at)| Previous {
            secret: Known::Sha256(digest),
            ends_at: Some(ends_at),
        });
        Self { current: Known::Sha256(current), previous: previous.collect() }
    }

    /// Whether this is one of them that has not ended. All are compared, each in constant time.
    #[must_use]
    pub fn accept(&self, sent: &str, now: Seconds) -> bool {
        let previous = self.previous.iter().fold(false, |found, it| {
            let is_good = it.ends_at.is_none_or(|ends_at| now < ends_at);
            found | (it.secret.is(sent) & is_good)
        });
        self.current.is(sent) | previous
    }

    /// The secret itself, if the configuration has it.
    #[must_use]
    pub fn in_clear(&self) -> Option<&str> {
        match &self.current {
            Known::Clear(secret) => Some(secret),
            Known::Sha256(_) => None,
        }
    }
}

/// Without the secrets.
impl fmt::Debug for ClientSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecrets")
            .field("many", &(1 + self.previous.len()))
            .finish_non_exhaustive()
    }
}

/// Reads a secret that this server sends, and where it stands.
pub fn read(
    table: &mut Table<'_>,
    key: &'static str,
    folder: Folder<'_>,
    places: &mut Places,
) -> Option<(String, usize)> {
    match known(table, key, folder, places, EXPECTED)? {
        (Known::Clear(secret), at) => Some((secret, at)),
        (Known::Sha256(_), _) => None,
    }
}

/// Reads `client_secret` and `previous_client_secret`.
pub fn of_client(
    table: &mut Table<'_>,
    folder: Folder<'_>,
    places: &mut Places,
) -> Option<ClientSecrets> {
    let has_current = table.has("client_secret");
    let mut one = |table: &mut Table<'_>, key| {
        let (known, at) = known(table, key, folder, places, EXPECTED_OF_CLIENT)?;
        if let Known::Clear(secret) = &known
            && secret.len() < 16
        {
            table.fault(at, format!("`{key}` is shorter than 16 characters"));
        }
        Some((known, at))
    };
    let current = one(table, "client_secret");
    let previous = one(table, "previous_client_secret");
    if let (Some((_, at)), false) = (&previous, has_current) {
        let reason = "`previous_client_secret` needs a `client_secret`, which takes its place";
        table.faults.add_unless_misspelt("client_secret", *at, reason);
    }
    if let (Some((current, _)), Some((previous, at))) = (&current, &previous)
        && current == previous
    {
        table.fault(*at, "`previous_client_secret` is the `client_secret`");
    }
    let (current, _) = current?;
    let previous = previous.map(|(secret, _)| Previous { secret, ends_at: None });
    Some(ClientSecrets { current, previous: previous.into_iter().collect() })
}

fn known(
    table: &mut Table<'_>,
    key: &'static str,
    folder: Folder<'_>,
    places: &mut Places,
    expected: &'static str,
) -> Option<(Known, usize)> {
    match table.string_or_table(key, expected)? {
        StringOrTable::String(secret, at) if secret == consent_services::LEFT_OUT => {
            table.fault(at, format!("`{key}`: put the secret in the place of `{secret}`"));
            None
        }
        StringOrTable::String(secret, at) => {
            places.clear_secrets.push((key, at));
            Some((Known::Clear(secret), at))
        }
        StringOrTable::Table(mut named) => {
            let at = named.at;
            let found = [
                named.string("file").map(|(name, at)| (of_file(&name, folder, places), at)),
                named.string("credential").map(|(name, at)| (of_credential(&name), at)),
                named.string("env").map(|(name, at)| (of_environment(&name), at)),
                match expected == EXPECTED_OF_CLIENT {
                    true => named.string("sha256").map(|(digest, at)| (of_digest(&digest), at)),
                    false => None,
                },
            ];
            let mut found = found.into_iter().flatten();
            match (found.next(), found.next()) {
                (Some((Ok(known), _)), None) => Some((known, at)),
                (Some((Err(reason), at)), None) => {
                    named.fault(at, format!("`{key}`: {reason}"));
                    None
                }
                (Some(_), Some((_, at))) => {
                    named.fault(at, format!("`{key}` has more than one source"));
                    None
                }
                (None, _) => {
                    named.fault(at, format!("`{key}`: expected {expected}"));
                    None
                }
            }
        }
    }
}

fn of_file(name: &str, folder: Folder<'_>, places: &mut Places) -> Result<Known, String> {
    let Some(folder) = folder.0 else {
        return Err("only a services.toml names files".to_owned());
    };
    let path = folder.join(name);
    places.secret_files.push(path.clone());
    content(&path)
}

fn of_credential(name: &str) -> Result<Known, String> {
    let is_name = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    if !is_name {
        return Err(format!("`{name}` is not the name of a credential"));
    }
    match env::var_os(CREDENTIALS_DIRECTORY) {
        Some(directory) => content(&PathBuf::from(directory).join(name)),
        None => Err(format!(
            "the credential `{name}` is not there: {CREDENTIALS_DIRECTORY} is not set; start with \
             systemd and `LoadCredential={name}:…`"
        )),
    }
}

fn of_environment(name: &str) -> Result<Known, String> {
    match env::var(name) {
        Ok(secret) => {
            checked(secret).map_err(|why| format!("the environment variable `{name}` {why}"))
        }
        Err(env::VarError::NotPresent) => {
            Err(format!("the environment variable `{name}` is not set"))
        }
        Err(env::VarError::NotUnicode(_)) => {
            Err(format!("the environment variable `{name}` is not UTF-8"))
        }
    }
}

fn of_digest(digest: &str) -> Result<Known, String> {
    let bytes: Option<Vec<u8>> = (0..digest.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digest.get(at..at + 2)?, 16).ok())
        .collect();
    let is_hexadecimal = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = bytes.filter(|_| is_hexadecimal).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(Known::Sha256).ok_or_else(|| {
        "expected a SHA-256 in 64 hexadecimal digits; `consent-backend client-secret` makes one"
            .to_owned()
    })
}

fn content(path: &Path) -> Result<Known, String> {
    let at = path.display();
    let read = || {
        let size = fs::metadata(path)?.len();
        if size > LARGEST {
            return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
        }
        fs::read_to_string(path)
    };
    let text = read().map_err(|error| format!("{at}: {error}"))?;
    checked(text).map_err(|why| format!("{at} {why}"))
}

/// The secret without the newline that an editor leaves at the end.
fn checked(mut text: String) -> Result<Known, &'static str> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    match text.is_empty() {
        true => Err("is empty"),
        false => Ok(Known::Clear(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_secret_is_accepted_and_no_other() {
        let digest = crypto::sha256(&[b"the new secret of the shop"]);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let secrets = ClientSecrets {
            current: of_digest(&hex).unwrap(),
            previous: vec![Previous {
                secret: Known::Clear("the old secret of the shop".to_owned()),
                ends_at: None,
            }],
        };
        assert!(secrets.accept("the new secret of the shop", 0));
        assert!(secrets.accept("the old secret of the shop", Seconds::MAX));
        for wrong in ["", &hex, "the new secret", "another secret of a shop"] {
            assert!(!secrets.accept(wrong, 0), "{wrong}");
        }
        assert_eq!(secrets.in_clear(), None);
        assert!(!format!("{secrets:?}").contains("old"));
        for bad in ["", "00", &hex[1..], &hex.replace(&hex[..1], "x"), &format!("{hex}00")] {
            assert!(of_digest(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_previous_secret_ends_at_its_time() {
        let digest = |secret: &str| crypto::sha256(&[secret.as_bytes()]);
        let secrets = ClientSecrets::of_digests(
            digest("third"),
            vec![(digest("first"), 100), (digest("second"), 200)],
        );
        for (now, good) in [
            (99, &["first", "second", "third"][..]),
            (100, &["second", "third"]),
            (199, &["second", "third"]),
            (200, &["third"]),
        ] {
            let accepted = ["first", "second", "third", "fourth", ""];
            let accepted = accepted.into_iter().filter(|it| secrets.accept(it, now));
            assert_eq!(accepted.collect::<Vec<_>>(), good, "{now}");
        }
    }

    #[test]
    fn an_editor_s_newline_is_no_part_of_a_secret() {
        for (text, secret) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a ")] {
            assert!(checked(text.to_owned()) == Ok(Known::Clear(secret.to_owned())), "{text:?}");
        }
        for empty in ["", "\n", "\r\n"] {
            assert!(checked(empty.to_owned()).is_err());
        }
    }
}
