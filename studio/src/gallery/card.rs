//! A fixture in the gallery.

use consent_fixtures::{Caption, Fixture, named};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    address,
    components::{FindingsBadge, PreviewFrame},
    graft::graft,
    language::t,
    state::{Device, Frame, PreviewState, Selection, View},
    theme::Theme,
    thumbnail,
};

/// The size of a picture on a card.
pub const FRAME: Frame = Frame { width: thumbnail::WIDTH, device: Device::Plain };
pub const SCALE: f64 = 0.5;

#[component]
pub fn Card(
    caption: &'static Caption,
    view: RwSignal<View>,
    /// The draft whose service and theme it is shown with.
    guest: Memo<Option<(Fixture, Theme)>>,
) -> impl IntoView {
    let Caption { name, title, about, .. } = caption;
    let preview = Memo::new(move |_| {
        let guest = guest.read();
        let grafted = guest.as_ref().and_then(|(from, theme)| {
            let fixture = graft(&named(name)?.fixture, from);
            Some((Selection::Custom(Box::new(fixture)), theme.clone()))
        });
        let (fixture, theme) =
            grafted.unwrap_or_else(|| (Selection::Gallery(name.clone()), Theme::default()));
        PreviewState { fixture, view: view.get(), theme }
    });
    // To encode the state of every card would take longer than to show them all.
    let is_as_found = move || *view.read() == View::default() && guest.read().is_none();
    let href = move || match is_as_found() {
        true => address::as_found(name),
        false => address::workbench(name, None, &preview.get().into()),
    };
    let is_lost = RwSignal::new(false);
    let is_recorded =
        move || thumbnail::is_like(&view.read()) && guest.read().is_none() && !is_lost.get();
    let live = move || {
        view! {
            <PreviewFrame
                state=preview
                frame=FRAME
                height=thumbnail::HEIGHT
                scale=SCALE
                title=t(title).to_owned()
                thumbnail=true
            />
        }
    };
    view! {
        <li class="card">
            <Show when=is_recorded fallback=live>
                <img
                    class="preview card__picture"
                    // Before the address: what is set first decides when it is loaded.
                    loading="lazy"
                    decoding="async"
                    width=f64::from(thumbnail::WIDTH) * SCALE
                    height=f64::from(thumbnail::HEIGHT) * SCALE
                    alt=""
                    on:error=move |_| is_lost.set(true)
                    src=thumbnail::address_of(name)
                />
            </Show>
            <h3><A href=href exact=true>{t(title)}</A></h3>
            <p>{t(about)}</p>
            <FindingsBadge errors=caption.errors warnings=caption.warnings />
        </li>
    }
}
