//! Every text of the service in every language, side by side.

use leptos::{ev::Targeted, prelude::*};
use serde_json::json;
use web_sys::{Event, HtmlTextAreaElement};

use super::form::pasting;
use crate::{
    browser,
    language::t,
    plain_text, pointer,
    store::Store,
    texts,
    translations::{self, Cell, Column, Entry, Given, Sheet},
};

/// So many languages are shown beside Korean before any was chosen.
const FIRST: usize = 2;

#[component]
pub fn TextsPanel() -> impl IntoView {
    let store = expect_context::<Store>();
    let sheet = Memo::new(move |_| {
        translations::sheet(&store.fixture.read(), store.source.read().as_ref())
    });
    let has_texts = Memo::new(move |_| sheet.read().is_some());
    move || match has_texts.get() {
        true => {
            let sheet = Memo::new(move |before: Option<&Sheet>| {
                sheet.get().or_else(|| before.cloned()).expect("there are texts")
            });
            view! { <SideBySide sheet /> }.into_any()
        }
        false => view! { <p class="panel__lead">{t(texts::NO_TEXTS)}</p> }.into_any(),
    }
}

#[component]
fn SideBySide(sheet: Memo<Sheet>) -> impl IntoView {
    let store = expect_context::<Store>();
    let shown = Memo::new(move |_| shown(&sheet.read().columns, store.languages.read().as_deref()));
    let is_editable = Memo::new(move |_| sheet.read().is_editable);
    // A row is another one only where its place or its name is.
    let rows = Memo::new(move |_| {
        let rows = &sheet.read().rows;
        let mut before = None;
        let rows = rows.iter().map(|row| {
            let group = &row.entry.group;
            let is_first = before.replace(group) != Some(group);
            (row.entry.clone(), is_first)
        });
        rows.collect::<Vec<_>>()
    });
    let not_offered = move || {
        let sheet = sheet.read();
        let columns = shown.get().into_iter().filter_map(|at| sheet.columns.get(at));
        let columns = columns.filter(|it| it.is_used && !it.is_offered);
        columns
            .map(|it| view! { <p class="texts__hint">{texts::not_offered(&it.name)}</p> })
            .collect_view()
    };
    view! {
        <div class="texts">
            <p class="panel__lead">
                {move || t(if is_editable.get() { texts::ABOUT_TEXTS } else { texts::ABOUT_GALLERY_TEXTS })}
            </p>
            <Languages sheet shown />
            {not_offered}
            <table class="texts__table">
                <caption class="visually-hidden">{t("Texts side by side")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t("Text")}</th>
                        <For each=move || shown.get() key=|at| *at let:at>
                            <Head sheet at />
                        </For>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || rows.get()
                        key=|(entry, is_first)| (entry.key.clone(), entry.at.clone(), *is_first)
                        let:row
                    >
                        <TextRow sheet shown entry=row.0 is_first=row.1 />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

/// The positions of the columns that are shown: Korean, and what was chosen.
fn shown(columns: &[Column], chosen: Option<&[String]>) -> Vec<usize> {
    let others = || 1..columns.len();
    let others: Vec<usize> = match chosen {
        Some(chosen) => others().filter(|at| chosen.contains(&columns[*at].tag)).collect(),
        None => {
            let mut used: Vec<_> = others().filter(|at| columns[*at].is_used).collect();
            // A file in Korean alone begins with the next language.
            if used.is_empty() {
                used = others().take(1).collect();
            }
            used.truncate(FIRST);
            used
        }
    };
    std::iter::once(0).chain(others).collect()
}

/// Which languages are shown.
#[component]
fn Languages(sheet: Memo<Sheet>, shown: Memo<Vec<usize>>) -> impl IntoView {
    let store = expect_context::<Store>();
    let count = Memo::new(move |_| sheet.read().columns.len());
    let choice = move |at: usize| {
        let column = move || sheet.read().columns.get(at).cloned();
        let toggle = move |event: Targeted<Event, web_sys::HtmlInputElement>| {
            let on = event.target().checked();
            let sheet = sheet.read_untracked();
            let positions = shown.get_untracked();
            let is_on = |it: &usize| if *it == at { on } else { positions.contains(it) };
            let chosen = (1..sheet.columns.len()).filter(is_on);
            let chosen = chosen.map(|it| sheet.columns[it].tag.clone());
            store.languages.set(Some(chosen.collect()));
        };
        let id = format!("texts-language-{at}");
        view! {
            <div class="check-field">
                <input
                    type="checkbox"
                    id=id.clone()
                    prop:checked=move || shown.read().contains(&at)
                    on:change:target=toggle
                />
                <label for=id>
                    {move || column().map(|it| view! { <span lang=it.tag>{it.name}</span> })}
                    {move || column().filter(|it| it.is_used).map(|it| view! {
                        " " <span class="texts__count">{texts::missing(it.missing)}</span>
                    })}
                </label>
            </div>
        }
    };
    view! {
        <fieldset class="texts__languages">
            <legend>{t("Languages beside Korean")}</legend>
            <For each=move || 1..count.get() key=|at| *at children=choice />
        </fieldset>
    }
}

/// The head of a language: its name, and what it lacks.
#[component]
fn Head(sheet: Memo<Sheet>, at: usize) -> impl IntoView {
    let column = Memo::new(move |_| sheet.read().columns.get(at).cloned());
    let tag = move || column.get().map(|it| it.tag);
    let name = move || column.get().map(|it| it.name).unwrap_or_default();
    let missing = Memo::new(move |_| column.read().as_ref().map_or(0, |it| it.missing));
    let go = move |_| {
        let column = format!(".texts__cell[data-column='{at}']");
        browser::focus_next(&column, ".texts__cell--missing");
    };
    view! {
        <th scope="col">
            <span lang=tag>{name}</span>
            " "
            {move || match missing.get() {
                0 => view! { <span class="texts__count">{texts::missing(0)}</span> }.into_any(),
                count => view! {
                    <button
                        class="texts__next"
                        title=move || texts::next_missing(&name())
                        on:click=go
                    >
                        {texts::missing(count)}
                        <span class="visually-hidden">". " {move || texts::next_missing(&name())}</span>
                    </button>
                }.into_any(),
            }}
        </th>
    }
}

#[component]
fn TextRow(
    sheet: Memo<Sheet>,
    shown: Memo<Vec<usize>>,
    entry: Entry,
    /// Whether it is the first of an item of the form.
    is_first: bool,
) -> impl IntoView {
    let key = entry.key.clone();
    let row = Memo::new(move |_| sheet.read().rows.iter().find(|it| it.entry.key == key).cloned());
    let label = entry.label;
    let (section, item) = entry.within.clone();
    let has_item = item.is_some();
    let item = Memo::new(move |_| row.read().as_ref().and_then(|it| it.entry.within.1.clone()));
    let entry = StoredValue::new(entry);
    view! {
        {is_first.then(|| view! {
            <tr class="texts__group">
                <th scope="rowgroup" colspan=move || (shown.read().len() + 1).to_string()>
                    {t(section)}
                    {has_item.then(|| view! { ": " <span lang="ko">{move || item.get()}</span> })}
                </th>
            </tr>
        })}
        <tr>
            <th scope="row">{label}</th>
            <For
                each=move || shown.get()
                key=|at| *at
                children=move |at| {
                    let cell = Memo::new(move |before: Option<&Option<Cell>>| {
                        let cell = row.read().as_ref().and_then(|it| it.cells.get(at).cloned());
                        cell.or_else(|| before.cloned().flatten())
                    });
                    view! { <TextCell sheet at cell entry=entry.get_value() /> }
                }
            />
        </tr>
    }
}

#[component]
fn TextCell(
    sheet: Memo<Sheet>,
    at: usize,
    cell: Memo<Option<Cell>>,
    entry: Entry,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let (tag, name, is_editable) = {
        let sheet = sheet.read_untracked();
        let column = sheet.columns.get(at);
        let tag = column.map(|it| it.tag.clone()).unwrap_or_default();
        let name = column.map(|it| it.name.clone()).unwrap_or_default();
        (tag, name, sheet.is_editable || at == 0)
    };
    let given = Memo::new(move |_| cell.read().as_ref().map_or(Given::Missing, |it| it.given));
    let is_missing = move || given.get() == Given::Missing;
    let text =
        Memo::new(move |_| cell.read().as_ref().map(|it| it.text.clone()).unwrap_or_default());
    let hint = move || match given.get() {
        Given::Here => "",
        Given::Shared => t(texts::SAME_EVERYWHERE),
        Given::Missing => t(texts::MISSING),
    };
    let label = texts::in_language(entry.label, &name);
    let is_full = entry.is_full;
    let id = cell_id(&tag, &entry.key);
    let rows = if is_full { "6" } else { "1" };
    if !is_editable {
        let language = tag.clone();
        return view! {
            <td>
                <p
                    class="texts__cell texts__cell--read"
                    class:texts__cell--missing=is_missing
                    class:texts__cell--full=is_full
                    id=id
                    // A full text scrolls, by keyboard, too.
                    tabindex=if is_full { "0" } else { "-1" }
                    data-column=at.to_string()
                >
                    <span lang=language>{text}</span>
                    <span class="texts__missing">{hint}</span>
                </p>
            </td>
        }
        .into_any();
    }
    // As it was typed, as long as it means the same.
    let typed = RwSignal::new(text.get_untracked());
    Effect::new(move |_| {
        let text = text.get();
        let is_same = typed.with_untracked(|typed| match is_full {
            true => plain_text::blocks(typed) == plain_text::blocks(&text),
            false => *typed == text,
        });
        if !is_same {
            typed.set(text);
        }
    });
    // The preview follows the focus.
    let place = entry.at.clone();
    let follow = move |_| store.edited.set(place.clone());
    let leave = move |()| drop(store.edited.try_set(String::new()));
    on_cleanup(move || leave(()));
    let language = tag.clone();
    let write = move |event: Targeted<Event, HtmlTextAreaElement>| {
        let area = event.target();
        let value = area.value();
        // A line stays one, also where several are pasted.
        let value = if is_full { value } else { value.replace(['\n', '\r'], " ") };
        if area.value() != value {
            area.set_value(&value);
        }
        typed.set(value.clone());
        if at == 0 {
            let new = match is_full {
                true => json!(plain_text::blocks(&value)),
                false => json!(value),
            };
            store.edit(Some(&entry.at), |fixture| pointer::with(fixture, &entry.at, new));
        } else {
            let field = format!("{language}{}", entry.key);
            store.edit(Some(&field), |fixture| {
                translations::with(fixture, &language, &entry, &value)
            });
        }
    };
    view! {
        <td>
            <textarea
                class="texts__cell"
                class:texts__cell--missing=is_missing
                class:texts__cell--full=is_full
                id=id
                rows=rows
                lang=tag
                aria-label=label
                data-column=at.to_string()
                placeholder=hint
                prop:value=typed
                on:focus=follow
                on:blur=move |_| leave(())
                on:input:target=write
                on:paste=move |event| {
                    if is_full {
                        pasting::paste(store, &event);
                    }
                }
            ></textarea>
        </td>
    }
    .into_any()
}

/// The id of the cell of a text in a language.
fn cell_id(language: &str, key: &str) -> String {
    format!("text:{language}:{key}")
}
