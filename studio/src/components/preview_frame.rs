use std::time::Duration;

use consent_lint::rendered::Rendered;
use leptos::{
    html::{Div, Iframe},
    leptos_dom::helpers::debounce,
    prelude::*,
};

use crate::{
    browser,
    hearing::Hearing,
    message::{self, FromPreview, ToPreview},
    share,
    state::{BARS, Device, Frame, PreviewState},
};

/// Where the preview app is served.
const PREVIEW: &str = "/studio/preview/";

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
    /// The place in the fixture that the preview brings into view.
    #[prop(optional)]
    edited: Option<RwSignal<String>>,
    /// Receives what a screen reader announces.
    #[prop(optional)]
    hearing: Option<Hearing>,
) -> impl IntoView {
    let iframe = NodeRef::<Iframe>::new();
    let outside = NodeRef::<Div>::new();
    let loaded = RwSignal::new(!thumbnail);
    if thumbnail {
        load_in_view(outside, loaded, held);
    }
    let code = Memo::new(move |_| share::encode(&*state.read()));
    // A thumbnail gets a new iframe: its document has no state to keep.
    let initial_code = move || if thumbnail { code.get() } else { code.get_untracked() };
    let mut update = debounce(UPDATE_DELAY, move |code: String| {
        if let Some(Some(iframe)) = iframe.try_get_untracked() {
            browser::set_frame_fragment(&iframe, PREVIEW, &code);
        }
    });
    // The code of a thumbnail is not needed before it is in view.
    if !thumbnail {
        Effect::new(move |before: Option<()>| {
            let code = code.get();
            if before.is_some() {
                update(code);
            }
        });
    }
    let send = move |message: ToPreview| {
        if let Some(Some(iframe)) = iframe.try_get_untracked() {
            browser::post_to_frame(&iframe, &message::write(&message));
        }
    };
    if measured.is_some() || whole.is_some() {
        browser::on_window("message", move |event| {
            let Some(Some(iframe)) = iframe.try_get_untracked() else { return };
            let message = browser::message_from(&iframe, &event);
            match message.as_deref().and_then(message::read) {
                Some(FromPreview::Measured(rendered)) => {
                    if let Some(measured) = measured {
                        measured.try_set(Some(*rendered));
                    }
                    if let Some(whole) = whole {
                        whole.try_set(browser::page_height(&iframe));
                    }
                    // A page that was just loaded does not know that it is listened to.
                    if let Some(hearing) = hearing
                        && hearing.on.try_get_untracked() == Some(true)
                    {
                        send(ToPreview::Listen(true));
                    }
                }
                Some(message) => {
                    if let Some(hearing) = hearing {
                        hearing.receive(message);
                    }
                }
                None => {}
            }
        });
    }
    if let Some(hearing) = hearing {
        Effect::new(move |_| send(ToPreview::Listen(hearing.on.get())));
        Effect::new(move |_| send(ToPreview::Point(hearing.pointed_here.get())));
    }
    if let Some(whole) = whole {
        Effect::new(move |_| {
            if !loaded.get() {
                whole.set(None);
            }
        });
    }
    if let Some(edited) = edited {
        Effect::new(move |_| send(ToPreview::Edited(edited.get())));
    }
    let px = |length: f64| format!("{length}px");
    let width = move || f64::from(frame.read().width);
    let height = move || f64::from(height.unwrap_or_else(|| frame.read().height()));
    let bars = move || if frame.read().device == Device::Messenger { f64::from(BARS) } else { 0.0 };
    let class = move || match frame.read().device {
        Device::Plain => "preview",
        Device::Phone => "preview preview--phone",
        Device::Messenger => "preview preview--phone preview--messenger",
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
                            src=format!("{PREVIEW}#{}", initial_code())
                            tabindex=thumbnail.then_some("-1")
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
fn load_in_view(outside: NodeRef<Div>, loaded: RwSignal<bool>, held: Option<Signal<bool>>) {
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
        if is_wanted.try_get_untracked() == Some(true) {
            loaded.try_set(true);
        }
    });
    Effect::new(move |_| match is_wanted.get() {
        true => load(()),
        false => loaded.set(false),
    });
}
