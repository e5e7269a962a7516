//! The full text of a term, in a dialog. Closing it agrees to nothing.

use consent_contract::{
    document::{Block, Document},
    name,
};
use leptos::prelude::{Get, WithUntracked};

use super::{
    Machine,
    machine::TEXT_ID,
    said,
    state::{Event, Text},
};
use crate::{
    components::{Element, Look, PAINTS, button, dialog, div, el, live},
    i18n::{self, Locale, date, fill},
};

const ID: &str = "text";
const TITLE_ID: &str = "text-title";

pub fn view(machine: Machine, locale: Locale) -> Element {
    // Drawn anew for another text, and for what became of it.
    let shown = machine.words(|page| match page.asking().map(|asking| &asking.text) {
        None | Some(Text::Closed) => String::new(),
        Some(Text::Loading { tag }) => tag.clone(),
        Some(Text::Open { tag, .. }) => ["+", tag].concat(),
        Some(Text::Failed { tag }) => ["-", tag].concat(),
    });
    let open = machine.asks(|asking| !matches!(asking.text, Text::Closed));
    let content = live(move || {
        shown.get();
        let text = machine.page.with_untracked(|page| page.asking().map(|a| a.text.clone()))?;
        content(machine, locale, &text)
    });
    let close = move || machine.send(Event::TextClosed);
    // While the dialog is open the rest of the page is silent, so what it says is said here, too.
    let said = said(machine);
    // Long text scrolls inside the dialog: the scrolling box must be reachable by keyboard. It takes
    // the focus when the dialog opens, and stays when the text comes, or the focus would be lost.
    let scroll = div("dialog__scroll")
        .id(TEXT_ID)
        .attr("tabindex", "0")
        .attr("role", "group")
        .attr("aria-labelledby", TITLE_ID)
        .child(content);
    dialog(ID, TITLE_ID, open, close).child(scroll).child(
        div("dialog__actions")
            .child(el("p").attr("role", "status").live_text(move || said.get()))
            .child(button(Look::Secondary, close).text(i18n::texts(locale).close)),
    )
}

fn content(machine: Machine, locale: Locale, text: &Text) -> Option<Element> {
    let texts = i18n::texts(locale);
    let (tag, body) = match text {
        Text::Closed => return None,
        Text::Loading { tag } => (tag, el("p").attr("role", "status").text(texts.loading)),
        Text::Open { tag, document } => (tag, body(locale, document)),
        Text::Failed { tag } => {
            let retry = button(Look::Quiet, move || machine.send(Event::TextRetried));
            let alert = el("p").attr("role", "alert").text(texts.text_failed);
            (tag, el("div").child(alert).child(retry.text(texts.retry)))
        }
    };
    let title = machine.page.with_untracked(|page| {
        let terms = &page.asking()?.request.terms;
        terms.iter().find(|term| term.tag == *tag).map(|term| name::clean(&term.title))
    });
    let title = el("h2").class("dialog__title").id(TITLE_ID).text(&title.unwrap_or_default());
    Some(el("div").child(title).child(body))
}

pub fn body(locale: Locale, document: &Document) -> Element {
    let texts = i18n::texts(locale);
    let when = fill(texts.effective_from, &date(locale, &document.effective_from));
    let version = fill(texts.version, &name::clean(&document.version));
    let edition = el("p").class("document__edition").text(&format!("{when} · {version}"));
    let text = div("document").attr("lang", &document.locale);
    let blocks = document.blocks.iter().map(|written| block(written).view());
    el("div").child(edition).child(text.children(blocks))
}

fn block(block: &Block) -> Element {
    match block {
        // Below the dialog's h2; or, as a server paints a text on a page of its own, below its h1.
        Block::Heading { level: 2, text } => leaf(if PAINTS { "h2" } else { "h3" }, text),
        Block::Heading { text, .. } => leaf(if PAINTS { "h3" } else { "h4" }, text),
        Block::Paragraph { text } => leaf("p", text),
        Block::List { items } => {
            el("ul").children(items.iter().map(|item| leaf("li", item).view()))
        }
        Block::Table { header, rows } => {
            let cells = |tag, cells: &[String]| {
                cells.iter().fold(el("tr"), |row, cell| row.child(leaf(tag, cell)))
            };
            let rows = rows.iter().map(|row| cells("td", row).view());
            let table = el("table")
                .child(el("thead").child(cells("th", header)))
                .child(el("tbody").children(rows));
            div("document__table").attr("tabindex", "0").child(table)
        }
    }
}

fn leaf(tag: &'static str, text: &str) -> Element {
    el(tag).text(&name::clean(text))
}
