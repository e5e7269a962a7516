//! The rules, and what breaks each.

use consent_contract::item::ItemKey;

use super::{Control, Fit, Rendered, Text, Tick};
use crate::{Finding, Findings, Rule};

rules! {
    NOTHING_TICKED = "KR-P11" Error Medium
        "Nothing is ticked before the person has ticked it."
        "PIPA Decree 17(1)1 and 4; CJEU C-673/17 (Planet49)"
        "Take the presetting out.";
    IMPORTANT_SEEN = "KR-P12" Error High
        "Important content is seen without opening anything."
        "PIPA 22(2); Decree 17(3)"
        "Take it out of what is folded away, and remove what hides it.";
    STANDS_OUT = "KR-P12a" Error Medium
        "Important content stands out from what is around it, by size, weight, colour or a line below."
        "PIPC notice on the methods of processing personal information (2023), art. 4, through a secondary source"
        "Remove the override of the theme or the style sheet.";
    SAYS_WHICH = "KR-P13" Error High
        "Each box says in words whether it is required or optional."
        "PIPA Decree 17(4)"
        "Begin the label with [필수] or [선택], in the language of the screen.";
    NOT_IN_A_SLOT = "KR-P15" Error Medium
        "What is agreed to is not read through a slot: no text is cut off, or scrolls in a small box."
        "Supreme Court 2014Du2638; PIPC on Meta, 2022"
        "Remove the fixed height or width.";
    ONE_STEP_AWAY = "KR-P15" Error Medium
        "The full text of a term is one step away from its box."
        "Supreme Court 2014Du2638"
        "Put what opens the text beside the box.";
    LEGIBLE = "KR-P16" Error Medium
        "No text of a consent is smaller than 12 pixels."
        "Supreme Court 2016Do13263 (the print of 1 mm); the number is this project's"
        "Make it larger: --text-xs is the smallest that the screen uses.";
    NOTHING_FOLDED_AWAY = "KR-P26" Error Medium
        "Each box is seen without opening anything."
        "PIPC on Google, 2022-09-14"
        "Take it out of what is folded away.";
    ANSWERS_ALIKE = "KR-E02" Error Medium
        "Agreeing and cancelling look equally possible: both are seen, and neither is half as large again as the other."
        "E-Commerce Act 21-2(1)3; the number is this project's"
        "Give both buttons one size.";
    ANSWERS_NEARLY_ALIKE = "KR-E02" Warning Medium
        "Agreeing and cancelling are of one size and weight."
        "E-Commerce Act 21-2(1)3; the number is this project's"
        "Give both buttons one size.";
    APART_FROM_TERMS = "EU-04" Error Medium
        "What is asked about personal information or a channel stands apart from the terms."
        "GDPR 7(2)"
        "Give it a group of its own.";
    IN_A_GROUP = "WCAG-1.3.1" Error High
        "Each box stands in a group that has a name."
        "WCAG 2.2, 1.3.1 (A)"
        "Put the boxes into a fieldset with a legend.";
    CONTRAST = "WCAG-1.4.3" Error High
        "Text stands out from its ground: 4.5:1, or 3:1 where it is large."
        "WCAG 2.2, 1.4.3 (AA)"
        "Change the colour, or that of the ground.";
    REFLOW = "WCAG-1.4.10" Error High
        "Nothing has to be scrolled sideways."
        "WCAG 2.2, 1.4.10 (AA)"
        "Let long words break, and nothing be of a fixed width.";
    EDGES = "WCAG-1.4.11" Error High
        "The edges of boxes and fields stand out from their ground: 3:1."
        "WCAG 2.2, 1.4.11 (AA)"
        "Change the colour, or that of the ground: --edge is what the screen uses.";
    SPACING = "WCAG-1.4.12" Error High
        "Nothing is cut off when somebody spaces their texts out."
        "WCAG 2.2, 1.4.12 (AA)"
        "Remove the fixed height or width.";
    TARGETS = "WCAG-2.5.8" Error High
        "What is pressed is at least 24 by 24 pixels."
        "WCAG 2.2, 2.5.8 (AA)"
        "Make it larger: --target is what the screen uses.";
}

/// How much an edge stands out at least.
const LEAST_EDGE: f32 = 3.0;
/// The smallest text, in CSS pixels.
const SMALLEST_TEXT: f32 = 12.0;
/// The smallest target, in CSS pixels. Browsers round.
const SMALLEST_TARGET: f32 = 23.9;

