//! One case, many ways, side by side.

use consent_screen::browser::document;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    address,
    app::{Nothing, Notice},
    preview::Preview,
    shown::{Axis, Step, steps},
    store::Store,
    workbench::choices::Choices,
};

/// How wide a cell may be, in CSS pixels.
const CELL: f64 = 260.0;

/// The page of the matrix.
#[component]
pub fn MatrixPage() -> impl IntoView {
    let store = expect_context::<Store>();
    let params = use_params_map();
    let name = move || params.read().get("name").unwrap_or_default();
    let there = untrack(|| address::arrive(store, &name()));
    if !there {
        return Nothing().into_any();
    }
    let group = Memo::new(move |_| {
        let name = store.name.get();
        let groups = consent_cases::groups().iter();
        let group = groups.filter(|group| group.cases.iter().any(|it| it.name == name));
        let others = group.flat_map(|group| &group.cases).filter(|it| it.name != name);
        others.cloned().collect::<Vec<_>>()
    });
    let across = Memo::new(move |_| {
        let shared = store.shared();
        steps(shared.matrix.across, &shared.shown, shared.frame, &group.read())
    });
    let rows = Memo::new(move |_| {
        let shared = store.shared();
        let down = steps(shared.matrix.down, &shared.shown, shared.frame, &group.read());
        let row = |step: Step| {
            let cells = steps(shared.matrix.across, &step.shown, step.frame, &group.read());
            (step.label, cells)
        };
        down.into_iter().map(row).collect::<Vec<_>>()
    });
    let title = move || store.case.read().title.clone();
    address::follow(store, untrack(name));
    Effect::new(move |_| document::set_title(&format!("{} · Matrix · Preview studio", title())));
    view! {
            <header class="bar">
                <a
                    href=move || address::of_now(store, &name(), false)
                    rel="external"
                    class="way"
                >"Back"</a>
                <h1 class="bar__title">{title}</h1>
                <Choices
                    legend="Across"
                    value=Signal::derive(move || store.matrix.read().across)
                    set=move |axis: Axis| store.matrix.update(|it| {
                        // Two of the same would be a diagonal.
                        if it.down == axis {
                            it.down = it.across;
                        }
                        it.across = axis;
                    })
                />
                <Choices
                    legend="Down"
                    value=Signal::derive(move || store.matrix.read().down)
                    set=move |axis: Axis| store.matrix.update(|it| {
                        if it.across == axis {
                            it.across = it.down;
                        }
                        it.down = axis;
                    })
                />
            </header>
            <Notice store />
            <main class="matrix">
                <table>
                    <caption class="visually-hidden">"The same screen, many ways"</caption>
                    <thead>
                        <tr>
                            <td></td>
                            {move || across.get().into_iter().map(|step| view! {
                                <th scope="col">{step.label}</th>
                            }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {move || rows.get().into_iter().map(row).collect_view()}
                    </tbody>
                </table>
            </main>
    }
    .into_any()
}

fn row((label, cells): (String, Vec<Step>)) -> impl IntoView {
    let cells = cells.into_iter().map(|step| {
        let scale = (CELL / f64::from(step.frame.width)).min(1.0);
        let title = step.label.clone();
        view! {
            <td>
                <Preview
                    shown=Signal::stored(step.shown)
                    frame=step.frame
                    scale=scale
                    title=title
                    picture=true
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
