//! The Dockerfile, the unit and docs/OPERATIONS.md agree with each other and with the rest: the compiler,
//! the ports, what is not built from.

use super::{Finding, Tree};

const DOCKERFILE: &str = "Dockerfile";
const DOCKERIGNORE: &str = ".dockerignore";
const UNIT: &str = "packaging/consent-backend.service";
const DOCUMENT: &str = "docs/OPERATIONS.md";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let parts = [compiler, ignored, ports];
    parts.iter().flat_map(|part| part(tree)).collect()
}

/// The image is built by the compiler of rust-toolchain.toml.
fn compiler(tree: &Tree) -> Vec<Finding> {
    let channel = tree.get("rust-toolchain.toml").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("channel = \""))?;
        line.strip_suffix('"')
    });
    let (Some(file), Some(channel)) = (tree.get(DOCKERFILE), channel) else {
        return vec![Finding::of(
            DOCKERFILE,
            "is missing, or rust-toolchain.toml names no channel",
        )];
    };
    let expected = format!("FROM rust:{channel}-");
    let mut images = file.lines().enumerate().filter(|(_, line)| line.starts_with("FROM rust:"));
    match images.next() {
        Some((_, line)) if line.starts_with(&expected) => Vec::new(),
        Some((number, _)) => {
            let what = format!("rust-toolchain.toml asks for {channel}: write {expected}…");
            vec![Finding::at(DOCKERFILE, number + 1, what)]
        }
        None => vec![Finding::of(DOCKERFILE, "is not built from an image of Rust")],
    }
}

/// What git ignores is not sent to a builder.
fn ignored(tree: &Tree) -> Vec<Finding> {
    let lines = |name| tree.get(name).unwrap_or_default().lines().map(str::trim);
    let sent = lines(".gitignore").filter(|line| line.starts_with('/'));
    let sent = sent.filter(|line| !lines(DOCKERIGNORE).any(|other| other == *line));
    let found = |line| Finding::of(DOCKERIGNORE, format!("has no {line}, which git ignores"));
    sent.map(found).collect()
}

/// Where the unit listens is where the image, the health check and the document expect it.
fn ports(tree: &Tree) -> Vec<Finding> {
    let unit = tree.get(UNIT).unwrap_or_default();
    let after = |option: &str| {
        let (_, rest) = unit.split_once(&format!("{option} 127.0.0.1:"))?;
        Some(digits(rest))
    };
    let (Some(listen), Some(admin)) = (after("--listen"), after("--admin-listen")) else {
        return vec![Finding::of(UNIT, "has no --listen or --admin-listen on 127.0.0.1")];
    };
    let mut findings = Vec::new();
    let exposed = format!("EXPOSE {listen}");
    if !tree.get(DOCKERFILE).unwrap_or_default().lines().any(|line| line == exposed) {
        findings.push(Finding::of(DOCKERFILE, format!("the unit listens on {listen}: {exposed}")));
    }
    let health = "backend/src/cli/health.rs";
    let default = format!("default_value = \"http://127.0.0.1:{listen}/readyz\"");
    if !tree.get(health).unwrap_or_default().contains(&default) {
        findings.push(Finding::of(health, format!("the unit listens on {listen}: {default}")));
    }
    for (number, line) in tree.get(DOCUMENT).unwrap_or_default().lines().enumerate() {
        for rest in line.split("127.0.0.1:").skip(1) {
            let port = digits(rest);
            if port != listen && port != admin {
                let what = format!("port {port} is not the unit's: {listen} and {admin}");
                findings.push(Finding::at(DOCUMENT, number + 1, what));
            }
        }
    }
    findings
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(change: (&str, &str, &str)) -> Tree {
        let files = [
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.95.0\"\n"),
            (DOCKERFILE, "FROM rust:1.95.0-bookworm AS builder\nFROM scratch\nEXPOSE 80\n"),
            (".gitignore", "/target\n*.log\n"),
            (DOCKERIGNORE, "/target\n"),
            (UNIT, "ExecStart=/b --listen 127.0.0.1:80 --admin-listen 127.0.0.1:90\n"),
            (DOCUMENT, "curl 127.0.0.1:80/x 127.0.0.1:90/y\n"),
            ("backend/src/cli/health.rs", "default_value = \"http://127.0.0.1:80/readyz\""),
        ];
        let (path, old, new) = change;
        let files = files.map(|(name, text)| {
            let text = if name == path { text.replace(old, new) } else { text.to_owned() };
            (name.to_owned(), text)
        });
        Tree(files.into())
    }

    #[test]
    fn what_agrees_is_left_alone() {
        assert_eq!(check(&tree(("", "", ""))), []);
    }

    #[test]
    fn what_drifts_is_found() {
        for (path, old, new, at) in [
            (DOCKERFILE, "1.95.0", "1.96.0", "Dockerfile:1: "),
            (DOCKERFILE, "FROM rust:1.95.0-bookworm", "FROM debian", "Dockerfile: "),
            (DOCKERFILE, "EXPOSE 80", "EXPOSE 81", "Dockerfile: "),
            ("rust-toolchain.toml", "1.95.0", "1.96.0", "Dockerfile:1: "),
            (DOCKERIGNORE, "/target", "", ".dockerignore: "),
            (DOCUMENT, "127.0.0.1:90", "127.0.0.1:91", "docs/OPERATIONS.md:1: "),
            ("backend/src/cli/health.rs", ":80", ":8080", "backend/src/cli/health.rs: "),
            (UNIT, "--admin-listen", "--admin", "packaging/consent-backend.service: "),
        ] {
            let findings = check(&tree((path, old, new)));
            let [finding] = &findings[..] else { panic!("{path} {new}: {findings:?}") };
            assert!(finding.to_string().starts_with(at), "{finding}");
        }
    }
}
