//! `cargo xtask size`: what an end user downloads, against budget.toml.

use crate::{precompress, workspace};
use anyhow::{Context, Result, bail, ensure};
use ignore::WalkBuilder;
use serde::Deserialize;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// budget.toml: upper bounds in bytes after brotli 11.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// WebAssembly and JavaScript.
    app: usize,
    /// Every file of the bundle and the page content.
    first_visit: usize,
    /// The share of `first_visit` for server-rendered content, which no file holds.
    page_content: usize,
}

/// A file of the bundle, sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
struct FileSize {
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
    let files = measure(&dist)?;
    print!("{}", table(&files, &budget));
    let exceeded = exceeded(&files, &budget);
    if !exceeded.is_empty() {
        bail!("too large: {}", exceeded.join("; "));
    }
    Ok(())
}

/// Every file of the bundle. A first visit fetches all of them but the texts of other languages, and a
/// file that it does not fetch has no reason to be in the bundle.
fn measure(dist: &Path) -> Result<Vec<FileSize>> {
    let mut files = Vec::new();
    // Not hidden: Trunk's lock and our stamp are no part of the bundle.
    let walk = WalkBuilder::new(dist).standard_filters(false).hidden(true).build();
    for entry in walk {
        let entry = entry?;
        let path = entry.path();
        if !path.is_file() || matches!(extension(path), "br" | "gz") {
            continue;
        }
        let in_dist = path.strip_prefix(dist).unwrap_or(path);
        if is_of_server(in_dist) {
            continue;
        }
        let raw = size(path)?.with_context(|| format!("{} is gone", path.display()))?;
        let name = in_dist.to_string_lossy().into_owned();
        // A file without a sibling is sent as it is (see crate::precompress).
        let gzip = size(&precompress::sibling(path, "gz"))?.unwrap_or(raw);
        let brotli = size(&precompress::sibling(path, "br"))?.unwrap_or(raw);
        files.push(FileSize { name, raw, gzip, brotli });
    }
    files.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.name.cmp(&b.name)));
    Ok(files)
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

fn is_app(file: &FileSize) -> bool {
    matches!(extension(Path::new(&file.name)), "js" | "wasm")
}

/// The texts of one language: a visit fetches one of them.
fn is_language_file(file: &FileSize) -> bool {
    file.name.starts_with("texts/")
}

/// The texts of a server's pages: it reads them, and no page fetches them.
fn is_of_server(path: &Path) -> bool {
    path.starts_with("texts/server")
}

fn table(files: &[FileSize], budget: &Budget) -> String {
    let mut table = format!("{:>9} {:>9} {:>9}  bytes (1 KB = 1000)\n", "raw", "gzip", "brotli");
    for FileSize { name, raw, gzip, brotli } in files {
        table.push_str(&format!("{raw:>9} {gzip:>9} {brotli:>9}  {name}\n"));
    }
    for (brotli, most, name) in sums(files, budget) {
        table.push_str(&format!("{:>9} {:>9} {brotli:>9}  {name}, at most {most}\n", "", ""));
    }
    table
}

fn exceeded(files: &[FileSize], budget: &Budget) -> Vec<String> {
    let sums = sums(files, budget);
    let over = sums.iter().filter(|(size, most, _)| size > most);
    over.map(|(size, most, name)| format!("{name}: {size} bytes, at most {most}")).collect()
}

/// What the budget limits: size, limit and name.
fn sums(files: &[FileSize], budget: &Budget) -> [(usize, usize, &'static str); 2] {
    let app = files.iter().filter(|file| is_app(file)).map(|file| file.brotli).sum();
    let (texts, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| is_language_file(file));
    let bundle = others.iter().map(|file| file.brotli).sum::<usize>()
        + texts.iter().map(|file| file.brotli).max().unwrap_or_default();
    [
        (app, budget.app, "wasm and js"),
        (bundle + budget.page_content, budget.first_visit, "first visit with page content"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, brotli: usize) -> FileSize {
        FileSize { name: name.into(), raw: brotli * 3, gzip: brotli * 2, brotli }
    }

    #[test]
    fn exceeded_limits_are_named_with_both_numbers() {
        let budget = Budget { app: 200, first_visit: 310, page_content: 10 };
        let check = |files: &[FileSize]| exceeded(files, &budget);
        let files = [file("a_bg.wasm", 150), file("a.js", 51), file("index.html", 10)];
        assert_eq!(check(&files), ["wasm and js: 201 bytes, at most 200"]);
        let files = [file("a_bg.wasm", 150), file("a.js", 50), file("index.html", 101)];
        assert_eq!(check(&files), ["first visit with page content: 311 bytes, at most 310"]);
        let files = [file("a_bg.wasm", 150), file("a.js", 50), file("index.html", 100)];
        assert_eq!(check(&files), Vec::<String>::new());
        let texts = [file("texts/ja.json", 11), file("texts/ko.json", 10)];
        let files = [&files[..2], &[file("index.html", 90)], &texts[..]].concat();
        assert_eq!(
            check(&files),
            ["first visit with page content: 311 bytes, at most 310"],
            "one language counts, the largest"
        );
    }

    #[test]
    fn siblings_and_hidden_files_are_not_downloaded() {
        let dist = tempfile::tempdir().expect("a temporary directory");
        for (name, size) in
            [("index.html", 300), ("index.html.br", 20), (".made-from", 9), ("icon.png", 40)]
        {
            fs::write(dist.path().join(name), vec![b'a'; size]).expect("written");
        }
        fs::create_dir_all(dist.path().join("texts/server")).expect("a directory");
        fs::write(dist.path().join("texts/server/ko.json"), "{}").expect("written");
        let files = measure(dist.path()).expect("measured");
        let sizes: Vec<_> =
            files.iter().map(|f| (f.name.as_str(), f.raw, f.gzip, f.brotli)).collect();
        assert_eq!(sizes, [("icon.png", 40, 40, 40), ("index.html", 300, 300, 20)]);
    }

    #[test]
    fn the_budget_of_this_checkout_can_be_read() {
        let text = fs::read_to_string(workspace::root().join("budget.toml")).expect("a budget");
        let budget: Budget = toml::from_str(&text).expect("valid");
        assert!(budget.app + budget.page_content <= budget.first_visit);
    }
}
