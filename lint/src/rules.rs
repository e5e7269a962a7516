//! The rules about the data of a request.

use consent_contract::{
    channel,
    request::{
        AgreeAllPolicy, ConsentRequest, Highlight, HighlightKind, PersonalInfo, Term, TermKind,
    },
};

use super::{
    Findings,
    words::{self, WORDS},
};

rules! {
    ONE_KIND = "KR-P01" Error High
        "Each consent is of one kind: consent to advertising, for example, covers nothing else."
        "PIPA 22(1); Network Act 50(1)"
        "Move it to a separate term of its own kind.";
    COLLECTION_ITEMS = "KR-P02" Error High
        "A consent to collection states the retention period beside its checkbox."
        "PIPA 15(2), 22(2); Decree 17(3)"
        "Add a highlight of kind retention. Purpose, items and the right to refuse belong in the text.";
    PROVISION_ITEMS = "KR-P03" Error High
        "Provision to a third party shows recipient, purpose, items, retention and the effect of refusing."
        "PIPA 17(2)"
        "Fill in the field.";
    OVERSEAS_ITEMS = "KR-P05" Error High
        "A transfer abroad names the recipient beside its checkbox."
        "PIPA 28-8(2)"
        "Add a highlight of kind recipient with name, country and contact.";
    SPECIFIC_EFFECT = "KR-P06" Error Medium
        "If an item is required, the effect of refusing is stated, and is not \"none\"."
        "PIPA 15(2)4, 17(2)5, 22(5)"
        "State what the user cannot use without it, or make the items optional.";
    OPTIONAL_EFFECT = "KR-P06" Error Medium
        "If every item is optional, refusing does not prevent registration."
        "PIPA 22(5), 16(3)"
        "State what the user cannot use without it, or that nothing is lost.";
    MARKETING_OPTIONAL = "KR-P07" Error High
        "Marketing is never required: a service may not refuse users who decline it."
        "PIPA 22(5), 22(1)7"
        "Set required = false.";
    IMPORTANT_CONTENT = "KR-P12" Error High
        "Important content is visible without opening anything: that advertising will be sent, and which sensitive data is used."
        "PIPA 22(2); Decree 17(3)"
        "Add a highlight: promotion for marketing, sensitive for sensitive data.";
    CLOSED_LISTS = "KR-P14a" Warning Medium
        "Lists are complete: \"and so on\" asks for consent to something unknown."
        "ISMS-P 3.1.1, defect examples"
        "Name everything, or remove the rest.";
    NO_DOUBLE_NEGATION = "KR-P14b" Warning Medium
        "Titles are plain: no double negation."
        "PIPA Decree 17(1)3"
        "Describe what the user agrees to.";
    NO_POLICY = "KR-P17" Warning Medium
        "A privacy policy is published, not agreed to."
        "Practitioners' reading of PIPA 30"
        "Ask for the collection (kind = privacy_collection) and link to the policy with privacy_policy_url.";
    NO_RESIDENT_NUMBER = "KR-P21" Error High
        "A resident registration number cannot be collected on the basis of consent."
        "PIPA 24-2(1)"
        "Remove the item.";
    IDENTIFIERS_APART = "KR-P21" Error High
        "Passport, driver's licence and alien registration numbers need a separate consent."
        "PIPA 24(1)1"
        "Remove the item, and ask with a term of kind = sensitive that states the purpose.";
    VERSIONED = "KR-P22" Error High
        "Every text has a version and a digest, so that a change needs new consent."
        "PIPA 15(2), 17(2), 18(3)"
        "Give the text a version.";
    AGREE_ALL_REQUIRED = "KR-P23" Warning Low
        "Agree-all covers required items only; users tick optional items one by one."
        "PIPC online guideline 2020 and consent guide 2022, through one secondary source; practice differs"
        "Set agree_all = required_only.";
    WITHDRAWAL = "KR-P25" Warning Medium
        "The right to withdraw consent is stated before consent is given."
        "PIPA 37; GDPR 7(3); EDPB 05/2020"
        "State it with the retention: \"탈퇴하거나 동의를 거둘 때까지\" (\"until you leave or withdraw your consent\").";
    SAYS_ADVERTISING = "KR-N01" Error High
        "A consent to advertising uses the word \"advertising\"."
        "Network Act 50(1)"
        "Write \"광고성 정보 수신\" (\"receive advertising\") in the title.";
    NIGHT_APART = "KR-N02" Error High
        "Advertising between 21:00 and 08:00 needs a separate checkbox."
        "Network Act 50(3); Decree 61(2)"
        "Make two terms: one for the day and one for the night.";
    SENDER_NAMED = "KR-N03" Warning Medium
        "The sender of advertising is named."
        "Spirit of Network Act 50(4)"
        "Fill in the company.";
    NO_PRESSURE = "KR-E08" Warning Medium
        "Texts create no time pressure."
        "KFTC voluntary guideline on dark patterns, 2023"
        "Remove the urgency.";
    CONTROLLER_NAMED = "EU-05" Error Medium
        "The data controller is named before the user agrees to anything."
        "EDPB 05/2020; CJEU C-673/17 (Planet49)"
        "Fill in the company.";
    FEW_UNITS = "EDPB-03" Warning Low
        "At most twelve items are asked at once."
        "EDPB 03/2022 on deceptive patterns, \"overloading\"; the number is this project's"
        "Ask later for items that are not needed now (service_terms, scope).";
}

