//! The rules about the provision of personal information.

use consent_contract::request::{PersonalInfo, PersonalInfoItem, TermKind};

use super::{Role, Screen, is_blank, terms::is_vague_period, texts};
use crate::{
    Findings,
    text::{Text, literal},
    words::{self, Of},
};

rules! {
    STATEMENTS = "KR-P03" Error High
        "Provision to a third party shows recipient, purpose, items, retention and the effect of refusing."
        "PIPA 17(2)"
        "Fill in the field.";
    RECIPIENT_NAMED = "KR-P03" Warning High
        "The recipient is named: \"our partners\" names no one."
        "PIPA 17(2)1"
        "Write the name of the company."
        settled_by "Whether users learn from this text who receives their data.";
    PURPOSE_SPECIFIC = "KR-P03" Warning Medium
        "The recipient's purpose is specific: \"improving the service\" can be anything."
        "PIPA 17(2)2; EDPB 03/2022, \"ambiguous wording\""
        "Name what is done with the data: \"Handling orders and delivery\"."
        settled_by "Whether users learn from this text what their data is used for.";
    RETENTION_SPECIFIC = "KR-P03" Warning Medium
        "The recipient's retention is a period or an event, not \"as long as necessary\"."
        "PIPA 17(2)4"
        "State a period (5 years) or an event (until you leave)."
        settled_by "Whether users learn from this text when their data will be erased.";
    ABROAD_IN_A_TERM = "KR-P05" Warning Medium
        "A recipient abroad has a term of kind overseas."
        "PIPA 28-8(1)1"
        "Add a term of kind overseas with name, country and contact, unless another ground of PIPA 28-8 applies."
        settled_by "Whether the data leaves the country, and on which ground of PIPA 28-8(1).";
    EFFECT_STATED = "KR-P06" Error Medium
        "If an item is required, the effect of refusing is stated."
        "PIPA 15(2)4, 17(2)5"
        "State what the user cannot use without it, or make the items optional.";
    EFFECT_SPECIFIC = "KR-P06" Warning Medium
        "If an item is required, the effect of refusing is not \"none\"."
        "PIPA 15(2)4, 17(2)5, 22(5)"
        "State what the user cannot use without it, or make the items optional."
        settled_by "What happens to a user who refuses a required item.";
    OPTIONAL_EFFECT = "KR-P06" Warning Medium
        "If every item is optional, refusing does not prevent registration."
        "PIPA 22(5), 16(3)"
        "State what the user cannot use without it, or that nothing is lost."
        settled_by "Whether a user who refuses all items is signed up.";
    MIXED_EFFECT = "KR-P06" Warning Medium
        "Where some items are optional, the effect of refusing states that only the required ones prevent registration."
        "PIPA 16(3), 22(5)"
        "Write \"Without the required items you cannot sign up; the optional ones have no effect\"."
        settled_by "Whether users understand that they may refuse the optional items.";
    SEPARATE_CONSENT = "KR-P21" Warning High
        "Sensitive data, and passport, driver's licence and alien registration numbers, need a separate consent."
        "PIPA 23(1)1, 24(1)1"
        "Remove the item, and ask with a term of kind = sensitive that states the purpose."
        settled_by "Whether the service receives the data itself, or only whether it exists.";
    NO_RESIDENT_NUMBER_ITEM = "KR-P21" Error High
        "A resident registration number cannot be collected on the basis of consent."
        "PIPA 24-2(1)"
        "Remove the item.";
    NO_RESIDENT_NUMBER = "KR-P21" Warning High
        "A resident registration number cannot be collected on the basis of consent."
        "PIPA 24-2(1); in Japan: My Number Act 19, 20"
        "Remove it, or name the statute that requires it."
        settled_by "Whether the number is collected, and which statute requires that.";
    STATEMENTS_VERSIONED = "KR-P22" Error High
        "The statements about the provision have a digest, so that a change needs new consent."
        "PIPA 17(2)"
        "Compute the digest from the statements.";
    WITHDRAWAL = "KR-P25" Warning Medium
        "The right to withdraw consent is stated before consent is given."
        "PIPA 37; GDPR 7(3); EDPB 05/2020"
        "State it with the retention: \"회원 탈퇴 또는 동의 철회 시까지\" (\"until you leave or withdraw your consent\")."
        settled_by "Whether these texts mention withdrawal in other words.";
    RECIPIENT_IS_THE_COMPANY = "KR-P28" Warning Medium
        "The recipient is the company of the service: another recipient needs a consent of its own."
        "PIPA 17(1)1, 17(2)1, 22(1)"
        "Name the company as the recipient, and give the items of another company a recipient of their own."
        settled_by "Whether both names are those of one legal person.";
    REQUIRED_CAN_COME = "KS-01" Warning Medium
        "A required item has a value, or an input for one."
        "Kakao Sync FAQ: a required value that is missing does not reach the service"
        "Let the screen collect it (collect), or make it optional."
        settled_by "Whether the service works without the value.";
}

