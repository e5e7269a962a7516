//! One fixture in many variants, side by side.

use consent_screen::browser::document;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    accounts::users,
    address,
    components::{NotFound, Notice, PreviewFrame, RadioGroup, ViewSwitch},
    language::{t, tf},
    state::{Axis, Beside, Step, steps},
    store::Store,
};

/// The maximum width of a cell, in CSS pixels.
const CELL: f64 = 260.0;

/// The group of the gallery with the stages of the form.
const STAGES: &str = "Stages";

/// The page of the matrix.
#[component]
pub fn MatrixPage() -> impl IntoView {
    let store = expect_context::<Store>();
    address::open_current(store);
    view! {
        <Show when=move || store.found.get() fallback=NotFound>
            <Header />
            <Notice />
            <Table />
        </Show>
    }
}

#[component]
fn Header() -> impl IntoView {
    let store = expect_context::<Store>();
    let title = move || t(&store.fixture.read().title).to_owned();
    Effect::new(move |_| {
        document::set_title(&tf("{name} · Matrix · Preview studio", &[("name", &title())]));
    });
    // The same axis twice would be a diagonal.
    let set_across = move |axis: Axis| {
        store.matrix.update(|it| {
            if it.down == axis {
                it.down = it.across;
            }
            it.across = axis;
        });
    };
    let set_down = move |axis: Axis| {
        store.matrix.update(|it| {
            if it.across == axis {
                it.across = it.down;
            }
            it.down = axis;
        });
    };
    view! {
        <header class="view-head">
            <div class="bar">
                <A href=address::gallery() exact=true attr:class="link">{t("All fixtures")}</A>
                <h1 class="bar__title bar__title--grows">{title}</h1>
                <ViewSwitch />
            </div>
            <div class="view-tools" role="group" aria-label=t("Axes")>
                <RadioGroup
                    legend="Across"
                    value=Signal::derive(move || store.matrix.read().across)
                    on_change=set_across
                />
                <RadioGroup
                    legend="Down"
                    value=Signal::derive(move || store.matrix.read().down)
                    on_change=set_down
                />
            </div>
        </header>
    }
}

#[component]
fn Table() -> impl IntoView {
    let store = expect_context::<Store>();
    let beside = Memo::new(move |_| {
        let name = store.name.get();
        let mut groups = consent_fixtures::groups().iter();
        let group = groups.find(|group| group.fixtures.iter().any(|it| it.name == name));
        // A service that is in no group: the stages of its form.
        let group =
            group.or_else(|| consent_fixtures::groups().iter().find(|it| it.title == STAGES));
        let fixtures = group.map(|group| group.fixtures.as_slice()).unwrap_or_default();
        let others = fixtures.iter().filter(|it| it.name != name);
        let fixtures = others.filter_map(|it| consent_fixtures::named(&it.name)).cloned().collect();
        let users = store.source.read().as_ref().map(users).unwrap_or_default();
        Beside { fixtures, users }
    });
    let across = Memo::new(move |_| {
        let state = store.state();
        steps(state.matrix.across, &state.preview, state.frame, &beside.read())
    });
    let rows = Memo::new(move |_| {
        let state = store.state();
        let down = steps(state.matrix.down, &state.preview, state.frame, &beside.read());
        let row = |step: Step| {
            let cells = steps(state.matrix.across, &step.preview, step.frame, &beside.read());
            (step.label, cells)
        };
        down.into_iter().map(row).collect::<Vec<_>>()
    });
    view! {
        // What scrolls can be scrolled by keyboard.
        <main class="matrix" tabindex="0">
            <table>
                <caption class="visually-hidden">{t("The same screen in several variants")}</caption>
                <thead>
                    <tr>
                        <td></td>
                        {move || across.get().into_iter().map(|step| view! {
                            <th scope="col">{step.label}</th>
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {move || rows.get().into_iter().map(|(label, cells)| view! {
                        <Row label cells />
                    }).collect_view()}
                </tbody>
            </table>
        </main>
    }
}

#[component]
fn Row(label: String, cells: Vec<Step>) -> impl IntoView {
    let store = expect_context::<Store>();
    let cells = cells.into_iter().map(move |step| {
        let preview = untrack(|| store.in_its_language(step.preview));
        let scale = (CELL / f64::from(step.frame.width)).min(1.0);
        view! {
            <td>
                <PreviewFrame
                    state=Signal::stored(preview)
                    frame=step.frame
                    scale=scale
                    title=step.label
                    thumbnail=true
                />
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">{label}</th>
            {cells.collect_view()}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_gallery_has_the_group_of_the_stages() {
        let has = |group: &consent_fixtures::Group| group.title == super::STAGES;
        assert!(consent_fixtures::groups().iter().any(has));
    }
}
