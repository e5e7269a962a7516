use std::time::Duration;

use consent_lint::rendered::Rendered;
use leptos::{
    html::{Div, Iframe},
    leptos_dom::helpers::debounce,
    prelude::*,
};

use super::turns::{self, Turn};
use crate::{
    address, browser,
    message::{FromPreview, ToPreview},
    share,
    state::{BARS, Device, Frame, PreviewState},
};

/// Browsers let a frame's address change about twenty times a second, and drop the rest.
const UPDATE_DELAY: Duration = Duration::from_millis(80);

/// How far outside the window a thumbnail is loaded, in CSS pixels.
const THUMBNAIL_MARGIN: u16 = 300;

/// How long a thumbnail must be in view before it is loaded: not while the page is scrolled past it.
const THUMBNAIL_DELAY: Duration = Duration::from_millis(120);

/// The screen in an iframe at its true width, scaled down where there is no room.
#[component]
pub fn PreviewFrame(
    #[prop(into)] state: Signal<PreviewState>,
    #[prop(into)] frame: Signal<Frame>,
    #[prop(into)] scale: Signal<f64>,
    /// The accessible name of the frame.
    #[prop(into)]
    title: Signal<String>,
    /// A thumbnail is loaded while it is in view, and cannot be used.
    #[prop(optional)]
    thumbnail: bool,
    /// The height of the viewport, in CSS pixels, if it is not that of the device.
    #[prop(optional)]
    height: Option<u16>,
    /// Receives what the preview measures of itself.
    #[prop(optional)]
    measured: Option<RwSignal<Option<Rendered>>>,
    /// Receives the height of the whole page, in CSS pixels, once it is drawn. None while it is not.
    #[prop(optional)]
    whole: Option<RwSignal<Option<f64>>>,
    /// Whether a thumbnail is loaded out of view, too: for printing.
    #[prop(optional, into)]
    held: Option<Signal<bool>>,
    /// What the preview shows beside the screen.
    #[prop(optional, into)]
    shows: Option<Signal<Vec<ToPreview>>>,
    /// Receives what the preview reports, except for what it measures.
    #[prop(optional)]
    on_report: Option<Callback<FromPreview>>,
    /// The frame, for the page that it is on.
    #[prop(optional)]
    node: Option<NodeRef<Iframe>>,
) -> impl IntoView {
    let iframe = node.unwrap_or_default();
    let outside = NodeRef::<Div>::new();
    let loaded = RwSignal::new(!thumbnail);
    // While it starts, no other thumbnail does.
    let turn = StoredValue::new_local(None::<Turn>);
    if thumbnail {
        load_in_view(outside, loaded, turn, held);
    }
    let is_measured = measured.is_some() || whole.is_some();
    let code = Memo::new(move |_| share::encode(&*state.read()));
    // A thumbnail gets a new iframe: its document has no state to keep. Its code is not needed before it is
    // in view.
    let first_code = if thumbnail { String::new() } else { code.get_untracked() };
    let initial_code = {
        let first_code = first_code.clone();
        move || if thumbnail { code.get() } else { first_code.clone() }
    };
    let mut update = debounce(UPDATE_DELAY, move |code: String| {
        if let Some(Some(iframe)) = iframe.try_get_untracked() {
            browser::set_frame_fragment(&iframe, &address::preview(), &code);
        }
    });
    if !thumbnail {
        Effect::new(move |before: Option<String>| {
            let code = code.get();
            // It may have changed before this runs first.
            if before.as_ref().unwrap_or(&first_code) != &code {
                update(code.clone());
            }
            code
        });
    }
    let send = move |messages: &[ToPreview]| {
        if let Some(Some(iframe)) = iframe.try_get_untracked() {
            for message in messages {
                let json = serde_json::to_string(message).unwrap_or_default();
                browser::post_to_frame(&iframe, &json);
            }
        }
    };
    if measured.is_some() || whole.is_some() || shows.is_some() || on_report.is_some() {
        browser::on_window("message", move |event| {
            let Some(Some(iframe)) = iframe.try_get_untracked() else { return };
            let message = browser::message_from(&iframe, &event);
            match message.and_then(|json| serde_json::from_str(&json).ok()) {
                None => {}
                Some(FromPreview::Measured(rendered)) => {
                    if let Some(measured) = measured {
                        measured.try_set(Some(*rendered));
                    }
                    if let Some(whole) = whole {
                        whole.try_set(browser::page_height(&iframe));
                    }
                    // A page that was loaded or drawn again has nothing beside the screen yet.
                    if let Some(messages) = shows.and_then(|it| it.try_get_untracked()) {
                        send(&messages);
                    }
                }
                Some(report) => {
                    if let Some(on_report) = on_report {
                        on_report.try_run(report);
                    }
                }
            }
        });
    }
    if let Some(whole) = whole {
        Effect::new(move |_| {
            if !loaded.get() {
                whole.set(None);
            }
        });
    }
    if let Some(shows) = shows {
        Effect::new(move |_| send(&shows.read()));
    }
    let px = |length: f64| format!("{length}px");
    let width = move || f64::from(frame.read().width);
    let height = move || f64::from(height.unwrap_or_else(|| frame.read().height()));
    let bars = move || if frame.read().device == Device::Messenger { f64::from(BARS) } else { 0.0 };
    let class = move || match frame.read().device {
        Device::Messenger => "preview preview--phone preview--messenger",
        Device::Phone if frame.read().has_edge() => "preview preview--phone",
        Device::Phone | Device::Plain => "preview",
    };
    view! {
        <div
            class=class
            node_ref=outside
            inert=thumbnail
            style:width=move || px(width() * scale.get())
            style:height=move || px((height() + bars()) * scale.get())
        >
            <div
                class="preview__inside"
                style:width=move || px(width())
                style:transform=move || format!("scale({})", scale.get())
            >
                <div class="preview__bar" aria-hidden="true"><span>"✕"</span><span>"⋮"</span></div>
                <div class="preview__place" style:height=move || px(height())>
                    {move || loaded.get().then(|| view! {
                        <iframe
                            node_ref=iframe
                            class="preview__frame"
                            title=move || title.get()
                            src=format!("{}#{}", address::preview(), initial_code())
                            tabindex=thumbnail.then_some("-1")
                            data-unmeasured=(thumbnail && !is_measured).then_some("")
                            on:load=move |_| drop(turn.try_update_value(Option::take))
                        ></iframe>
                    })}
                </div>
                <div class="preview__bar preview__bar--foot" aria-hidden="true">
                    <span>"‹"</span><span>"›"</span><span>"↻"</span>
                </div>
            </div>
        </div>
    }
}

