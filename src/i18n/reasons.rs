//! Why the screen appears, in the words of the screen.

use consent_contract::{
    channel,
    request::{ConsentRequest, Purpose, ReasonCode},
};

use super::{Locale, fill};
use crate::texts;

/// The heading where it is not that of the purpose: for a member by plain login. Its slot is the
/// service's name.
#[must_use]
pub fn heading(request: &ConsentRequest, locale: Locale) -> Option<String> {
    let code = request.reasons.0.first()?.code;
    let is_of_member = request.purpose == Purpose::SignUp && code != ReasonCode::NewService;
    is_of_member.then(|| super::texts(locale).additional_heading.to_owned())
}

/// What there is to agree to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// Nothing of it is required.
    Optional,
    Required,
}

impl Asks {
    fn of(request: &ConsentRequest) -> Self {
        let terms = request.terms.iter().map(|term| term.required);
        let items = request.personal_info.items.iter().map(|item| item.required);
        let channels = channel::offered(request).into_iter().map(|_| false);
        match terms.chain(items).chain(channels).reduce(|any, required| any || required) {
            None => Self::Nothing,
            Some(false) => Self::Optional,
            Some(true) => Self::Required,
        }
    }
}

texts! {
    /// The parts of the sentences. A clause is another one where it is the last.
    Words in "reasons" {
        sign_up_required,
        sign_up_optional,
        sign_up_nothing,
        member_required,
        member_optional,
        /// Slot: the clauses.
        sentence,
        separator,
        last_separator,
        new_items,
        new_items_last,
        terms_changed,
        terms_changed_last,
        statements_changed,
        statements_changed_last,
        expired,
        expired_last,
        withdrawn,
        withdrawn_last,
        requested,
        requested_last,
    }
}

/// The sentences below the heading. None when there is no reason.
#[must_use]
pub fn sentences(request: &ConsentRequest, locale: Locale) -> Option<String> {
    let words = Words::of(locale);
    let ConsentRequest { reasons, purpose, .. } = request;
    let mut codes = reasons.0.iter().map(|reason| reason.code);
    if *purpose == Purpose::SignUp {
        let asks = Asks::of(request);
        return match codes.next() {
            // Without a term and an item there is no reason to ask for one.
            None if asks == Asks::Required => None,
            None | Some(ReasonCode::NewService) => Some(words.sign_up(asks).to_owned()),
            Some(_) => Some(words.member(asks).to_owned()),
        };
    }
    let clauses: Vec<_> = codes.map(|code| words.clauses(code)).collect();
    let ((_, last), before) = clauses.split_last()?;
    let before: Vec<&str> = before.iter().map(|(joined, _)| *joined).collect();
    let why = match &before[..] {
        [] => (*last).to_owned(),
        before => [&before.join(words.separator), words.last_separator, last].concat(),
    };
    Some(fill(words.sentence, &why))
}

impl Words {
    fn sign_up(&self, asks: Asks) -> &'static str {
        match asks {
            Asks::Required => self.sign_up_required,
            Asks::Optional => self.sign_up_optional,
            Asks::Nothing => self.sign_up_nothing,
        }
    }

    /// For a member by plain login, who has something to lose by not knowing what a cancel changes.
    fn member(&self, asks: Asks) -> &'static str {
        match asks {
            Asks::Required => self.member_required,
            Asks::Optional | Asks::Nothing => self.member_optional,
        }
    }

    /// The reason as a clause: with another one after it, and as the last one.
    fn clauses(&self, code: ReasonCode) -> (&'static str, &'static str) {
        match code {
            ReasonCode::NewService | ReasonCode::NewItems => (self.new_items, self.new_items_last),
            ReasonCode::TermsChanged => (self.terms_changed, self.terms_changed_last),
            ReasonCode::StatementsChanged => {
                (self.statements_changed, self.statements_changed_last)
            }
            ReasonCode::Expired => (self.expired, self.expired_last),
            ReasonCode::Withdrawn => (self.withdrawn, self.withdrawn_last),
            ReasonCode::Requested => (self.requested, self.requested_last),
        }
    }
}

#[cfg(test)]
mod tests {
    use consent_contract::request::{ConsentState, Reason, Reasons};

    use super::*;