pub fn check(findings: &mut Findings, screen: &Screen<'_>) {
    if !screen.request.personal_info.items.is_empty() {
        findings.statements(screen);
        findings.effect_of_refusing(screen);
        findings.recipient(screen);
        findings.items(&screen.request.personal_info);
        if is_blank(&screen.request.personal_info.digest) {
            let what = "the statements have no digest".to_owned();
            findings.add(STATEMENTS_VERSIONED, "/personal_info/digest", what);
        }
    }
    findings.withdrawal(screen);
    findings.separate_data(screen);
}

/// One of the four statements as it is written, its place, and the items that it is about.
struct Stated<'a> {
    at: String,
    text: &'a str,
    /// Whether it is that of an item, and not the one that items share.
    is_own: bool,
    items: Vec<&'a PersonalInfoItem>,
}

/// A statement (0: recipient, 1: purpose, 2: retention, 3: effect of refusing) as the items share it, and
/// each item's own. One that no item has is not shown.
fn stated(info: &PersonalInfo, which: usize) -> Vec<Stated<'_>> {
    const NAMES: [&str; 4] = ["recipient", "purpose", "retention", "refusal_effect"];
    let name = NAMES[which];
    let shared = [&info.recipient, &info.purpose, &info.retention, &info.refusal_effect][which];
    let mut all: Vec<Stated<'_>> = Vec::new();
    for (place, item) in info.items.iter().enumerate() {
        let (at, text, is_own) = match item.own_statements()[which] {
            Some(text) => (format!("/personal_info/items/{place}/{name}"), text, true),
            None => (format!("/personal_info/{name}"), shared, false),
        };
        // Of items with the same statement, the first one has the finding.
        match all.iter_mut().find(|it| it.is_own == is_own && it.text == text) {
            Some(same) => same.items.push(item),
            None => all.push(Stated { at, text, is_own, items: vec![item] }),
        }
    }
    all
}

impl Findings {
    fn statements(&mut self, screen: &Screen<'_>) {
        let info = &screen.request.personal_info;
        let vague_recipient: fn(&Text) -> bool = |it| {
            words::is_only(it, |it| &it.unnamed_company) || words::is_only(it, |it| &it.placeholder)
        };
        let vague_purpose: fn(&Text) -> bool = |it| {
            words::is_only(it, |it| &it.vague_purpose) || words::is_only(it, |it| &it.placeholder)
        };
        let statements = [
            ("recipient", Some((RECIPIENT_NAMED, vague_recipient, "names no one"))),
            ("purpose", Some((PURPOSE_SPECIFIC, vague_purpose, "is no purpose"))),
            (
                "retention",
                Some((RETENTION_SPECIFIC, is_vague_period as fn(&Text) -> bool, "is no period")),
            ),
            ("refusal_effect", None),
        ];
        for (which, (name, vague)) in statements.into_iter().enumerate() {
            for Stated { at, text, .. } in stated(info, which) {
                if is_blank(text) {
                    self.add(STATEMENTS, at, format!("the {name} is missing"));
                } else if let Some((rule, is_vague, what)) = vague
                    && is_vague(&screen.read_whole(text))
                {
                    self.add(rule, at, format!("\"{text}\" {what}"));
                }
            }
        }
    }

    fn effect_of_refusing(&mut self, screen: &Screen<'_>) {
        for effect in stated(&screen.request.personal_info, 3) {
            self.effect_on(screen, effect);
        }
    }

    fn effect_on(&mut self, screen: &Screen<'_>, stated: Stated<'_>) {
        let Stated { at, text, items, .. } = stated;
        let effect = screen.read(text);
        let states = |of: Of| words::has(&effect, of);
        let required: Vec<_> = items.iter().filter(|item| item.required).collect();
        let denies_registration = states(|it| &it.no_registration);
        if required.is_empty() {
            if denies_registration && !states(|it| &it.required) {
                let what = format!("\"{text}\", but no item is required");
                self.add(OPTIONAL_EFFECT, at, what);
            }
        } else if words::is_only(&effect, |it| &it.nothing) {
            self.add(EFFECT_STATED, at, format!("\"{text}\", but some items are required"));
        } else if states(|it| &it.no_disadvantage)
            && !denies_registration
            && !states(|it| &it.impossible)
        {
            self.add(EFFECT_SPECIFIC, at, format!("\"{text}\", but some items are required"));
        } else if denies_registration
            && required.len() < items.len()
            && !states(|it| &it.required)
            && !states(|it| &it.optional)
            && !required
                .iter()
                .filter_map(|it| literal(&it.label))
                .any(|it| effect.find(&it).is_some())
        {
            let what = format!("\"{text}\", but some items are optional");
            self.add(MIXED_EFFECT, at, what);
        }
    }

