//! Form fields with a label, and the error tied to its input (WCAG 3.3.1, 1.3.1).

use maud::{Markup, html};

use super::{Frame, Way, icons};
use crate::texts::Texts;

/// A value that the shop asks for on a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Name,
    Email,
    Phone,
    Address,
}

impl Field {
    pub const ALL: [Field; 4] = [Field::Name, Field::Email, Field::Phone, Field::Address];

    /// The name of the input.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Email => "email",
            Field::Phone => "phone",
            Field::Address => "address",
        }
    }

    /// Tokens of WCAG 1.3.5 for `autocomplete`.
    fn autocomplete(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Email => "email",
            Field::Phone => "tel",
            Field::Address => "street-address",
        }
    }

    fn input_type(self) -> &'static str {
        match self {
            Field::Email => "email",
            Field::Phone => "tel",
            Field::Name | Field::Address => "text",
        }
    }
}

/// What is wrong with an entered value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    Empty,
    /// Not an email address, phone number and so on.
    Malformed,
    TooLong,
    /// Another member has this email address or phone number.
    Taken,
}

impl FieldError {
    pub const ALL: [FieldError; 4] =
        [FieldError::Empty, FieldError::Malformed, FieldError::TooLong, FieldError::Taken];
}

/// A field with what was entered, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldView {
    pub field: Field,
    pub value: String,
    pub error: Option<FieldError>,
}

/// The look of a button that is not the main one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ghost {
    Outline,
    Link,
}

impl Ghost {
    fn class(self) -> &'static str {
        match self {
            Ghost::Outline => "button outline",
            Ghost::Link => "link-button",
        }
    }
}

/// The hidden field `csrf`.
pub(super) fn csrf(frame: &Frame) -> Markup {
    html! { input type="hidden" name="csrf" value=(frame.csrf); }
}

/// A form of one button.
pub(super) fn post_inline(frame: &Frame, action: &str, label: &str, look: Ghost) -> Markup {
    html! {
        form method="post" action=(action) {
            (csrf(frame))
            button class=(look.class()) { (label) }
        }
    }
}

/// The button that starts a sign-in at the provider. The yellow of the consent screen is used for
/// `strong` only, once on a page.
pub(super) fn start_button(
    frame: &Frame,
    way: Way,
    return_to: Option<&str>,
    label: &str,
    strong: bool,
) -> Markup {
    html! {
        form method="post" action="/sign-in/start" {
            (csrf(frame))
            input type="hidden" name="way" value=(way.as_str());
            @if let Some(path) = return_to {
                input type="hidden" name="return_to" value=(path);
            }
            button class=(if strong { "button account" } else { "button outline" }) {
                @if strong { (icons::speech()) }
                span { (label) }
            }
        }
    }
}

/// Label, hint, input and error of one field.
pub(super) fn field(frame: &Frame, view: &FieldView) -> Markup {
    let texts = frame.texts();
    let name = view.field.as_str();
    let error = view.error.map(|error| field_error(texts, view.field, error));
    input(&Input {
        name,
        label: texts.get(&format!("field.{name}")),
        hint: Some(texts.get(&format!("field.{name}_hint"))),
        error,
        error_word: texts.get("field.error"),
        input_type: view.field.input_type(),
        autocomplete: view.field.autocomplete(),
        inputmode: None,
        value: &view.value,
        maxlength: None,
    })
}

fn field_error(texts: Texts, field: Field, error: FieldError) -> &'static str {
    texts.get(match (error, field) {
        (FieldError::Empty, Field::Name) => "field.name_empty",
        (FieldError::Empty, Field::Email) => "field.email_empty",
        (FieldError::Empty, Field::Phone) => "field.phone_empty",
        (FieldError::Empty, Field::Address) => "field.address_empty",
        (FieldError::Malformed, Field::Email) => "field.email_malformed",
        (FieldError::Malformed, Field::Phone) => "field.phone_malformed",
        (FieldError::Malformed, Field::Name | Field::Address) => "field.is_malformed",
        (FieldError::Taken, Field::Email) => "field.email_taken",
        (FieldError::Taken, Field::Phone) => "field.phone_taken",
        (FieldError::Taken, Field::Name | Field::Address) => "field.is_taken",
        (FieldError::TooLong, _) => "field.is_too_long",
    })
}

/// One input with everything that belongs to it.
pub(super) struct Input<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    pub error: Option<&'a str>,
    /// "Error:" before the error, for those who do not see its colour.
    pub error_word: &'a str,
    pub input_type: &'a str,
    pub autocomplete: &'a str,
    pub inputmode: Option<&'a str>,
    pub value: &'a str,
    pub maxlength: Option<&'a str>,
}

pub(super) fn input(view: &Input) -> Markup {
    let hint_id = format!("{}-hint", view.name);
    let error_id = format!("{}-error", view.name);
    let described_by = match (view.error, view.hint) {
        (Some(_), Some(_)) => Some(format!("{error_id} {hint_id}")),
        (Some(_), None) => Some(error_id.clone()),
        (None, Some(_)) => Some(hint_id.clone()),
        (None, None) => None,
    };
    html! {
        div.field {
            label for=(view.name) { (view.label) }
            @if let Some(hint) = view.hint {
                p.hint id=(hint_id) { (hint) }
            }
            @if let Some(error) = view.error {
                p.field-error id=(error_id) {
                    (icons::alert())
                    span { span.visually-hidden { (view.error_word) " " } (error) }
                }
            }
            // Not `required`: the shop explains what is missing in its own words, in its language.
            input #(view.name) type=(view.input_type) name=(view.name) value=(view.value)
                autocomplete=(view.autocomplete) inputmode=[view.inputmode]
                maxlength=[view.maxlength]
                aria-describedby=[described_by]
                aria-invalid=[view.error.map(|_| "true")]
                autofocus[view.error.is_some()];
        }
    }
}

/// The title of a page whose form has errors starts with that (WCAG 3.3.1, technique G199).
pub(super) fn title(texts: Texts, title: &str, has_error: bool) -> String {
    if has_error { format!("{} {title}", texts.get("field.error")) } else { title.to_owned() }
}
