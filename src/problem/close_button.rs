use leptos::prelude::*;

use crate::{
    browser::leave,
    components::{Button, Variant, initial_text, reactive_text},
    consent::consent_form::ConsentForm,
};

/// Closes the window inside of the messenger, where nothing else leads out. A window of another
/// browser has its own close button.
#[component]
pub fn CloseButton() -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let texts = form.texts();
    let platform = form.messenger()?;
    let hint = RwSignal::new(String::new());
    // The hint is inserted late, and not rendered before: a status is announced when it changes.
    let show_hint = move || hint.set(texts.close_window_hint.to_owned());
    let close = Callback::new(move |()| leave::close(platform, show_hint));
    Some(
        view! {
            <Button variant=Variant::Secondary on_click=close>{texts.close_window}</Button>
            <p role="status" use:reactive_text=Signal::from(hint)>{initial_text(hint.into())}</p>
        }
        .into_any(),
    )
}
