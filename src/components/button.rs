use leptos::prelude::*;

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The accent: once per screen.
    Primary,
    /// As large as the primary one, outlined.
    Secondary,
    /// Underlined text, for what stands beside something.
    Quiet,
}

impl Look {
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button--primary",
            Self::Secondary => "button button--secondary",
            Self::Quiet => "button button--quiet",
        }
    }
}

/// A button that does something here, without sending a form.
#[component]
pub fn Button(look: Look, on_press: Callback<()>, children: Children) -> impl IntoView {
    view! {
        <button type="button" class=look.class() on:click=move |_| on_press.run(())>
            {children()}
        </button>
    }
}
