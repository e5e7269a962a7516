//! Why the screen appears, in the words of the screen.

use consent_contract::request::{Purpose, ReasonCode, Reasons};

use super::Locale;

/// The sentences below the heading. None when there is no reason.
#[must_use]
pub fn sentences(reasons: &Reasons, purpose: Purpose, locale: Locale) -> Option<String> {
    let sentences = in_language(reasons, purpose, locale);
    #[cfg(feature = "preview")]
    if super::pseudo::is_on() {
        return sentences.map(|text| consent_fixtures::pseudo(&text));
    }
    sentences
}

fn in_language(reasons: &Reasons, purpose: Purpose, locale: Locale) -> Option<String> {
    let mut codes = reasons.0.iter().map(|reason| reason.code);
    if purpose == Purpose::SignUp {
        return codes.next().map(|code| sign_up(code, locale).to_owned());
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

fn sign_up(code: ReasonCode, locale: Locale) -> &'static str {
    match (code, locale) {
        (ReasonCode::NewService, Locale::Ko) => {
            "처음 이용하는 서비스입니다. 아래 내용을 확인하고 동의하면 가입이 진행됩니다."
        }
        (ReasonCode::NewService, Locale::En) => {
            "You're new to this service. Review the items below and agree to continue signing up."
        }
        (ReasonCode::NewService, Locale::Ja) => {
            "初めて利用するサービスです。内容を確認して同意すると、登録に進みます。"
        }
        (_, Locale::Ko) => {
            "서비스가 처음으로 동의를 요청합니다. 아래 내용을 확인하고 동의하면 가입이 진행됩니다."
        }
        (_, Locale::En) => {
            "This service is asking for your consent for the first time. Review the items below and \
             agree to continue signing up."
        }
        (_, Locale::Ja) => {
            "サービスが初めて同意を求めています。内容を確認して同意すると、登録に進みます。"
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
    use consent_contract::request::Reason;

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
        sentences(&Reasons(codes.iter().map(reason).collect()), purpose, locale)
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
