use leptos::{html, prelude::*};

use super::notes::Noting;
use crate::{
    browser,
    components::{
        LanguageControl, PreviewFrame, Select, SizeSelect, ThemeControl, WidthControl, ZoomControl,
        room_in,
    },
    explain,
    language::{t, t_in, tf},
    message::{FromPreview, ToPreview},
    place::Place,
    state::{Device, TEXT_SIZES, Zoom},
    store::Store,
    texts,
};

/// The id of the place of the preview.
pub const STAGE: &str = "stage";

/// The preview, and the controls for its view.
#[component]
pub fn PreviewPane() -> impl IntoView {
    let store = expect_context::<Store>();
    let stage = NodeRef::<html::Div>::new();
    let room = room_in(stage);
    let scale = move || store.zoom.get().scale(store.frame.get(), room.get());
    let noting = expect_context::<Noting>();
    let hearing = store.hearing;
    let shows = Memo::new(move |_| {
        vec![
            ToPreview::Edited(Place::key_of_field(&store.fixture.read(), &store.edited.read())),
            noting.shown(store),
            ToPreview::Listen(hearing.on.get()),
            ToPreview::Point(hearing.pointed_here.get()),
            ToPreview::Find(store.sought.get()),
        ]
    });
    let report = Callback::new(move |report: FromPreview| {
        if let FromPreview::Found(count) = report {
            store.announce(&texts::outlined(count));
        }
        hearing.receive(&report);
        noting.receive(store, report);
    });
    // What scrolls can be scrolled by keyboard.
    let tabindex = move || (store.zoom.get() == Zoom::Actual).then_some("0");
    view! {
        <section class="preview-pane" aria-label=t("Preview")>
            <ViewControls />
            <Explanations />
            <div
                class="preview-pane__stage"
                id=STAGE
                role="group"
                aria-label=t(texts::STAGE)
                tabindex=tabindex
                node_ref=stage
            >
                <PreviewFrame
                    state=Memo::new(move |_| store.shown())
                    frame=store.frame
                    scale=Signal::derive(scale)
                    title=Signal::derive(move || {
                        tf("Preview: {title}", &[("title", &t(&store.fixture.read().title))])
                    })
                    measured=store.measured
                    shows=shows
                    on_report=report
                />
            </div>
        </section>
    }
}

#[component]
fn ViewControls() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <div class="preview-pane__tools">
            <LanguageControl view=store.view />
            <ThemeControl view=store.view />
            <ZoomControl />
            <WidthControl />
            <SizeSelect
                id="text"
                label=t_in("size", "Text")
                unit="%"
                sizes=&TEXT_SIZES
                value=Signal::derive(move || store.view.read().text)
                on_change=move |text| store.view.write().text = text
            />
            <Select
                id="device"
                label=t("Device frame")
                value=Signal::derive(move || store.frame.read().device)
                on_change=move |device: Device| store.frame.write().device = device
            />
            <div class="check-field">
                <input
                    type="checkbox"
                    id="rtl"
                    prop:checked=move || store.view.read().rtl
                    on:change:target=move |event| store.view.write().rtl = event.target().checked()
                />
                <label for="rtl">{t("Right to left")}</label>
            </div>
        </div>
    }
}

/// Why the fixture's stage is not reached, what a backend shows its user, and why each channel is or is not
/// offered.
#[component]
fn Explanations() -> impl IntoView {
    let store = expect_context::<Store>();
    let stage = move || explain::stage(&store.fixture.read());
    let explained = Memo::new(move |_| {
        let fixture = store.fixture.read();
        let served = store.audience.read().served(&fixture, &browser::today());
        let shown = served.as_ref().map_or(&*fixture, |it| &it.fixture);
        let channels = shown.request().map(explain::channels).unwrap_or_default();
        // One that is offered is seen on the screen.
        let hidden = channels.into_iter().filter(|it| !it.offered).collect::<Vec<_>>();
        (served.map(|it| it.explanations).unwrap_or_default(), hidden)
    });
    view! {
        {move || stage().map(|text| view! {
            <p class="explanation explanation--hidden">{text}</p>
        })}
        {move || explained.get().0.into_iter().map(|text| view! {
            <p class="explanation explanation--hidden">{text}</p>
        }).collect_view()}
        <ul
            class="preview-pane__channels"
            aria-label=t("Channels")
            hidden=move || explained.read().1.is_empty()
        >
            {move || explained.get().1.into_iter().map(|it| view! {
                <li class="explanation explanation--hidden">{it.text}</li>
            }).collect_view()}
        </ul>
    }
}
