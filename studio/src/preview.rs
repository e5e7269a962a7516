//! A preview in its frame: the screen itself, at its true width, made smaller where there is no room.

use consent_lint::rendered::Rendered;
use leptos::{html::Iframe, prelude::*, tachys::html::attribute::custom::custom_attribute};

use crate::{
    browser::{self, Later},
    share,
    state::{BARS, Device, Frame, PreviewState},
};

/// Where the stage is served.
const STAGE: &str = "/studio/preview/";

thread_local! {
    /// There is one preview on a page that is no picture.
    static SOON: Later = const { Later::new() };
}

/// The screen in a frame. `scale`: how much of its true size. `heard`: what it measures of itself.
#[component]
pub fn Preview(
    #[prop(into)] shown: Signal<PreviewState>,
    #[prop(into)] frame: Signal<Frame>,
    #[prop(into)] scale: Signal<f64>,
    /// What the frame is called.
    #[prop(into)]
    title: Signal<String>,
    /// For a picture among others: it is fetched when it comes into sight, and nobody can go into it.
    #[prop(optional)]
    picture: bool,
    /// The height of the viewport, in CSS pixels, where it is not that of the device.
    #[prop(optional)]
    height: Option<u16>,
    #[prop(optional)] heard: Option<RwSignal<Option<Rendered>>>,
) -> impl IntoView {
    let inside = NodeRef::<Iframe>::new();
    let code = Memo::new(move |_| share::encode(&*shown.read()));
    // A picture is drawn anew: changing the address of a frame that has not come into sight yet
    // would fetch it now.
    let drawing = move || if picture { code.get() } else { code.get_untracked() };
    Effect::new(move |before: Option<()>| {
        let code = code.get();
        if picture || before.is_none() {
            return;
        }
        // Browsers let a frame's address change some twenty times a second, and drop the rest.
        SOON.with(|soon| {
            soon.call(80, move || {
                if let Some(Some(inside)) = inside.try_get_untracked() {
                    browser::set_frame_fragment(&inside, STAGE, &code);
                }
            });
        });
    });
    if let Some(heard) = heard {
        browser::on_window("message", move |event| {
            // A frame that is gone says nothing any more.
            let Some(Some(inside)) = inside.try_get_untracked() else { return };
            let told = browser::told_by(&inside, &event);
            if let Some(seen) = told.and_then(|told| serde_json::from_str(&told).ok()) {
                heard.try_set(Some(seen));
            }
        });
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
            inert=picture
            style:width=move || px(width() * scale.get())
            style:height=move || px((height() + bars()) * scale.get())
        >
            <div
                class="preview__inside"
                style:width=move || px(width())
                style:transform=move || format!("scale({})", scale.get())
            >
                <div class="preview__bar" aria-hidden="true"><span>"✕"</span><span>"⋮"</span></div>
                {move || view! {
                    <iframe
                        node_ref=inside
                        class="preview__frame"
                        title=move || title.get()
                        src=format!("{STAGE}#{}", drawing())
                        tabindex=picture.then_some("-1")
                        style:height=move || px(height())
                        {..custom_attribute("loading", if picture { "lazy" } else { "eager" })}
                    ></iframe>
                }}
                <div class="preview__bar preview__bar--foot" aria-hidden="true">
                    <span>"‹"</span><span>"›"</span><span>"↻"</span>
                </div>
            </div>
        </div>
    }
}
