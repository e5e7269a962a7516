//! The theme: tokens, and how well what they colour can be read.

use leptos::prelude::*;

use crate::{
    state::ColorScheme,
    store::Store,
    theme::{PAIRS, Theme, Token, Unfit, colour, hex, tokens},
};

#[component]
pub fn Look(store: Store) -> impl IntoView {
    let dark = Memo::new(move |_| store.view.read().scheme != ColorScheme::Light);
    let theme = Memo::new(move |_| store.history.read().now().theme.clone());
    let (colours, others): (Vec<_>, Vec<_>) =
        tokens().iter().partition(|token| colour(&token.light).is_some());
    view! {
        <div class="look">
            <p class="panel__lead">
                "These are the tokens of "
                {move || if dark.get() { "the dark theme" } else { "the light theme" }}
                ". What is set here becomes a style sheet that a deployer serves as "
                <code>"/theme.css"</code> "."
            </p>
            <table class="contrasts">
                <caption>"Contrast"</caption>
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"Is"</th>
                        <th scope="col">"At least"</th>
                    </tr>
                </thead>
                <tbody>
                    {PAIRS.map(|pair| {
                        let ratio = move || pair.ratio(&theme.read(), dark.get());
                        let low = move || ratio().is_some_and(|ratio| ratio < pair.least);
                        view! {
                            <tr class:contrasts__low=low>
                                <th scope="row">{pair.what}</th>
                                <td>
                                    {move || ratio().map_or("cannot be told".into(), |it| {
                                        // Cut and not rounded: 4.496 is not 4.5.
                                        format!("{:.2}:1", (it * 100.0).floor() / 100.0)
                                    })}
                                    {move || low().then_some(" too low")}
                                </td>
                                <td>{format!("{}:1", pair.least)}</td>
                            </tr>
                        }
                    }).collect_view()}
                </tbody>
            </table>
            <fieldset class="tokens">
                <legend>"Colours"</legend>
                {colours.into_iter().map(|token| field(store, token, dark, theme)).collect_view()}
            </fieldset>
            <fieldset class="tokens">
                <legend>"Letters, shapes and motion"</legend>
                {others.into_iter().map(|token| field(store, token, dark, theme)).collect_view()}
            </fieldset>
        </div>
    }
}

fn field(
    store: Store,
    token: &'static Token,
    dark: Memo<bool>,
    theme: Memo<Theme>,
) -> impl IntoView {
    let name = token.name.as_str();
    let id = format!("token:{name}");
    let value = Memo::new(move |_| theme.read().value(name, dark.get()));
    let write = move |event| {
        let typed: String = event_target_value(&event);
        let dark = dark.get_untracked();
        // One step for each theme.
        let field = format!("{name}{}", if dark { " in the dark" } else { "" });
        store.paint(&field, |theme| match theme.set(name, dark, &typed) {
            Ok(()) => store.notice.set(String::new()),
            Err(Unfit) => store.notice.set(format!("“{typed}” is no value of {name}.")),
        });
    };
    let picker = hex(&token.light).is_some().then(|| {
        view! {
            <input
                class="tokens__picker"
                type="color"
                aria-label=format!("{name}, by eye")
                prop:value=move || hex(&value.read()).unwrap_or_default()
                on:input=write
            />
        }
    });
    view! {
        <div class="tokens__token">
            <label for=id.clone()><code>{name}</code></label>
            {picker}
            <input
                type="text"
                id=id
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:change=write
            />
        </div>
    }
}
