//! The texts of the error pages, in three languages.

use crate::{http::words::Words, kakao::koe::Koe, locale::Locale};

/// The words of one page.
pub struct KoeWords {
    /// For the person in front of the page.
    pub user: Words,
    /// For the developer of the service.
    pub cause: &'static str,
    pub remedy: &'static str,
}

/// The headings for developers: the section, the cause, the remedy.
#[must_use]
pub fn labels(locale: Locale) -> (&'static str, &'static str, &'static str) {
    match locale {
        Locale::Ko => ("개발자 안내", "원인", "해결 방법"),
        Locale::En => ("For developers:", "Cause", "Remedy"),
        Locale::Ja => ("開発者の方へ", "原因", "対処"),
    }
}

/// The words for an error code.
#[must_use]
pub fn of(koe: Koe, locale: Locale) -> KoeWords {
    let ([ko, en, ja], user) = (texts(koe), user(koe, locale));
    let (cause, remedy) = match locale {
        Locale::Ko => ko,
        Locale::En => en,
        Locale::Ja => ja,
    };
    KoeWords { user, cause, remedy }
}

fn user(koe: Koe, locale: Locale) -> Words {
    let [ko, en, ja] = match koe {
        Koe::Unavailable => [
            (
                "잠시 후 다시 시도해 주세요",
                "지금은 로그인할 수 없습니다. 어떤 정보도 전달되지 않았습니다.",
            ),
            ("Please try again in a moment", "You can't sign in right now. Nothing was sent."),
            (
                "しばらくしてからお試しください",
                "現在ログインできません。情報は送信されていません。",
            ),
        ],
        Koe::NotATestMember => [
            (
                "테스트 중인 앱입니다",
                "이 앱은 팀원만 로그인할 수 있습니다. 어떤 정보도 전달되지 않았습니다.",
            ),
            ("This app is being tested", "Only members of its team can sign in. Nothing was sent."),
            (
                "テスト中のアプリです",
                "チームのメンバーのみログインできます。情報は送信されていません。",
            ),
        ],
        Koe::LogoutRedirectUriNotRegistered => [
            (
                "로그아웃할 수 없습니다",
                "서비스 설정에 문제가 있어 로그아웃하지 못했습니다. 서비스 운영자에게 문의해 주세요.",
            ),
            (
                "You can't be signed out",
                "The service isn't set up correctly, so you're still signed in. Please contact the service.",
            ),
            (
                "ログアウトできません",
                "サービスの設定に問題があるため、ログアウトできませんでした。サービスの運営者にお問い合わせください。",
            ),
        ],
        _ => [
            (
                "로그인할 수 없습니다",
                "서비스 설정에 문제가 있어 중단했습니다. 어떤 정보도 전달되지 않았습니다. 서비스 운영자에게 문의해 주세요.",
            ),
            (
                "You can't sign in",
                "The service isn't set up correctly, so its request was stopped. Nothing was sent. Please contact the service.",
            ),
            (
                "ログインできません",
                "サービスの設定に問題があるため、処理を中止しました。情報は送信されていません。サービスの運営者にお問い合わせください。",
            ),
        ],
    };
    let (title, text) = match locale {
        Locale::Ko => ko,
        Locale::En => en,
        Locale::Ja => ja,
    };
    Words { title, text }
}

type CauseAndRemedy = (&'static str, &'static str);

