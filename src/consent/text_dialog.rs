//! The full text of a term, in a dialog. Closing it agrees to nothing.

use std::sync::Arc;

use consent_contract::{
    document::{Block, Document},
    name,
};
use leptos::prelude::*;

use super::{
    Machine,
    state::{Event, Text},
};
use crate::{
    components::{Button, Dialog, Look},
    i18n::{Locale, Texts, date, fill},
};

const TITLE_ID: &str = "text-title";

pub fn view(machine: Machine, locale: Locale) -> impl IntoView {
    let texts = locale.texts();
    let text = Memo::new(move |_| {
        machine.page.with(|page| page.asking().map_or(Text::Closed, |asking| asking.text.clone()))
    });
    let close = Callback::new(move |()| machine.send(Event::TextClosed));
    view! {
        <Dialog
            open=Signal::derive(move || text.with(|text| *text != Text::Closed))
            labelled_by=TITLE_ID
            on_close=close
        >
            {move || content(machine, texts, locale, &text.get())}
            <div class="dialog__actions">
                <Button look=Look::Secondary on_press=close>{texts.close}</Button>
            </div>
        </Dialog>
    }
}

fn content(machine: Machine, texts: &'static Texts, locale: Locale, text: &Text) -> AnyView {
    let (Text::Loading { tag } | Text::Open { tag, .. } | Text::Failed { tag }) = text else {
        return ().into_any();
    };
    let title = machine.page.with_untracked(|page| {
        let terms = &page.asking()?.request.terms;
        terms.iter().find(|term| term.tag == *tag).map(|term| name::clean(&term.title))
    });
    let body = match text {
        Text::Open { document, .. } => document_view(locale, document),
        Text::Failed { .. } => {
            let retry = Callback::new(move |()| machine.send(Event::TextRetried));
            view! {
                <div role="alert"><p>{texts.text_failed}</p></div>
                <Button look=Look::Quiet on_press=retry>{texts.retry}</Button>
            }
            .into_any()
        }
        Text::Loading { .. } | Text::Closed => {
            view! { <p role="status">{texts.loading}</p> }.into_any()
        }
    };
    // Long text scrolls inside the dialog: the scrolling box must be reachable by keyboard.
    view! {
        <div class="dialog__scroll" tabindex="0" role="group" aria-labelledby=TITLE_ID>
            <h2 class="dialog__title" id=TITLE_ID>{title.unwrap_or_default()}</h2>
            {body}
        </div>
    }
    .into_any()
}

fn document_view(locale: Locale, document: &Arc<Document>) -> AnyView {
    let texts = locale.texts();
    let when = fill(texts.effective_from, &date(locale, &document.effective_from));
    let version = fill(texts.version, &name::clean(&document.version));
    let blocks: Vec<_> = document.blocks.iter().map(block).collect();
    view! {
        <p class="document__edition">{when}" · "{version}</p>
        <div class="document" lang=document.locale.clone()>{blocks}</div>
    }
    .into_any()
}

fn block(block: &Block) -> AnyView {
    let text = |text: &String| name::clean(text);
    match block {
        Block::Heading { level: 2, text: t } => view! { <h3>{text(t)}</h3> }.into_any(),
        Block::Heading { text: t, .. } => view! { <h4>{text(t)}</h4> }.into_any(),
        Block::Paragraph { text: t } => view! { <p>{text(t)}</p> }.into_any(),
        Block::List { items } => {
            let items: Vec<_> = items.iter().map(|item| view! { <li>{text(item)}</li> }).collect();
            view! { <ul>{items}</ul> }.into_any()
        }
        Block::Table { header, rows } => {
            let header: Vec<_> =
                header.iter().map(|cell| view! { <th scope="col">{text(cell)}</th> }).collect();
            let cells = |row: &Vec<String>| {
                row.iter().map(|cell| view! { <td>{text(cell)}</td> }).collect::<Vec<_>>()
            };
            let rows: Vec<_> = rows.iter().map(|row| view! { <tr>{cells(row)}</tr> }).collect();
            view! {
                <div class="document__table">
                    <table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>
                </div>
            }
            .into_any()
        }
    }
}
