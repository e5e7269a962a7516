//! Values that a member types at the shop.

use super::{failure::Failure, form::Form, visit::Visit};
use crate::{
    member::contact,
    pages::form::{Field, FieldError, FieldView},
    store::Member,
};

/// A field that was posted.
pub struct Typed {
    pub field: Field,
    text: String,
    /// In the spelling that is stored.
    pub value: Result<String, FieldError>,
}

impl Typed {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The field as the form shows it again: with what was typed.
    #[must_use]
    pub fn view(&self) -> FieldView {
        let error = self.value.as_ref().err().copied();
        FieldView { field: self.field, value: self.text.clone(), error }
    }
}

/// Reads a field, if the form has it.
#[must_use]
pub fn field(form: &Form, field: Field) -> Option<Typed> {
    let text = form.get(field.as_str())?;
    let is_long = text.chars().count() > contact::LONGEST;
    let read = match field {
        Field::Name | Field::Address => contact::line(text),
        Field::Email => contact::email(text),
        Field::Phone => contact::phone(text),
    };
    let value = match read {
        Some(value) => Ok(value),
        None if text.is_empty() => Err(FieldError::Empty),
        None if is_long => Err(FieldError::TooLong),
        None => Err(FieldError::Malformed),
    };
    Some(Typed { field, text: text.to_owned(), value })
}

/// Stores what was typed, and returns the row as it is now; none for who is no member any more.
///
/// # Errors
/// When the database cannot be used.
pub async fn save(
    visit: &Visit,
    member: &Member,
    typed: &[Typed],
) -> Result<Option<Member>, Failure> {
    let Some(sub) = &member.sub else { return Ok(None) };
    for typed in typed {
        if let Ok(value) = &typed.value {
            visit.app.store.set_field(sub, typed.field, value).await?;
        }
    }
    Ok(visit.app.store.member(sub).await?)
}