    const ALL: [ReasonCode; 7] = [
        ReasonCode::NewService,
        ReasonCode::NewItems,
        ReasonCode::TermsChanged,
        ReasonCode::StatementsChanged,
        ReasonCode::Expired,
        ReasonCode::Withdrawn,
        ReasonCode::Requested,
    ];

    fn said(codes: &[ReasonCode], purpose: Purpose, locale: Locale) -> Option<String> {
        let reason = |code: &ReasonCode| Reason { code: *code, items: Vec::new() };
        let reasons = Reasons(codes.iter().map(reason).collect());
        sentences(&ConsentRequest { reasons, purpose, ..sample() }, locale)
    }

    fn sample() -> ConsentRequest {
        let json = include_str!("../../contract/samples/ask.json");
        match ConsentState::from_json(json) {
            Ok(ConsentState::Ask(request)) => *request,
            other => panic!("{other:?}"),
        }
    }

    fn of_everything(required: bool) -> ConsentRequest {
        let mut request = sample();
        request.terms.iter_mut().for_each(|term| term.required = required);
        request.personal_info.items.iter_mut().for_each(|item| item.required = required);
        request
    }

    /// No request for nothing, or for nothing that is required, is introduced as something to agree to.
    #[test]
    fn what_there_is_to_agree_to_has_its_words() {
        let mut nothing = sample();
        (nothing.terms, nothing.channels) = (Vec::new(), Vec::new());
        nothing.personal_info.items.clear();
        for code in [ReasonCode::NewService, ReasonCode::NewItems] {
            for locale in Locale::all() {
                let said = |mut request: ConsentRequest| {
                    request.reasons = Reasons(vec![Reason { code, items: Vec::new() }]);
                    sentences(&request, locale).unwrap()
                };
                let all = [said(of_everything(true)), said(of_everything(false))];
                assert_ne!(all[0], all[1], "{locale:?}");
                if code == ReasonCode::NewService {
                    assert!(!all.contains(&said(nothing.clone())), "{locale:?}");
                }
            }
        }
        // Nothing is asked, so nothing has a reason.
        assert!(sentences(&nothing, Locale::EN).unwrap().contains("asks for nothing"));
    }

    #[test]
    fn a_member_by_plain_login_does_not_sign_up() {
        let with = |code| {
            let reasons = Reasons(vec![Reason { code, items: Vec::new() }]);
            ConsentRequest { reasons, ..sample() }
        };
        for locale in Locale::all() {
            assert_eq!(heading(&with(ReasonCode::NewService), locale), None);
            for code in [ReasonCode::NewItems, ReasonCode::Requested] {
                assert!(heading(&with(code), locale).unwrap().contains("{}"));
            }
        }
        let said = sentences(&with(ReasonCode::NewItems), Locale::EN).unwrap();
        assert!(said.contains("already use") && said.contains("If you cancel, nothing"), "{said}");
    }

    #[test]
    fn each_reason_has_a_sentence_of_its_own_in_each_language() {
        let mut all = Vec::new();
        for locale in Locale::all() {
            all.push(said(&ALL[..1], Purpose::SignUp, locale).unwrap());
            all.push(said(&ALL[1..2], Purpose::SignUp, locale).unwrap());
            for code in &ALL[1..] {
                all.push(said(&[*code], Purpose::AdditionalConsent, locale).unwrap());
            }
            assert_eq!(said(&[], Purpose::AdditionalConsent, locale), None);
            assert_eq!(said(&[], Purpose::SignUp, locale), None);
        }
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{all:#?}");
    }

    #[test]
    fn several_reasons_are_one_sentence() {
        let three = [ReasonCode::NewItems, ReasonCode::TermsChanged, ReasonCode::Expired];
        let said = |locale| said(&three, Purpose::AdditionalConsent, locale).unwrap();
        assert_eq!(
            said(Locale::EN),
            "We're asking because the service needs something new, the terms have changed and an \
             earlier consent has expired. Your other choices don't change."
        );
        assert_eq!(
            said(Locale::KO),
            "추가로 동의가 필요한 항목이 있고, 약관이 변경되었고, 동의 기간이 만료되어 확인이 필요합니다. \
             다른 동의는 그대로입니다."
        );
        assert_eq!(
            said(Locale::JA),
            "サービスが新たに必要とする項目があり、規約が変更され、同意の期限が切れたため、\
             ご確認をお願いしています。ほかの同意はそのままです。"
        );
    }
}
