//! Where a database is.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::postgres::PgConnectOptions;

/// A data directory, with a database of SQLite; or a database of PostgreSQL.
#[derive(Clone)]
pub enum Location {
    Directory(PathBuf),
    /// How to connect. The password can be in the URL, in `PGPASSWORD`, or in the file that
    /// `PGPASSFILE` names (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).
    Postgres(Box<PgConnectOptions>),
}

impl Location {
    /// The data directory; none in PostgreSQL.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(folder) => Some(folder),
            Self::Postgres(_) => None,
        }
    }
}

/// Without a password.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(folder) => folder.display().fmt(f),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or_else(|| options.get_username());
                write!(f, "postgres://{}:{}/{database}", options.get_host(), options.get_port())
            }
        }
    }
}

/// The same, since the options of a connection hold the password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

impl FromStr for Location {
    type Err = String;

    /// Reads `postgres://…`, `sqlite:DIR`, or the path of a directory.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // The error does not repeat the URL, which can have a password.
            let options = PgConnectOptions::from_str(text)
                .map_err(|error| format!("this is no URL of a PostgreSQL database: {error}"))?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        match path.split_once("://") {
            Some((scheme, _)) if !path.starts_with('/') => {
                Err(format!("{scheme} is no database that is known: expected postgres or sqlite"))
            }
            _ if path.is_empty() => Err("expected a directory".to_owned()),
            _ => Ok(Self::Directory(path.into())),
        }
    }
}

impl From<PathBuf> for Location {
    fn from(folder: PathBuf) -> Self {
        Self::Directory(folder)
    }
}

impl From<&PathBuf> for Location {
    fn from(folder: &PathBuf) -> Self {
        Self::Directory(folder.clone())
    }
}

impl From<&Path> for Location {
    fn from(folder: &Path) -> Self {
        Self::Directory(folder.to_owned())
    }
}

impl From<&Location> for Location {
    fn from(location: &Location) -> Self {
        location.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_directory_or_a_database_of_postgresql() {
        let directory = |text: &str| match text.parse() {
            Ok(Location::Directory(folder)) => folder.to_string_lossy().into_owned(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(directory("/var/lib/consent"), "/var/lib/consent");
        assert_eq!(directory("data"), "data");
        assert_eq!(directory("sqlite:/var/lib/consent"), "/var/lib/consent");
        for url in
            ["postgres://u@db.example:5433/consent", "postgresql://u@db.example:5433/consent"]
        {
            let location: Location = url.parse().unwrap();
            assert_eq!(location.directory(), None);
            assert_eq!(location.to_string(), "postgres://db.example:5433/consent");
        }
        for wrong in ["", "sqlite:", "mysql://db.example/consent", "postgres://db.example:port/"] {
            wrong.parse::<Location>().unwrap_err();
        }
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let location: Location = "postgres://u:the-password@db.example/consent".parse().unwrap();
        assert!(!format!("{location} {location:?}").contains("password"));
        let wrong = "postgres://u:the-password@db.example:port/".parse::<Location>().unwrap_err();
        assert!(!wrong.contains("password"), "{wrong}");
    }
}
