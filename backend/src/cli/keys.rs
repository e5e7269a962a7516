//! `consent-backend keys`: lists, rotates and withdraws the keys that sign.

use clap::{Args, Subcommand, ValueEnum};
use consent_backend::{
    KeyState, ListedReceiptKey, Location, NotWithdrawn, ReceiptPurpose, RingKey, Rotation, Store,
    TokenPurpose,
    audit::{Actor, Event, Record},
    clock::{Clock, Seconds, rfc3339},
};
use serde_json::{Value, json};

use super::{
    audit_option::{AuditOption, Trail},
    failed, location, open,
};

#[derive(Args)]
pub struct Keys {
    /// Where the database is; by default where a server has it.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL", global = true)]
    data_dir: Option<Location>,
    /// The demo's database.
    #[arg(long, global = true)]
    demo: bool,
    #[command(flatten)]
    audit: AuditOption,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the keys and their states: next, active, retired, withdrawn.
    List {
        /// As JSON instead of lines of text.
        #[arg(long)]
        json: bool,
    },
    /// Lets other keys sign. Running servers need no restart, and what was signed before stays valid.
    Rotate {
        /// Only the keys of this purpose, once for each.
        #[arg(long, value_enum, value_name = "PURPOSE")]
        only: Vec<Purpose>,
        /// Do not wait until clients that cache the key set can know the new key.
        #[arg(long)]
        now: bool,
    },
    /// Withdraws a key that leaked: at once it signs nothing more, and nothing that it signed is valid.
    Retire {
        /// The name of the key, from the list.
        // Some begin with a hyphen: they are base64url.
        #[arg(value_name = "KID", allow_hyphen_values = true)]
        kid: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Purpose {
    IdTokens,
    Events,
    Receipts,
    Checkpoints,
}

/// What a purpose is for the database.
enum Kind {
    Tokens(TokenPurpose),
    Receipts(ReceiptPurpose),
}

impl Purpose {
    fn kind(self) -> Kind {
        match self {
            Self::IdTokens => Kind::Tokens(TokenPurpose::IdTokens),
            Self::Events => Kind::Tokens(TokenPurpose::Events),
            Self::Receipts => Kind::Receipts(ReceiptPurpose::Receipts),
            Self::Checkpoints => Kind::Receipts(ReceiptPurpose::Checkpoints),
        }
    }

    fn of_tokens(purpose: TokenPurpose) -> Self {
        match purpose {
            TokenPurpose::IdTokens => Self::IdTokens,
            TokenPurpose::Events => Self::Events,
        }
    }

    fn of_receipts(purpose: ReceiptPurpose) -> Self {
        match purpose {
            ReceiptPurpose::Receipts => Self::Receipts,
            ReceiptPurpose::Checkpoints => Self::Checkpoints,
        }
    }

    /// As it is written on the command line.
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Runs the command and returns what to print, and the exit status.
///
/// # Errors
/// When the database cannot be used.
pub async fn run(arguments: Keys) -> Result<(String, u8), String> {
    let trail = arguments.audit.open()?;
    let store = open(&location(arguments.data_dir, arguments.demo)?).await?;
    let now = Clock::default().now();
    let outcome = match arguments.command {
        Command::List { json } => list(&store, now, json).await.map(|text| (text, 0)),
        Command::Rotate { only, now: at_once } => {
            rotate(&store, &trail, now, only, at_once).await.map(|text| (text, 0))
        }
        Command::Retire { kid } => retire(&store, &trail, now, &kid).await,
    };
    store.close().await;
    outcome
}

async fn list(store: &Store, now: Seconds, as_json: bool) -> Result<String, String> {
    let mut keys: Vec<Value> = Vec::new();
    keys.extend(store.key_ring(now).await.map_err(failed)?.iter().map(of_ring));
    keys.extend(store.receipt_key_list().await.map_err(failed)?.iter().map(of_receipts));
    if as_json {
        return Ok(format!("{:#}\n", json!({ "keys": keys })));
    }
    let line = |key: &Value| {
        let text = |name: &str| key[name].as_str().unwrap_or("-").to_owned();
        let times = ["from", "since", "published_until", "at"].into_iter();
        let times = times.filter_map(|name| Some(format!("{name} {}", key[name].as_str()?)));
        let times: Vec<String> = times.collect();
        format!(
            "{:11}  {:9}  {}  {}\n",
            text("purpose"),
            text("state"),
            text("kid"),
            times.join("  ")
        )
    };
    Ok(keys.iter().map(line).collect())
}

fn of_ring(key: &RingKey) -> Value {
    let mut row = json!({
        "purpose": Purpose::of_tokens(key.purpose).name(),
        "kid": key.kid,
        "created_at": rfc3339(key.created_at),
    });
    let (state, times): (&str, &[(&str, Option<Seconds>)]) = match key.state {
        KeyState::Next { from } => ("next", &[("from", from)]),
        KeyState::Active { since } => ("active", &[("since", Some(since))]),
        KeyState::Retired { since, published_until } => {
            ("retired", &[("since", Some(since)), ("published_until", Some(published_until))])
        }
        KeyState::Withdrawn { at } => ("withdrawn", &[("at", Some(at))]),
    };
    row["state"] = state.into();
    for (name, time) in times {
        row[*name] = time.map(rfc3339).into();
    }
    row
}

fn of_receipts(key: &ListedReceiptKey) -> Value {
    json!({
        "purpose": Purpose::of_receipts(key.purpose).name(),
        "kid": key.kid,
        "created_at": rfc3339(key.created_at),
        "state": if key.is_active { "active" } else { "retired" },
    })
}

async fn rotate(
    store: &Store,
    trail: &Trail,
    now: Seconds,
    only: Vec<Purpose>,
    at_once: bool,
) -> Result<String, String> {
    let purposes = if only.is_empty() { Purpose::value_variants().to_vec() } else { only };
    let mut text = String::new();
    for purpose in purposes {
        let name = purpose.name();
        text += &match purpose.kind() {
            Kind::Receipts(kind) => {
                store.rotate_receipt_keys(&[kind]).await.map_err(failed)?;
                let event = Event::KeyRotate { purpose: kind.into(), kid: None };
                trail.record_without_account(&Record::done(event, Actor::Operator));
                format!("{name}: a new key signs from now on; the old one stays published\n")
            }
            Kind::Tokens(kind) => {
                let rotation = store.rotate_signing_key(kind, now, at_once).await;
                let Rotation { kid, from, was_pending } = rotation.map_err(failed)?;
                let event = Event::KeyRotate { purpose: kind.into(), kid: Some(kid.clone()) };
                trail.record_without_account(&Record::done(event, Actor::Operator));
                match (from > now, was_pending) {
                    (false, _) => format!("{name}: {kid} signs from now on\n"),
                    (true, false) => format!(
                        "{name}: {kid} signs from {} on, when clients that cache the key set know it\n",
                        rfc3339(from)
                    ),
                    (true, true) => format!(
                        "{name}: a rotation is on its way: {kid} signs from {} on; --now does not wait\n",
                        rfc3339(from)
                    ),
                }
            }
        };
    }
    Ok(text)
}

async fn retire(
    store: &Store,
    trail: &Trail,
    now: Seconds,
    kid: &str,
) -> Result<(String, u8), String> {
    let listed = store.receipt_key_list().await.map_err(failed)?;
    if listed.iter().any(|key| key.kid == kid) {
        let why = "keys of receipts are never withdrawn, because the receipts that they signed must \
                   stay verifiable; `keys rotate` lets others sign\n";
        return Ok((why.to_owned(), 1));
    }
    Ok(match store.withdraw_signing_key(kid, now).await.map_err(failed)? {
        Ok(purpose) => {
            let event = Event::KeyRetire { purpose: purpose.into(), kid: kid.to_owned() };
            trail.record_without_account(&Record::done(event, Actor::Operator));
            let name = Purpose::of_tokens(purpose).name();
            let text = format!(
                "{name}: {kid} is withdrawn. Clients that cache the key set accept what it signed for \
                 up to 15 minutes more.\n"
            );
            (text, 0)
        }
        Err(NotWithdrawn::Unknown) => (format!("there is no key {kid}\n"), 1),
        Err(NotWithdrawn::Before) => (format!("{kid} was withdrawn before\n"), 1),
    })
}
