use proptest::prelude::*;

use super::*;
use crate::theme::tokens;

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
fn every_key_is_a_token_and_takes_its_default() {
    for Key { key, token, kind } in COLOURS.iter().chain(&SHAPES) {
        assert_eq!(format!("--{}", key.replace('_', "-")), *token);
        let default = tokens().iter().find(|it| it.name == *token).expect(token);
        let read = kind.read(&default.light);
        // The tint is mixed from the accent until it is set.
        match *token {
            "--tint" => assert!(read.is_err()),
            _ => assert_eq!(read.as_ref(), Ok(&default.light), "{token}"),
        }
    }
}

#[test]
fn a_value_is_written_in_one_form() {
    for (kind, text, value) in [
        (Kind::Colour, "#F00", "#ff0000"),
        (Kind::Colour, " rebeccapurple ", "#663399"),
        (Kind::Colour, "rgb(107 47 240)", "#6b2ff0"),
        (Kind::Colour, "hsl(0 100% 50%)", "#ff0000"),
        (Kind::Length, "0", "0"),
        (Kind::Length, ".50rem", "0.5rem"),
        (Kind::Length, "64px", "64px"),
        (
            Kind::Fonts,
            "Pretendard,'Noto Sans KR' , sans-serif",
            "\"Pretendard\", \"Noto Sans KR\", sans-serif",
        ),
        (Kind::Fonts, "나눔고딕", "\"나눔고딕\""),
        (Kind::Fonts, "\"serif\"", "\"serif\""),
    ] {
        assert_eq!(kind.read(text), Ok(value.to_owned()), "{text}");
        assert_eq!(kind.read(value), Ok(value.to_owned()), "{value}");
    }
}

#[test]
fn what_is_no_value_is_refused() {
    for (kind, texts) in [
        (
            Kind::Colour,
            &[
                "",
                "fff",
                "red;}body{display:none}",
                "url(https://x.example/)",
                "var(--ink)",
                "color-mix(in srgb, red, blue)",
                "rgb(0 0 0 / 50%)",
                "transparent",
                "currentColor",
                "#+f+f+f",
                "hsv(0, 1, 1)",
                "rgb(nan 0 0)",
                "</style>",
                "빨강",
            ][..],
        ),
        (
            Kind::Length,
            &["", "1", "rem", "-1px", "65px", "5rem", "1em", "1e1px", "infpx", "calc(1px)", "1px;"]
                [..],
        ),
        (
            Kind::Fonts,
            &["", "a,", "a;}", "\"a", "a\\", "url(a)", "\"a\"b\"", "</style>", "-", "a\n{", "a/*b"]
                [..],
        ),
    ] {
        for text in texts {
            let refused = kind.read(text).expect_err(text);
            assert!(refused.starts_with(&format!("`{text}`: expected ")), "{refused}");
        }
    }
}

#[test]
fn a_look_with_a_colour_sets_all_of_them_in_both_schemes() {
    let css = theme(&[("--accent", "#6b2ff0"), ("--on-accent", "#ffffff")], &[]).look_css(None);
    let (light, dark) = css.split_once("@media").expect("both schemes");
    for Key { token, .. } in COLOURS {
        let declared = format!("{token}:");
        assert_eq!((light.matches(&declared).count(), dark.matches(&declared).count()), (1, 1));
    }
    assert!(light.starts_with(":root{--accent:#6b2ff0;--on-accent:#ffffff;--paper:#ffffff;"));
    assert!(dark.contains(":root{--accent:#f2da00;--on-accent:#191600;--paper:#1b1b1e;"), "{dark}");
    assert_eq!(Theme::from_css(&css).light.len(), 2, "{css}");
    assert!(!css.contains("--radius"));
}

#[test]
fn a_look_without_a_colour_sets_its_shapes_only() {
    let font = "\"Shop Sans\", sans-serif";
    let shapes = theme(&[("--font", font), ("--radius-s", "0")], &[]);
    assert_eq!(shapes.look_css(None), ":root{--font:\"Shop Sans\", sans-serif;--radius-s:0}");
    let face = Face { font, path: "/look/abc.woff2" };
    assert_eq!(
        shapes.look_css(Some(face)),
        "@font-face{font-family:\"Shop Sans\";src:url(/look/abc.woff2) format(\"woff2\");\
         font-display:swap}:root{--font:\"Shop Sans\", sans-serif;--radius-s:0}"
    );
    assert_eq!(Theme::default().look_css(None), "");
}

#[test]
fn a_pair_is_judged_when_one_of_it_is_set() {
    let found = |light: &[(&str, &str)], dark: &[(&str, &str)]| -> Vec<_> {
        let found = theme(light, dark).low_contrast();
        found.into_iter().map(|it| (it.key, it.in_dark)).collect()
    };
    assert_eq!(found(&[], &[]), []);
    // The other one is the default.
    assert_eq!(found(&[("--accent", "#6b2ff0")], &[]), [(Some("accent"), false)]);
    assert_eq!(found(&[], &[("--paper", "#ffffff")])[0], (Some("paper"), true));
    assert_eq!(found(&[("--icon", "#eeeeee")], &[]), [(Some("icon"), false)], "once");
    let purple = [("--accent", "#6b2ff0"), ("--on-accent", "#ffffff")];
    assert_eq!(found(&purple, &[]), []);
    assert_eq!(found(&purple, &purple), [(Some("accent"), true)], "it sinks on dark paper");
}

#[test]
fn the_reason_names_pair_ratio_minimum_and_colours_that_pass() {
    let accent = theme(&[("--accent", "#6b2ff0")], &[]);
    let reason = accent.low_contrast().remove(0).reason;
    let begin = "Agree button: `on_accent` #191600 on `accent` #6b2ff0 has ";
    assert!(reason.starts_with(begin), "{reason}");
    assert!(reason.contains(":1 in the light scheme, and WCAG 1.4.3 needs 4.5:1; "), "{reason}");
    for (key, token) in [("accent", "--accent"), ("on_accent", "--on-accent")] {
        let (_, offer) = reason.split_once(&format!("`{key} = \"")).expect(&reason);
        let mut better = accent.clone();
        better.set(token, false, &offer[..7]).unwrap();
        assert_eq!(better.low_contrast(), [], "{reason}");
    }
}

proptest! {
    /// Whatever is read stays inside its declaration.
    #[test]
    fn no_value_ends_its_declaration(text in r#"[a-z0-9#(){};:/*<>"'\\,%. \n-]{0,24}|\PC{0,12}"#) {
        for kind in [Kind::Colour, Kind::Length, Kind::Fonts] {
            let Ok(value) = kind.read(&text) else { continue };
            prop_assert!(!value.contains([';', '{', '}', '<', '>', '\\', '\n', '(', '/']), "{value}");
            prop_assert_eq!(value.matches('"').count() % 2, 0);
            prop_assert_eq!(kind.read(&value), Ok(value.clone()));
        }
    }
}
