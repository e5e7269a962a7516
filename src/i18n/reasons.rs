//! Why the screen appears, in the words of the screen.

use consent_contract::{
    channel,
    request::{ConsentRequest, Purpose, ReasonCode},
};

use super::Locale;

/// The sentences below the heading. None when there is no reason.
#[must_use]
pub fn sentences(request: &ConsentRequest, locale: Locale) -> Option<String> {
    in_words(in_language(request, locale))
}

/// The heading where it is not that of the purpose: for a member by plain login. Its slot is the
/// service's name.
#[must_use]
pub fn heading(request: &ConsentRequest, locale: Locale) -> Option<String> {
    let code = request.reasons.0.first()?.code;
    let is_of_member = request.purpose == Purpose::SignUp && code != ReasonCode::NewService;
    is_of_member.then(|| super::texts(locale).additional_heading.to_owned())
}

fn in_words(text: Option<String>) -> Option<String> {
    #[cfg(feature = "preview")]
    if super::pseudo::is_on() {
        return text.map(|text| consent_fixtures::pseudo(&text));
    }
    text
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

fn in_language(request: &ConsentRequest, locale: Locale) -> Option<String> {
    let ConsentRequest { reasons, purpose, .. } = request;
    let mut codes = reasons.0.iter().map(|reason| reason.code);
    if *purpose == Purpose::SignUp {
        let asks = Asks::of(request);
        return match codes.next() {
            // Without a term and an item there is no reason to ask for one.
            None if asks == Asks::Required => None,
            None | Some(ReasonCode::NewService) => Some(sign_up(asks, locale).to_owned()),
            Some(_) => Some(member(asks, locale).to_owned()),
        };
    }
    let clauses: Vec<_> = codes.map(|code| clauses(code, locale)).collect();
    let (last, before) = clauses.split_last()?;
    let before: Vec<&str> = before.iter().map(|(joined, _)| *joined).collect();
    Some(match locale {
        Locale::Ko => {
            let why = [&before[..], &[last.1]].concat().join(" ");
            format!("{why} 확인이 필요합니다. 다른 동의는 그대로입니다.")
        }
        Locale::En => {
            let why = match &before[..] {
                [] => last.1.to_owned(),
                before => format!("{} and {}", before.join(", "), last.1),
            };
            format!("We're asking because {why}. Your other choices don't change.")
        }
        Locale::Ja => {
            let why = [&before[..], &[last.1]].concat().concat();
            format!("{why}、ご確認をお願いしています。ほかの同意はそのままです。")
        }
    })
}

fn sign_up(asks: Asks, locale: Locale) -> &'static str {
    match (asks, locale) {
        (Asks::Required, Locale::Ko) => {
            "처음 이용하는 서비스입니다. 아래 내용을 확인하고 동의하면 가입이 진행됩니다."
        }
        (Asks::Required, Locale::En) => {
            "You're new to this service. Review the items below and agree to continue signing up."
        }
        (Asks::Required, Locale::Ja) => {
            "初めて利用するサービスです。内容を確認して同意すると、登録に進みます。"
        }
        (Asks::Optional, Locale::Ko) => {
            "처음 이용하는 서비스입니다. 필수 항목은 없습니다. 원하는 항목만 선택하고 계속하세요."
        }
        (Asks::Optional, Locale::En) => {
            "You're new to this service. Nothing below is required. Choose what you want, or nothing, \
             and continue."
        }
        (Asks::Optional, Locale::Ja) => {
            "初めて利用するサービスです。必須項目はありません。希望する項目だけを選択して続けてください。"
        }
        (Asks::Nothing, Locale::Ko) => {
            "처음 이용하는 서비스입니다. 동의가 필요한 항목은 없습니다. 계속하면 가입이 진행됩니다."
        }
        (Asks::Nothing, Locale::En) => {
            "You're new to this service. It asks for nothing. Continue to sign up."
        }
        (Asks::Nothing, Locale::Ja) => {
            "初めて利用するサービスです。同意が必要な項目はありません。続けると登録に進みます。"
        }
    }
}

