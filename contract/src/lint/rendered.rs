//! What is wrong with a screen as it was drawn: the rules that only its layout and colours can
//! break. A browser measures, this judges.

use serde::{Deserialize, Serialize};

use super::{Finding, Rule};

/// What a browser has measured of a drawn screen. Lengths in CSS pixels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// Every text that is seen.
    pub texts: Vec<Text>,
    /// Every control that can be pressed.
    pub controls: Vec<Control>,
    /// Every box to be ticked.
    pub boxes: Vec<Tick>,
    /// The two answers, where the screen asks for one.
    pub agree: Option<Control>,
    pub cancel: Option<Control>,
    /// By how much the page is wider than its window.
    pub wider_by: f32,
    /// Whether the person has not answered anything yet.
    pub untouched: bool,
}

/// A text and how it stands out. Texts that look the same are one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// Its first words.
    pub what: String,
    /// The height of its letters.
    pub size: f32,
    pub bold: bool,
    /// Against its ground (WCAG 2.1, relative luminance); none where that cannot be told.
    pub contrast: Option<f32>,
}

/// A control and its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Its name.
    pub what: String,
    pub width: f32,
    pub height: f32,
    /// Of its text.
    pub size: f32,
}

/// A box to be ticked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// Its label, whole.
    pub label: String,
    pub ticked: bool,
}

rules! {
    NOTHING_TICKED = "KR-P11" Error High
        "Nothing is ticked before the person has ticked it."
        "PIPA Decree 17(1)1 and 4; CJEU C-673/17 (Planet49)"
        "Take the presetting out.";
    SAYS_WHICH = "KR-P13" Error High
        "Each box says in words whether it is required or optional."
        "PIPA Decree 17(4)"
        "Begin the label with [필수] or [선택], in the language of the screen.";
    LEGIBLE = "KR-P16" Error Medium
        "No text of a consent is smaller than 12 pixels."
        "Supreme Court 2016Do13263 (the print of 1 mm); the number is this project's"
        "Make it larger: --text-xs is the smallest that the screen uses.";
    ANSWERS_ALIKE = "KR-E02" Error Medium
        "Agreeing and cancelling look equally possible: neither is half as large again as the other."
        "E-Commerce Act 21-2(1)3; the number is this project's"
        "Give both buttons one size.";
    ANSWERS_NEARLY_ALIKE = "KR-E02" Warning Medium
        "Agreeing and cancelling are of one size."
        "E-Commerce Act 21-2(1)3; the number is this project's"
        "Give both buttons one size.";
    CONTRAST = "WCAG-1.4.3" Error High
        "Text stands out from its ground: 4.5:1, or 3:1 where it is large."
        "WCAG 2.2, 1.4.3 (AA)"
        "Change the colour, or that of the ground.";
    REFLOW = "WCAG-1.4.10" Error High
        "Nothing has to be scrolled sideways."
        "WCAG 2.2, 1.4.10 (AA)"
        "Let long words break, and nothing be of a fixed width.";
    TARGETS = "WCAG-2.5.8" Error High
        "What is pressed is at least 24 by 24 pixels."
        "WCAG 2.2, 2.5.8 (AA)"
        "Make it larger: --target is what the screen uses.";
}

/// The smallest text, in CSS pixels.
const SMALLEST_TEXT: f32 = 12.0;
/// The smallest target, in CSS pixels. Browsers round.
const SMALLEST_TARGET: f32 = 23.9;

