//! What differs, field by field.

use leptos::prelude::*;

use super::{
    Shared,
    differences::{Difference, Sides, What},
};
use crate::{
    components::{LineDifference, ValueDifference},
    language::{t, tf, tn},
    place::Place,
    store::Store,
    texts,
};

#[component]
pub fn DifferenceList() -> impl IntoView {
    let Shared { other, differences, .. } = expect_context();
    let sum = move || match (other.read().is_some(), differences.read().len()) {
        (false, _) => String::new(),
        (true, 0) => t(texts::NOTHING_DIFFERS).to_owned(),
        (true, count) => tn(count, "1 field differs.", "{count} fields differ."),
    };
    let groups = move || {
        let differences = differences.read();
        let groups = differences.chunk_by(|one, next| one.within == next.within);
        groups.map(|it| view! { <Group differences=it.to_vec() /> }).collect_view()
    };
    view! {
        <section class="differences" aria-labelledby="differences" tabindex="0">
            <h2 id="differences">{t("Differences")}</h2>
            <p class="differences__sum" role="status">{sum}</p>
            {groups}
        </section>
    }
}

/// The differences in one item, or in one part of the form.
#[component]
fn Group(differences: Vec<Difference>) -> impl IntoView {
    let within = differences.first().map(|it| it.within.clone()).unwrap_or_default();
    let (part, items) = within
        .split_first()
        .map(|(part, items)| (t(part).to_owned(), items.join(" · ")))
        .unwrap_or_default();
    let items = (!items.is_empty()).then(|| view! { " " <bdi>{items}</bdi> });
    view! {
        <h3 class="differences__within"><span>{part}</span>{items}</h3>
        <ul class="differences__fields">
            {differences.into_iter().map(|difference| view! { <Field difference /> }).collect_view()}
        </ul>
    }
}

#[component]
fn Field(difference: Difference) -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { other, shown, .. } = expect_context();
    let Difference { field, at, what, .. } = difference;
    let name = untrack(|| other.read().as_ref().map(|it| it.name.clone())).unwrap_or_default();
    let is_drawn = untrack(|| is_drawn(store, other, &at));
    let label = tf("Show “{field}”", &[("field", &field)]);
    let show = move |_| {
        let Sides { open, other } = at.clone();
        shown.set(Sides { open: open.unwrap_or_default(), other: other.unwrap_or_default() });
        store.announce(t(texts::SHOWN_IN_PREVIEWS));
    };
    let label_of_lines = field.clone();
    let what = match what {
        What::Value(Sides { open, other }) => {
            let names = [name, t(texts::OPEN_NOW).to_owned()];
            view! { <ValueDifference before=other after=open names /> }.into_any()
        }
        What::Text(lines) => view! { <LineDifference label=label_of_lines lines /> }.into_any(),
    };
    view! {
        <li class="difference">
            <div class="difference__head">
                <span class="difference__field">{field}</span>
                {is_drawn.then(|| view! {
                    <button class="tool tool--small" aria-label=label on:click=show>{t("Show")}</button>
                })}
            </div>
            {what}
        </li>
    }
}

/// Whether a field is drawn at one place, on either side.
fn is_drawn(store: Store, other: Memo<Option<super::Other>>, at: &Sides<Option<String>>) -> bool {
    let fixture = store.fixture.read();
    let other = other.read();
    let in_open = at.open.as_ref().and_then(|at| Place::of_field(&fixture, at));
    let in_other = || {
        let fixture = &other.as_ref()?.version.fixture;
        Place::of_field(fixture, at.other.as_ref()?)
    };
    in_open.or_else(in_other).is_some()
}
