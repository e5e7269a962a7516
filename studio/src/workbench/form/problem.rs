//! The fields of a problem page.

use consent_contract::problem::{Code, Problem};
use leptos::prelude::*;
use serde_json::Value;

use super::fields::{Section, SelectField, TextField};
use crate::{pointer, store::Store};

#[component]
pub fn ProblemFields() -> impl IntoView {
    let store = expect_context::<Store>();
    let set_code = move |code: Value| {
        let code = Code::of(code.as_str().unwrap_or_default());
        store.edit(None, |fixture| with_code(fixture, code));
    };
    view! {
        <Section title="Backend error" open=true>
            <SelectField at="/problem/code" on_change=Callback::new(set_code) />
            <TextField at="/problem/restart_url" nullable=true />
            <TextField at="/problem/redirect_to" nullable=true />
        </Section>
    }
}

/// The problem of another code, as a backend writes it, with the links of the old one.
fn with_code(fixture: &Value, code: Code) -> Value {
    let new = serde_json::to_value(Problem::new(code)).unwrap_or_default();
    let links = ["/problem/restart_url", "/problem/redirect_to"];
    let kept = links.map(|at| (at, fixture.pointer(at).cloned()));
    kept.into_iter().fold(pointer::with(fixture, "/problem", new), |fixture, (at, link)| match link
    {
        Some(link) => pointer::with(&fixture, at, link),
        None => fixture,
    })
}
