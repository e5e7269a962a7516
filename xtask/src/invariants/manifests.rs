//! Invariants 1, 4, 8 and 10: which crate may depend on which, and with which features.

use super::{Finding, Tree};
use toml::{Table, Value};

/// All that the contract may need: it also lands in the end user's bundle. A browser, a runtime
/// or a database among them would break one of the two sides.
const CONTRACT_NEEDS: [&str; 4] = ["indexmap", "miniserde", "serde", "serde_json"];

/// What the contract may need for others than the end user, by a feature that the bundle is built
/// without: schemas, and the tables of all of Unicode.
const CONTRACT_MAY_NEED: [&str; 5] =
    ["idna", "unicode-normalization", "unicode-script", "unicode-security", "utoipa"];

/// Crates whose WebAssembly is built for browsers: none may ask the contract for more. The lint may: it
/// is in the studio, and the screen may not depend on it ([`NOT_FOR_THE_SCREEN`]).
const IN_BROWSERS: [&str; 4] =
    ["Cargo.toml", "fixtures/Cargo.toml", "services/Cargo.toml", "studio/Cargo.toml"];

/// Crates of this workspace that the screen must not depend on.
const NOT_FOR_THE_SCREEN: [&str; 7] = [
    "consent-backend",
    "consent-e2e",
    "consent-bench",
    "consent-lint",
    "consent-services",
    "consent-studio",
    "xtask",
];

/// What both sides share.
const CONTRACT: &str = "consent-contract";

/// The screen as cases show it: a feature of the screen, for the studio and never for end users.
const PREVIEW: &str = "preview";

/// What the cases are in.
const CASES: &str = "consent-fixtures";

/// The only manifest that may ask the screen for [`PREVIEW`].
const STUDIO: &str = "studio/Cargo.toml";

/// The demo's partner shop: a client like any other, which has what a partner has.
const SHOP: &str = "shop/Cargo.toml";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = bundle_faults(tree);
    findings.extend(preview_faults(tree));
    match manifest(tree, "contract/Cargo.toml") {
        Ok(contract) => {
            findings.extend(contract_faults(&contract));
        }
        Err(finding) => findings.push(finding),
    }
    findings.extend(in_browsers_faults(tree));
    findings.extend(shop_faults(tree));
    match manifest(tree, "Cargo.toml") {
        Ok(screen) => findings.extend(screen_faults(&screen)),
        Err(finding) => findings.push(finding),
    }
    findings
}

fn contract_faults(contract: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fault = |what: String| findings.push(Finding::of("contract/Cargo.toml", what));
    for (key, value) in kinds(contract, &["dependencies", "build-dependencies"]) {
        let name = package(key, value);
        if CONTRACT_MAY_NEED.contains(&name) {
            if value.get("optional") != Some(&Value::Boolean(true)) {
                fault(format!("{name} must be optional: the bundle has no use for it"));
            }
        } else if !CONTRACT_NEEDS.contains(&name) {
            let known = [&CONTRACT_NEEDS[..], &CONTRACT_MAY_NEED].concat().join(", ");
            fault(format!("{name} is none of {known}"));
        }
    }
    let features = contract.get("features").and_then(Value::as_table);
    let default = features.and_then(|all| all.get("default")).and_then(Value::as_array);
    if default.is_some_and(|all| !all.is_empty()) {
        fault("default features: the bundle would get them".into());
    }
    findings
}

