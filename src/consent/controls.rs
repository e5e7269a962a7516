//! The boxes and fields as the app has drawn them, compared with the state before an agreement is
//! sent.
//!
//! Form fillers, extensions and page scripts change a page without an event that says so. A field
//! means what it shows; but a box that does not show what the user made of it, or that left the
//! page, is nothing that anybody may agree by.

use consent_contract::{agree_all::Shown, item::ItemKey};

use super::{
    places::Places,
    state::{Asking, Event},
};
use crate::platform::input::Drawn;

/// What a control stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormField {
    AgreeAll,
    /// The box of an item.
    Tick(ItemKey),
    /// The field for the value of an item.
    Value(ItemKey),
}

/// One control in the page.
#[derive(Debug)]
pub struct Control {
    pub field: FormField,
    pub element: Drawn,
}

/// What a control shows at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appearance {
    /// It is not in the page any more.
    Gone,
    Box {
        checked: bool,
        mixed: bool,
    },
    Text(String),
}

impl Control {
    /// What it shows now.
    #[must_use]
    pub fn appearance(&self) -> Appearance {
        if !self.element.is_there() {
            return Appearance::Gone;
        }
        match self.field {
            FormField::Value(_) => Appearance::Text(self.element.value()),
            FormField::AgreeAll | FormField::Tick(_) => {
                let (checked, mixed) = self.element.checked();
                Appearance::Box { checked, mixed }
            }
        }
    }
}

/// What has happened to the page behind the state's back: what was written into its fields, and in
/// the end [`Event::ChoicesAltered`], if a control does not show what the user made of it.
#[must_use]
pub fn differences<'a>(
    asking: &Asking,
    shown: impl IntoIterator<Item = (&'a FormField, Appearance)>,
) -> Vec<Event> {
    let mut events = Vec::new();
    let mut altered = false;
    let mut places = Places::of(&asking.request);
    for (field, appearance) in shown {
        match (field, appearance) {
            (FormField::Value(key), Appearance::Text(text)) => {
                if asking.answers.typed(&asking.request, key) != text {
                    events.push(Event::Wrote(key.clone(), text));
                }
            }
            (FormField::Tick(key), Appearance::Box { checked, mixed }) => {
                let place = places.find(key);
                altered |=
                    mixed || place.map(|at| asking.answers.is_ticked_at(at)) != Some(checked);
            }
            (FormField::AgreeAll, Appearance::Box { checked, mixed }) => {
                let shown = asking.answers.agree_all(&asking.request);
                altered |= checked != (shown == Shown::On) || mixed != (shown == Shown::Mixed);
            }
            _ => altered = true,
        }
    }
    events.extend(altered.then_some(Event::ChoicesAltered));
    events
}
