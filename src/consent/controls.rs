//! The controls of the form, compared with the state before an agreement is sent.
//!
//! Form fillers, extensions and page scripts change a page without firing an event. A text field
//! counts as it is; but a checkbox that does not show the user's own choice, or that has left the
//! page, prevents an agreement.

use consent_contract::{agree_all::CheckState, item::ItemKey};

use super::state::{Event, FormState};
use crate::browser::input::Control;

/// The field of a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormField {
    AgreeAll,
    /// The checkbox of an item.
    Item(ItemKey),
    /// The text field for the value of an item.
    Value(ItemKey),
}

/// A control in the page.
#[derive(Debug)]
pub struct FormControl {
    pub field: FormField,
    pub control: Control,
}

/// The current appearance of a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appearance {
    /// It has left the page.
    Gone,
    Checkbox {
        checked: bool,
        mixed: bool,
    },
    Text(String),
}

impl FormControl {
    #[must_use]
    pub fn appearance(&self) -> Appearance {
        if !self.control.is_connected() {
            return Appearance::Gone;
        }
        match self.field {
            FormField::Value(_) => Appearance::Text(self.control.value()),
            FormField::AgreeAll | FormField::Item(_) => {
                let (checked, mixed) = self.control.checked();
                Appearance::Checkbox { checked, mixed }
            }
        }
    }
}

/// The events that bring the state up to date with the page: the values of its text fields, and
/// [`Event::ChoicesAltered`] if a control does not show the user's own choice.
#[must_use]
pub fn differences<'a>(
    form: &FormState,
    shown: impl IntoIterator<Item = (&'a FormField, Appearance)>,
) -> Vec<Event> {
    let mut events = Vec::new();
    let mut altered = false;
    for (field, appearance) in shown {
        match (field, appearance) {
            (FormField::Value(key), Appearance::Text(text)) => {
                if form.answers.typed(key) != text {
                    events.push(Event::ValueChanged(key.clone(), text));
                }
            }
            (FormField::Item(key), Appearance::Checkbox { checked, mixed }) => {
                let is_asked = form.answers.contains(key);
                altered |= mixed || !is_asked || checked != form.answers.is_ticked(key);
            }
            (FormField::AgreeAll, Appearance::Checkbox { checked, mixed }) => {
                let state = form.answers.agree_all(&form.request);
                altered |= checked != (state == CheckState::Checked);
                altered |= mixed != (state == CheckState::Mixed);
            }
            (_, Appearance::Gone)
            | (FormField::Value(_), Appearance::Checkbox { .. })
            | (FormField::Item(_) | FormField::AgreeAll, Appearance::Text(_)) => altered = true,
        }
    }
    events.extend(altered.then_some(Event::ChoicesAltered));
    events
}
