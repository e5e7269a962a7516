//! A text with the list of its changes in front, for the dialog of the app.

use consent_contract::{
    changes::{Change, Difference, Edit, TextChanges},
    document::{Block, Document},
};

use super::words::{Words, words};
use crate::i18n::{self, Locale, date, fill};

/// The whole text after a list of what changed in it. Tag, version and digest are those of the text.
#[must_use]
pub fn document_with_changes(
    document: &Document,
    changes: &TextChanges,
    locale: Locale,
) -> Document {
    let words = words(locale);
    let heading = |text: &str| Block::Heading { level: 2, text: text.to_owned() };
    let paragraph = |text: &str| Block::Paragraph { text: text.to_owned() };
    let since = fill(words.since, &date(locale, &changes.agreed_effective_from));
    let mut blocks = vec![heading(words.heading), paragraph(&since)];
    let mut after = Vec::new();
    match &changes.difference {
        Difference::Marked { changes, more, .. } => {
            if changes.is_empty() {
                blocks.push(paragraph(words.nothing));
            } else {
                let items = changes.iter().map(|change| line(change, words)).collect();
                blocks.push(Block::List { items });
            }
            if *more > 0 {
                blocks.push(paragraph(&i18n::texts(locale).count(words.more, *more)));
            }
        }
        Difference::Rewritten { old } => {
            blocks.push(paragraph(words.rewritten));
            after.push(heading(words.old_text));
            after.extend(old.iter().cloned());
        }
    }
    blocks.push(heading(words.new_text));
    blocks.extend(document.blocks.iter().cloned());
    blocks.extend(after);
    Document { blocks, ..document.clone() }
}

/// A change as one line.
fn line(change: &Change, words: &Words) -> String {
    let edit = match &change.edit {
        Edit::Added(text) => format!("{} {text}", words.added),
        Edit::Removed(text) => format!("{} {text}", words.removed),
        Edit::Replaced(old, new) => format!("{} {old} → {} {new}", words.before, words.after),
        Edit::Moved(text) => format!("{} {text}", words.moved),
    };
    match &change.section {
        Some(section) => format!("{section} – {edit}"),
        None => edit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document {
            tag: "tos".into(),
            version: "2".into(),
            title: "Terms".into(),
            locale: "en".into(),
            digest: "sha256-new".into(),
            effective_from: "2026-11-01".into(),
            blocks: vec![Block::Paragraph { text: "We keep it for three years.".into() }],
        }
    }

    fn with(difference: Difference) -> Document {
        let changes = TextChanges {
            agreed_version: "1".into(),
            agreed_effective_from: "2026-01-01".into(),
            difference,
        };
        document_with_changes(&document(), &changes, Locale::EN)
    }

    fn texts(document: &Document) -> Vec<String> {
        let text = |block: &Block| match block {
            Block::Heading { text, .. } => vec![format!("# {text}")],
            Block::Paragraph { text } => vec![text.clone()],
            Block::List { items } => items.iter().map(|it| format!("- {it}")).collect(),
            Block::Table { .. } => vec!["table".to_owned()],
        };
        document.blocks.iter().flat_map(text).collect()
    }

    #[test]
    fn the_list_comes_first_and_the_whole_text_after_it() {
        let change =
            |section: Option<&str>, edit| Change { section: section.map(Into::into), edit };
        let marked = with(Difference::Marked {
            changes: vec![
                change(Some("Article 1"), Edit::Replaced("one year".into(), "three years".into())),
                change(None, Edit::Added("Gifts".into())),
                change(None, Edit::Removed("Coupons".into())),
                change(None, Edit::Moved("Refunds".into())),
            ],
            more: 3,
            blocks: Vec::new(),
        });
        assert_eq!((&*marked.digest, &*marked.version), ("sha256-new", "2"));
        assert_eq!(
            texts(&marked),
            [
                "# What changed",
                "Compared with the 1 January 2026 version you agreed to.",
                "- Article 1 – Before: one year → Now: three years",
                "- Added: Gifts",
                "- Removed: Coupons",
                "- Moved: Refunds",
                "Changes not listed here: 3",
                "# Full new text",
                "We keep it for three years.",
            ]
        );
    }

    #[test]
    fn a_rewritten_text_is_followed_by_the_old_one() {
        let old = vec![Block::Paragraph { text: "Something else.".into() }];
        assert_eq!(
            texts(&with(Difference::Rewritten { old })),
            [
                "# What changed",
                "Compared with the 1 January 2026 version you agreed to.",
                "More than half has changed. The full previous text is below the new one.",
                "# Full new text",
                "We keep it for three years.",
                "# Full previous text",
                "Something else.",
            ]
        );
    }

    #[test]
    fn a_new_version_of_the_same_text_is_called_that() {
        let same = Difference::Marked { changes: Vec::new(), more: 0, blocks: Vec::new() };
        assert_eq!(texts(&with(same))[2], "The text is the same. Only the version changed.");
    }
}