/// Every finding, the worst first. Their places are what stands there, not where in the data.
#[must_use]
pub fn check(seen: &Rendered) -> Vec<Finding> {
    let mut findings = Findings::default();
    for tick in &seen.boxes {
        findings.tick(tick, seen.untouched);
    }
    findings.groups(&seen.boxes);
    if seen.untouched && seen.agree_all == Some(true) {
        findings.add(NOTHING_TICKED, "agree to all", "\"agree to all\" is ticked".to_owned());
    }
    for it in seen.important.iter().filter(|it| !it.seen) {
        findings.add(IMPORTANT_SEEN, &it.what, format!("\"{}\" is not seen", it.what));
    }
    for it in seen.important.iter().filter(|it| it.seen && it.looks == it.beside) {
        findings.add(STANDS_OUT, &it.what, format!("\"{}\" looks like what is around it", it.what));
    }
    for text in &seen.texts {
        findings.legible(text);
    }
    match (&seen.agree, &seen.cancel) {
        (Some(agree), Some(cancel)) => findings.answers(agree, cancel),
        // While nothing is asked, cancelling is all that there is.
        (Some(only), None) | (None, Some(only)) if !seen.boxes.is_empty() => {
            let what = format!("\"{}\" is the only answer that is seen", only.what);
            findings.add(ANSWERS_ALIKE, &only.what, what);
        }
        _ => {}
    }
    for edge in &seen.edges {
        if let Some(ratio) = edge.contrast.filter(|ratio| *ratio < LEAST_EDGE) {
            let what = format!("the edge of \"{}\" has {ratio:.2}:1 of {LEAST_EDGE}:1", edge.what);
            findings.add(EDGES, &edge.what, what);
        }
    }
    findings.fit(&seen.fit, &seen.spaced);
    let small = |it: &&Control| it.width < SMALLEST_TARGET || it.height < SMALLEST_TARGET;
    for it in seen.controls.iter().filter(small) {
        let what = format!("\"{}\" is {:.0} × {:.0} px", it.what, it.width, it.height);
        findings.add(TARGETS, &it.what, what);
    }
    findings.sorted()
}

impl Findings {
    fn tick(&mut self, tick: &Tick, untouched: bool) {
        let Tick { key, label, need, group, ticked, seen, opens } = tick;
        let mut broken = |rule: Rule, what: &str| {
            self.add(rule, label.as_str(), format!("\"{label}\" {what}"));
        };
        if untouched && *ticked {
            broken(NOTHING_TICKED, "is ticked");
        }
        if need.trim().is_empty() {
            broken(SAYS_WHICH, "does not say which");
        }
        if !seen {
            broken(NOTHING_FOLDED_AWAY, "is not seen");
        }
        if matches!(key, ItemKey::Term(_)) && !opens {
            broken(ONE_STEP_AWAY, "has nothing beside it that opens its text");
        }
        if group.trim().is_empty() {
            broken(IN_A_GROUP, "stands in no group that has a name");
        }
    }

    /// Terms and what else is asked do not share a group. Boxes without one are found already.
    fn groups(&mut self, boxes: &[Tick]) {
        let is_term = |tick: &Tick| matches!(tick.key, ItemKey::Term(_));
        let among_terms = |tick: &&Tick| {
            !tick.group.is_empty() && boxes.iter().any(|it| is_term(it) && it.group == tick.group)
        };
        for tick in boxes.iter().filter(|tick| !is_term(tick)).filter(among_terms) {
            let what = format!("\"{}\" stands among the terms", tick.label);
            self.add(APART_FROM_TERMS, &tick.label, what);
        }
    }

    fn legible(&mut self, text: &Text) {
        if text.size < SMALLEST_TEXT {
            self.add(LEGIBLE, &text.what, format!("\"{}\" is {:.1} px", text.what, text.size));
        }
        // Large: 24 px, or 18.66 px (14 pt) in bold.
        let least = if text.size >= 24.0 || (text.bold && text.size >= 18.66) { 3.0 } else { 4.5 };
        if let Some(ratio) = text.contrast.filter(|ratio| *ratio < least) {
            let what = format!("\"{}\" has {ratio:.2}:1 of {least}:1", text.what);
            self.add(CONTRAST, &text.what, what);
        }
    }

    fn answers(&mut self, agree: &Control, cancel: &Control) {
        let ratio = how_unlike(agree, cancel);
        let rule = match ratio {
            1.5.. => ANSWERS_ALIKE,
            1.2.. => ANSWERS_NEARLY_ALIKE,
            _ if agree.weight != cancel.weight => {
                let what = format!("\"{}\" and \"{}\" differ in weight", agree.what, cancel.what);
                return self.add(ANSWERS_NEARLY_ALIKE, &agree.what, what);
            }
            _ => return,
        };
        self.add(rule, &agree.what, format!("one is {ratio:.1} times as large as the other"));
    }

