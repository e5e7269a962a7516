//! The theme: tokens, and the contrast of their colours.

use leptos::{ev::Targeted, prelude::*};
use web_sys::{Event, HtmlInputElement};

use crate::{
    browser,
    components::Sentence,
    language::{t, tf},
    state::ColorScheme,
    store::Store,
    texts,
    theme::{InvalidValue, PAIRS, Pair, Theme, Token, colour, hex, tokens},
};

#[component]
pub fn Look() -> impl IntoView {
    let store = expect_context::<Store>();
    let dark = Memo::new(move |_| store.view.read().scheme != ColorScheme::Light);
    let theme = Memo::new(move |_| store.shown_theme());
    let screen = Theme::default();
    let (colours, others): (Vec<_>, Vec<_>) =
        tokens().iter().partition(|token| colour(&screen.computed(&token.name, false)).is_some());
    view! {
        <div class="look">
            <p class="panel__lead">
                {move || match dark.get() {
                    true => t("These are the tokens of the dark theme."),
                    false => t("These are the tokens of the light theme."),
                }}
                " "
                <Sentence text=t("Colours, fonts and radii are saved into a services.toml, as the look of its \
                                  service; all changes can be exported as a style sheet, to serve as \
                                  `/theme.css`.") />
            </p>
            <table class="contrasts">
                <caption>{t("Contrast")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t("Pair")}</th>
                        <th scope="col">{t("Contrast")}</th>
                        <th scope="col">{t("Minimum")}</th>
                    </tr>
                </thead>
                <tbody>
                    {PAIRS.map(|pair| {
                        let ratio = move || pair.ratio(&theme.read(), dark.get());
                        let low = move || {
                            ratio().is_some_and(|ratio| pair.is_too_low(ratio, dark.get()))
                        };
                        view! {
                            <tr class:contrasts__low=low>
                                <th scope="row">{t(pair.label)}</th>
                                <td>
                                    {move || ratio().map_or(t("unknown").into(), |it| {
                                        // Truncated, not rounded: 4.496 is less than 4.5.
                                        format!("{:.2}:1", (it * 100.0).floor() / 100.0)
                                    })}
                                    {move || low().then(|| view! {
                                        " " {t("too low")}
                                        <Offers pair dark theme />
                                    })}
                                </td>
                                <td>{format!("{}:1", pair.minimum)}</td>
                            </tr>
                        }
                    }).collect_view()}
                </tbody>
            </table>
            <fieldset class="tokens">
                <legend>{t("Colours")}</legend>
                {colours.into_iter().map(|token| view! { <TokenField token dark theme /> }).collect_view()}
            </fieldset>
            <fieldset class="tokens">
                <legend>{t("Fonts, shapes and motion")}</legend>
                {others.into_iter().map(|token| view! { <TokenField token dark theme /> }).collect_view()}
            </fieldset>
        </div>
    }
}

/// The nearest colours with which a pair passes, to be set.
#[component]
fn Offers(pair: Pair, dark: Memo<bool>, theme: Memo<Theme>) -> impl IntoView {
    let store = expect_context::<Store>();
    let offer = move |token: &'static str| {
        let dark = dark.get();
        let value = theme.read().nearest(token, &pair, dark)?;
        let label = texts::use_colour(&value, token);
        let take = move |_| {
            let field = format!("{token}{}", if dark { " dark" } else { "" });
            store.edit_theme(&field, |theme| match theme.set(token, dark, &value) {
                Ok(()) => store.notice.set(String::new()),
                Err(InvalidValue) => store.notice.set(texts::no_value_of(&value, token)),
            });
            store.announce(&texts::colour_used(&value, token));
            // The button is gone with the fault.
            if let Some(field) = browser::element(&field_id(token)) {
                drop(field.focus());
            }
        };
        Some(view! { <button class="tool contrasts__offer" on:click=take>{label}</button> })
    };
    move || [pair.front, pair.back].map(offer).collect_view()
}

fn field_id(token: &str) -> String {
    format!("token:{token}")
}

#[component]
fn TokenField(token: &'static Token, dark: Memo<bool>, theme: Memo<Theme>) -> impl IntoView {
    let store = expect_context::<Store>();
    let name = token.name.as_str();
    let id = field_id(name);
    let value = Memo::new(move |_| theme.read().value(name, dark.get()));
    let write = move |typed: String| {
        let dark = dark.get_untracked();
        // The screen would ignore what the browser does not know, and the export would have it.
        if !typed.trim().is_empty() && !browser::supports(token.property(), &typed) {
            store.notice.set(texts::no_value_of(&typed, name));
            return;
        }
        // One step per theme.
        let field = format!("{name}{}", if dark { " dark" } else { "" });
        store.edit_theme(&field, |theme| match theme.set(name, dark, &typed) {
            Ok(()) => store.notice.set(String::new()),
            Err(InvalidValue) => store.notice.set(texts::no_value_of(&typed, name)),
        });
    };
    let write_text = move |event: Targeted<Event, HtmlInputElement>| {
        let input = event.target();
        write(input.value());
        // A rejected value leaves the signal as it was, so nothing else would restore the field.
        input.set_value(&value.read_untracked());
    };
    let computed = Memo::new(move |_| theme.read().computed(name, dark.get()));
    let picker = hex(&Theme::default().computed(name, false)).is_some().then(|| {
        view! {
            <input
                class="tokens__picker"
                type="color"
                aria-label=tf("{token}, colour picker", &[("token", &name)])
                prop:value=move || hex(&computed.read()).unwrap_or_default()
                on:input:target=move |event| write(event.target().value())
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
                prop:value=value
                on:change:target=write_text
            />
        </div>
    }
}
