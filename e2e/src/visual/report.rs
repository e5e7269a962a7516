//! A page that shows what differs, for a browser.

use super::Change;
use anyhow::Result;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Writes `index.html` and the pictures that it shows into an empty folder, and returns its path.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, changes: &[Change]) -> Result<PathBuf> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for change in changes {
        for (kind, png) in change.pictures()? {
            std::fs::write(folder.join(format!("{}-{kind}.png", change.name())), png)?;
        }
    }
    let page = folder.join("index.html");
    std::fs::write(&page, html(changes))?;
    Ok(page)
}

/// Names of fixtures need no escaping: they are names of files.
fn html(changes: &[Change]) -> String {
    let mut rows = String::new();
    for change in changes {
        let (name, what) = (&change.name(), change.what());
        let figure = |kind: &str, caption: &str| match change.has(kind) {
            true => format!(
                "<figure><img src=\"{name}-{kind}.png\" alt=\"\" loading=\"lazy\">\
                 <figcaption>{caption}</figcaption></figure>"
            ),
            false => String::new(),
        };
        let figures = [("accepted", "Accepted"), ("now", "Now"), ("difference", "Difference")]
            .map(|(kind, caption)| figure(kind, caption));
        let _ = write!(
            rows,
            "<section id=\"{name}\"><h2>{name}</h2><p>{what}</p><div>{}</div></section>",
            figures.concat()
        );
    }
    format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Pictures that look different</title><style>{STYLE}</style>\
         <h1>{} pictures look different</h1>\
         <p>To accept them: <code>cargo xtask pictures --accept</code></p>{rows}</html>\n",
        changes.len()
    )
}

const STYLE: &str = ":root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
    body { margin: 2rem } section { margin-top: 3rem } h2 { margin-bottom: 0 }
    div { display: flex; flex-wrap: wrap; gap: 1.5rem } figure { margin: 0 }
    img { max-width: 390px; border: 1px solid #8888 } figcaption { text-align: center }";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visual::{Kind, Picture};

    #[test]
    fn the_page_has_each_change_with_its_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let picture = Picture::grey(2, 2);
        let changes = [
            Change::new(Kind::Page, "sign-up", Some(picture.clone()), None).unwrap(),
            Change::new(Kind::Thumbnail, "busy", None, Some(picture)).unwrap(),
        ];
        let page = write(&folder.path().join("out"), &changes).unwrap();
        let html = std::fs::read_to_string(&page).unwrap();
        assert!(html.contains("2 pictures look different"), "{html}");
        for (file, is_there) in [
            ("sign-up-accepted.png", true),
            ("sign-up-now.png", false),
            ("busy-thumbnail-now.png", true),
        ] {
            assert_eq!(html.contains(file), is_there, "{file}");
            assert_eq!(page.with_file_name(file).exists(), is_there, "{file}");
        }
    }
}
