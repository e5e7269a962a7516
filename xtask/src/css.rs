//! One style sheet out of many files.

use crate::workspace;
use anyhow::{Context, Result, ensure};
use ignore::WalkBuilder;
use std::fs;
use std::path::{Path, PathBuf};

/// What index.html links, from the root. Not under `target/`, which may be anywhere
/// (`CARGO_TARGET_DIR`), while a link in HTML is fixed.
const BUILT: &str = "style/.built/screen.css";

/// Joins the sheets of `style/` and of the components, and writes [`BUILT`].
///
/// # Errors
/// When there is no sheet to join, or a file cannot be read or written.
pub fn write() -> Result<()> {
    let root = workspace::root();
    let sheet = join(&root)?;
    let built = root.join(BUILT);
    // `trunk serve` watches style/: a file written at each build would start the next one.
    if fs::read_to_string(&built).is_ok_and(|old| old == sheet) {
        return Ok(());
    }
    fs::create_dir_all(built.parent().expect("the built sheet is in a directory"))?;
    fs::write(&built, sheet).with_context(|| format!("cannot write {}", built.display()))
}

/// The sheets in the order in which they are joined: what is general first, so that what is
/// particular can build on its custom properties and cascade layers.
///
/// # Errors
/// When one of the general sheets is missing.
pub fn sheets(root: &Path) -> Result<Vec<PathBuf>> {
    let mut sheets = Vec::new();
    for name in ["tokens.css", "base.css", "layout.css"] {
        let sheet = root.join("style").join(name);
        ensure!(sheet.is_file(), "{} is missing", sheet.display());
        sheets.push(sheet);
    }
    for directory in ["src/components", "style/pages"] {
        // A component is a directory with its sheet.
        let walk = WalkBuilder::new(root.join(directory)).sort_by_file_path(Path::cmp).build();
        let files = walk.filter_map(Result::ok).map(ignore::DirEntry::into_path);
        sheets.extend(files.filter(|path| path.extension().is_some_and(|it| it == "css")));
    }
    Ok(sheets)
}

fn join(root: &Path) -> Result<String> {
    let mut joined = String::new();
    for sheet in sheets(root)? {
        let text = fs::read_to_string(&sheet)
            .with_context(|| format!("cannot read {}", sheet.display()))?;
        joined.push_str(text.trim_end());
        joined.push('\n');
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("in a directory")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn general_sheets() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary directory");
        for name in ["tokens.css", "base.css", "layout.css"] {
            write(root.path(), &format!("style/{name}"), &format!("/* {name} */\n\n"));
        }
        root
    }

    #[test]
    fn general_sheets_come_before_components_and_components_before_pages() {
        let root = general_sheets();
        for path in ["style/pages/consent.css", "src/components/b/b.css", "src/components/a/a.css"]
        {
            write(root.path(), path, &format!("/* {path} */"));
        }
        write(root.path(), "src/components/a/mod.rs", "not a sheet");
        assert_eq!(
            join(root.path()).expect("joined"),
            "/* tokens.css */\n/* base.css */\n/* layout.css */\n/* src/components/a/a.css */\n\
             /* src/components/b/b.css */\n/* style/pages/consent.css */\n"
        );
    }

    #[test]
    fn a_missing_general_sheet_is_named() {
        let root = general_sheets();
        fs::remove_file(root.path().join("style/base.css")).expect("removed");
        let error = join(root.path()).expect_err("base.css is needed").to_string();
        assert!(error.contains("base.css is missing"), "{error}");
    }
}
