//! The full text of a term: in the dialog, and on a page of its own.

use std::sync::Arc;

use consent_contract::{
    document::{Block, Document},
    name,
};
use leptos::prelude::*;

use crate::{
    components::non_empty,
    i18n::{self, Locale, date, fill},
};

/// The level of the heading above the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// The heading of a page.
    #[cfg_attr(not(feature = "ssr"), allow(dead_code, reason = "only a server renders this page"))]
    H1,
    /// The heading of a dialog.
    H2,
}

#[component]
pub fn DocumentView(document: Arc<Document>, locale: Locale, above: Above) -> impl IntoView {
    let blocks: Vec<_> = document.blocks.iter().map(|it| block(it, above)).collect();
    view! {
        <div>
            <p class="document__edition">{edition(&document, locale)}</p>
            <div class="document" lang=document.locale.clone()>{blocks}</div>
        </div>
    }
    .into_any()
}

/// The day and the version of a text.
pub fn edition(document: &Document, locale: Locale) -> String {
    let texts = i18n::texts(locale);
    let effective = fill(texts.effective_from, &date(locale, &document.effective_from));
    let version = fill(texts.version, &name::clean(&document.version));
    [effective, version].join(" · ")
}

pub fn block(block: &Block, above: Above) -> AnyView {
    let text = |text: &str| non_empty(name::clean(text));
    match block {
        Block::Heading { level, text: it } => match (above, level) {
            (Above::H1, 2) => view! { <h2>{text(it)}</h2> }.into_any(),
            (Above::H1, _) | (Above::H2, 2) => view! { <h3>{text(it)}</h3> }.into_any(),
            (Above::H2, _) => view! { <h4>{text(it)}</h4> }.into_any(),
        },
        Block::Paragraph { text: it } => view! { <p>{text(it)}</p> }.into_any(),
        Block::List { items } => {
            let items: Vec<_> = items.iter().map(|it| view! { <li>{text(it)}</li> }).collect();
            view! { <ul>{items}</ul> }.into_any()
        }
        Block::Table { header, rows } => {
            let header: Vec<_> = header.iter().map(|it| view! { <th>{text(it)}</th> }).collect();
            let cells = |row: &Vec<String>| {
                row.iter().map(|it| view! { <td>{text(it)}</td> }).collect::<Vec<_>>()
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
