//! One style sheet out of many files.

use crate::workspace;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// What index.html links, from the root. Not under `target/`, which may be anywhere
/// (`CARGO_TARGET_DIR`), while a link in HTML is fixed.
const BUILT: &str = "style/.built/screen.css";

/// Joins the sheets of `style/` and writes [`BUILT`].
///
/// # Errors
/// When there is no sheet to join, or a file cannot be read or written.
pub fn write() -> Result<()> {
    let root = workspace::root();
    let sheet = join(&root.join("style"))?;
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
pub fn sheets(style: &Path) -> Result<Vec<PathBuf>> {
    let mut sheets = Vec::new();
    for name in ["tokens.css", "base.css", "layout.css"] {
        let sheet = style.join(name);
        ensure!(sheet.is_file(), "{} is missing", sheet.display());
        sheets.push(sheet);
    }
    for directory in ["components", "pages"] {
        let Ok(entries) = fs::read_dir(style.join(directory)) else { continue };
        let mut found: Vec<PathBuf> = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "css"))
            .collect();
        // The order in which a directory is listed differs between machines.
        found.sort();
        sheets.extend(found);
    }
    Ok(sheets)
}

fn join(style: &Path) -> Result<String> {
    let mut joined = String::new();
    for sheet in sheets(style)? {
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

    fn style_directory() -> tempfile::TempDir {
        let style = tempfile::tempdir().expect("a temporary directory");
        for name in ["tokens.css", "base.css", "layout.css"] {
            fs::write(style.path().join(name), format!("/* {name} */\n\n")).expect("written");
        }
        style
    }

    #[test]
    fn general_sheets_come_before_components_and_components_before_pages() {
        let style = style_directory();
        for name in ["pages/consent.css", "components/notice.css", "components/button.css"] {
            let sheet = style.path().join(name);
            fs::create_dir_all(sheet.parent().expect("in a directory")).expect("made");
            fs::write(sheet, format!("/* {name} */")).expect("written");
        }
        fs::write(style.path().join("components/README.md"), "not a sheet").expect("written");
        assert_eq!(
            join(style.path()).expect("joined"),
            "/* tokens.css */\n/* base.css */\n/* layout.css */\n/* components/button.css */\n\
             /* components/notice.css */\n/* pages/consent.css */\n"
        );
    }

    #[test]
    fn a_missing_general_sheet_is_named() {
        let style = style_directory();
        fs::remove_file(style.path().join("base.css")).expect("removed");
        let error = join(style.path()).expect_err("base.css is needed").to_string();
        assert!(error.contains("base.css is missing"), "{error}");
    }
}
