//! Both previews, side by side or one over the other.

use consent_fixtures::Fixture;
use leptos::{
    html::{Div, Iframe},
    prelude::*,
};

use super::{Other, Shared, choice};
use crate::{
    browser,
    components::{PreviewFrame, room_in},
    language::{t, tf},
    message::ToPreview,
    place::Place,
    services,
    state::{Layout, PreviewState, Selection, Version, Zoom},
    store::Store,
    texts,
};

/// Between both previews, in CSS pixels: as in the style sheet.
const GAP: f64 = 24.0;

#[component]
pub fn Stage() -> impl IntoView {
    let store = expect_context::<Store>();
    let Shared { other, differences, shown } = expect_context();
    let stage = NodeRef::<Div>::new();
    let room = room_in(stage);
    let layout = Memo::new(move |_| store.compare.read().layout);
    let is_beside = move || layout.get() == Layout::Beside;
    let scale = Memo::new(move |_| {
        let (width, height) = room.get();
        let width = if is_beside() { (width - GAP) / 2.0 } else { width };
        store.zoom.get().scale(store.frame.get(), (width, height))
    });
    let open_shows = Memo::new(move |_| {
        let (differences, fixture) = (differences.read(), store.fixture.read());
        let fields = differences.iter().filter_map(|it| it.at.open.as_deref());
        shows(is_beside(), &fixture, &shown.read().open, fields)
    });
    let other_shows = Memo::new(move |_| {
        let (differences, other) = (differences.read(), other.read());
        let fixture = other.as_ref().map(|it| &it.version.fixture);
        let fields = differences.iter().filter_map(|it| it.at.other.as_deref());
        fixture.map_or_else(Vec::new, |fixture| {
            shows(is_beside(), fixture, &shown.read().other, fields)
        })
    });
    let other_preview = Memo::new(move |_| preview(store, other.get()));
    let (open_frame, other_frame) = (NodeRef::<Iframe>::new(), NodeRef::<Iframe>::new());
    scroll_together(open_frame, other_frame);
    // What is below the other one is not used. A page that is loaded inert would stay so.
    let open_drawn = RwSignal::new(None);
    let is_below = move || !is_beside() && open_drawn.read().is_some();
    let class = move || match layout.get() {
        Layout::Beside => "compare__frames",
        Layout::Difference => "compare__frames compare__frames--over compare__frames--difference",
        Layout::Fade => "compare__frames compare__frames--over",
    };
    let opacity = move || match layout.get() {
        Layout::Fade => (f64::from(store.compare.read().fade) / 100.0).to_string(),
        Layout::Beside | Layout::Difference => "1".to_owned(),
    };
    let name = move || other.read().as_ref().map(|it| it.name.clone()).unwrap_or_default();
    let title = move || t(&store.fixture.read().title).to_owned();
    // What scrolls can be scrolled by keyboard.
    let tabindex = move || (store.zoom.get() == Zoom::Actual).then_some("0");
    view! {
        <section class="compare__pane" aria-label=t("Previews")>
            <div class="compare__heads">
                <p class="compare__head compare__head--open">
                    <strong>{t(texts::OPEN_NOW)}</strong> " " <bdi>{title}</bdi>
                </p>
                <p class="compare__head compare__head--other">
                    <strong>{t(texts::COMPARED)}</strong> " " <bdi>{name}</bdi>
                </p>
            </div>
            <Show when=move || layout.get() == Layout::Difference>
                <p class="compare__hint">{t(texts::ABOUT_DIFFERENCE)}</p>
            </Show>
            <div
                class="compare__stage"
                role="group"
                aria-label=t(texts::STAGE)
                tabindex=tabindex
                node_ref=stage
            >
                <div class=class>
                    <div class="compare__frame" inert=is_below>
                        <PreviewFrame
                            state=Memo::new(move |_| store.shown())
                            frame=store.frame
                            scale=scale
                            title=Signal::derive(move || side(texts::OPEN_NOW, &title()))
                            measured=open_drawn
                            shows=open_shows
                            node=open_frame
                        />
                    </div>
                    <div class="compare__frame compare__frame--other" style:opacity=opacity>
                        <PreviewFrame
                            state=other_preview
                            frame=store.frame
                            scale=scale
                            title=Signal::derive(move || side(texts::COMPARED, &name()))
                            shows=other_shows
                            node=other_frame
                        />
                    </div>
                </div>
            </div>
        </section>
    }
}

/// The name of a frame.
fn side(side: &str, name: &str) -> String {
    format!("{}{name}", tf("{side}: ", &[("side", &t(side))]))
}

/// What a preview of a fixture shows. Outlines over one another would be differences of their own.
fn shows<'a>(
    is_beside: bool,
    fixture: &Fixture,
    edited: &str,
    changed: impl Iterator<Item = &'a str>,
) -> Vec<ToPreview> {
    let key = |at: &str| Place::key_of_field(fixture, at);
    match is_beside {
        true => {
            vec![ToPreview::Changed(changed.map(key).collect()), ToPreview::Edited(key(edited))]
        }
        false => vec![ToPreview::Changed(Vec::new()), ToPreview::Edited(String::new())],
    }
}

/// The other state, in the language of the previews. While none is chosen, it is what is open.
fn preview(store: Store, other: Option<Other>) -> PreviewState {
    let Some(Other { with, version: Version { fixture, theme }, .. }) = other else {
        return store.shown();
    };
    let view = store.view.get();
    let fixture = match choice::source(store, &with) {
        Some(source) => services::in_language(&fixture, &source, view.language),
        None => fixture,
    };
    PreviewState { fixture: Selection::Custom(Box::new(fixture)), view, theme }
}

/// Scrolls each frame as the user scrolls the other.
fn scroll_together(one: NodeRef<Iframe>, other: NodeRef<Iframe>) {
    // Where each frame was scrolled to by the other: that is no scrolling of the user.
    let set = StoredValue::new([0.0_f64; 2]);
    for (at, from, to) in [(0, one, other), (1, other, one)] {
        from.on_load(move |frame| {
            browser::on_frame_scroll(&frame, move |top| {
                let Some(positions) = set.try_get_value() else { return };
                if (positions[at] - top).abs() < 1.0 {
                    return;
                }
                if let Some(Some(to)) = to.try_get_untracked() {
                    let reached = browser::scroll_frame(&to, top);
                    set.try_update_value(|set| {
                        set[at] = top;
                        set[1 - at] = reached;
                    });
                }
            });
        });
    }
}
