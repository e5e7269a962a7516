//! The rules about a rendered page.

use consent_contract::item::ItemKey;

use super::{Control, Fit, Rendered, Text, Tick};
use crate::{Finding, Findings, Rule};

rules! {
    NOTHING_TICKED = "KR-P11" Error Medium
        "No checkbox is preticked."
        "PIPA Decree 17(1)1 and 4; CJEU C-673/17 (Planet49)"
        "Remove the preset.";
    IMPORTANT_SEEN = "KR-P12" Error High
        "Important content is visible without opening anything."
        "PIPA 22(2); Decree 17(3)"
        "Move it out of collapsed content, and do not hide it.";
    STANDS_OUT = "KR-P12a" Error Medium
        "Important content stands out from its surroundings by size, weight, colour or underline: it is emphasised, not only different."
        "PIPC notice on the methods of processing personal information (2023), art. 4, through a secondary source"
        "Remove the override of the theme or the style sheet.";
    SAYS_WHICH = "KR-P13" Error High
        "Each checkbox is labelled as required or optional."
        "PIPA Decree 17(4)"
        "Begin the label with [필수] or [선택], in the language of the screen.";
    NOT_IN_A_SLOT = "KR-P15" Error Medium
        "No text is cut off or scrolls in a small box."
        "Supreme Court 2014Du2638; PIPC on Meta, 2022"
        "Remove the fixed height or width.";
    ONE_STEP_AWAY = "KR-P15" Error Medium
        "The full text of a term is one step away from its checkbox."
        "Supreme Court 2014Du2638"
        "Put the control that opens the text beside the checkbox.";
    LEGIBLE = "KR-P16" Error Medium
        "No text of a consent is drawn smaller than 12 pixels."
        "Supreme Court 2016Do13263 (the print of 1 mm); the number is this project's"
        "Make it larger: the smallest size of the screen is --text-xs.";
    NOTHING_FOLDED_AWAY = "KR-P26" Error Medium
        "Each checkbox is visible without opening anything."
        "PIPC on Google, 2022-09-14"
        "Move it out of collapsed content.";
    ANSWERS_ALIKE = "KR-E02" Error Medium
        "Agreeing and cancelling are equally prominent: both are visible, neither is 1.5 times as large, wide or high as the other, and neither is bold where the other is not."
        "E-Commerce Act 21-2(1)3; the number is this project's"
        "Give both buttons the same size.";
    ANSWERS_NEARLY_ALIKE = "KR-E02" Warning Medium
        "Agreeing and cancelling have the same size and weight."
        "E-Commerce Act 21-2(1)3; the number is this project's"
        "Give both buttons the same size.";
    APART_FROM_TERMS = "EU-04" Error Medium
        "Personal information and channels are separate from the terms."
        "GDPR 7(2)"
        "Give it a separate group.";
    IN_A_GROUP = "WCAG-1.3.1" Error High
        "Each checkbox is in a group with a name."
        "WCAG 2.2, 1.3.1 (A)"
        "Put the checkboxes in a fieldset with a legend.";
    CONTRAST = "WCAG-1.4.3" Error High
        "Text has a contrast of 4.5:1, or 3:1 if it is large."
        "WCAG 2.2, 1.4.3 (AA)"
        "Change the colour or the background.";
    REFLOW = "WCAG-1.4.10" Error High
        "The page does not scroll horizontally."
        "WCAG 2.2, 1.4.10 (AA)"
        "Let long words break, and avoid fixed widths.";
    EDGES = "WCAG-1.4.11" Error High
        "The edges of checkboxes and fields have a contrast of 3:1."
        "WCAG 2.2, 1.4.11 (AA)"
        "Change the colour or the background: the screen uses --edge.";
    SPACING = "WCAG-1.4.12" Error High
        "Nothing is cut off with increased text spacing."
        "WCAG 2.2, 1.4.12 (AA)"
        "Remove the fixed height or width.";
    TARGETS = "WCAG-2.5.8" Error High
        "Targets are at least 24 by 24 pixels."
        "WCAG 2.2, 2.5.8 (AA)"
        "Make it larger: the screen uses --target.";
}

