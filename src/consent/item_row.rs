//! One item of the form: checkbox, label, details and error. The same for terms, personal
//! information and channels.

use consent_contract::{form::field, item::ItemKey};
use leptos::prelude::*;

use super::{
    ConsentForm,
    controls::FormField,
    state::{Event, FormError, FormState},
};
use crate::{
    components::{Checkbox, initial_text, reactive_text},
    i18n::Texts,
};

#[component]
pub fn ItemRow(
    key: ItemKey,
    row: Trigger,
    required: bool,
    /// What the form field `shown` says, see [`consent_contract::form`].
    shown: String,
    /// Below the label. Described together with the checkbox.
    #[prop(optional)]
    details: Option<AnyView>,
    /// At the end of the row.
    #[prop(optional)]
    trailing: Option<AnyView>,
    /// The label. Text only: a link or button in a label gets clicked by mistake.
    children: Children,
) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let texts = form.texts();
    let id = key.to_string();
    let [details_id, error_id, trailing_id] =
        ["-details", "-fault", "-beside"].map(|part| [&id, part].concat());
    let shown_id = [field::SHOWN, ":", &id].concat();
    let described_by = match key {
        // A value that will be shared is announced with its checkbox; a button is no description.
        ItemKey::Item(_) => [&*trailing_id, &details_id, &error_id].join(" "),
        ItemKey::Term(_) | ItemKey::Channel(_) => [&*details_id, &error_id].join(" "),
    };
    let checked = form.select_row(row, {
        let key = key.clone();
        move |form| form.answers.is_ticked(&key)
    });
    let error = form.select_row(row, {
        let key = key.clone();
        move |form| item_error(form, &key, texts).unwrap_or_default().to_owned()
    });
    let on_build = form.on_build(FormField::Item(key.clone()));
    let on_change =
        Callback::new(move |checked| form.dispatch(Event::Toggled(key.clone(), checked)));
    let (tag, tag_class) = match required {
        true => (texts.required, "row__need row__need--required"),
        false => (texts.optional, "row__need"),
    };
    view! {
        <div class="row" data-row>
            <input type="hidden" name=field::SHOWN value=shown id=shown_id/>
            <Checkbox
                id=id.clone()
                name=field::AGREE
                value=id.clone()
                checked
                invalid=Signal::derive(move || !error.read().is_empty())
                described_by
                in_agree_all=form.is_in_agree_all(required)
                on_build
                on_change
            />
            <div class="row__text">
                <label class="row__label" for=id>
                    <span class=tag_class>{tag}</span>
                    " "
                    {children()}
                </label>
                <div class="row__details" id=details_id>{details}</div>
                <p class="row__fault" id=error_id use:reactive_text=Signal::from(error)>
                    {initial_text(error.into())}
                </p>
            </div>
            <div class="row__beside" id=trailing_id>{trailing}</div>
        </div>
    }
    .into_any()
}

/// The error of the item itself. The error of its value is beside the value's field.
fn item_error(form: &FormState, key: &ItemKey, texts: &Texts) -> Option<&'static str> {
    let error = form.errors().iter().find(|error| error.key() == key)?;
    match error {
        FormError::NotAgreed(_) => Some(texts.error_agree),
        // The row of the term shows it for as long as the text is unreadable.
        FormError::TextUnread(_) | FormError::InvalidValue(..) => None,
    }
}
