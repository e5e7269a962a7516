//! The look of a service, as the file has it: strings by key, which the crate `lint` knows the meaning of.

use toml::de::{DeTable, DeValue};

use crate::{
    Fault,
    edits::Edits,
    fault::Wrong,
    layout::{self, Shape, Value},
    literal,
    reader::table,
    service::service,
};

/// The key of the table in a service.
const LOOK: &str = "look";

/// For which colour scheme a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    Both,
    Light,
    Dark,
}

impl Scheme {
    /// The table inside the one of the look.
    fn table(self) -> Option<&'static str> {
        match self {
            Self::Both => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// A key of a look, and its string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookEntry {
    pub scheme: Scheme,
    pub key: String,
    pub value: String,
}

/// A key to set, or to take out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookChange {
    pub scheme: Scheme,
    pub key: &'static str,
    pub value: Option<String>,
}

/// The look of a service: its strings. What is none is left out.
///
/// # Errors
/// The first fault of the file, and a table of the look that is none.
pub fn look(toml: &str, index: usize) -> Result<Vec<LookEntry>, Fault> {
    entries(toml, index).map_err(|wrong| wrong.placed(toml))
}

fn entries(toml: &str, index: usize) -> Result<Vec<LookEntry>, Wrong> {
    let root = layout::parse(toml)?;
    let Some(look) = table(service(root.get_ref(), index)?)?.get(LOOK) else {
        return Ok(Vec::new());
    };
    let look = table(look)?;
    let mut entries = Vec::new();
    collect(look, Scheme::Both, &mut entries);
    for scheme in [Scheme::Light, Scheme::Dark] {
        if let Some(colours) = scheme.table().and_then(|name| look.get(name)) {
            collect(table(colours)?, scheme, &mut entries);
        }
    }
    Ok(entries)
}

fn collect(of: &DeTable<'_>, scheme: Scheme, entries: &mut Vec<LookEntry>) {
    for (key, value) in of {
        if let DeValue::String(value) = value.get_ref() {
            let (key, value) = (key.get_ref().to_string(), value.to_string());
            entries.push(LookEntry { scheme, key, value });
        }
    }
}

/// The file with changes of a service's look. Everything else stays byte for byte. A change that has no
/// place is left out: the caller reads the file again.
///
/// # Errors
/// As [`look`].
pub fn write_look(toml: &str, index: usize, changes: &[LookChange]) -> Result<String, Fault> {
    let mut written = toml.to_owned();
    for change in changes {
        let next = changed(&written, index, change).map_err(|wrong| wrong.placed(&written))?;
        written = next.filter(|it| layout::parse(it).is_ok()).unwrap_or(written);
    }
    Ok(written)
}

/// The file with one change. None where there is nothing to take out.
fn changed(toml: &str, index: usize, change: &LookChange) -> Result<Option<String>, Wrong> {
    let root = layout::parse(toml)?;
    let service = service(root.get_ref(), index)?;
    let look = table(service)?.get(LOOK);
    let target = match (look, change.scheme.table()) {
        (Some(look), Some(name)) => table(look)?.get(name),
        (look, _) => look,
    };
    if let Some(target) = target {
        let old = table(target)?.get(change.key).and_then(|it| it.get_ref().as_str());
        let is_by_headers = layout::shape(toml, target) == Shape::Implicit;
        if old.is_some() || change.value.is_some() && !is_by_headers {
            let mut edits = Edits::of(toml);
            let old = old.map(str::to_owned);
            if old != change.value {
                edits.string(target, change.key, old, change.value.clone());
            }
            return Ok(Some(edits.applied()));
        }
    }
    let Some(value) = &change.value else { return Ok(None) };
    let entry = format!("{} = {}", change.key, literal::string(value, Some("\""), "\n"));
    Ok(with_table(toml, service, look, change.scheme.table(), &entry))
}

/// Adds a table with its first entry: `name` inside the look, or the look itself.
fn with_table(
    toml: &str,
    service: &Value<'_>,
    look: Option<&Value<'_>>,
    name: Option<&str>,
    entry: &str,
) -> Option<String> {
    let inline = match (look, name) {
        (None, Some(name)) => format!("{{ {name} = {{ {entry} }} }}"),
        _ => format!("{{ {entry} }}"),
    };
    let newline = layout::newline(toml);
    // Where to add, and after what: a table of the look is in the look, the look in its service.
    let splice = match (look, name) {
        (Some(look), Some(name)) if layout::shape(toml, look) != Shape::Implicit => {
            layout::with_key(toml, look, name, &inline)
        }
        (None, _) if layout::shape(toml, service) != Shape::Header => {
            layout::with_key(toml, service, LOOK, &inline)
        }
        _ => {
            let path = format!("{}.{LOOK}", layout::path(toml, service));
            let lines = match (look, name) {
                (None, Some(name)) => format!("[{path}]{newline}{name} = {{ {entry} }}{newline}"),
                (Some(_), Some(name)) => format!("[{path}.{name}]{newline}{entry}{newline}"),
                (_, None) => format!("[{path}]{newline}{entry}{newline}"),
            };
            let at = layout::line_end(toml, layout::deep_end(look.unwrap_or(service)));
            let before = if toml[..at].ends_with('\n') { "" } else { newline };
            let new = format!("{before}{newline}{lines}");
            Some(layout::Splice { range: at..at, new })
        }
    };
    splice.map(|it| layout::spliced(toml, vec![it]))
}
