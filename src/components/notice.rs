use super::{Element, div, el};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Warning,
}

/// Something the person should know, in a box of its own.
pub fn notice(tone: Tone, text: &str) -> Element {
    let class = match tone {
        Tone::Plain => "notice",
        Tone::Warning => "notice notice--warning",
    };
    div(class).child(el("p").text(text))
}
