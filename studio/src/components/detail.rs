use leptos::prelude::*;

use super::Sentence;
use crate::language::translated_message;

/// A sentence of another crate, which is English. One that no pattern of the language file matches stays so,
/// and is marked.
#[component]
pub fn Detail(#[prop(into)] text: String) -> impl IntoView {
    match translated_message(&text) {
        Some(text) => view! { <Sentence text /> }.into_any(),
        None => view! { <span lang="en"><Sentence text /></span> }.into_any(),
    }
}
