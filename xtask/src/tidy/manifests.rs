//! Invariants 1, 4 and 8: which crate may depend on which.

use super::{Finding, Tree};
use toml::{Table, Value};

/// All that the contract may need: it also lands in the end user's bundle. A browser, a runtime
/// or a database among them would break one of the two sides.
const CONTRACT_NEEDS: [&str; 4] = ["miniserde", "serde", "serde_json", "utoipa"];

/// Crates of this workspace that the screen must not depend on.
const NOT_FOR_THE_SCREEN: [&str; 5] =
    ["consent-backend", "consent-e2e", "consent-bench", "consent-studio", "xtask"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    match manifest(tree, "contract/Cargo.toml") {
        Ok(contract) => {
            for name in dependencies(&contract) {
                if !CONTRACT_NEEDS.contains(&name.as_str()) {
                    let what = format!("{name} is none of {}", CONTRACT_NEEDS.join(", "));
                    findings.push(Finding::of("contract/Cargo.toml", what));
                }
            }
            let optional = &contract
                .get("dependencies")
                .and_then(|all| all.get("utoipa"))
                .is_none_or(|utoipa| utoipa.get("optional") == Some(&Value::Boolean(true)));
            if !optional {
                let what = "utoipa must be optional: the bundle has no use for it";
                findings.push(Finding::of("contract/Cargo.toml", what));
            }
        }
        Err(finding) => findings.push(finding),
    }
    match manifest(tree, "Cargo.toml") {
        Ok(screen) => findings.extend(screen_faults(&screen)),
        Err(finding) => findings.push(finding),
    }
    findings
}

fn screen_faults(screen: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fault = |what: String| findings.push(Finding::of("Cargo.toml", what));
    for name in dependencies(screen) {
        if NOT_FOR_THE_SCREEN.contains(&name.as_str()) {
            fault(format!("the screen depends on {name}: nothing points back"));
        }
    }
    let features = screen.get("features").and_then(Value::as_table).cloned().unwrap_or_default();
    for name in ["csr", "ssr"] {
        if !features.contains_key(name) {
            fault(format!("the feature {name} is missing"));
        }
    }
    if features.get("default").and_then(Value::as_array).is_some_and(|all| !all.is_empty()) {
        fault("default features: who paints on a server would get the browser's, too".into());
    }
    let leptos = screen.get("dependencies").and_then(|all| all.get("leptos"));
    let asked = leptos.and_then(|leptos| leptos.get("features")).and_then(Value::as_array);
    if asked.is_some_and(|asked| {
        asked.iter().any(|one| matches!(one.as_str(), Some("csr" | "ssr" | "hydrate")))
    }) {
        fault("leptos renders in one way only: leave csr and ssr to the features".into());
    }
    let bins = screen.get("bin").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let needs_csr = |bin: &Value| {
        bin.get("required-features")
            .and_then(Value::as_array)
            .is_some_and(|needed| needed.iter().any(|one| one.as_str() == Some("csr")))
    };
    if bins.is_empty() || !bins.iter().all(needs_csr) {
        fault("every bin must have required-features = [\"csr\"]".into());
    }
    findings
}

fn manifest(tree: &Tree, path: &str) -> Result<Table, Finding> {
    let text = tree.get(path).ok_or_else(|| Finding::of(path, "is missing"))?;
    text.parse().map_err(|error| Finding::of(path, format!("is no TOML: {error}")))
}

/// The packages that a crate is built with, whatever it calls them; not what its tests need.
fn dependencies(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    tables
        .chain([manifest])
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|kind| table.get(kind)))
        .flatten()
        .filter_map(Value::as_table)
        .flatten()
        .map(|(name, value)| {
            let package = value.get("package").and_then(Value::as_str);
            package.unwrap_or(name).to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "[dependencies]\nserde = \"1\"\n[dev-dependencies]\nproptest = \"1\"\n";
    const SCREEN: &str = "[features]\ncsr = []\nssr = []\n[dependencies]\nleptos = \"0.8\"\n\
        [[bin]]\nname = \"a\"\nrequired-features = [\"csr\"]\n";

    fn said(contract: &str, screen: &str) -> Vec<String> {
        let tree = Tree::made_up([("contract/Cargo.toml", contract), ("Cargo.toml", screen)]);
        check(&tree).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn what_is_right_is_not_found() {
        assert_eq!(said(CONTRACT, SCREEN), Vec::<String>::new());
    }

    #[test]
    fn the_contract_depends_on_nothing_that_does_something() {
        let tokio = format!(
            "{CONTRACT}[target.'cfg(unix)'.dependencies]\nrt = {{ package = \"tokio\", version = \"1\" }}\n"
        );
        assert_eq!(said(&tokio, SCREEN), ["tokio is none of miniserde, serde, serde_json, utoipa"]);
        let utoipa = "[dependencies]\nutoipa = \"6\"\n";
        assert!(said(utoipa, SCREEN)[0].contains("must be optional"));
    }

    #[test]
    fn the_screen_depends_on_no_other_side() {
        let screen =
            SCREEN.replace("leptos =", "consent-backend = { path = \"backend\" }\nleptos =");
        assert_eq!(
            said(CONTRACT, &screen),
            ["the screen depends on consent-backend: nothing points back"]
        );
    }

    #[test]
    fn neither_way_of_rendering_is_a_default() {
        let default = SCREEN.replace("csr = []", "default = [\"csr\"]\ncsr = []");
        assert!(said(CONTRACT, &default)[0].starts_with("default features"));
        let fixed = SCREEN.replace("\"0.8\"", "{ version = \"0.8\", features = [\"csr\"] }");
        assert!(said(CONTRACT, &fixed)[0].starts_with("leptos renders in one way"));
        let free = SCREEN.replace("required-features = [\"csr\"]", "");
        assert!(said(CONTRACT, &free)[0].starts_with("every bin"));
    }
}
