//! The personal information that goes to the service, with what must be said about it in plain
//! sight: recipient, purpose, retention, and what refusing means (rules KR-P03, KR-P12).

use consent_contract::{
    form,
    item::ItemKey,
    name, redirect,
    request::{Collect, ConsentRequest, PersonalInfoItem},
    value,
};
use leptos::prelude::{AnyView, WithUntracked};

use super::{
    Machine,
    controls::FormField,
    isolated, proper_name,
    row::Row,
    state::{Event, Fault},
    terms::section,
};
use crate::{
    components::{Element, div, el},
    i18n::Texts,
    platform::input,
};

pub fn view(machine: Machine, request: &ConsentRequest, texts: &'static Texts) -> Option<Element> {
    let items = request.personal_info.items.iter();
    let rows: Vec<AnyView> =
        items.map(|item| row(machine, texts, item).element(machine, texts).view()).collect();
    if rows.is_empty() {
        return None;
    }
    let policy = policy(request, texts).map(Element::view);
    let above = std::iter::once(facts(request, texts).view()).chain(policy);
    section(texts.personal_info, above.chain(rows).collect())
}

fn facts(request: &ConsentRequest, texts: &'static Texts) -> Element {
    let info = &request.personal_info;
    let facts = [
        (texts.recipient, &info.recipient),
        (texts.purpose, &info.purpose),
        (texts.retention, &info.retention),
        (texts.refusal_effect, &info.refusal_effect),
    ];
    facts.into_iter().fold(el("dl").class("facts"), |list, (term, text)| {
        list.child(el("dt").text(term)).child(el("dd").text(&name::clean(text)))
    })
}

fn policy(request: &ConsentRequest, texts: &'static Texts) -> Option<Element> {
    let url = request.service.privacy_policy_url.as_deref()?;
    redirect::origin(url).ok()?;
    let link = el("a")
        .class("link")
        .id("privacy-policy")
        .attr("href", url)
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text(texts.privacy_policy)
        .child(el("span").class("visually-hidden").text(" ").text(texts.opens_new_window));
    Some(el("p").class("section__aside").child(link))
}

fn row(machine: Machine, texts: &'static Texts, item: &PersonalInfoItem) -> Row {
    let key = ItemKey::Item(item.id.clone());
    let collect = item.to_collect();
    let value = match &item.value {
        Some(value) => Some(proper_name(value)),
        None => collect.is_none().then(|| el("span").text(texts.no_value)),
    };
    Row {
        required: item.required,
        shown: key.to_string(),
        label: isolated(&item.label).into(),
        details: collect.map(|kind| field(machine, texts, key.clone(), kind)).into(),
        beside: value.map(|value| value.class("row__value")).into(),
        key,
    }
}

/// The input for a value that the account lacks. The style sheet shows it once its box is ticked,
/// with or without WebAssembly.
fn field(machine: Machine, texts: &'static Texts, key: ItemKey, kind: Collect) -> Element {
    let id = form::value_field(key.name());
    let fault_id = format!("{id}-fault");
    let (r#type, inputmode, autocomplete) = match kind {
        // Not type=email: a field of that type does not tell where its caret is, which would be
        // lost when the app takes a painted page over.
        Collect::Email => ("text", "email", "email"),
        Collect::Phone => ("tel", "tel", "tel"),
        Collect::Name => ("text", "text", "name"),
        Collect::Birthday => ("text", "numeric", "bday"),
        Collect::Address => ("text", "text", "street-address"),
    };
    let typed = machine.page.with_untracked(|page| {
        let asking = page.asking()?;
        Some(asking.answers.typed(&asking.request, &key).to_owned())
    });
    let fault = machine.fault_words({
        let key = key.clone();
        move |asking| {
            let fault = asking.faults().iter().find_map(|fault| match fault {
                Fault::Value(on, fault) if *on == key => {
                    let typed = asking.answers.typed(&asking.request, &key);
                    Some(texts.value_fault(Some(kind), *fault, typed))
                }
                _ => None,
            });
            fault.unwrap_or_default()
        }
    });
    let is_wrong = fault.clone();
    let drawn = FormField::Value(key.clone());
    let write = move |event| machine.send(Event::Wrote(key.clone(), input::typed(&event)));
    let field = el("input")
        .class("field__input")
        .id(&id)
        .form_attr("name", &id)
        .attr("type", r#type)
        .attr("inputmode", inputmode)
        .attr("autocomplete", autocomplete)
        .attr("autocapitalize", "off")
        .attr("spellcheck", "false")
        .attr("maxlength", &value::longest_typed(kind).to_string())
        .attr("value", &typed.unwrap_or_default())
        .attr("aria-required", "true")
        .attr("aria-describedby", &fault_id)
        .live_attr("aria-invalid", move || (!is_wrong().is_empty()).then_some("true"))
        .on_built(move |element| machine.drew(drawn.clone(), element))
        // Form fillers that write into a field say so by one of the two, or not at all; what is said
        // nowhere is read when the user agrees.
        .on("input", write.clone())
        .on("change", write);
    div("field")
        .child(el("label").class("field__hint").attr("for", &id).text(texts.collect(kind)))
        .child(field)
        .child(el("p").class("row__fault").id(&fault_id).live_text(move || fault()))
}
