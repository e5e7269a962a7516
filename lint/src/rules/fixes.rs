//! The usual fix of a finding, made in the request: where a rule leaves one, and nothing for the service to decide.

use consent_contract::{
    name,
    request::{ConsentRequest, HighlightKind, TermKind},
};
use serde_json::{Value, json};

use super::{channels, marketing, names, provision, screen, terms};
use crate::{Finding, Severity, lint};

/// A request whose findings can be fixed.
pub struct Fixes<'a> {
    request: &'a ConsentRequest,
    before: Vec<Finding>,
}

/// A request with a finding fixed.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    pub request: ConsentRequest,
    /// The place of a text that was written, a JSON Pointer: the service has to read it.
    pub written: Option<String>,
}

impl<'a> Fixes<'a> {
    #[must_use]
    pub fn of(request: &'a ConsentRequest) -> Self {
        Self { request, before: lint(request) }
    }

    /// The fix of a finding of this request. None where it is a decision of the service, and where it
    /// would not remove the finding or would break another rule. `today`: a version for a text without one.
    #[must_use]
    pub fn fix(&self, finding: &Finding, today: &str) -> Option<Fixed> {
        let mut json = serde_json::to_value(self.request).ok()?;
        let written = change(&mut json, self.request, finding, today)?;
        let request: ConsentRequest = serde_json::from_value(json).ok()?;
        let after = lint(&request);
        let of_rule = |all: &[Finding]| all.iter().filter(|it| it.rule == finding.rule).count();
        let is_other_error =
            |it: &&Finding| it.rule.severity == Severity::Error && it.rule != finding.rule;
        let other_errors = |all: &[Finding]| all.iter().filter(is_other_error).count();
        let is_better = of_rule(&after) < of_rule(&self.before)
            && other_errors(&after) <= other_errors(&self.before);
        is_better.then_some(Fixed { request, written })
    }
}

/// Makes the change, and returns the place of a text that it wrote. None without a fix.
fn change(
    json: &mut Value,
    request: &ConsentRequest,
    finding: &Finding,
    today: &str,
) -> Option<Option<String>> {
    let at = finding.at.as_str();
    let words = Words::of(&request.locale);
    match finding.rule {
        marketing::OPTIONAL => set(json, at, json!(false))?,
        marketing::OPTIONAL_BY_ANOTHER_KIND => {
            let term = at.strip_suffix("/required")?;
            set(json, at, json!(false))?;
            set(json, &format!("{term}/kind"), json!(TermKind::Marketing))?;
            // Without it, a consent to advertising breaks another rule.
            return add_highlight(json, term, HighlightKind::Promotion, words?.promotion).map(Some);
        }
        terms::COLLECTION_ITEMS => {
            return add_highlight(json, at, HighlightKind::Retention, words?.retention).map(Some);
        }
        terms::RETENTION_BESIDE => {
            let term = at.strip_suffix("/highlights")?;
            return add_highlight(json, term, HighlightKind::Retention, words?.retention).map(Some);
        }
        terms::IMPORTANT_CONTENT => {
            let term = at.strip_suffix("/highlights")?;
            // What sensitive data is used is for the service to say.
            if json.pointer(&format!("{term}/kind"))? != &json!(TermKind::Marketing) {
                return None;
            }
            return add_highlight(json, term, HighlightKind::Promotion, words?.promotion).map(Some);
        }
        terms::LABELLED_ONCE | terms::LABELLED_TWICE => rewrite(json, at, terms::unlabelled)?,
        // A blank digest is for the backend to compute.
        terms::VERSIONED => set(json, at, json!(today))?,
        provision::REQUIRED_CAN_COME => set(json, &format!("{at}/required"), json!(false))?,
        provision::NO_RESIDENT_NUMBER_ITEM => remove(json, at.strip_suffix("/label")?)?,
        channels::ONE_PRIMARY => set(json, at, json!(false))?,
        channels::ONCE | channels::NOT_AGAIN => remove(json, at)?,
        screen::AGREE_ALL_REQUIRED => set(json, at, json!("required_only"))?,
        // A picture in the data is there for a preview.
        screen::OWN_PICTURES if json.pointer(at)?.as_str()?.starts_with("data:") => return None,
        screen::OWN_PICTURES => set(json, at, Value::Null)?,
        names::SHOWN_WHOLE => rewrite(json, at, name::clean)?,
        names::ORDINARY_FORMS => rewrite(json, at, names::in_ordinary_form)?,
        names::NO_IMITATION => rewrite(json, at, |text| {
            name::clean(&text.replace(names::is_check_mark, " ")).trim().to_owned()
        })?,
        _ => return None,
    }
    Some(None)
}

