//! Pictures of the fixtures, compared with those that were accepted.

mod camera;
mod difference;
mod palette;
mod report;

use crate::{Setup, TestApp};
use anyhow::Result;
pub use difference::{Difference, Picture};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::Mutex;

/// How often a picture that differs is taken again: a font or an image may have come late.
const TRIES: usize = 4;

/// What is kept of each fixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The whole page, for reviews.
    Page,
    /// What a card of the gallery shows.
    Thumbnail,
}

impl Kind {
    /// Where the accepted ones are.
    fn folder(self) -> PathBuf {
        let name = match self {
            Self::Page => "pictures",
            Self::Thumbnail => "thumbnails",
        };
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name)
    }

    fn file(self, name: &str) -> PathBuf {
        self.folder().join(format!("{name}.png"))
    }

    /// As it is kept. The gallery loads many thumbnails.
    fn png(self, picture: &Picture) -> Result<Vec<u8>> {
        match self {
            Self::Page => picture.write(),
            Self::Thumbnail => picture.write_small(),
        }
    }
}

/// A fixture that looks different.
pub struct Change {
    name: String,
    kind: Kind,
    accepted: Option<Picture>,
    now: Option<Picture>,
    difference: Option<Difference>,
}

impl Change {
    /// None when both look the same. A fixture that is new, or gone, has one picture.
    fn new(
        kind: Kind,
        name: &str,
        accepted: Option<Picture>,
        now: Option<Picture>,
    ) -> Option<Self> {
        let difference = match (&accepted, &now) {
            (Some(accepted), Some(now)) => Some(now.difference(accepted)?),
            _ => None,
        };
        Some(Self { name: name.to_owned(), kind, accepted, now, difference })
    }

    /// The fixture, and which of its pictures; also a name for files.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Page => self.name.clone(),
            Kind::Thumbnail => format!("{}-thumbnail", self.name),
        }
    }

    /// What has changed, in words.
    #[must_use]
    pub fn what(&self) -> String {
        match (&self.difference, &self.now) {
            (Some(difference), _) => format!("{} pixels differ.", difference.pixels),
            (None, Some(_)) => "There is no accepted picture.".to_owned(),
            (None, None) => "There is no such fixture any more.".to_owned(),
        }
    }

    /// Its pictures, by the kind that their files are named by.
    fn all(&self) -> [(&'static str, Option<&Picture>); 3] {
        [
            ("accepted", self.accepted.as_ref()),
            ("now", self.now.as_ref()),
            ("difference", self.difference.as_ref().map(|it| &it.marked)),
        ]
    }

    fn has(&self, kind: &str) -> bool {
        self.all().iter().any(|(it, picture)| *it == kind && picture.is_some())
    }

    fn pictures(&self) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let there = self.all().into_iter().filter_map(|(kind, it)| Some((kind, it?)));
        there.map(|(kind, picture)| Ok((kind, picture.write()?))).collect()
    }
}

/// Where the page of differences is written.
#[must_use]
pub fn report_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pictures")
}

/// The fixtures that look different, and the page that shows how. The pictures of both kinds are taken at once,
/// each kind in a browser that `setup` describes.
///
/// # Errors
/// When a browser cannot take a picture, or a file cannot be read or written.
pub async fn check(setup: impl Fn() -> Setup) -> Result<(Vec<Change>, PathBuf)> {
    let pages = changes_in_a_browser(setup(), Kind::Page);
    let thumbnails = changes_in_a_browser(setup(), Kind::Thumbnail);
    // Both end in order, also where one fails.
    let (pages, thumbnails) = tokio::join!(pages, thumbnails);
    let (mut changes, further) = (pages?, thumbnails?);
    changes.extend(further);
    let page = report::write(&report_folder(), &changes)?;
    Ok((changes, page))
}

async fn changes_in_a_browser(setup: Setup, kind: Kind) -> Result<Vec<Change>> {
    let changes = Mutex::new(Vec::new());
    TestApp::run(setup, async |app| {
        *changes.lock().await = changes_of(&app, kind).await?;
        Ok(())
    })
    .await?;
    Ok(changes.into_inner())
}

async fn changes_of(app: &TestApp, kind: Kind) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let mut gone = names_in(&kind.folder())?;
    let preview = camera::prepare(&app.browser, kind).await?;
    for named in consent_fixtures::all() {
        gone.remove(&named.name);
        let file = kind.file(&named.name);
        let accepted = match file.is_file() {
            true => Some(Picture::read(&std::fs::read(&file)?)?),
            false => None,
        };
        let mut change = None;
        camera::show(&app.browser, &preview, kind, &named.name).await?;
        for _ in 0..TRIES {
            let now = Picture::read(&camera::take(&app.browser).await?)?;
            change = Change::new(kind, &named.name, accepted.clone(), Some(now));
            if change.is_none() || accepted.is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        changes.extend(change);
    }
    for name in gone {
        let accepted = Picture::read(&std::fs::read(kind.file(&name))?)?;
        changes.extend(Change::new(kind, &name, Some(accepted), None));
    }
    Ok(changes)
}

/// Accepts how those fixtures look. The pictures of the others stay as they are, byte for byte.
///
/// # Errors
/// When a file cannot be written.
pub fn accept(changes: &[Change]) -> Result<()> {
    for change in changes {
        std::fs::create_dir_all(change.kind.folder())?;
        let file = change.kind.file(&change.name);
        match &change.now {
            Some(now) => std::fs::write(&file, change.kind.png(now)?)?,
            None => std::fs::remove_file(&file)?,
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<BTreeSet<String>> {
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "png") {
            names.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_without_a_picture_and_a_picture_without_a_fixture_are_changes() {
        let picture = || Some(Picture::grey(20, 20));
        assert!(Change::new(Kind::Page, "same", picture(), picture()).is_none());
        for (accepted, now, what) in [
            (None, picture(), "There is no accepted picture."),
            (picture(), None, "There is no such fixture any more."),
            (picture(), Some(Picture::grey(20, 21)), "20 pixels differ."),
        ] {
            assert_eq!(Change::new(Kind::Page, "other", accepted, now).unwrap().what(), what);
        }
    }
}
