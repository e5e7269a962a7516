use proptest::prelude::*;

use super::*;

fn rgb() -> impl Strategy<Value = Srgb<u8>> {
    any::<(u8, u8, u8)>().prop_map(|(red, green, blue)| Srgb::new(red, green, blue))
}

fn ratio(one: Srgb<u8>, other: Srgb<u8>) -> f32 {
    one.into_format::<f32>().relative_contrast(other.into_format())
}

fn hsl(colour: Srgb<u8>) -> Hsl {
    Hsl::from_color(colour.into_format::<f32>())
}

#[test]
fn the_nearest_colour_is_a_darker_or_a_lighter_one_of_its_hue() {
    let nearest = |css: &str, other: &str, minimum: f32| {
        nearest(colour(css).unwrap(), &[(colour(other).unwrap(), minimum)]).map(written)
    };
    assert_eq!(nearest("#767676", "#ffffff", 4.5).as_deref(), Some("#767676"), "it passes");
    assert_eq!(nearest("#777777", "#ffffff", 4.5).as_deref(), Some("#767676"));
    assert_eq!(nearest("#000000", "#1b1b1e", 4.5).as_deref(), Some("#838383"), "only lighter");
    assert_eq!(nearest("#777777", "#777777", 21.0), None);
    // A yellow that text is written in becomes a darker yellow, not a grey.
    let yellow = colour(&nearest("#fee500", "#ffffff", 4.5).unwrap()).unwrap().into_format();
    assert!((hsl(yellow).hue.into_positive_degrees() - 54.1).abs() < 1.0);
}

#[test]
fn an_offer_passes_every_pair_of_its_token_where_one_does() {
    let mut theme = Theme::default();
    theme.set("--soft", false, "#cccccc").unwrap();
    theme.set("--tint", false, "#eeeeee").unwrap();
    let on_paper = PAIRS.iter().find(|it| (it.front, it.back) == ("--soft", "--paper")).unwrap();
    let offer = theme.nearest("--soft", on_paper, false).unwrap();
    theme.set("--soft", false, &offer).unwrap();
    assert_eq!(theme.lint(), [], "{offer}");
    assert_eq!(theme.nearest("--ink", on_paper, false), None, "none of the pair");
}

proptest! {
    #[test]
    fn the_nearest_colour_passes_and_is_the_colour_itself_when_that_passes(
        of in rgb(), other in rgb(), minimum in prop_oneof![Just(3.0_f32), Just(4.5)]
    ) {
        let found = nearest(of.into_format(), &[(other.into_format(), minimum)]);
        let found = found.expect("black or white passes");
        prop_assert!(ratio(found, other) >= minimum, "{found:?} on {other:?}");
        if ratio(of, other) >= minimum {
            prop_assert_eq!(found, of);
        }
    }

    /// No colour between the two passes.
    #[test]
    fn nothing_nearer_passes(of in rgb(), other in rgb()) {
        let found = nearest(of.into_format(), &[(other.into_format(), 4.5)]).expect("one passes");
        let (own, distance) = (hsl(of), (hsl(found).lightness - hsl(of).lightness).abs());
        // Steps of eight bits.
        for part in [-0.9, -0.5, 0.5, 0.9].map(|part| part * (distance - 0.01)) {
            let lightness = own.lightness + part;
            if distance < 0.02 || !(0.0..=1.0).contains(&lightness) {
                continue;
            }
            let between: Srgb<f32> = Srgb::from_color(Hsl::new(own.hue, own.saturation, lightness));
            let between: Srgb<u8> = between.into_format();
            prop_assert!(ratio(between, other) < 4.5, "{between:?} is nearer to {of:?} than {found:?}");
        }
    }
}
