//! Whether a text stands out from what is beside it.

use csscolorparser::Color;

use super::Looks;

/// How much larger a text must be to look larger.
const LARGER: f32 = 1.1;
/// How much bolder, in units of the font weight: fonts have steps of 100.
const BOLDER: f32 = 100.0;
/// How much more contrast makes a text look darker, or lighter on a dark page.
const MORE_CONTRAST: f32 = 1.25;
/// The distance between two hues that is noticed: Oklab, without lightness.
const OTHER_HUE: f32 = 0.05;
/// The contrast that text needs in any case (WCAG 2.2, 1.4.3).
const READABLE: f32 = 4.5;

impl Looks {
    /// Whether the text is emphasised: it gains more by size, weight, colour or underline than it
    /// loses. Smaller, thinner or paler text looks different, and recedes.
    #[must_use]
    pub fn stands_out_from(&self, beside: &Self) -> bool {
        let contrast = self.contrast.zip(beside.contrast).map(|(own, other)| own / other);
        let other_hue =
            self.has_another_hue(beside) && self.contrast.is_none_or(|it| it >= READABLE);
        let gains = [
            self.size >= beside.size * LARGER,
            self.weight >= beside.weight + BOLDER,
            self.underlined && !beside.underlined,
            other_hue || contrast.is_some_and(|times| times >= MORE_CONTRAST),
        ];
        let losses = [
            self.size * LARGER <= beside.size,
            self.weight + BOLDER <= beside.weight,
            beside.underlined && !self.underlined,
            !other_hue && contrast.is_some_and(|times| times * MORE_CONTRAST <= 1.0),
        ];
        let count = |all: [bool; 4]| all.into_iter().filter(|it| *it).count();
        count(gains) > count(losses)
    }

    fn has_another_hue(&self, beside: &Self) -> bool {
        let oklab =
            |colour: &str| csscolorparser::parse(colour).ok().as_ref().map(Color::to_oklaba);
        let Some((own, other)) = oklab(&self.colour).zip(oklab(&beside.colour)) else {
            return false;
        };
        (own[1] - other[1]).hypot(own[2] - other[2]) >= OTHER_HUE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(size: f32, weight: f32, colour: &str, contrast: f32) -> Looks {
        Looks { size, weight, colour: colour.into(), contrast: Some(contrast), underlined: false }
    }

    #[test]
    fn only_emphasis_stands_out() {
        let plain = looks(14.0, 400.0, "rgb(0, 0, 0)", 21.0);
        let emphasised = [
            looks(16.0, 400.0, "rgb(0, 0, 0)", 21.0),
            looks(14.0, 650.0, "rgb(0, 0, 0)", 21.0),
            looks(14.0, 400.0, "rgb(0, 60, 200)", 8.0),
            looks(12.0, 700.0, "rgb(180, 0, 0)", 6.5),
            Looks { underlined: true, ..plain.clone() },
        ];
        for it in emphasised {
            assert!(it.stands_out_from(&plain), "{it:?}");
        }
        let recedes = [
            plain.clone(),
            looks(14.0, 400.0, "rgb(1, 1, 1)", 20.9),
            looks(14.5, 450.0, "rgb(0, 0, 0)", 21.0),
            looks(14.0, 400.0, "rgb(118, 118, 118)", 4.5),
            looks(14.0, 400.0, "rgb(255, 200, 0)", 1.5),
            looks(12.0, 400.0, "rgb(0, 0, 0)", 21.0),
            looks(14.0, 300.0, "rgb(0, 0, 0)", 21.0),
            looks(12.0, 650.0, "rgb(0, 0, 0)", 21.0),
        ];
        for it in recedes {
            assert!(!it.stands_out_from(&plain), "{it:?}");
        }
        // The example of the review: smaller, thinner and paler.
        let bold = looks(16.0, 700.0, "rgb(0, 0, 0)", 21.0);
        assert!(!looks(12.0, 400.0, "rgb(118, 118, 118)", 4.5).stands_out_from(&bold));
        // Darker than the grey beside it.
        let grey = looks(14.0, 400.0, "rgb(118, 118, 118)", 4.5);
        assert!(plain.stands_out_from(&grey) && !grey.stands_out_from(&plain));
    }
}
