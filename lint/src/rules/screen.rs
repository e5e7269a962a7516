//! The rules about the screen as a whole.

use consent_contract::{
    channel, redirect,
    request::{AgreeAllPolicy, ConsentRequest, Term, TermKind},
};

use super::is_blank;
use crate::Findings;

rules! {
    AGREE_ALL_REQUIRED = "KR-P23" Warning Low
        "Agree-all covers required items only; users tick optional items one by one."
        "PIPC online guideline 2020 and consent guide 2022, through one secondary source; practice differs"
        "Set agree_all = required_only.";
    POLICY_LINKED = "KR-P27" Warning High
        "A service that receives personal information links to its privacy policy."
        "PIPA 30(2)"
        "Set privacy_policy_url.";
    SENDER_NAMED = "KR-N03" Warning Medium
        "The sender of advertising is named."
        "Spirit of Network Act 50(4)"
        "Fill in the company.";
    CONTROLLER_NAMED = "EU-05" Error Medium
        "The data controller is named before the user agrees to anything."
        "EDPB 05/2020; CJEU C-673/17 (Planet49)"
        "Fill in the company.";
    FEW_UNITS = "EDPB-03" Warning Low
        "At most twelve items are asked at once."
        "EDPB 03/2022 on deceptive patterns, \"overloading\"; the number is this project's"
        "Ask later for items that are not needed now (service_terms, scope).";
    OWN_PICTURES = "SEC-53" Warning High
        "A picture is loaded from the origin of the screen, and is no SVG."
        "SEC-53; a picture from elsewhere discloses the visit, an SVG can hold scripts"
        "Name a PNG, JPEG or WebP as `icon` in services.toml. The screen shows the first letter of the name.";
}

/// The maximum number of items to ask at once.
const MAX_UNITS: usize = 12;

pub fn check(findings: &mut Findings, request: &ConsentRequest) {
    let channels = channel::offered(request).len();
    let optional = channels > 0
        || request.terms.iter().any(|term| !term.required)
        || request.personal_info.items.iter().any(|item| !item.required);
    if request.agree_all == AgreeAllPolicy::Everything && optional {
        let what = "agree-all also ticks optional items".to_owned();
        findings.add(AGREE_ALL_REQUIRED, "/agree_all", what);
    }
    // A company that only has terms, and receives no data, is named in the terms.
    let of_data = |term: &Term| !matches!(term.kind, TermKind::Service | TermKind::Marketing);
    let gets_data = !request.personal_info.items.is_empty() || request.terms.iter().any(of_data);
    let nameless = is_blank(&request.service.company);
    if gets_data && nameless {
        let what = format!("no company is named beside \"{}\"", request.service.name);
        findings.add(CONTROLLER_NAMED, "/service/company", what);
    }
    if gets_data && request.service.privacy_policy_url.as_deref().is_none_or(is_blank) {
        let what = format!("\"{}\" links to no privacy policy", request.service.name);
        findings.add(POLICY_LINKED, "/service/privacy_policy_url", what);
    }
    let markets = request.terms.iter().any(|term| term.kind == TermKind::Marketing);
    if nameless && (channels > 0 || markets) {
        let what = "no company is named as the sender of advertising".to_owned();
        findings.add(SENDER_NAMED, "/service/company", what);
    }
    let units = request.terms.len() + request.personal_info.items.len() + channels;
    if units > MAX_UNITS {
        let what = format!("{units} items are asked at once");
        findings.add(FEW_UNITS, "/terms", what);
    }
    check_pictures(findings, request);
}

fn check_pictures(findings: &mut Findings, request: &ConsentRequest) {
    let channels = request.channels.iter().enumerate();
    let channels =
        channels.map(|(place, it)| (format!("/channels/{place}/icon_url"), &it.icon_url));
    let pictures = [
        ("/service/icon_url".to_owned(), &request.service.icon_url),
        ("/account/avatar_url".to_owned(), &request.account.avatar_url),
    ];
    for (at, url) in pictures.into_iter().chain(channels) {
        let Some(url) = url.as_deref().filter(|url| !redirect::is_own_path(url)) else { continue };
        let what = match url.starts_with("data:") {
            true => "the picture is in the data itself, for a preview".to_owned(),
            false => format!("\"{url}\" is no path on this origin"),
        };
        findings.add(OWN_PICTURES, at, what);
    }
}
