use leptos::{either::Either, prelude::*};

/// A view that is built from nothing whenever its key changes.
///
/// Leptos patches a view in place where it can. Browser translation and extensions replace text
/// nodes and elements of the page, and a patch of a node that has left the page is invisible.
#[component]
pub fn Keyed<K: Clone + PartialEq + Send + Sync + 'static>(
    key: Memo<K>,
    #[prop(into)] view: Callback<K, AnyView>,
) -> impl IntoView {
    replacing(Box::new(move || view.run(key.get())))
}

/// Leptos replaces a view by one of another type: the two sides take turns.
fn replacing(mut view: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    let mut is_left = false;
    let sides = move || {
        is_left = !is_left;
        let view = view();
        if is_left { Either::Left(view) } else { Either::Right(view) }
    };
    sides.into_any()
}
