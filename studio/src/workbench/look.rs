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
    words::token_label,
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
        let name = t(token_label(token));
        let label = texts::use_colour(&value, name);
        let take = move |_| {
            let field = format!("{token}{}", if dark { " dark" } else { "" });
            store.edit_theme(&field, |theme| match theme.set(token, dark, &value) {
                Ok(()) => store.notice.set(String::new()),
                Err(InvalidValue) => store.notice.set(texts::no_value_of(&value, name)),
            });
            store.announce(&texts::colour_used(&value, name));
            // The button is gone with the fault.
            if let Some(field) = browser::element(&field_id(token)) {
                drop(field.focus());
            }
        };
        Some(view! { <button class="tool contrasts__offer" on:click=take>{label}</button> })
    };
    move || [pair.front, pair.back].map(offer).collect_view()
}

/// The id of the field of a token.
pub fn field_id(token: &str) -> String {
    format!("token:{token}")
}

/// The colour scheme and the token that a finding about the theme is about, by its place.
pub fn token_at(place: &str) -> Option<(ColorScheme, &str)> {
    let (scheme, token) = place.strip_prefix("/theme/")?.split_once('/')?;
    Some((if scheme == "dark" { ColorScheme::Dark } else { ColorScheme::Light }, token))
}

#[component]
fn TokenField(token: &'static Token, dark: Memo<bool>, theme: Memo<Theme>) -> impl IntoView {
    let store = expect_context::<Store>();
    let name = token.name.as_str();
    let label = t(token_label(name));
    let id = field_id(name);
    let value = Memo::new(move |_| theme.read().value(name, dark.get()));
    let write = move |typed: String| {
        let dark = dark.get_untracked();
        // The screen would ignore what the browser does not know, and the export would have it.
        if !typed.trim().is_empty() && !browser::supports(token.property(), &typed) {
            store.notice.set(texts::no_value_of(&typed, label));
            return;
        }
        // One step per theme.
        let field = format!("{name}{}", if dark { " dark" } else { "" });
        store.edit_theme(&field, |theme| match theme.set(name, dark, &typed) {
            Ok(()) => store.notice.set(String::new()),
            Err(InvalidValue) => store.notice.set(texts::no_value_of(&typed, label)),
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
                aria-label=tf("{token}, colour picker", &[("token", &label)])
                prop:value=move || hex(&computed.read()).unwrap_or_default()
                on:input:target=move |event| write(event.target().value())
            />
        }
        .into_any()
    });
    let shown = picker.or_else(|| sample(token, computed));
    let is_changed = Memo::new(move |_| {
        let theme = theme.read();
        (if dark.get() { &theme.dark } else { &theme.light }).contains_key(name)
    });
    let reset_id = id.clone();
    let reset = move |_| {
        write(String::new());
        store.announce(&texts::token_reset(label));
        // The button is gone with the change.
        browser::focus(&reset_id);
    };
    view! {
        <div class="tokens__token">
            <label for=id.clone()>{label} " " <code>{name}</code></label>
            {shown}
            <input
                type="text"
                id=id
                autocomplete="off"
                spellcheck="false"
                prop:value=value
                on:change:target=write_text
            />
            <Show when=move || is_changed.get()>
                <button
                    class="tool tokens__reset"
                    aria-label=tf("Reset “{token}”", &[("token", &label)])
                    on:click=reset.clone()
                >{t("Reset")}</button>
            </Show>
        </div>
    }
}

/// What a token does to something small, where that can be seen.
fn sample(token: &Token, computed: Memo<String>) -> Option<AnyView> {
    // A value that refers to another token would be that of the studio here.
    if token.light.contains("var(") && token.property() != "color" {
        return None;
    }
    let property = token.property();
    let (sets, text) = match property {
        "color" => ("background-color", ""),
        "font-family" => ("font-family", "가Aa"),
        "font-size" => ("font-size", "가"),
        "padding-top" => ("width", ""),
        "border-top-left-radius" => ("border-radius", ""),
        "box-shadow" => ("box-shadow", ""),
        _ => return None,
    };
    let class = format!("tokens__sample tokens__sample--{sets}");
    Some(view! { <span class=class aria-hidden="true" style=(sets, move || computed.get())>{text}</span> }.into_any())
}