    fn recipient(&mut self, screen: &Screen<'_>) {
        let request = screen.request;
        let asks = request.terms.iter().any(|term| term.kind == TermKind::Overseas);
        for Stated { at, text: recipient, is_own, .. } in stated(&request.personal_info, 0) {
            let mut other = words::read(recipient);
            let named = [&request.service.company, &request.service.name]
                .into_iter()
                .filter_map(|name| literal(bare(name)))
                .fold(false, |found, name| other.leave_out(&name) | found);
            let vague = words::is_only(&other, |it| &it.unnamed_company)
                || words::is_only(&other, |it| &it.placeholder);
            let is_known = named
                || vague
                || is_blank(recipient)
                || is_blank(&request.service.company)
                // An item with a recipient of its own is a consent of its own.
                || is_own;
            if !is_known {
                let what = format!("\"{recipient}\" is not \"{}\"", request.service.company);
                self.add(RECIPIENT_IS_THE_COMPANY, at.as_str(), what);
            }
            if !asks && words::has(&other, |it| &it.countries) {
                let what = format!("\"{recipient}\" is abroad");
                self.add(ABROAD_IN_A_TERM, at, what);
            }
        }
    }

    fn items(&mut self, info: &PersonalInfo) {
        for (place, item) in info.items.iter().enumerate() {
            let at = format!("/personal_info/items/{place}");
            if is_blank(&item.label) {
                self.add(STATEMENTS, format!("{at}/label"), format!("{} has no label", item.id));
            }
            if item.required && item.value.is_none() && item.collect.is_none() {
                let what = format!("\"{}\" is required, has no value and no input", item.label);
                self.add(REQUIRED_CAN_COME, at, what);
            }
        }
    }

    fn withdrawal(&mut self, screen: &Screen<'_>) {
        let request = screen.request;
        let info = &request.personal_info;
        let all = texts(request);
        let statements = all.iter().filter(|(_, role, _)| *role == Role::Statement);
        let mut is_stated = false;
        for (at, _, text) in statements {
            let read = screen.read(text);
            if words::has(&read, |it| &it.no_withdrawal) {
                let what = format!("\"{text}\" denies withdrawal");
                self.add(WITHDRAWAL, at.as_str(), what);
                return;
            }
            let counts = info.items.is_empty() || !at.starts_with("/terms");
            is_stated |= counts && words::has(&read, |it| &it.withdrawal);
        }
        let consents = request.terms.iter().any(|term| term.kind != TermKind::Service);
        if is_stated {
        } else if !info.items.is_empty() {
            let first = stated(info, 2).into_iter().next();
            if let Some(Stated { at, text, .. }) = first.filter(|it| !is_blank(it.text)) {
                self.add(WITHDRAWAL, at, format!("\"{text}\" does not mention withdrawal"));
            }
        } else if consents {
            let what = "no highlight mentions withdrawal".to_owned();
            self.add(WITHDRAWAL, "/terms", what);
        }
    }

    /// Data that need a consent of their own, or that no consent allows.
    fn separate_data(&mut self, screen: &Screen<'_>) {
        let own_term = |at: &str| {
            let place = at.strip_prefix("/terms/").and_then(|it| it.split('/').next());
            let term = place.and_then(|it| screen.request.terms.get(it.parse::<usize>().ok()?));
            term.is_some_and(|term| term.kind == TermKind::Sensitive)
        };
        for (at, role, text) in texts(screen.request) {
            if matches!(role, Role::Name | Role::Recipient) {
                continue;
            }
            let read = screen.read(text);
            if role == Role::Label && words::is_only(&read, |it| &it.resident_number) {
                self.add(NO_RESIDENT_NUMBER_ITEM, at, format!("\"{text}\" is asked for"));
            } else if words::affirms(&read, |it| &it.resident_number) {
                self.add(NO_RESIDENT_NUMBER, at, format!("\"{text}\" names one"));
            } else if !own_term(&at)
                && (words::affirms(&read, |it| &it.unique_identifier)
                    || role != Role::Title && words::affirms(&read, |it| &it.sensitive))
            {
                self.add(SEPARATE_CONSENT, at, format!("\"{text}\" is in no term of its own"));
            }
        }
    }
}

/// A name without the legal form and what is in brackets.
fn bare(name: &str) -> &str {
    const FORMS: [&str; 18] = [
        "주식회사",
        "유한회사",
        "유한책임회사",
        "(주)",
        "㈜",
        "협동조합",
        "株式会社",
        "合同会社",
        "有限会社",
        "Inc.",
        "Inc",
        "Ltd.",
        "Ltd",
        "LLC",
        "K.K.",
        "Co.,",
        "Corp.",
        "GmbH",
    ];
    let mut name = name.split(" (").next().unwrap_or(name).trim();
    loop {
        let shorter = FORMS.iter().find_map(|form| {
            name.strip_suffix(form).or_else(|| name.strip_prefix(form)).map(str::trim)
        });
        match shorter.filter(|it| !it.is_empty()) {
            Some(it) => name = it.trim_end_matches(','),
            None => return name,
        }
    }
}

impl Screen<'_> {
    /// A statement with the names on the screen: a recipient is one of them.
    fn read_whole(&self, text: &str) -> Text {
        let read = words::read(text);
        if self.read(text).has_letters() { self.read(text) } else { read }
    }
}