fn set(json: &mut Value, at: &str, new: Value) -> Option<()> {
    *json.pointer_mut(at)? = new;
    Some(())
}

fn rewrite(json: &mut Value, at: &str, call: impl FnOnce(&str) -> String) -> Option<()> {
    let text = json.pointer_mut(at)?;
    *text = json!(call(text.as_str()?));
    Some(())
}

/// Removes an item of a list.
fn remove(json: &mut Value, at: &str) -> Option<()> {
    let (list, index) = at.rsplit_once('/')?;
    let (list, index) = (json.pointer_mut(list)?.as_array_mut()?, index.parse::<usize>().ok()?);
    (index < list.len()).then(|| drop(list.remove(index)))
}

/// Adds a highlight to a term, in the place of a blank one of its kind. The place of its text.
fn add_highlight(json: &mut Value, term: &str, kind: HighlightKind, text: &str) -> Option<String> {
    let list = json.pointer_mut(&format!("{term}/highlights"))?.as_array_mut()?;
    let is_blank =
        |it: &Value| it["kind"] == json!(kind) && it["text"].as_str().is_none_or(super::is_blank);
    let new = json!({ "kind": kind, "text": text });
    let place = list.iter().position(is_blank).unwrap_or(list.len());
    match list.get_mut(place) {
        Some(blank) => *blank = new,
        None => list.push(new),
    }
    Some(format!("{term}/highlights/{place}/text"))
}

/// Usual wordings of highlights.
struct Words {
    retention: &'static str,
    promotion: &'static str,
}

impl Words {
    /// In the language of a request. None without such words.
    fn of(locale: &str) -> Option<Self> {
        let (retention, promotion) = match locale.split('-').next()? {
            "ko" => ("회원 탈퇴 또는 동의 철회 시까지", "할인과 행사 소식을 문자로 보내 드립니다"),
            "en" => (
                "Until you leave or withdraw your consent",
                "Discounts and events, by text message",
            ),
            "ja" => ("退会または同意の撤回まで", "割引やイベントのお知らせをSMSで送信します"),
            _ => return None,
        };
        Some(Self { retention, promotion })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rule, corpus};
    use consent_contract::request::{AgreeAllPolicy, Highlight};

    type Change = fn(&mut ConsentRequest);

    fn marketing_term(request: &mut ConsentRequest) -> usize {
        let is_marketing =
            |term: &consent_contract::request::Term| term.kind == TermKind::Marketing;
        request.terms.iter().position(is_marketing).expect("the base asks for marketing")
    }

    /// A change that breaks a rule whose fix needs no decision.
    const BROKEN: [(Rule, Change); 19] = [
        (marketing::OPTIONAL, |it| {
            let at = marketing_term(it);
            it.terms[at].required = true;
        }),
        (marketing::OPTIONAL_BY_ANOTHER_KIND, |it| {
            let at = marketing_term(it);
            it.terms[at].required = true;
            it.terms[at].kind = TermKind::Service;
            it.terms[at].highlights.clear();
        }),
        (terms::COLLECTION_ITEMS, |it| {
            it.terms[0].kind = TermKind::PrivacyCollection;
            it.terms[0].highlights.clear();
        }),
        (terms::COLLECTION_ITEMS, |it| {
            it.terms[0].kind = TermKind::PrivacyCollection;
            it.terms[0].highlights =
                vec![Highlight { kind: HighlightKind::Retention, text: " ".into() }];
        }),
        (terms::IMPORTANT_CONTENT, |it| {
            let at = marketing_term(it);
            it.terms[at].highlights.retain(|it| it.kind != HighlightKind::Promotion);
        }),
        (terms::RETENTION_BESIDE, |it| {
            let at = marketing_term(it);
            it.terms[at].highlights.retain(|it| it.kind != HighlightKind::Retention);
        }),
        (terms::LABELLED_ONCE, |it| {
            it.terms[0].required = true;
            it.terms[0].title = format!("[선택] {}", it.terms[0].title);
        }),
        (terms::LABELLED_TWICE, |it| {
            it.personal_info.items[0].required = true;
            it.personal_info.items[0].label =
                format!("{} (required)", it.personal_info.items[0].label);
        }),
        (terms::VERSIONED, |it| it.terms[0].version.clear()),
        (provision::REQUIRED_CAN_COME, |it| {
            let item = &mut it.personal_info.items[0];
            (item.required, item.value, item.collect) = (true, None, None);
        }),
        (provision::NO_RESIDENT_NUMBER_ITEM, |it| {
            it.personal_info.items[0].label = "주민등록번호".into();
        }),
        (channels::ONE_PRIMARY, |it| {
            it.channels[0].primary = true;
            let mut second = it.channels[0].clone();
            second.public_id = "_second".into();
            it.channels.push(second);
        }),
        (channels::ONCE, |it| it.terms.push(it.terms[0].clone())),
        (channels::NOT_AGAIN, |it| {
            it.terms[0].agreed_version = Some(it.terms[0].version.clone());
            it.reasons.0.clear();
        }),
        (screen::AGREE_ALL_REQUIRED, |it| it.agree_all = AgreeAllPolicy::Everything),
        (screen::OWN_PICTURES, |it| it.service.icon_url = Some("https://x.example/a.png".into())),
        (names::SHOWN_WHOLE, |it| it.terms[0].title.insert(0, '\u{202e}')),
        (names::ORDINARY_FORMS, |it| it.service.name.push_str("ｶﾞ")),
        (names::NO_IMITATION, |it| it.service.name.push_str(" ✅")),
    ];

