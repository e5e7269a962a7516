//! `cargo xtask size`: what an end user downloads, against budget.toml.

use crate::{precompress, workspace};
use anyhow::{Context, Result, bail, ensure};
use ignore::WalkBuilder;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// budget.toml: the most that may be downloaded, in bytes after brotli 11.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Everything together: the gate.
    total: usize,
    /// Where the project wants to be; said, never enforced.
    aim: usize,
    /// By kind of file (its extension), `other` for the rest.
    kinds: BTreeMap<String, usize>,
}

/// One downloaded file, in bytes.
#[derive(Debug, PartialEq)]
struct Weight {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the table and compares it with the budget.
///
/// # Errors
/// When the screen is not bundled, or the budget is exceeded.
pub fn check() -> Result<()> {
    let dist = workspace::dist();
    ensure!(
        dist.join("index.html").is_file(),
        "there is no {}; `cargo xtask test --only build` makes it",
        dist.join("index.html").display()
    );
    let budget = workspace::root().join("budget.toml");
    let budget = fs::read_to_string(&budget).context("reading budget.toml")?;
    let budget: Budget = toml::from_str(&budget).context("in budget.toml")?;
    let weights = weigh(&dist)?;
    print!("{}", table(&weights, &budget));
    let faults = faults(&weights, &budget);
    if !faults.is_empty() {
        bail!("too large: {}", faults.join("; "));
    }
    Ok(())
}

/// Every file of the bundle. A first visit fetches all of them, and a file that it does not
/// fetch has no reason to be in the bundle.
fn weigh(dist: &Path) -> Result<Vec<Weight>> {
    let mut weights = Vec::new();
    // Not hidden: Trunk's lock and our stamp are no part of the bundle.
    let walk = WalkBuilder::new(dist).standard_filters(false).hidden(true).build();
    for entry in walk {
        let entry = entry?;
        let path = entry.path();
        if !path.is_file() || matches!(extension(path), "br" | "gz") {
            continue;
        }
        let raw = size(path)?.with_context(|| format!("{} is gone", path.display()))?;
        let name = path.strip_prefix(dist).unwrap_or(path).to_string_lossy().into_owned();
        // A file without a sibling is sent as it is (see crate::precompress).
        let gzip = size(&precompress::sibling(path, "gz"))?.unwrap_or(raw);
        let brotli = size(&precompress::sibling(path, "br"))?.unwrap_or(raw);
        weights.push(Weight { name, raw, gzip, brotli });
    }
    weights.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.name.cmp(&b.name)));
    Ok(weights)
}

/// Of a file, in bytes; `None` when there is none.
fn size(path: &Path) -> Result<Option<usize>> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some(usize::try_from(file.len())?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

fn kind<'a>(weight: &'a Weight, budget: &Budget) -> &'a str {
    let extension = extension(Path::new(&weight.name));
    if budget.kinds.contains_key(extension) { extension } else { "other" }
}

fn total(weights: &[Weight]) -> usize {
    weights.iter().map(|weight| weight.brotli).sum()
}

fn table(weights: &[Weight], budget: &Budget) -> String {
    let mut table = format!("{:>9} {:>9} {:>9}  bytes (1 KB = 1000)\n", "raw", "gzip", "brotli");
    for Weight { name, raw, gzip, brotli } in weights {
        table.push_str(&format!("{raw:>9} {gzip:>9} {brotli:>9}  {name}\n"));
    }
    let sum = |of: fn(&Weight) -> usize| weights.iter().map(of).sum::<usize>();
    let (raw, gzip, brotli) = (sum(|w| w.raw), sum(|w| w.gzip), sum(|w| w.brotli));
    let Budget { total, aim, .. } = budget;
    table.push_str(&format!(
        "{raw:>9} {gzip:>9} {brotli:>9}  in all; the gate is {total}, the aim {aim}\n"
    ));
    table
}

fn faults(weights: &[Weight], budget: &Budget) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, most) in &budget.kinds {
        let size = weights.iter().filter(|weight| kind(weight, budget) == name);
        let size: usize = size.map(|weight| weight.brotli).sum();
        if size > *most {
            faults.push(format!("{name} is {size} bytes, the budget is {most}"));
        }
    }
    let size = total(weights);
    if size > budget.total {
        faults.push(format!("all is {size} bytes, the gate is {}", budget.total));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(total: usize) -> Budget {
        let text =
            format!("total = {total}\naim = 10\n[kinds]\nhtml = 100\nwasm = 200\nother = 50\n");
        toml::from_str(&text).expect("a budget")
    }

    fn weight(name: &str, brotli: usize) -> Weight {
        Weight { name: name.into(), raw: brotli * 3, gzip: brotli * 2, brotli }
    }

    #[test]
    fn what_is_over_is_named_with_both_numbers() {
        let weights = [weight("a_bg.wasm", 201), weight("index.html", 100)];
        assert_eq!(faults(&weights, &budget(301)), ["wasm is 201 bytes, the budget is 200"]);
        let weights = [weight("a_bg.wasm", 200), weight("index.html", 100)];
        assert_eq!(faults(&weights, &budget(299)), ["all is 300 bytes, the gate is 299"]);
        assert_eq!(faults(&weights, &budget(300)), Vec::<String>::new());
    }

    #[test]
    fn a_kind_without_a_budget_counts_as_other() {
        let weights = [weight("icon.png", 30), weight("font.woff2", 30)];
        assert_eq!(faults(&weights, &budget(300)), ["other is 60 bytes, the budget is 50"]);
    }

    #[test]
    fn siblings_and_hidden_files_are_not_downloaded() {
        let dist = tempfile::tempdir().expect("a temporary directory");
        for (name, size) in
            [("index.html", 300), ("index.html.br", 20), (".made-from", 9), ("icon.png", 40)]
        {
            fs::write(dist.path().join(name), vec![b'a'; size]).expect("written");
        }
        let weights = weigh(dist.path()).expect("weighed");
        let told: Vec<_> =
            weights.iter().map(|w| (w.name.as_str(), w.raw, w.gzip, w.brotli)).collect();
        assert_eq!(told, [("icon.png", 40, 40, 40), ("index.html", 300, 300, 20)]);
    }

    #[test]
    fn the_budget_of_this_checkout_can_be_read() {
        let text = fs::read_to_string(workspace::root().join("budget.toml")).expect("a budget");
        let budget: Budget = toml::from_str(&text).expect("valid");
        assert!(budget.kinds.contains_key("other"), "files of no listed kind need a budget");
        assert!(budget.aim <= budget.total);
    }
}
