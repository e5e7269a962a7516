use leptos::prelude::*;

use crate::language::tf;

/// What the lint finds in a state, if anything: how many broken rules, or else how many findings to review.
#[component]
pub fn FindingsBadge(errors: usize, warnings: usize) -> impl IntoView {
    let (class, text) = match (errors, warnings) {
        (0, 0) => return None,
        (0, warnings) => ("badge", tf("{count} to review", &[("count", &warnings)])),
        (errors, _) => ("badge badge--error", tf("{count} broken rules", &[("count", &errors)])),
    };
    Some(view! { <p class=class>{text}</p> })
}
