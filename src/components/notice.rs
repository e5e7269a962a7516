use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Warning,
}

/// Something the person should know, in a box of its own.
#[component]
pub fn Notice(tone: Tone, children: Children) -> impl IntoView {
    let class = match tone {
        Tone::Plain => "notice",
        Tone::Warning => "notice notice--warning",
    };
    view! { <div class=class>{children()}</div> }
}
