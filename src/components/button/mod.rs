use leptos::prelude::*;

/// The prominence of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The accent: once per screen.
    Primary,
    /// As large as the primary one, outlined.
    Secondary,
    /// Underlined text, for a button beside something.
    Link,
}

impl Variant {
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button--primary",
            Self::Secondary => "button button--secondary",
            Self::Link => "button button--quiet",
        }
    }
}

/// A button that acts in the page, without submitting a form.
#[component]
pub fn Button(variant: Variant, on_click: Callback<()>, children: Children) -> impl IntoView {
    view! {
        <button type="button" class=variant.class() on:click=move |_| on_click.run(())>
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    variant: Variant,
    href: String,
    #[prop(optional)] id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! { <a class=variant.class() href=href id=id>{children()}</a> }
}
