//! docs/SERVICES.md describes every key of services.toml.
//!
//! The descriptions are the comments of docs/services.example.toml, and of a second file for keys that
//! exclude others. The keys, their types, their
//! choices and whether they are required come from the faults that are reported when the example is
//! changed. So a key that is read and not described fails, and so does a wrong default.

use std::{collections::BTreeSet, fmt::Write, fs};

use consent_backend::config::{Catalog, Fault, Source};
use tempfile::TempDir;
use toml::{Table, Value};

const EXAMPLE: &str = include_str!("../../../docs/services.example.toml");

/// Sign-in at an OpenID provider, which excludes the other ways. Its tables stand below their parents.
const OIDC_EXAMPLE: &str = include_str!("../../../docs/services.oidc.example.toml");

/// What follows this line of docs/SERVICES.md is generated.
const MARKER: &str = "<!-- Generated from services.example.toml, see \
                      backend/tests/suite/services_reference.rs. -->\n";

/// Set to anything to write docs/SERVICES.md instead of comparing it.
const UPDATE: &str = "UPDATE_DOCS";

/// A value that no key accepts, and a key that no table has.
const WRONG: &str = "zz-wrong";

/// A table of an example.
struct Section {
    example: &'static str,
    /// As it is written: `[[service.terms]]`.
    header: &'static str,
    path: Vec<&'static str>,
    description: String,
    keys: Vec<Key>,
}

struct Key {
    name: &'static str,
    description: String,
    default: Option<String>,
    example: &'static str,
}

/// The tables of the examples, in their order. One that is in both is described in the first.
fn sections() -> Vec<Section> {
    let (mut sections, oidc) = (sections_of(EXAMPLE), sections_of(OIDC_EXAMPLE));
    let is_new = |it: &Section| sections.iter().all(|other| other.path != it.path);
    let oidc: Vec<Section> = oidc.into_iter().filter(is_new).collect();
    let last = sections.iter().rposition(|it| it.path[0] == "sign_in").unwrap();
    sections.splice(last + 1..last + 1, oidc);
    sections
}

/// The tables of an example. Every key is on a line of its own.
fn sections_of(example: &'static str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut comment = Vec::new();
    for line in example.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            comment.push(text);
            continue;
        }
        let lines = std::mem::take(&mut comment);
        if line.is_empty() {
            continue;
        }
        let default = lines.iter().find_map(|it| it.strip_prefix("Default: ")).map(str::to_owned);
        let description = lines.iter().filter(|it| !it.starts_with("Default: "));
        let description = description.copied().collect::<Vec<_>>().join(" ");
        assert!(!description.is_empty(), "`{line}` has no comment");
        match line.split_once(" = ") {
            Some((name, example)) => {
                let section = sections.last_mut().expect("a key stands in a table");
                section.keys.push(Key { name, description, default, example });
            }
            None => {
                let path = line.trim_matches(['[', ']']).split('.').collect();
                let keys = Vec::new();
                sections.push(Section { example, header: line, path, description, keys });
            }
        }
    }
    sections
}

/// A directory with the icon and the font that the example names.
struct Directory(TempDir);

impl Directory {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("shop.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        fs::write(directory.path().join("shop.woff2"), b"wOF2").unwrap();
        Self(directory)
    }

    fn read(&self, toml: &str) -> Result<Catalog, Vec<Fault>> {
        let path = self.0.path().join("services.toml");
        fs::write(&path, toml).unwrap();
        Source::file(&path).unwrap().catalog()
    }

    /// Reads an example with a change in one of its tables.
    fn changed(
        &self,
        example: &str,
        path: &[&str],
        change: impl FnOnce(&mut Table),
    ) -> Result<Catalog, Vec<Fault>> {
        let mut document: Table = example.parse().unwrap();
        let table = path.iter().fold(&mut document, |table, key| match table.get_mut(*key) {
            Some(Value::Table(table)) => table,
            Some(Value::Array(list)) => list[0].as_table_mut().unwrap(),
            other => panic!("{key}: {other:?}"),
        });
        change(table);
        self.read(&toml::to_string(&document).unwrap())
    }

    /// What follows `prefix` in the only fault that begins with it, after a key was set.
    fn fault_of(
        &self,
        (example, path): (&str, &[&str]),
        key: &str,
        value: Value,
        prefix: &str,
    ) -> Option<String> {
        let faults = self.changed(example, path, |table| {
            table.insert(key.to_owned(), value);
        });
        let faults = faults.err().unwrap_or_default();
        let found: Vec<&str> =
            faults.iter().filter_map(|it| it.reason.strip_prefix(prefix)).collect();
        assert!(found.len() < 2, "{key}: {found:?}");
        found.first().map(|rest| (*rest).to_owned())
    }

    fn known_keys(&self, at: (&str, &[&str])) -> BTreeSet<String> {
        let prefix = format!("unknown field `{WRONG}`: expected one of ");
        let known = self.fault_of(at, WRONG, Value::Boolean(true), &prefix);
        let known = known.expect("an unknown field is a fault");
        known.split(", ").map(str::to_owned).collect()
    }