fn texts(koe: Koe) -> [CauseAndRemedy; 3] {
    match koe {
        Koe::MalformedRequest => [
            (
                "요청의 형식이 잘못되었습니다.",
                "같은 파라미터를 두 번 보내지 않는지, 주소가 너무 길지 않은지 확인하세요.",
            ),
            ("The request is malformed.", "Send each parameter once, and keep the address short."),
            (
                "リクエストの形式が正しくありません。",
                "同じパラメータを2回送っていないか、アドレスが長すぎないかご確認ください。",
            ),
        ],
        Koe::Unavailable => [
            (
                "서버에 일시적인 오류가 있습니다.",
                "Retry-After에 표시된 시간이 지난 뒤 다시 요청하세요.",
            ),
            (
                "The server has a temporary fault.",
                "Send the request again after the time in Retry-After.",
            ),
            (
                "サーバーに一時的な障害があります。",
                "Retry-Afterに示された時間の経過後に再度リクエストしてください。",
            ),
        ],
        Koe::LoginIsOff => [
            (
                "이 앱의 카카오 로그인이 꺼져 있습니다.",
                "services.toml의 [service.kakao]에서 login을 true로 변경하세요.",
            ),
            (
                "Kakao Login is switched off for this app.",
                "Set login = true in [service.kakao] of services.toml.",
            ),
            (
                "このアプリのカカオログインはオフになっています。",
                "services.tomlの[service.kakao]でloginをtrueにしてください。",
            ),
        ],
        Koe::NotATestMember => [
            (
                "테스트 앱이고, 로그인한 계정이 팀원이 아닙니다.",
                "services.toml의 test_members에 계정을 추가하거나 mode를 live로 변경하세요.",
            ),
            (
                "This is a test app, and the account is not a member of it.",
                "Add the account to test_members in services.toml, or set mode = \"live\".",
            ),
            (
                "テストアプリで、アカウントがメンバーではありません。",
                "services.tomlのtest_membersにアカウントを追加するか、modeをliveにしてください。",
            ),
        ],
        Koe::RedirectUriNotRegistered => [
            (
                "redirect_uri가 등록되어 있지 않습니다.",
                "주소를 services.toml의 redirect_uris에 글자까지 똑같이 등록하세요.",
            ),
            (
                "redirect_uri is not registered.",
                "Register the address, to the letter, in redirect_uris of services.toml.",
            ),
            (
                "redirect_uriが登録されていません。",
                "services.tomlのredirect_urisに、一字一句同じアドレスを登録してください。",
            ),
        ],
        Koe::LogoutRedirectUriNotRegistered => [
            (
                "logout_redirect_uri가 등록되어 있지 않습니다.",
                "services.toml의 [service.kakao]에 있는 logout_redirect_uris에 등록하세요.",
            ),
            (
                "logout_redirect_uri is not registered.",
                "Register it in logout_redirect_uris in [service.kakao] of services.toml.",
            ),
            (
                "logout_redirect_uriが登録されていません。",
                "services.tomlの[service.kakao]のlogout_redirect_urisに登録してください。",
            ),
        ],
        Koe::WrongKeyType => [
            (
                "client_id에 다른 종류의 앱 키를 사용했습니다.",
                "어드민 키가 아니라 REST API 키를 client_id로 보내세요. 노출된 어드민 키는 교체하세요.",
            ),
            (
                "client_id is an app key of another type.",
                "Send the REST API key, not the admin key, and replace the admin key: it was exposed.",
            ),
            (
                "client_idに別の種類のアプリキーが使われています。",
                "管理者キーではなくREST APIキーを送り、漏えいした管理者キーは交換してください。",
            ),
        ],
        Koe::WrongClientSecret => [
            (
                "client_secret이 없거나 다릅니다.",
                "services.toml의 client_secret과 같은 값을 본문에 보내세요.",
            ),
            (
                "client_secret is missing or wrong.",
                "Send the client_secret of services.toml in the body.",
            ),
            (
                "client_secretがないか、正しくありません。",
                "services.tomlのclient_secretと同じ値を本文で送ってください。",
            ),
        ],
        Koe::UnknownClient => [
            ("client_id가 등록된 앱 키가 아닙니다.", "services.toml의 client_id를 보내세요."),
            ("client_id isn't a registered app key.", "Send the client_id of services.toml."),
            (
                "client_idが登録済みのアプリキーではありません。",
                "services.tomlのclient_idを送ってください。",
            ),
        ],
        Koe::NoChannel => [
            (
                "channel_public_id를 보냈지만 앱에 연결된 채널이나 권한이 없습니다.",
                "services.toml에 채널을 추가하고 [service.kakao]에서 channel_selection을 true로 변경하세요.",
            ),
            (
                "channel_public_id was sent, and the app has no channel or may not select one.",
                "Add a channel in services.toml and set channel_selection = true in [service.kakao].",
            ),
            (
                "channel_public_idが送られましたが、アプリにチャンネルまたは権限がありません。",
                "services.tomlにチャンネルを追加し、[service.kakao]でchannel_selectionをtrueにしてください。",
            ),
        ],
        Koe::UnsupportedResponseType => [
            ("지원하지 않는 response_type입니다.", "response_type=code를 보내세요."),
            ("response_type is not supported.", "Send response_type=code."),
            ("サポートされていないresponse_typeです。", "response_type=codeを送ってください。"),
        ],
        Koe::ImplicitFlow => [
            (
                "response_type=token은 지원하지 않습니다.",
                "response_type=code로 인가 코드를 받은 뒤 토큰을 요청하세요.",
            ),
            (
                "response_type=token is not supported.",
                "Send response_type=code, and request tokens with the code.",
            ),
            (
                "response_type=tokenはサポートされていません。",
                "response_type=codeで認可コードを受け取り、トークンをリクエストしてください。",
            ),
        ],
        Koe::InvalidParameter => [
            ("파라미터 값이 잘못되었습니다.", "아래에 표시된 파라미터를 수정하세요."),
            ("A parameter is invalid.", "Correct the parameter that is named here."),
            ("パラメータの値が正しくありません。", "ここに示されたパラメータを修正してください。"),
        ],
        Koe::ScopeNotConfigured => [
            (
                "scope에 앱에서 설정하지 않은 동의항목이 있습니다.",
                "동의항목을 services.toml의 personal_info.items에 추가하거나 scope에서 빼세요.",
            ),
            (
                "scope names an item that the app has not configured.",
                "Add the item to personal_info.items in services.toml, or remove it from scope.",
            ),
            (
                "scopeに、アプリで設定されていない同意項目があります。",
                "services.tomlのpersonal_info.itemsに追加するか、scopeから外してください。",
            ),
        ],
        Koe::MissingParameter => [
            ("필수 파라미터가 없습니다.", "아래에 표시된 파라미터를 보내세요."),
            ("A required parameter is missing.", "Send the parameter that is named here."),
            ("必須パラメータがありません。", "ここに示されたパラメータを送ってください。"),
        ],
        Koe::TooManyTokenRequests => [
            ("토큰 요청이 너무 많습니다.", "Retry-After에 표시된 시간이 지난 뒤 다시 요청하세요."),
            (
                "There are too many token requests.",
                "Send the request again after the time in Retry-After.",
            ),
            (
                "トークンのリクエストが多すぎます。",
                "Retry-Afterに示された時間の経過後に再度リクエストしてください。",
            ),
        ],
        Koe::OtherRedirectUri => [
            (
                "인가 코드를 요청할 때와 redirect_uri가 다릅니다.",
                "두 요청에 같은 redirect_uri를 보내세요.",
            ),
            (
                "redirect_uri differs from the authorize request.",
                "Send the same redirect_uri in both requests.",
            ),
            (
                "認可コードのリクエストとredirect_uriが異なります。",
                "両方のリクエストで同じredirect_uriを送ってください。",
            ),
        ],
        Koe::UnsupportedGrantType => [
            ("지원하지 않는 grant_type입니다.", "authorization_code나 refresh_token을 보내세요."),
            ("grant_type is not supported.", "Send authorization_code or refresh_token."),
            (
                "サポートされていないgrant_typeです。",
                "authorization_codeまたはrefresh_tokenを送ってください。",
            ),
        ],
        Koe::MissingRefreshToken => [
            ("refresh_token이 없습니다.", "refresh_token을 보내세요."),
            ("refresh_token is missing.", "Send refresh_token."),
            ("refresh_tokenがありません。", "refresh_tokenを送ってください。"),
        ],
        Koe::InvalidCode => [
            (
                "이미 사용했거나 만료된 인가 코드입니다.",
                "인가 코드는 받은 즉시 한 번만 사용하세요.",
            ),
            ("The code was used or has expired.", "Use each code once, as soon as it arrives."),
            (
                "認可コードは使用済みか、期限切れです。",
                "認可コードは受け取ったらすぐに、一度だけ使用してください。",
            ),
        ],
        Koe::InvalidRefreshToken => [
            ("refresh_token이 잘못되었거나 만료되었습니다.", "다시 로그인하게 하세요."),
            ("refresh_token is invalid or has expired.", "Have the user sign in again."),
            (
                "refresh_tokenが正しくないか、期限切れです。",
                "ユーザーに再ログインしてもらってください。",
            ),
        ],
        Koe::InvalidIdToken => [
            ("ID 토큰이 잘못되었거나 만료되었습니다.", "이 서버가 발급한 ID 토큰을 보내세요."),
            (
                "The ID token is invalid or has expired.",
                "Send an ID token that this server has issued.",
            ),
            (
                "IDトークンが正しくないか、期限切れです。",
                "このサーバーが発行したIDトークンを送ってください。",
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_its_own_words_in_every_language() {
        for locale in Locale::ALL {
            let causes: BTreeSet<&str> =
                Koe::ALL.iter().map(|koe| of(*koe, locale).cause).collect();
            assert_eq!(causes.len(), Koe::ALL.len(), "{locale:?}");
            let codes: BTreeSet<&str> = Koe::ALL.iter().map(|koe| koe.code()).collect();
            assert_eq!(codes.len(), Koe::ALL.len());
        }
    }
}
