use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertVariant {
    Info,
    Warning,
}

/// A message in a box of its own.
#[component]
pub fn Alert(variant: AlertVariant, children: Children) -> impl IntoView {
    let class = match variant {
        AlertVariant::Info => "notice",
        AlertVariant::Warning => "notice notice--warning",
    };
    view! { <div class=class>{children()}</div> }
}
