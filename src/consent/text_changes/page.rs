//! The page: the list of changes, and the whole new text with marks. The form is kept in hidden
//! fields, as on the page of a text.

use std::sync::Arc;

use consent_contract::{
    changes::{Change, ChangedBlock, ChangedText, Difference, Edit, Piece, TextChanges},
    document::Document,
    form::FULL_PREFIX,
    name,
};
use leptos::prelude::*;

use super::{
    super::{
        back_to_form::BackToForm,
        document_view::{Above, block, edition},
    },
    words::{Words, words},
};
use crate::{
    components::{HEADING_ID, PageHeading, non_empty},
    i18n::{self, Locale, date, fill},
};

/// The page's own styles, after the screen's.
pub const STYLE: &str = include_str!("page.css");

/// The page. `form` holds the fields that the browser sent.
#[component]
pub fn ChangesPage(
    action: String,
    locale: Locale,
    title: String,
    document: Arc<Document>,
    changes: Arc<TextChanges>,
    form: Vec<(String, String)>,
) -> impl IntoView {
    let words = words(locale);
    let since = fill(words.since, &date(locale, &changes.agreed_effective_from));
    let language = document.locale.clone();
    // The language of the words around the text, where the text has another one.
    let own = (language != locale.tag()).then(|| locale.tag());
    let list = list(&changes.difference, locale, own);
    let text = text(&document, &changes.difference, words, own);
    let without_marks = match &changes.difference {
        Difference::Marked { .. } => {
            Some(([FULL_PREFIX, &document.tag].concat(), words.without_marks))
        }
        Difference::Rewritten { .. } => None,
    };
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            <div class="consent">
                <header class="consent__header">
                    <PageHeading>{non_empty(name::clean(&title))}</PageHeading>
                </header>
                <div class="consent__text">
                    <section class="changes" aria-labelledby="changes">
                        <h2 id="changes">{words.heading}</h2>
                        <p>{since}</p>
                        <div lang=language.clone()>{list}</div>
                    </section>
                    <p class="document__edition">{edition(&document, locale)}</p>
                    <div class="document" lang=language>{text}</div>
                </div>
                <BackToForm action locale form other=without_marks/>
            </div>
        </main>
    }
    .into_any()
}

fn list(difference: &Difference, locale: Locale, own: Option<&'static str>) -> AnyView {
    let words = words(locale);
    match difference {
        Difference::Rewritten { .. } => view! { <p lang=own>{words.rewritten}</p> }.into_any(),
        Difference::Marked { changes, .. } if changes.is_empty() => {
            view! { <p lang=own>{words.nothing}</p> }.into_any()
        }
        Difference::Marked { changes, more, .. } => {
            let mut section = None;
            let mut items = Vec::with_capacity(changes.len());
            for change in changes {
                // Once for changes that follow each other.
                let is_new = change.section != section;
                section.clone_from(&change.section);
                items.push(item(change, section.clone().filter(|_| is_new), words, own));
            }
            let more = (*more > 0).then(|| {
                view! { <p lang=own>{i18n::texts(locale).count(words.more, *more)}</p> }
            });
            view! { <ul class="changes__list">{items}</ul> {more} }.into_any()
        }
    }
}

fn item(
    change: &Change,
    section: Option<String>,
    words: &'static Words,
    own: Option<&'static str>,
) -> AnyView {
    let label =
        |label: &'static str| view! { <span class="changes__label" lang=own>{label}</span> };
    let section = section.map(|section| {
        view! { <p class="changes__section">{section}</p> }
    });
    let edit = match change.edit.clone() {
        Edit::Added(text) => view! { <p>{label(words.added)} " " <ins>{text}</ins></p> }.into_any(),
        Edit::Removed(text) => {
            view! { <p>{label(words.removed)} " " <del>{text}</del></p> }.into_any()
        }
        Edit::Moved(text) => view! { <p>{label(words.moved)} " " {text}</p> }.into_any(),
        Edit::Replaced(old, new) => view! {
            <p>{label(words.before)} " " {old}</p>
            <p>{label(words.after)} " " {new}</p>
        }
        .into_any(),
    };
    view! { <li>{section} {edit}</li> }.into_any()
}

fn text(
    document: &Document,
    difference: &Difference,
    words: &'static Words,
    own: Option<&'static str>,
) -> AnyView {
    let heading = |text: &'static str| view! { <h2 lang=own>{text}</h2> };
    match difference {
        Difference::Marked { blocks, .. } => {
            let marks = Marks { words, own };
            let blocks: Vec<_> = blocks.iter().map(|it| marks.block(it)).collect();
            view! {
                {heading(words.marked_text)}
                <p class="changes__legend" lang=own>{words.legend}</p>
                {blocks}
            }
            .into_any()
        }
        Difference::Rewritten { old } => {
            let whole = |blocks: &[consent_contract::document::Block]| {
                blocks.iter().map(|it| block(it, Above::H2)).collect::<Vec<_>>()
            };
            view! {
                {heading(words.new_text)}
                {whole(&document.blocks)}
                {heading(words.old_text)}
                {whole(old)}
            }
            .into_any()
        }
    }
}

/// Marks for eyes and, as hidden words, for screen readers: several do not announce `ins` and `del`.
#[derive(Clone, Copy)]
struct Marks {
    words: &'static Words,
    own: Option<&'static str>,
}

impl Marks {
    fn block(self, block: &ChangedBlock) -> AnyView {
        match block {
            ChangedBlock::Heading { level: 2, text } => {
                view! { <h3>{self.text(text)}</h3> }.into_any()
            }
            ChangedBlock::Heading { text, .. } => view! { <h4>{self.text(text)}</h4> }.into_any(),
            ChangedBlock::Paragraph { text } => view! { <p>{self.text(text)}</p> }.into_any(),
            ChangedBlock::List { items } => {
                let items: Vec<_> =
                    items.iter().map(|it| view! { <li>{self.text(it)}</li> }).collect();
                view! { <ul>{items}</ul> }.into_any()
            }
            ChangedBlock::Table { header, rows } => {
                let header: Vec<_> =
                    header.iter().map(|it| view! { <th>{self.text(it)}</th> }).collect();
                let cells = |row: &Vec<ChangedText>| {
                    row.iter().map(|it| view! { <td>{self.text(it)}</td> }).collect::<Vec<_>>()
                };
                let rows: Vec<_> = rows.iter().map(|row| view! { <tr>{cells(row)}</tr> }).collect();
                view! {
                    <div class="document__table" tabindex="0">
                        <table>
                            <thead><tr>{header}</tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }
                .into_any()
            }
        }
    }

    fn text(self, text: &ChangedText) -> Vec<AnyView> {
        let label = |label: &'static str| {
            view! { <span class="visually-hidden" lang=self.own>{label} " "</span> }
        };
        let piece = |piece: &Piece| match piece.clone() {
            Piece::Same(text) => text.into_any(),
            Piece::Added(text) => view! { <ins>{label(self.words.added)} {text}</ins> }.into_any(),
            Piece::Removed(text) => {
                view! { <del>{label(self.words.removed)} {text}</del> }.into_any()
            }
        };
        text.iter().map(piece).collect()
    }
}