    /// The type of a key, in words.
    fn kind(&self, at: (&str, &[&str]), key: &str) -> String {
        // No key is a float.
        let expected = self.fault_of(at, key, Value::Float(1.5), "expected ");
        let expected = expected.expect("a wrong type is a fault");
        let expected = expected.strip_suffix(", found float").expect(&expected);
        let prefix = format!("`{WRONG}`: expected one of ");
        match self.fault_of(at, key, Value::String(WRONG.to_owned()), &prefix) {
            Some(choices) => {
                let choices: Vec<_> = choices.split(", ").map(|it| format!("`\"{it}\"`")).collect();
                choices.join(", ")
            }
            None => expected.strip_prefix("a ").unwrap_or(expected).to_owned(),
        }
    }

    fn is_required(&self, (example, path): (&str, &[&str]), key: &str) -> bool {
        let faults = self.changed(example, path, |table| {
            assert!(table.remove(key).is_some(), "no `{key}`");
        });
        let missing = format!("`{key}` is missing");
        faults.err().unwrap_or_default().iter().any(|fault| fault.reason == missing)
    }
}

/// A table of Markdown for each table of the example.
fn reference() -> String {
    let directory = Directory::new();
    let sections = sections();
    let mut page = String::new();
    for section in &sections {
        let Section { example, header, path, description, keys } = section;
        let at = (*example, &path[..]);
        write!(page, "\n## `{header}`\n\n{description}\n\n").unwrap();
        page.push_str("| key | type | default | |\n|---|---|---|---|\n");
        let mut described = BTreeSet::new();
        for Key { name, description, default, example } in keys {
            described.insert((*name).to_owned());
            let kind = directory.kind(at, name);
            let default = match (directory.is_required(at, name), default) {
                (true, None) => "required",
                (false, Some(default)) => default,
                (true, Some(_)) => panic!("`{name}` of {header} is required and has a default"),
                (false, None) => panic!("`{name}` of {header} is optional and has no default"),
            };
            writeln!(
                page,
                "| `{name}` | {kind} | {default} | {description} Example: `{example}` |"
            )
            .unwrap();
        }
        for inner in sections.iter().filter(|it| it.path[..it.path.len() - 1] == path[..]) {
            let name = inner.path[path.len()];
            described.insert(name.to_owned());
            let at = (inner.example, &path[..]);
            let kind = directory.kind(at, name);
            let default = if directory.is_required(at, name) { "required" } else { "none" };
            let (header, anchor) = (inner.header, inner.path.concat());
            writeln!(page, "| `{name}` | {kind} | {default} | See [`{header}`](#{anchor}). |")
                .unwrap();
        }
        assert_eq!(directory.known_keys(at), described, "the keys of {header}");
    }
    let top: BTreeSet<String> = sections.iter().map(|it| it.path[0].to_owned()).collect();
    assert_eq!(directory.known_keys((EXAMPLE, &[])), top, "the tables of the file");
    page
}

#[test]
fn docs_services_md_describes_every_key() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SERVICES.md");
    let written = fs::read_to_string(file).unwrap();
    let (prose, _) = written.split_once(MARKER).expect("docs/SERVICES.md has the marker");
    let expected = format!("{prose}{MARKER}{}", reference());
    if std::env::var_os(UPDATE).is_some() {
        fs::write(file, expected).unwrap();
    } else {
        assert!(
            written == expected,
            "docs/SERVICES.md is stale: \
             {UPDATE}=1 cargo test -p consent-backend --test suite services_reference"
        );
    }
}

#[test]
fn every_stated_default_is_the_default() {
    let directory = Directory::new();
    let mut checked = 0;
    for Section { example, header, path, keys, .. } in sections() {
        for Key { name, default, .. } in keys {
            // The first code of it: what follows is in words.
            let Some(default) = default.as_deref().and_then(|it| it.split('`').nth(1)) else {
                continue;
            };
            let value: Table = format!("value = {default}").parse().unwrap();
            let stated = directory.changed(example, &path, |table| {
                table.insert(name.to_owned(), value["value"].clone());
            });
            let absent = directory.changed(example, &path, |table| {
                table.remove(name);
            });
            assert!(stated.is_ok(), "`{name}` of {header}: {stated:?}");
            assert_eq!(stated, absent, "`{name}` of {header}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn the_configurations_in_the_documents_are_accepted() {
    let directory = Directory::new();
    directory.read(EXAMPLE).unwrap();
    directory.changed(OIDC_EXAMPLE, &["sign_in"], |_| {}).unwrap();
    for (name, document) in [
        ("README.md", include_str!("../../../README.md")),
        ("docs/DEPLOYING.md", include_str!("../../../docs/DEPLOYING.md")),
    ] {
        let blocks = document.split("```toml\n").skip(1);
        let blocks: Vec<&str> = blocks.filter_map(|it| it.split("```").next()).collect();
        assert!(!blocks.is_empty(), "{name}");
        for block in blocks {
            let faults = directory.read(block).err().unwrap_or_default();
            assert!(faults.is_empty(), "{name}: {faults:#?}\n{block}");
        }
    }
}