/// The maximum number of items to ask at once.
const MAX_UNITS: usize = 12;

/// Checks a request, with the texts as the screen shows them.
pub fn check(request: &ConsentRequest) -> Findings {
    let mut findings = Findings::default();
    let asks_by_day = request
        .terms
        .iter()
        .any(|term| term.kind == TermKind::Marketing && !words::is_by_night(&term.title));
    for (place, term) in request.terms.iter().enumerate() {
        findings.term(&format!("/terms/{place}"), term, asks_by_day);
    }
    if !request.personal_info.items.is_empty() {
        findings.provision(request);
    }
    findings.whole(request);
    findings
}

impl Findings {
    /// `asks_by_day`: another term asks for advertising by day, so one for the night is separate.
    fn term(&mut self, at: &str, term: &Term, asks_by_day: bool) {
        let title = &term.title;
        let has = |kind| term.highlights.iter().any(|it| it.kind == kind && !is_blank(&it.text));
        if term.kind == TermKind::Marketing {
            self.marketing(at, term, asks_by_day);
        }
        if let Some(other) = words::other_kind(title, term.kind) {
            let what = format!("\"{title}\" also asks for {other}");
            self.add(ONE_KIND, format!("{at}/title"), what);
        }
        if term.kind == TermKind::PrivacyCollection && !has(HighlightKind::Retention) {
            let what = format!("\"{title}\" does not state the retention");
            self.add(COLLECTION_ITEMS, at.to_owned(), what);
        }
        if term.kind == TermKind::Overseas && !has(HighlightKind::Recipient) {
            let what = format!("\"{title}\" does not name the recipient");
            self.add(OVERSEAS_ITEMS, at.to_owned(), what);
        }
        if term.kind == TermKind::Sensitive && !has(HighlightKind::Sensitive) {
            let what = format!("\"{title}\" does not name the sensitive data");
            self.add(IMPORTANT_CONTENT, format!("{at}/highlights"), what);
        }
        if words::contains(title, &WORDS.resident_number) {
            let what = format!("\"{title}\" asks for one");
            self.add(NO_RESIDENT_NUMBER, format!("{at}/title"), what);
        }
        if words::contains(title, &WORDS.privacy_policy) {
            let what = format!("\"{title}\" is a policy");
            self.add(NO_POLICY, format!("{at}/title"), what);
        }
        if is_blank(&term.version) || is_blank(&term.digest) {
            let what = format!("\"{title}\" has no version or no digest");
            self.add(VERSIONED, format!("{at}/version"), what);
        }
        self.text(&format!("{at}/title"), title);
        if words::is_double_negative(title) {
            let what = format!("\"{title}\" has a double negation");
            self.add(NO_DOUBLE_NEGATION, format!("{at}/title"), what);
        }
        for (place, highlight) in term.highlights.iter().enumerate() {
            self.text(&format!("{at}/highlights/{place}/text"), &highlight.text);
        }
    }