    fn fit(&mut self, fit: &Fit, spaced: &Fit) {
        if fit.wider_by >= 1.0 {
            let what = format!("the page is {:.0} px wider than its window", fit.wider_by);
            self.add(REFLOW, "", what);
        }
        for words in &fit.cut {
            self.add(NOT_IN_A_SLOT, words, format!("\"{words}\" is not seen whole"));
        }
        // What does not fit as it is was said already.
        if spaced.wider_by >= fit.wider_by.max(0.0) + 1.0 {
            let what = format!("with spaced texts the page is {:.0} px wider", spaced.wider_by);
            self.add(SPACING, "", what);
        }
        for words in spaced.cut.iter().filter(|words| !fit.cut.contains(words)) {
            self.add(SPACING, words, format!("\"{words}\" is cut off when it is spaced out"));
        }
    }
}

/// How many times as large the larger of two answers is: in area, or in its text.
fn how_unlike(one: &Control, other: &Control) -> f32 {
    let times = |a: f32, b: f32| if a.min(b) > 0.0 { a.max(b) / a.min(b) } else { f32::INFINITY };
    times(one.width * one.height, other.width * other.height).max(times(one.size, other.size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rendered::{Edge, Important, Looks};

    fn good() -> Rendered {
        let button = |what: &str| Control {
            what: what.into(),
            width: 160.0,
            height: 52.0,
            size: 16.0,
            weight: 650.0,
        };
        Rendered {
            texts: vec![Text {
                what: "이용약관".into(),
                size: 16.0,
                bold: false,
                contrast: Some(17.0),
            }],
            controls: vec![button("동의하고 계속하기"), button("취소")],
            boxes: vec![
                tick("term:tos", "[필수] 이용약관", "약관"),
                tick("item:name", "[선택] 이름", "개인정보"),
            ],
            important: vec![Important {
                what: "광고성 정보".into(),
                seen: true,
                looks: looks(14.0, true),
                beside: looks(14.0, false),
            }],
            edges: vec![Edge { what: "이용약관".into(), contrast: Some(3.6) }],
            agree_all: Some(false),
            agree: Some(button("동의하고 계속하기")),
            cancel: Some(button("취소")),
            fit: Fit::default(),
            spaced: Fit::default(),
            untouched: true,
        }
    }

    fn tick(key: &str, label: &str, group: &str) -> Tick {
        Tick {
            key: key.parse().unwrap(),
            label: label.into(),
            need: "[필수]".into(),
            group: group.into(),
            ticked: false,
            seen: true,
            opens: true,
        }
    }

    fn looks(size: f32, underlined: bool) -> Looks {
        Looks { size, weight: 400.0, colour: "rgb(0, 0, 0)".into(), underlined }
    }

    fn found<T>(change: impl FnOnce(&mut Rendered) -> T) -> Vec<(&'static str, &'static str)> {
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
        assert_eq!(found(|it| it.boxes[0].need.clear()), [("KR-P13", "error")]);
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
        assert_eq!(found(|it| it.controls[0].height = 20.0), [("WCAG-2.5.8", "error")]);
        assert_eq!(found(|it| it.agree_all = Some(true)), [("KR-P11", "error")]);
        assert_eq!(found(|it| it.cancel = None), [("KR-E02", "error")]);
        let asks_nothing = |it: &mut Rendered| (it.boxes.clear(), it.agree = None);
        assert_eq!(found(asks_nothing), []);
        let lighter = |it: &mut Rendered| it.cancel.as_mut().unwrap().weight = 400.0;
        assert_eq!(found(lighter), [("KR-E02", "warning")]);
        assert_eq!(found(|it| it.important[0].seen = false), [("KR-P12", "error")]);
        assert_eq!(found(|it| it.important[0].looks.underlined = false), [("KR-P12a", "error")]);
        assert_eq!(found(|it| it.boxes[0].opens = false), [("KR-P15", "error")]);
        assert_eq!(found(|it| it.boxes[1].opens = false), [], "an item has no text of its own");
        assert_eq!(found(|it| it.boxes[1].seen = false), [("KR-P26", "error")]);
        assert_eq!(found(|it| it.boxes[1].group = "약관".into()), [("EU-04", "error")]);
        assert_eq!(found(|it| it.boxes[1].group.clear()), [("WCAG-1.3.1", "error")]);
        assert_eq!(found(|it| it.edges[0].contrast = Some(2.9)), [("WCAG-1.4.11", "error")]);
        assert_eq!(found(|it| it.edges[0].contrast = None), []);
        assert_eq!(found(|it| it.spaced.wider_by = 4.0), [("WCAG-1.4.12", "error")]);
        assert_eq!(found(|it| it.spaced.cut.push("이용약관".into())), [("WCAG-1.4.12", "error")]);
        // What does not fit as it is does not fit with spaced texts either: that is said once.
        let cut = |fit: &mut Fit| fit.cut.push("이용약관".into());
        assert_eq!(found(|it| [&mut it.fit, &mut it.spaced].map(cut)), [("KR-P15", "error")]);
        let wide = |fit: &mut Fit| fit.wider_by = 12.0;
        assert_eq!(found(|it| [&mut it.fit, &mut it.spaced].map(wide)), [("WCAG-1.4.10", "error")]);
    }
}