/// The minimum contrast of an edge.
const MIN_EDGE_CONTRAST: f32 = 3.0;
/// The minimum font size, in CSS pixels.
const MIN_TEXT: f32 = 12.0;
/// The difference in weight between normal text (400) and bold text (700).
const BOLD_AND_NOT: f32 = 300.0;
/// The minimum target size, in CSS pixels. Browsers round.
const MIN_TARGET: f32 = 23.9;

/// Whether a rule is about how texts look. Its finding names one text, and is about each that looks the same.
#[must_use]
pub fn is_about_looks(rule: &Rule) -> bool {
    [LEGIBLE, CONTRAST].contains(rule)
}

/// Every finding in a rendered page, by severity. Their places are texts on the page.
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
        findings.add(IMPORTANT_SEEN, &it.what, format!("\"{}\" is not visible", it.what));
    }
    for it in seen.important.iter().filter(|it| it.seen && !it.looks.stands_out_from(&it.beside)) {
        findings.add(STANDS_OUT, &it.what, format!("\"{}\" does not stand out", it.what));
    }
    for text in &seen.texts {
        findings.legible(text);
    }
    match (&seen.agree, &seen.cancel) {
        (Some(agree), Some(cancel)) => findings.answers(agree, cancel),
        // Without items to agree to, cancelling is the only answer.
        (Some(only), None) | (None, Some(only)) if !seen.boxes.is_empty() => {
            let what = format!("\"{}\" is the only visible answer", only.what);
            findings.add(ANSWERS_ALIKE, &only.what, what);
        }
        _ => {}
    }
    for edge in &seen.edges {
        if let Some(ratio) = edge.contrast.filter(|ratio| *ratio < MIN_EDGE_CONTRAST) {
            let what =
                format!("the edge of \"{}\" has {ratio:.2}:1 of {MIN_EDGE_CONTRAST}:1", edge.what);
            findings.add(EDGES, &edge.what, what);
        }
    }
    findings.fit(&seen.fit, &seen.spaced);
    let small = |it: &&Control| it.width < MIN_TARGET || it.height < MIN_TARGET;
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
            broken(SAYS_WHICH, "is not labelled as required or optional");
        }
        if !seen {
            broken(NOTHING_FOLDED_AWAY, "is not visible");
        }
        if matches!(key, ItemKey::Term(_)) && !opens {
            broken(ONE_STEP_AWAY, "has no control beside it that opens its text");
        }
        if group.trim().is_empty() {
            broken(IN_A_GROUP, "is in no group with a name");
        }
    }

    /// Terms share no group with other items. A checkbox without a group has a finding already.
    fn groups(&mut self, boxes: &[Tick]) {
        let is_term = |tick: &Tick| matches!(tick.key, ItemKey::Term(_));
        let among_terms = |tick: &&Tick| {
            !tick.group.is_empty() && boxes.iter().any(|it| is_term(it) && it.group == tick.group)
        };
        for tick in boxes.iter().filter(|tick| !is_term(tick)).filter(among_terms) {
            let what = format!("\"{}\" is among the terms", tick.label);
            self.add(APART_FROM_TERMS, &tick.label, what);
        }
    }

    fn legible(&mut self, text: &Text) {
        if text.size < MIN_TEXT {
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
        let ratio = size_ratio(agree, cancel);
        let weight = (agree.weight - cancel.weight).abs();
        let rule = match ratio {
            1.5.. => ANSWERS_ALIKE,
            _ if weight >= BOLD_AND_NOT => {
                let what = format!("\"{}\" and \"{}\" differ in weight", agree.what, cancel.what);
                return self.add(ANSWERS_ALIKE, &agree.what, what);
            }
            1.2.. => ANSWERS_NEARLY_ALIKE,
            _ if weight > 0.0 => {
                let what = format!("\"{}\" and \"{}\" differ in weight", agree.what, cancel.what);
                return self.add(ANSWERS_NEARLY_ALIKE, &agree.what, what);
            }
            _ => return,
        };
        self.add(
            rule,
            &agree.what,
            format!("one button is {ratio:.1} times as large as the other"),
        );
    }

    fn fit(&mut self, fit: &Fit, spaced: &Fit) {
        if fit.wider_by >= 1.0 {
            let what = format!("the page is {:.0} px wider than its window", fit.wider_by);
            self.add(REFLOW, "", what);
        }
        for words in &fit.cut {
            self.add(NOT_IN_A_SLOT, words, format!("\"{words}\" is cut off"));
        }
        // The page without extra spacing has a finding already.
        if spaced.wider_by >= fit.wider_by.max(0.0) + 1.0 {
            let what =
                format!("with increased text spacing the page is {:.0} px wider", spaced.wider_by);
            self.add(SPACING, "", what);
        }
        for words in spaced.cut.iter().filter(|words| !fit.cut.contains(words)) {
            self.add(SPACING, words, format!("\"{words}\" is cut off with increased text spacing"));
        }
    }
}

