//! The fields of a term.

use consent_fixtures::TEXT_TO_ENTER;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{
    fields::{CheckboxField, SelectField, TextAreaField, TextField, value_at},
    list::{ListField, unused_name},
};
use crate::{plain_text, pointer, store::Store};

#[component]
pub fn TermFields(at: String) -> impl IntoView {
    view! {
        <TextField at=format!("{at}/title") />
        <SelectField at=format!("{at}/kind") />
        <CheckboxField at=format!("{at}/required") />
        <TextField at=format!("{at}/version") />
        <ListField
            at=format!("{at}/highlights")
            add="Add a highlight"
            name="text"
            new=new_highlight
            let:at
        >
            <SelectField at=format!("{at}/kind") />
            <TextField at=format!("{at}/text") />
        </ListField>
        <FullText at />
    }
}

/// The full text of a term. A row stays when terms are moved, so the tag decides which text it is.
#[component]
fn FullText(at: String) -> impl IntoView {
    let tag = value_at(expect_context::<Store>(), &format!("{at}/tag"));
    move || {
        let tag = tag.read().as_str().unwrap_or_default().to_owned();
        view! {
            <TextAreaField
                at=format!("/documents/{tag}")
                parse=|text| json!(plain_text::blocks(text))
                format=|blocks| {
                    plain_text::format(&serde_json::from_value::<Vec<_>>(blocks.clone()).unwrap_or_default())
                }
            />
        }
    }
}

pub fn new_term(list: &Value) -> Value {
    let tag = unused_name(list, "tag", "term_");
    json!({"tag": tag, "title": "새 약관", "kind": "service", "required": false,
           "version": "2026-11-01", "digest": format!("sha256-{tag}"), "highlights": []})
}

/// A fixture with [`TEXT_TO_ENTER`] for a new term. The lint finds it as long as it is there.
pub fn with_text(fixture: &Value, term: &Value) -> Value {
    let tag = term["tag"].as_str().unwrap_or_default();
    let text = json!([{"type": "paragraph", "text": TEXT_TO_ENTER}]);
    pointer::with(fixture, &format!("/documents/{tag}"), text)
}

fn new_highlight(_list: &Value) -> Value {
    json!({"kind": "retention", "text": "회원 탈퇴 또는 동의 철회 시까지"})
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_fixtures::Fixture;

    #[test]
    fn a_new_term_can_be_read_and_its_text_has_to_be_entered() {
        let fixture = &consent_fixtures::named("sign-up").unwrap().fixture;
        let json = serde_json::to_value(fixture).unwrap();
        let term = new_term(&json["request"]["terms"]);
        let added = pointer::appended(&json, "/request/terms", term.clone());
        let errors = |json: &Value| {
            let found = Fixture::from_json(&json.to_string()).unwrap().lint();
            let found = found.into_iter().map(|it| (it.rule.id, it.at));
            found.filter(|(_, at)| at.starts_with("/documents")).collect::<Vec<_>>()
        };
        let missing = [("KR-P15", "/documents/term_1".to_owned())];
        assert_eq!(errors(&added), missing);
        let with_text = with_text(&added, &term);
        assert_eq!(errors(&with_text), missing, "the text in its place is not the service's");
        let text = json!([{"type": "paragraph", "text": "제1조"}]);
        assert_eq!(errors(&pointer::with(&with_text, "/documents/term_1", text)), []);
    }
}
