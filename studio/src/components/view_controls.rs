//! What several views let choose about what they show.

use leptos::{html::Div, prelude::*};

use super::{RadioGroup, Select, SizeSelect};
use crate::{
    browser,
    language::t,
    state::{View, WIDTHS},
    store::Store,
    texts,
};

#[component]
pub fn LanguageControl(view: RwSignal<View>) -> impl IntoView {
    view! {
        <Select
            id="language"
            label=t("Language of the screen")
            value=Signal::derive(move || view.read().language)
            on_change=move |language| view.write().language = language
        />
    }
}

#[component]
pub fn ThemeControl(view: RwSignal<View>) -> impl IntoView {
    view! {
        <RadioGroup
            legend="Theme"
            value=Signal::derive(move || view.read().scheme)
            on_change=move |scheme| view.write().scheme = scheme
        />
    }
}

#[component]
pub fn ZoomControl() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <RadioGroup legend=texts::ZOOM value=store.zoom on_change=move |zoom| store.zoom.set(zoom) />
    }
}

#[component]
pub fn WidthControl() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <SizeSelect
            id="width"
            label=t("Width")
            unit="px"
            sizes=&WIDTHS
            value=Signal::derive(move || store.frame.read().width)
            on_change=move |width| store.frame.write().width = width
        />
    }
}

/// The width and height that an element has inside, in CSS pixels, from when it is there.
pub fn room_in(element: NodeRef<Div>) -> RwSignal<(f64, f64)> {
    let room = RwSignal::new((f64::INFINITY, f64::INFINITY));
    element.on_load(move |element| {
        let measured = element.clone();
        let watch = browser::Size::new(&element, move || {
            let (width, height) = (measured.client_width(), measured.client_height());
            room.try_set((f64::from(width), f64::from(height)));
        });
        StoredValue::new_local(watch);
    });
    room
}