/// Every finding, the worst first. Their places are what stands there, not where in the data.
#[must_use]
pub fn check(seen: &Rendered) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule: Rule, at: &str, what: String| {
        findings.push(Finding { rule, at: at.to_owned(), what });
    };
    for it in seen.boxes.iter().filter(|it| seen.untouched && it.ticked) {
        add(NOTHING_TICKED, &it.label, format!("\"{}\" is ticked", it.label));
    }
    for it in seen.boxes.iter().filter(|it| !it.label.trim_start().starts_with('[')) {
        add(SAYS_WHICH, &it.label, format!("\"{}\" does not say which", it.label));
    }
    for text in seen.texts.iter().filter(|text| text.size < SMALLEST_TEXT) {
        add(LEGIBLE, &text.what, format!("\"{}\" is {:.1} px", text.what, text.size));
    }
    if let (Some(agree), Some(cancel)) = (&seen.agree, &seen.cancel) {
        let ratio = how_unlike(agree, cancel);
        let rule = match ratio {
            1.5.. => Some(ANSWERS_ALIKE),
            1.2.. => Some(ANSWERS_NEARLY_ALIKE),
            _ => None,
        };
        if let Some(rule) = rule {
            add(rule, &agree.what, format!("one is {ratio:.1} times as large as the other"));
        }
    }
    for text in &seen.texts {
        // Large: 24 px, or 18.66 px (14 pt) in bold.
        let least = if text.size >= 24.0 || (text.bold && text.size >= 18.66) { 3.0 } else { 4.5 };
        if let Some(ratio) = text.contrast.filter(|ratio| *ratio < least) {
            add(CONTRAST, &text.what, format!("\"{}\" has {ratio:.2}:1 of {least}:1", text.what));
        }
    }
    if seen.wider_by >= 1.0 {
        let what = format!("the page is {:.0} px wider than its window", seen.wider_by);
        add(REFLOW, "", what);
    }
    let small = |it: &&Control| it.width < SMALLEST_TARGET || it.height < SMALLEST_TARGET;
    for it in seen.controls.iter().filter(small) {
        add(TARGETS, &it.what, format!("\"{}\" is {:.0} × {:.0} px", it.what, it.width, it.height));
    }
    findings.sort_by_key(|finding| finding.rule.severity);
    findings
}

/// How many times as large the larger of two answers is: in area, or in its text.
fn how_unlike(one: &Control, other: &Control) -> f32 {
    let times = |a: f32, b: f32| if a.min(b) > 0.0 { a.max(b) / a.min(b) } else { f32::INFINITY };
    times(one.width * one.height, other.width * other.height).max(times(one.size, other.size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Rendered {
        let button =
            |what: &str| Control { what: what.into(), width: 160.0, height: 52.0, size: 16.0 };
        Rendered {
            texts: vec![Text {
                what: "이용약관".into(),
                size: 16.0,
                bold: false,
                contrast: Some(17.0),
            }],
            controls: vec![button("동의하고 계속하기"), button("취소")],
            boxes: vec![Tick { label: "[필수] 이용약관".into(), ticked: false }],
            agree: Some(button("동의하고 계속하기")),
            cancel: Some(button("취소")),
            wider_by: 0.0,
            untouched: true,
        }
    }

    fn found(change: impl FnOnce(&mut Rendered)) -> Vec<(&'static str, &'static str)> {
        let mut seen = good();
        change(&mut seen);
        check(&seen).into_iter().map(|it| (it.rule.id, it.rule.severity.name())).collect()
    }

    #[test]
    fn a_good_screen_has_no_findings() {
        assert_eq!(found(|_| {}), []);
    }

    #[test]
    fn each_rule_is_found_where_it_is_broken_and_nowhere_else() {
        assert_eq!(found(|it| it.boxes[0].ticked = true), [("KR-P11", "error")]);
        assert_eq!(found(|it| (it.boxes[0].ticked, it.untouched) = (true, false)), []);
        assert_eq!(found(|it| it.boxes[0].label = "이용약관".into()), [("KR-P13", "error")]);
        assert_eq!(found(|it| it.texts[0].size = 11.0), [("KR-P16", "error")]);
        let wider = |width| move |it: &mut Rendered| it.agree.as_mut().unwrap().width = width;
        assert_eq!(found(wider(180.0)), []);
        assert_eq!(found(wider(200.0)), [("KR-E02", "warning")]);
        assert_eq!(found(wider(320.0)), [("KR-E02", "error")]);
        assert_eq!(found(|it| it.cancel.as_mut().unwrap().size = 12.0), [("KR-E02", "warning")]);
        assert_eq!(found(|it| it.texts[0].contrast = Some(4.4)), [("WCAG-1.4.3", "error")]);
        assert_eq!(found(|it| (it.texts[0].contrast, it.texts[0].size) = (Some(3.1), 24.0)), []);
        assert_eq!(
            found(|it| it.texts[0].contrast = None),
            [],
            "what cannot be told is not judged"
        );
        assert_eq!(found(|it| it.wider_by = 12.0), [("WCAG-1.4.10", "error")]);
        assert_eq!(found(|it| it.controls[0].height = 20.0), [("WCAG-2.5.8", "error")]);
    }
}
