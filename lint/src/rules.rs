//! The rules, and what breaks each.

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
        "Each consent is of one kind: a tick for advertising, say, is no tick for anything else."
        "PIPA 22(1); Network Act 50(1)"
        "Take it out into a term of its own, with its own kind.";
    COLLECTION_ITEMS = "KR-P02" Error High
        "A consent to collection says, beside its box, for how long the data is kept."
        "PIPA 15(2), 22(2); Decree 17(3)"
        "Add a highlight of kind retention. Purpose, items and the right to refuse belong into the text.";
    PROVISION_ITEMS = "KR-P03" Error High
        "Provision to a third party shows recipient, purpose, items, retention and the effect of refusing."
        "PIPA 17(2)"
        "Fill it in.";
    OVERSEAS_ITEMS = "KR-P05" Error High
        "A transfer abroad names who receives the data, beside its box."
        "PIPA 28-8(2)"
        "Add a highlight of kind recipient with name, country and contact.";
    SPECIFIC_EFFECT = "KR-P06" Error Medium
        "Where something is required, what refusing it means is said, and is not nothing."
        "PIPA 15(2)4, 17(2)5, 22(5)"
        "Say what cannot be had without it, or make the items optional.";
    OPTIONAL_EFFECT = "KR-P06" Error Medium
        "Where everything is optional, refusing it does not cost the registration."
        "PIPA 22(5), 16(3)"
        "Say what cannot be had without it, or that nothing is lost.";
    MARKETING_OPTIONAL = "KR-P07" Error High
        "Marketing is never required: nobody may be refused for declining it."
        "PIPA 22(5), 22(1)7"
        "Set required = false.";
    IMPORTANT_CONTENT = "KR-P12" Error High
        "Important content is seen without opening anything: that one will be advertised to, and which sensitive data is used."
        "PIPA 22(2); Decree 17(3)"
        "Add a highlight: promotion for marketing, sensitive for sensitive data.";
    CLOSED_LISTS = "KR-P14a" Warning Medium
        "Lists are complete: \"and so on\" asks for consent to what nobody can know."
        "ISMS-P 3.1.1, defect examples"
        "Name everything, or leave it out.";
    NO_DOUBLE_NEGATION = "KR-P14b" Warning Medium
        "What is ticked has a plain title: no double negation."
        "PIPA Decree 17(1)3"
        "Say what happens when it is ticked.";
    NO_POLICY = "KR-P17" Warning Medium
        "A privacy policy is published, and not agreed to."
        "Practitioners' reading of PIPA 30"
        "Ask for the collection (kind = privacy_collection) and link to the policy with privacy_policy_url.";
    NO_RESIDENT_NUMBER = "KR-P21" Error High
        "A resident registration number is nothing that consent could open."
        "PIPA 24-2(1)"
        "Take the item out.";
    IDENTIFIERS_APART = "KR-P21" Error High
        "Passport, driver's licence and alien registration numbers are asked for in a consent of their own."
        "PIPA 24(1)1"
        "Take the item out, and ask with a term of kind = sensitive that says what it is for.";
    VERSIONED = "KR-P22" Error High
        "Every text has a version and a digest, so that a change asks anew."
        "PIPA 15(2), 17(2), 18(3)"
        "Give the text a version.";
    AGREE_ALL_REQUIRED = "KR-P23" Warning Low
        "Agree-all covers what is required, and leaves optional items to be ticked one by one."
        "PIPC online guideline 2020 and consent guide 2022, through one secondary source; practice differs"
        "Set agree_all = required_only.";
    WITHDRAWAL = "KR-P25" Warning Medium
        "That consent can be withdrawn is said before it is given."
        "PIPA 37; GDPR 7(3); EDPB 05/2020"
        "Say it with the retention: \"탈퇴하거나 동의를 거둘 때까지\" (\"until you leave or withdraw your consent\").";
    SAYS_ADVERTISING = "KR-N01" Error High
        "Whoever agrees to advertising is told that it is advertising, in that word."
        "Network Act 50(1)"
        "Write \"광고성 정보 수신\" (\"receive advertising\") into the title.";
    NIGHT_APART = "KR-N02" Error High
        "Advertising between 21:00 and 08:00 needs a box of its own."
        "Network Act 50(3); Decree 61(2)"
        "Make two terms: one for the day, one for the night.";
    SENDER_NAMED = "KR-N03" Warning Medium
        "Whoever advertises is named."
        "Spirit of Network Act 50(4)"
        "Fill in the company.";
    NO_PRESSURE = "KR-E08" Warning Medium
        "Nobody is hurried."
        "KFTC voluntary guideline on dark patterns, 2023"
        "Take the urgency out.";
    CONTROLLER_NAMED = "EU-05" Error Medium
        "Who is responsible for the data is named before anything is agreed to."
        "EDPB 05/2020; CJEU C-673/17 (Planet49)"
        "Fill in the company.";
    FEW_UNITS = "EDPB-03" Warning Low
        "Not more than twelve things are asked at once."
        "EDPB 03/2022 on deceptive patterns, \"overloading\"; the number is this project's"
        "Ask later for what is not needed now (service_terms, scope).";
}