/// The ratio of the larger to the smaller button: in width, height, area or font size. Two buttons of
/// one area can have different shapes.
fn size_ratio(one: &Control, other: &Control) -> f32 {
    let times = |a: f32, b: f32| if a.min(b) > 0.0 { a.max(b) / a.min(b) } else { f32::INFINITY };
    let area = times(one.width * one.height, other.width * other.height);
    let shape = times(one.width, other.width).max(times(one.height, other.height));
    area.max(shape).max(times(one.size, other.size))
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
        let colour = "rgb(0, 0, 0)".into();
        Looks { size, weight: 400.0, colour, contrast: Some(21.0), underlined }
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
            "an unknown contrast is not judged"
        );
        assert_eq!(found(|it| it.controls[0].height = 20.0), [("WCAG-2.5.8", "error")]);
        assert_eq!(found(|it| it.agree_all = Some(true)), [("KR-P11", "error")]);
        assert_eq!(found(|it| it.cancel = None), [("KR-E02", "error")]);
        let asks_nothing = |it: &mut Rendered| (it.boxes.clear(), it.agree = None);
        assert_eq!(found(asks_nothing), []);
        let lighter = |it: &mut Rendered| it.cancel.as_mut().unwrap().weight = 400.0;
        assert_eq!(found(lighter), [("KR-E02", "warning")]);
        let much_lighter = |it: &mut Rendered| {
            it.cancel.as_mut().unwrap().weight = 400.0;
            it.agree.as_mut().unwrap().weight = 900.0;
        };
        assert_eq!(found(much_lighter), [("KR-E02", "error")]);
        // One area, two shapes.
        let shapes = |it: &mut Rendered| {
            for (button, width, height) in
                [(&mut it.agree, 320.0, 48.0), (&mut it.cancel, 160.0, 96.0)]
            {
                let button = button.as_mut().unwrap();
                (button.width, button.height) = (width, height);
            }
        };
        assert_eq!(found(shapes), [("KR-E02", "error")]);
        assert_eq!(found(|it| it.important[0].seen = false), [("KR-P12", "error")]);
        assert_eq!(found(|it| it.important[0].looks.underlined = false), [("KR-P12a", "error")]);
        let recedes = |it: &mut Rendered| {
            it.important[0].looks = Looks { contrast: Some(4.5), ..looks(12.0, false) };
        };
        assert_eq!(found(recedes), [("KR-P12a", "error")]);
        assert_eq!(found(|it| it.boxes[0].opens = false), [("KR-P15", "error")]);
        assert_eq!(found(|it| it.boxes[1].opens = false), [], "an item has no text of its own");
        assert_eq!(found(|it| it.boxes[1].seen = false), [("KR-P26", "error")]);
        assert_eq!(found(|it| it.boxes[1].group = "약관".into()), [("EU-04", "error")]);
        assert_eq!(found(|it| it.boxes[1].group.clear()), [("WCAG-1.3.1", "error")]);
        assert_eq!(found(|it| it.edges[0].contrast = Some(2.9)), [("WCAG-1.4.11", "error")]);
        assert_eq!(found(|it| it.edges[0].contrast = None), []);
        assert_eq!(found(|it| it.spaced.wider_by = 4.0), [("WCAG-1.4.12", "error")]);
        assert_eq!(found(|it| it.spaced.cut.push("이용약관".into())), [("WCAG-1.4.12", "error")]);
        // A page that does not fit does not fit with spacing either: one finding.
        let cut = |fit: &mut Fit| fit.cut.push("이용약관".into());
        assert_eq!(found(|it| [&mut it.fit, &mut it.spaced].map(cut)), [("KR-P15", "error")]);
        let wide = |fit: &mut Fit| fit.wider_by = 12.0;
        assert_eq!(found(|it| [&mut it.fit, &mut it.spaced].map(wide)), [("WCAG-1.4.10", "error")]);
    }
}