/// Loads a frame while it is in view. Each frame is an instance of WebAssembly, of which a process can
/// only have so many: a gallery of all frames runs out of memory, and so does the next page while the
/// back/forward cache keeps them.
fn load_in_view(
    outside: NodeRef<Div>,
    loaded: RwSignal<bool>,
    turn: StoredValue<Option<Turn>, LocalStorage>,
    held: Option<Signal<bool>>,
) {
    let in_view = RwSignal::new(false);
    let is_left = RwSignal::new(false);
    browser::on_window("pagehide", move |_| {
        is_left.try_set(true);
    });
    browser::on_window("pageshow", move |_| {
        is_left.try_set(false);
    });
    outside.on_load(move |element| {
        let watch = browser::InView::new(&element, THUMBNAIL_MARGIN, move |now| {
            in_view.try_set(now);
        });
        StoredValue::new_local(watch);
    });
    let is_held = move || held.is_some_and(|held| held.get());
    let is_wanted = Memo::new(move |_| (in_view.get() || is_held()) && !is_left.get());
    let mut load = debounce(THUMBNAIL_DELAY, move |()| {
        turns::for_frame(move |its_turn| {
            let is_loaded = loaded.try_get_untracked().unwrap_or(true);
            if is_wanted.try_get_untracked() == Some(true) && !is_loaded {
                turn.try_set_value(Some(its_turn));
                loaded.try_set(true);
            }
        });
    });
    Effect::new(move |_| match is_wanted.get() {
        true => load(()),
        false => {
            loaded.set(false);
            turn.set_value(None);
        }
    });
}
