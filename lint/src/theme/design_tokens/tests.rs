use super::*;

fn opened(json: &Value) -> Opened {
    Theme::from_design_tokens(&json.to_string()).expect("a JSON object")
}

fn theme(light: &[(&str, &str)], dark: &[(&str, &str)]) -> Theme {
    let mut theme = Theme::default();
    for (tokens, in_dark) in [(light, false), (dark, true)] {
        for (name, value) in tokens {
            theme.set(name, in_dark, value).unwrap();
        }
    }
    theme
}

#[test]
fn a_theme_survives_a_round_trip() {
    let whole = theme(
        &[
            ("--accent", "#6b2ff0"),
            ("--veil", "#0a0a0c8c"),
            ("--font", "\"Shop Sans\", sans-serif"),
            ("--radius-s", "2px"),
            ("--text-m", "1.25rem"),
            ("--quick", "0.2s"),
        ],
        &[("--accent", "#b79bff"), ("--on-accent", "#000000")],
    );
    let Exported { json, left_out } = whole.design_tokens();
    assert_eq!(left_out, [""; 0]);
    assert_eq!(Theme::from_design_tokens(&json), Ok(Opened { theme: whole, left_out: vec![] }));
    let empty = Theme::default().design_tokens();
    assert_eq!(Theme::from_design_tokens(&empty.json).unwrap().theme, Theme::default());
}

#[test]
fn a_colour_is_an_object_of_the_color_module() {
    let json = theme(&[("--accent", "#6b2ff0")], &[]).design_tokens().json;
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        read,
        json!({ "light": { "accent": { "$type": "color", "$value": {
            "colorSpace": "srgb",
            "components": [0.41961, 0.18431, 0.94118],
            "alpha": 1.0,
            "hex": "#6b2ff0",
        } } } })
    );
}

#[test]
fn what_has_no_form_in_the_format_is_named() {
    let shadow = theme(&[("--shadow", "none"), ("--gutter", "var(--space-3)")], &[]);
    let exported = shadow.design_tokens();
    assert_eq!(exported.left_out, ["--gutter (light)", "--shadow (light)"]);
    assert_eq!(exported.json, "{}\n");
}

#[test]
fn colours_are_read_in_each_form() {
    let object =
        |space: &str, components: Value| json!({ "colorSpace": space, "components": components });
    for (value, expected) in [
        (json!("#6b2ff0"), "#6b2ff0"),
        (json!("#f00"), "#ff0000"),
        (object("srgb", json!([1, 0, "none"])), "#ff0000"),
        (object("hsl", json!([120, 100, 25])), "#008000"),
        (object("hwb", json!([0, 0, 0])), "#ff0000"),
        (object("oklch", json!([1, 0, 0])), "#ffffff"),
        (
            json!({ "colorSpace": "display-p3", "components": [1, 0, 0], "hex": "#ff0000" }),
            "#ff0000",
        ),
        (json!({ "colorSpace": "srgb", "components": [1, 0, 0], "alpha": 0.5 }), "#ff000080"),
    ] {
        let read = opened(&json!({ "accent": { "$type": "color", "$value": value } }));
        assert_eq!(read.theme, theme(&[("--accent", expected)], &[]), "{value}");
    }
}

#[test]
fn a_token_is_recognized_by_the_end_of_its_path() {
    let colour = |hex: &str| json!({ "$value": hex });
    let read = opened(&json!({
        "color": {
            "$type": "color",
            "$description": "of the brand",
            "onAccent": colour("#fefefe"),
            "Dark": { "text": { "ink": colour("#eeeeee") } },
            "icon": { "$root": colour("#112233") },
        },
        "radius": { "$type": "dimension", "s": { "$value": { "value": 0, "unit": "px" } } },
        "font": { "$type": "fontFamily", "$value": ["Shop Sans", "sans-serif"] },
    }));
    assert_eq!(read.left_out, [""; 0]);
    let light = [
        ("--on-accent", "#fefefe"),
        ("--icon", "#112233"),
        ("--radius-s", "0px"),
        ("--font", "\"Shop Sans\", sans-serif"),
    ];
    assert_eq!(read.theme, theme(&light, &[("--ink", "#eeeeee")]));
}

#[test]
fn a_reference_leads_to_a_value() {
    let read = opened(&json!({
        "palette": { "$type": "color", "violet": { "$value": "#6b2ff0" } },
        "accent": { "$value": "{palette.violet}" },
        "ink": { "$type": "color", "$value": "{ink}" },
        "soft": { "$type": "color", "$value": "{palette.green}" },
    }));
    assert_eq!(read.theme, theme(&[("--accent", "#6b2ff0")], &[]));
    assert_eq!(read.left_out, ["ink", "palette.violet", "soft"]);
}

#[test]
fn what_is_no_token_of_the_screen_is_named() {
    let read = opened(&json!({
        "brand": { "logo": { "$type": "color", "$value": "#123456" } },
        "accent": { "$type": "dimension", "$value": { "value": 1, "unit": "px" } },
        "ink": { "$type": "color", "$value": "red;}body{display:none}" },
        "paper": { "$type": "color", "$value": { "colorSpace": "xyz-d65", "components": [0, 0, 0] } },
        "radius-s": { "$type": "dimension", "$value": { "value": 1, "unit": "vw" } },
        "shadow": { "$type": "shadow", "$value": {} },
        "size": 3,
        "more": { "$extends": "{brand}" },
    }));
    assert!(read.theme.is_empty(), "{read:?}");
    assert_eq!(
        read.left_out,
        ["accent", "brand.logo", "ink", "more.$extends", "paper", "radius-s", "shadow", "size"]
    );
    for none in ["", "[]", "{", ":root { --ink: #000000 }"] {
        assert!(Theme::from_design_tokens(none).is_err(), "{none}");
    }
}