/// For a member by plain login, who has something to lose by not knowing what a cancel changes.
fn member(asks: Asks, locale: Locale) -> &'static str {
    match (asks, locale) {
        (Asks::Required, Locale::Ko) => {
            "이미 이용 중인 서비스에서 추가로 동의를 요청합니다. 지금까지 제공한 정보는 아래에서 확인할 수 \
             있습니다. 취소해도 지금까지의 동의는 그대로입니다."
        }
        (Asks::Required, Locale::En) => {
            "You already use this service, and it asks for more now. What you have shared so far is \
             listed below. If you cancel, nothing about that changes."
        }
        (Asks::Required, Locale::Ja) => {
            "すでに利用しているサービスが、追加の同意を求めています。これまでに提供した情報は下で確認できます。\
             キャンセルしても、これまでの同意は変わりません。"
        }
        (Asks::Optional | Asks::Nothing, Locale::Ko) => {
            "이미 이용 중인 서비스입니다. 필수 항목은 없으니 원하는 항목만 선택하고 계속하세요. 취소해도 \
             지금까지의 동의는 그대로입니다."
        }
        (Asks::Optional | Asks::Nothing, Locale::En) => {
            "You already use this service. Nothing below is required: choose what you want, or nothing, \
             and continue. If you cancel, nothing changes."
        }
        (Asks::Optional | Asks::Nothing, Locale::Ja) => {
            "すでに利用しているサービスです。必須項目はありません。希望する項目だけを選択して続けてください。\
             キャンセルしても、これまでの同意は変わりません。"
        }
    }
}

/// The reason as a clause: with another one after it, and as the last one.
fn clauses(code: ReasonCode, locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::Ko => match code {
            ReasonCode::NewService | ReasonCode::NewItems => {
                ("추가로 동의가 필요한 항목이 있고,", "추가로 동의가 필요한 항목이 있어")
            }
            ReasonCode::TermsChanged => ("약관이 변경되었고,", "약관이 변경되어"),
            ReasonCode::StatementsChanged => {
                ("개인정보 제공 조건이 변경되었고,", "개인정보 제공 조건이 변경되어")
            }
            ReasonCode::Expired => ("동의 기간이 만료되었고,", "동의 기간이 만료되어"),
            ReasonCode::Withdrawn => ("이전에 철회한 동의가 있고,", "이전에 철회한 동의가 있어"),
            ReasonCode::Requested => {
                ("서비스가 동의를 다시 요청했고,", "서비스가 동의를 다시 요청해")
            }
        },
        Locale::En => {
            let clause = match code {
                ReasonCode::NewService | ReasonCode::NewItems => "the service needs something new",
                ReasonCode::TermsChanged => "the terms have changed",
                ReasonCode::StatementsChanged => "how your information is shared has changed",
                ReasonCode::Expired => "an earlier consent has expired",
                ReasonCode::Withdrawn => "you withdrew an earlier consent",
                ReasonCode::Requested => "the service requested it again",
            };
            (clause, clause)
        }
        Locale::Ja => match code {
            ReasonCode::NewService | ReasonCode::NewItems => (
                "サービスが新たに必要とする項目があり、",
                "サービスが新たに必要とする項目があるため",
            ),
            ReasonCode::TermsChanged => ("規約が変更され、", "規約が変更されたため"),
            ReasonCode::StatementsChanged => {
                ("個人情報の提供条件が変更され、", "個人情報の提供条件が変更されたため")
            }
            ReasonCode::Expired => ("同意の期限が切れ、", "同意の期限が切れたため"),
            ReasonCode::Withdrawn => ("以前に撤回した同意があり、", "以前に撤回した同意があるため"),
            ReasonCode::Requested => {
                ("サービスから再度リクエストがあり、", "サービスから再度リクエストがあったため")
            }
        },
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
            for locale in Locale::ALL {
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
        assert!(sentences(&nothing, Locale::En).unwrap().contains("asks for nothing"));
    }

    #[test]
    fn a_member_by_plain_login_does_not_sign_up() {
        let with = |code| {
            let reasons = Reasons(vec![Reason { code, items: Vec::new() }]);
            ConsentRequest { reasons, ..sample() }
        };
        for locale in Locale::ALL {
            assert_eq!(heading(&with(ReasonCode::NewService), locale), None);
            for code in [ReasonCode::NewItems, ReasonCode::Requested] {
                assert!(heading(&with(code), locale).unwrap().contains("{}"));
            }
        }
        let said = sentences(&with(ReasonCode::NewItems), Locale::En).unwrap();
        assert!(said.contains("already use") && said.contains("If you cancel, nothing"), "{said}");
    }

    #[test]
    fn each_reason_has_a_sentence_of_its_own_in_each_language() {
        let mut all = Vec::new();
        for locale in [Locale::Ko, Locale::En, Locale::Ja] {
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
            said(Locale::En),
            "We're asking because the service needs something new, the terms have changed and an \
             earlier consent has expired. Your other choices don't change."
        );
        assert_eq!(
            said(Locale::Ko),
            "추가로 동의가 필요한 항목이 있고, 약관이 변경되었고, 동의 기간이 만료되어 확인이 필요합니다. \
             다른 동의는 그대로입니다."
        );
        assert_eq!(
            said(Locale::Ja),
            "サービスが新たに必要とする項目があり、規約が変更され、同意の期限が切れたため、\
             ご確認をお願いしています。ほかの同意はそのままです。"
        );
    }
}