/// What is built for browsers asks the contract for no feature, such as the tables of Unicode.
fn in_browsers_faults(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in IN_BROWSERS {
        let Some(manifest) = tree.get(path).and_then(|text| text.parse::<Table>().ok()) else {
            continue;
        };
        let workspace = manifest.get("workspace").and_then(Value::as_table);
        let asked: Vec<_> = [&manifest]
            .into_iter()
            .chain(workspace)
            .flat_map(|manifest| kinds(manifest, &["dependencies", "build-dependencies"]))
            .filter(|(key, value)| package(key, value) == CONTRACT)
            .collect();
        let names: Vec<&str> = asked.iter().map(|(key, _)| key.as_str()).collect();
        let mut lists = asked.iter().filter_map(|(_, value)| value.get("features"));
        let by_dependency = lists.any(|list| words(list).next().is_some());
        let features = manifest.get("features").and_then(Value::as_table);
        let by_feature = features.into_iter().flat_map(Table::values).flat_map(words).any(|word| {
            word.split_once('/').is_some_and(|(of, _)| names.contains(&of.trim_end_matches('?')))
        });
        if by_dependency || by_feature {
            let what = format!("asks {CONTRACT} for a feature, which would land in the bundle");
            findings.push(Finding::of(path, what));
        }
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
    let mut preview = vec![PREVIEW];
    for (key, value) in kinds(screen, &["dependencies", "build-dependencies"]) {
        if package(key, value) == CASES {
            preview.push(key);
            if value.get("optional") != Some(&Value::Boolean(true)) {
                fault(format!("{CASES} must be optional: the end user's bundle has no use for it"));
            }
        }
    }
    let features = screen.get("features").and_then(Value::as_table).cloned().unwrap_or_default();
    for (name, enables) in features.iter().filter(|(name, _)| *name != PREVIEW) {
        if words(enables).any(|word| preview.contains(&enabled(word))) {
            fault(format!("the feature {name} enables {PREVIEW}, which only the studio asks for"));
        }
    }
    for name in ["csr", "ssr"] {
        if !features.contains_key(name) {
            fault(format!("the feature {name} is missing"));
        }
    }
    if features.get("default").and_then(Value::as_array).is_some_and(|all| !all.is_empty()) {
        fault("default features: a server would get the browser's".into());
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

/// What the end user gets is built with `csr` alone.
fn bundle_faults(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    match manifest(tree, "Trunk.toml") {
        Ok(trunk) => {
            let build = trunk.get("build");
            let asks = |key| build.and_then(|build| build.get(key));
            let features: Vec<&str> = asks("features").into_iter().flat_map(words).collect();
            if features != ["csr"] || asks("all_features") == Some(&Value::Boolean(true)) {
                let what = "the end user's bundle is built with features = [\"csr\"] alone";
                findings.push(Finding::of("Trunk.toml", what));
            }
        }
        Err(finding) => findings.push(finding),
    }
    for (number, line) in tree.get("index.html").unwrap_or_default().lines().enumerate() {
        if ["data-cargo-features", "data-cargo-all-features"].iter().any(|it| line.contains(it)) {
            let what = "features of the end user's bundle are named in Trunk.toml";
            findings.push(Finding::at("index.html", number + 1, what));
        }
    }
    findings
}

/// Cargo builds a crate once, with the features that all of its dependents ask for: one that asks
/// the screen for the preview adds it to the others.
fn preview_faults(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.under("", "Cargo.toml").filter(|(path, _)| *path != STUDIO) {
        // What cannot be read is found where it is needed.
        let Ok(manifest) = text.parse::<Table>() else { continue };
        let workspace = manifest.get("workspace").and_then(Value::as_table);
        let asked = [&manifest].into_iter().chain(workspace).flat_map(|manifest| {
            kinds(manifest, &["dependencies", "build-dependencies", "dev-dependencies"])
        });
        let by_dependency = asked
            .filter(|(key, value)| package(key, value) == "consent-screen")
            .filter_map(|(_, value)| value.get("features"))
            .flat_map(words)
            .any(|word| word == PREVIEW);
        let features = manifest.get("features").and_then(Value::as_table);
        let by_feature = features.into_iter().flat_map(Table::values).flat_map(words).any(|word| {
            word.split_once('/').is_some_and(|(of, feature)| {
                of.trim_end_matches('?') == "consent-screen" && feature == PREVIEW
            })
        });
        if by_dependency || by_feature {
            let what = format!("asks the screen for {PREVIEW}; only {STUDIO} does");
            findings.push(Finding::of(path, what));
        }
    }
    findings
}

/// The shop takes nothing from this tree, in its tests neither, and nothing here is built with it.
fn shop_faults(tree: &Tree) -> Vec<Finding> {
    let all = ["dependencies", "build-dependencies", "dev-dependencies"];
    let manifests = tree.under("", "Cargo.toml").filter_map(|(path, text)| {
        // What cannot be read is found where it is needed.
        Some((path, text.parse::<Table>().ok()?))
    });
    let manifests: Vec<(&str, Table)> = manifests.collect();
    let name = |manifest: &Table| {
        manifest.get("package")?.get("name").and_then(Value::as_str).map(str::to_owned)
    };
    let ours: Vec<String> = manifests.iter().filter_map(|(_, manifest)| name(manifest)).collect();
    let of_shop = tree.get(SHOP).and_then(|text| name(&text.parse::<Table>().ok()?));
    let mut findings = Vec::new();
    for (path, manifest) in &manifests {
        for (key, value) in kinds(manifest, &all) {
            let package = package(key, value);
            let is_path = value.get("path").is_some();
            if *path == SHOP && (is_path || ours.iter().any(|it| it == package)) {
                let what = format!("the shop has what a partner has, and {package} is ours");
                findings.push(Finding::of(path, what));
            } else if of_shop.as_deref() == Some(package) {
                findings.push(Finding::of(path, "nothing depends on the shop"));
            }
        }
    }
    findings
}

fn manifest(tree: &Tree, path: &str) -> Result<Table, Finding> {
    let text = tree.get(path).ok_or_else(|| Finding::of(path, "is missing"))?;
    text.parse().map_err(|error| Finding::of(path, format!("is no TOML: {error}")))
}

/// The packages that a crate is built with, whatever it calls them; not what its tests need.
fn dependencies(manifest: &Table) -> Vec<String> {
    kinds(manifest, &["dependencies", "build-dependencies"])
        .map(|(key, value)| package(key, value).to_owned())
        .collect()
}

/// The dependencies of these kinds, for every target.
fn kinds<'a>(
    manifest: &'a Table,
    kinds: &'a [&str],
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    tables
        .chain([manifest])
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)))
        .filter_map(Value::as_table)
        .flatten()
}