/// The most that is asked at once.
const MOST_UNITS: usize = 12;

/// `request`: as the screen shows it, so without what cannot be seen.
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
    /// `asks_by_day`: another term is there for advertising by day, so that one for the night is
    /// apart from it.
    fn term(&mut self, at: &str, term: &Term, asks_by_day: bool) {
        let title = &term.title;
        let has = |kind| term.highlights.iter().any(|it| it.kind == kind && !is_blank(&it.text));
        if term.kind == TermKind::Marketing {
            self.marketing(at, term, asks_by_day);
        }
        if let Some(other) = words::other_kind(title, term.kind) {
            let what = format!("\"{title}\" asks for {other}, too");
            self.add(ONE_KIND, format!("{at}/title"), what);
        }
        if term.kind == TermKind::PrivacyCollection && !has(HighlightKind::Retention) {
            let what = format!("\"{title}\" does not say for how long");
            self.add(COLLECTION_ITEMS, at.to_owned(), what);
        }
        if term.kind == TermKind::Overseas && !has(HighlightKind::Recipient) {
            let what = format!("\"{title}\" does not say who receives the data");
            self.add(OVERSEAS_ITEMS, at.to_owned(), what);
        }
        if term.kind == TermKind::Sensitive && !has(HighlightKind::Sensitive) {
            let what = format!("\"{title}\" does not say which sensitive data");
            self.add(IMPORTANT_CONTENT, format!("{at}/highlights"), what);
        }
        if words::contains(title, &WORDS.resident_number) {
            let what = format!("\"{title}\" asks for it");
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
            let what = format!("\"{title}\" negates twice");
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
            let what = format!("\"{title}\" does not say that it is advertising");
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
            let what = format!("\"{title}\" does not say beside its box what will be advertised");
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
            let what = format!("\"{}\" does not say that consent can be withdrawn", info.retention);
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
                let what = format!("\"{}\" stands among other items", item.label);
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
            let what = "agree-all ticks optional items, too".to_owned();
            self.add(AGREE_ALL_REQUIRED, "/agree_all".to_owned(), what);
        }
        // Who gets terms alone, and no data, is named by the terms.
        let of_data = |term: &Term| !matches!(term.kind, TermKind::Service | TermKind::Marketing);
        let gets_data =
            !request.personal_info.items.is_empty() || request.terms.iter().any(of_data);
        if gets_data && is_blank(&request.service.company) {
            let what = format!("nobody is named beside \"{}\"", request.service.name);
            self.add(CONTROLLER_NAMED, "/service/company", what);
        }
        let channels = channel::offered(request).len();
        let markets = request.terms.iter().any(|term| term.kind == TermKind::Marketing);
        if is_blank(&request.service.company) && (channels > 0 || markets) {
            let what = "nobody is named as the sender of advertising".to_owned();
            self.add(SENDER_NAMED, "/service/company".to_owned(), what);
        }
        let units = request.terms.len() + request.personal_info.items.len() + channels;
        if units > MOST_UNITS {
            let what = format!("{units} things are asked at once");
            self.add(FEW_UNITS, "/terms".to_owned(), what);
        }
    }

    /// What holds for every text that is seen without opening anything.
    fn text(&mut self, at: &str, text: &str) {
        if words::is_open_ended(text) {
            self.add(CLOSED_LISTS, at.to_owned(), format!("\"{text}\" leaves the list open"));
        }
        if words::contains(text, &WORDS.urgency) {
            self.add(NO_PRESSURE, at.to_owned(), format!("\"{text}\" hurries people"));
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