    fn marketing(&mut self, at: &str, term: &Term, asks_by_day: bool) {
        let title = &term.title;
        if term.required {
            let what = format!("\"{title}\" is marketing and required");
            self.add(MARKETING_OPTIONAL, format!("{at}/required"), what);
        }
        if !words::is_advertising(title) {
            let what = format!("\"{title}\" does not mention advertising");
            self.add(SAYS_ADVERTISING, format!("{at}/title"), what);
        } else if words::is_by_night(title)
            && !words::is_email_only(title)
            && (!asks_by_day || words::is_by_day_too(title))
        {
            let what = format!("\"{title}\" covers the night along with the day");
            self.add(NIGHT_APART, format!("{at}/title"), what);
        }
        let promotes = |it: &Highlight| it.kind == HighlightKind::Promotion && !is_blank(&it.text);
        if !term.highlights.iter().any(promotes) {
            let what = format!("\"{title}\" does not describe the advertising beside its checkbox");
            self.add(IMPORTANT_CONTENT, format!("{at}/highlights"), what);
        }
    }

    fn provision(&mut self, request: &ConsentRequest) {
        let info = &request.personal_info;
        let statements = [
            ("recipient", &info.recipient),
            ("purpose", &info.purpose),
            ("retention", &info.retention),
            ("refusal_effect", &info.refusal_effect),
        ];
        for (name, text) in statements {
            let at = format!("/personal_info/{name}");
            if is_blank(text) {
                self.add(PROVISION_ITEMS, at, format!("the {name} is missing"));
            } else {
                self.text(&at, text);
            }
        }
        self.effect_of_refusing(info);
        let said = [&info.retention, &info.refusal_effect];
        if !is_blank(&info.retention) && !said.into_iter().any(|it| words::mentions_withdrawal(it))
        {
            let what = format!("\"{}\" does not mention withdrawal", info.retention);
            self.add(WITHDRAWAL, "/personal_info/retention", what);
        }
        for (place, item) in info.items.iter().enumerate() {
            let at = format!("/personal_info/items/{place}/label");
            if is_blank(&item.label) {
                self.add(PROVISION_ITEMS, at.clone(), format!("{} has no label", item.id));
            }
            if words::contains(&item.label, &WORDS.resident_number) {
                let what = format!("\"{}\" is asked for", item.label);
                self.add(NO_RESIDENT_NUMBER, at.clone(), what);
            }
            if words::contains(&item.label, &WORDS.unique_identifier) {
                let what = format!("\"{}\" is among other items", item.label);
                self.add(IDENTIFIERS_APART, at.clone(), what);
            }
            self.text(&at, &item.label);
        }
    }

    fn effect_of_refusing(&mut self, info: &PersonalInfo) {
        let at = "/personal_info/refusal_effect";
        let effect = &info.refusal_effect;
        let requires = info.items.iter().any(|item| item.required);
        if requires && words::denies_effect(effect) {
            let what = format!("\"{effect}\", but some items are required");
            self.add(SPECIFIC_EFFECT, at, what);
        }
        if !requires && words::denies_registration(effect) {
            let what = format!("\"{effect}\", but no item is required");
            self.add(OPTIONAL_EFFECT, at, what);
        }
    }

    fn whole(&mut self, request: &ConsentRequest) {
        if request.agree_all == AgreeAllPolicy::Everything {
            let what = "agree-all also ticks optional items".to_owned();
            self.add(AGREE_ALL_REQUIRED, "/agree_all".to_owned(), what);
        }
        // A company that only has terms, and receives no data, is named in the terms.
        let of_data = |term: &Term| !matches!(term.kind, TermKind::Service | TermKind::Marketing);
        let gets_data =
            !request.personal_info.items.is_empty() || request.terms.iter().any(of_data);
        if gets_data && is_blank(&request.service.company) {
            let what = format!("no company is named beside \"{}\"", request.service.name);
            self.add(CONTROLLER_NAMED, "/service/company", what);
        }
        let channels = channel::offered(request).len();
        let markets = request.terms.iter().any(|term| term.kind == TermKind::Marketing);
        if is_blank(&request.service.company) && (channels > 0 || markets) {
            let what = "no company is named as the sender of advertising".to_owned();
            self.add(SENDER_NAMED, "/service/company".to_owned(), what);
        }
        let units = request.terms.len() + request.personal_info.items.len() + channels;
        if units > MAX_UNITS {
            let what = format!("{units} items are asked at once");
            self.add(FEW_UNITS, "/terms".to_owned(), what);
        }
    }

    /// The rules for every text that is visible without opening anything.
    fn text(&mut self, at: &str, text: &str) {
        if words::is_open_ended(text) {
            self.add(CLOSED_LISTS, at.to_owned(), format!("\"{text}\" leaves the list open"));
        }
        if words::contains(text, &WORDS.urgency) {
            self.add(NO_PRESSURE, at.to_owned(), format!("\"{text}\" creates time pressure"));
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
