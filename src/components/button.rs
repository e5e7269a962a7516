use super::{Element, el};

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

    /// A link that looks like a button.
    pub fn link(self, url: &str) -> Element {
        el("a").class(self.class()).attr("href", url)
    }
}

/// A button that does something here, without sending a form.
pub fn button(look: Look, on_press: impl Fn() + 'static) -> Element {
    el("button").attr("type", "button").class(look.class()).on("click", move |_| on_press())
}