/// What a dependency is called where it is at home.
fn package<'a>(key: &'a str, value: &'a Value) -> &'a str {
    value.get("package").and_then(Value::as_str).unwrap_or(key)
}

/// The feature or the dependency that a word in a list of features enables: `a`, `dep:a`, `a?/b`.
fn enabled(word: &str) -> &str {
    let name = word.trim_start_matches("dep:");
    name.split(['?', '/']).next().unwrap_or(name)
}

/// The strings of a list.
fn words(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[dependencies]\nserde = \"1\"\n[dev-dependencies]\nproptest = \"1\"\n";
    const SCREEN: &str = "[features]\ncsr = []\nssr = []\n[dependencies]\nleptos = \"0.8\"\n\
        [[bin]]\nname = \"a\"\nrequired-features = [\"csr\"]\n";

    const TRUNK: &str = "[build]\nfeatures = [\"csr\"]\n";

    fn said(contract: &str, screen: &str) -> Vec<String> {
        said_with(contract, screen, ("Trunk.toml", TRUNK))
    }

    /// What is said of the tree with one file more, or with another in its place.
    fn said_with(contract: &str, screen: &str, more: (&str, &str)) -> Vec<String> {
        let files = [("contract/Cargo.toml", contract), ("Cargo.toml", screen)];
        let tree = Tree::made_up([files[0], files[1], ("Trunk.toml", TRUNK), more]);
        check(&tree).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn what_is_right_is_not_found() {
        assert_eq!(said(MANIFEST, SCREEN), Vec::<String>::new());
    }

    #[test]
    fn the_contract_depends_on_nothing_that_does_something() {
        let tokio = format!(
            "{MANIFEST}[target.'cfg(unix)'.dependencies]\nrt = {{ package = \"tokio\", version = \"1\" }}\n"
        );
        let said_of_tokio = said(&tokio, SCREEN);
        assert!(
            said_of_tokio[0].starts_with("tokio is none of indexmap, miniserde"),
            "{said_of_tokio:?}"
        );
        for name in CONTRACT_MAY_NEED {
            let always = format!("[dependencies]\n{name} = \"6\"\n");
            assert!(said(&always, SCREEN)[0].contains("must be optional"), "{name}");
            let optional =
                format!("[dependencies]\n{name} = {{ version = \"6\", optional = true }}\n");
            assert_eq!(said(&optional, SCREEN), Vec::<String>::new());
        }
        let default = format!("[features]\ndefault = [\"unicode-tables\"]\n{MANIFEST}");
        assert!(said(&default, SCREEN)[0].starts_with("default features"));
    }

    #[test]
    fn what_is_built_for_browsers_asks_the_contract_for_nothing_more() {
        let asks = "consent-contract = { path = \"contract\", features = [\"unicode-tables\"] }";
        let plain = "consent-contract = { path = \"contract\" }";
        let with = |line: &str| SCREEN.replace("leptos =", &format!("{line}\nleptos ="));
        assert_eq!(said(MANIFEST, &with(plain)), Vec::<String>::new());
        let by_feature =
            with(plain).replace("csr = []", "csr = [\"consent-contract/unicode-tables\"]");
        let for_all = format!("{SCREEN}[workspace.dependencies]\n{asks}\n");
        for screen in [with(asks), by_feature, for_all] {
            assert!(
                said(MANIFEST, &screen)[0].contains("which would land in the bundle"),
                "{screen}"
            );
        }
        let studio = format!("[dependencies]\n{asks}\n");
        assert_eq!(said_with(MANIFEST, SCREEN, (STUDIO, &studio)).len(), 1);
        assert_eq!(
            said_with(MANIFEST, SCREEN, ("backend/Cargo.toml", &studio)),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_screen_depends_on_no_other_side() {
        let screen =
            SCREEN.replace("leptos =", "consent-backend = { path = \"backend\" }\nleptos =");
        assert_eq!(
            said(MANIFEST, &screen),
            ["the screen depends on consent-backend: nothing points back"]
        );
    }

    #[test]
    fn neither_way_of_rendering_is_a_default() {
        let default = SCREEN.replace("csr = []", "default = [\"csr\"]\ncsr = []");
        assert!(said(MANIFEST, &default)[0].starts_with("default features"));
        let fixed = SCREEN.replace("\"0.8\"", "{ version = \"0.8\", features = [\"csr\"] }");
        assert!(said(MANIFEST, &fixed)[0].starts_with("leptos renders in one way"));
        let free = SCREEN.replace("required-features = [\"csr\"]", "");
        assert!(said(MANIFEST, &free)[0].starts_with("every bin"));
    }

    /// The screen as it is, with the cases.
    fn previewing(of: &str) -> String {
        SCREEN
            .replace("ssr = []", "ssr = []\npreview = [\"dep:consent-fixtures\"]")
            .replace("leptos =", &format!("consent-fixtures = {of}\nleptos ="))
    }

    #[test]
    fn the_end_user_gets_no_cases() {
        let optional = "{ workspace = true, optional = true }";
        assert_eq!(said(MANIFEST, &previewing(optional)), Vec::<String>::new());
        let always = "{ workspace = true }";
        assert!(said(MANIFEST, &previewing(always))[0].starts_with("consent-fixtures must be opt"));
        let by_target = format!(
            "{SCREEN}[target.'cfg(unix)'.dependencies]\na = {{ package = \"consent-fixtures\" }}\n"
        );
        assert!(said(MANIFEST, &by_target)[0].starts_with("consent-fixtures must be optional"));
        let renamed = "{ workspace = true, optional = true }\nc = { package = \"consent-fixtures\", optional = true }";
        for by in ["preview", "dep:consent-fixtures", "consent-fixtures?/x", "dep:c"] {
            let screen = previewing(renamed).replace("csr = []", &format!("csr = [\"{by}\"]"));
            assert!(said(MANIFEST, &screen)[0].starts_with("the feature csr enables"), "{by}");
        }
    }

    #[test]
    fn the_end_user_s_bundle_is_built_with_csr_alone() {
        for trunk in [
            "[build]\n",
            "[build]\nfeatures = []\n",
            "[build]\nfeatures = [\"csr\", \"preview\"]\n",
            "[build]\nfeatures = [\"csr\"]\nall_features = true\n",
        ] {
            let said = said_with(MANIFEST, SCREEN, ("Trunk.toml", trunk));
            assert!(said[0].contains("[\"csr\"] alone"), "{trunk}");
        }
        let page = "<link data-trunk rel=\"rust\" data-cargo-features=\"preview\">";
        assert!(said_with(MANIFEST, SCREEN, ("index.html", page))[0].contains("in Trunk.toml"));
    }

    #[test]
    fn the_shop_stands_alone() {
        let shop = "[package]\nname = \"tea\"\n[dependencies]\naxum = \"0.8\"\n";
        let said = |shop: &str, backend: &str| {
            let backend = format!("[package]\nname = \"consent-backend\"\n{backend}");
            let tree = Tree::made_up([(SHOP, shop), ("backend/Cargo.toml", &backend)]);
            let findings = shop_faults(&tree).into_iter();
            findings.map(|it| format!("{}: {}", it.path, it.what)).collect::<Vec<_>>()
        };
        assert_eq!(said(shop, ""), Vec::<String>::new());
        for taken in [
            "consent-backend.workspace = true\n",
            "[dev-dependencies]\nb = { package = \"consent-backend\", version = \"0\" }\n",
            "[target.'cfg(unix)'.build-dependencies]\nother = { path = \"../other\" }\n",
        ] {
            let said = said(&format!("{shop}{taken}"), "");
            assert_eq!(said.len(), 1, "{taken}");
            assert!(said[0].starts_with("shop/Cargo.toml: the shop has what"), "{said:?}");
        }
        let depends = "[dependencies]\ntea = { path = \"../shop\" }\n";
        assert_eq!(said(shop, depends), ["backend/Cargo.toml: nothing depends on the shop"]);
    }

    #[test]
    fn only_the_studio_asks_for_the_preview() {
        let asks = "[dependencies]\nconsent-screen = { path = \"..\", features = [\"preview\"] }\n";
        assert_eq!(said_with(MANIFEST, SCREEN, (STUDIO, asks)), Vec::<String>::new());
        let as_another = "[dependencies]\nscreen = { package = \"consent-screen\", path = \"..\", \
            features = [\"ssr\", \"preview\"] }\n";
        let for_tests = asks.replace("dependencies", "dev-dependencies");
        let by_feature = "[features]\na = [\"consent-screen?/preview\"]\n";
        for manifest in [asks, as_another, &for_tests, by_feature] {
            let said = said_with(MANIFEST, SCREEN, ("backend/Cargo.toml", manifest));
            assert_eq!(said, ["asks the screen for preview; only studio/Cargo.toml does"]);
        }
        let for_all = format!(
            "{SCREEN}[workspace.dependencies.consent-screen]\npath = \".\"\nfeatures = [\"preview\"]\n"
        );
        assert_eq!(said(MANIFEST, &for_all).len(), 1);
        let other = asks.replace("preview", "ssr");
        assert_eq!(said_with(MANIFEST, SCREEN, ("e2e/Cargo.toml", &other)), Vec::<String>::new());
    }
}