    #[test]
    fn a_fix_removes_its_finding_and_no_other_thing() {
        for locale in ["ko", "en", "ja"] {
            for (rule, spoil) in BROKEN {
                let mut request = corpus::base(locale).expect("a request in the language");
                spoil(&mut request);
                let findings = lint(&request);
                let finding = findings.iter().find(|it| it.rule == rule);
                let Some(finding) = finding else {
                    panic!("{locale}: {} is not broken: {findings:#?}", rule.id)
                };
                let fixed = Fixes::of(&request).fix(finding, "2026-12-01");
                let fixed = fixed.unwrap_or_else(|| panic!("{locale}: {} has no fix", rule.id));
                let after = lint(&fixed.request);
                assert!(after.iter().all(|it| it.rule != rule), "{locale}: {after:#?}");
                assert!(after.len() < findings.len(), "{locale}, {}: {after:#?}", rule.id);
                if let Some(at) = &fixed.written {
                    let json = json!(fixed.request);
                    assert!(json.pointer(at).is_some_and(Value::is_string), "{locale}: {at}");
                }
            }
        }
    }

    #[test]
    fn what_the_service_decides_has_no_fix() {
        let breaks: [(Rule, Change); 6] = [
            // Another recipient may be one that users have to agree to.
            (provision::RECIPIENT_IS_THE_COMPANY, |it| {
                it.personal_info.recipient = "보라상사".into();
            }),
            (provision::STATEMENTS, |it| it.personal_info.purpose.clear()),
            (terms::IMPORTANT_CONTENT, |it| it.terms[0].kind = TermKind::Sensitive),
            (terms::VERSIONED, |it| it.terms[0].digest.clear()),
            (screen::OWN_PICTURES, |it| it.service.icon_url = Some("data:image/png,A".into())),
            // The words are no mark that can be taken out.
            (names::NO_IMITATION, |it| it.service.name = "인증 완료".into()),
        ];
        for (rule, spoil) in breaks {
            let mut request = corpus::base("ko").expect("a request in Korean");
            spoil(&mut request);
            let findings = lint(&request);
            let finding = findings.iter().find(|it| it.rule == rule).expect(rule.id);
            assert_eq!(Fixes::of(&request).fix(finding, "2026-12-01"), None, "{}", rule.id);
        }
    }

    /// The error that is fixed must not make room for another one.
    #[test]
    fn no_fix_trades_one_error_for_another() {
        let mut request = corpus::base("ko").expect("a request in Korean");
        let at = marketing_term(&mut request);
        request.terms[at].title = "[필수]".into();
        let findings = lint(&request);
        for finding in findings.iter().filter(|it| it.at == format!("/terms/{at}/title")) {
            let fixed = Fixes::of(&request).fix(finding, "2026-12-01");
            assert!(fixed.is_none_or(|it| !it.request.terms[at].title.is_empty()), "{finding:?}");
        }
        assert!(findings.iter().any(|it| it.rule == terms::LABELLED_ONCE), "{findings:?}");
    }

    #[test]
    fn a_written_highlight_is_at_its_place() {
        let mut request = corpus::base("ko").expect("a request in Korean");
        let at = marketing_term(&mut request);
        request.terms[at].highlights.clear();
        let finding = lint(&request).into_iter().find(|it| it.rule == terms::IMPORTANT_CONTENT);
        let fixed = Fixes::of(&request).fix(&finding.expect("it is missing"), "2026-12-01");
        let Fixed { request, written } = fixed.expect("a fix");
        assert_eq!(written, Some(format!("/terms/{at}/highlights/0/text")));
        assert_eq!(request.terms[at].highlights[0].kind, HighlightKind::Promotion);
    }
}
