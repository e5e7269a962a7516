//! The texts of the server's own pages, in three languages.

use consent_contract::problem::Code;

use super::error::WhyNot;
use crate::locale::Locale;

/// The words of one page.
#[derive(Clone, Copy)]
pub struct Words {
    pub title: &'static str,
    pub text: &'static str,
}

type Three = [(&'static str, &'static str); 3];

fn words(locale: Locale, [ko, en, ja]: Three) -> Words {
    let (title, text) = match locale {
        Locale::Ko => ko,
        Locale::En => en,
        Locale::Ja => ja,
    };
    Words { title, text }
}

/// For a problem of the API that the screen has no page for.
#[must_use]
pub fn of(code: Code, locale: Locale) -> Words {
    let three: Three = match code {
        Code::CsrfRejected => [
            (
                "확인할 수 없는 요청입니다",
                "동의 화면에서 보낸 요청이 아니어서 처리하지 않았습니다. 화면을 다시 열어 주세요.",
            ),
            (
                "The request couldn't be verified",
                "It didn't come from the consent screen, so it wasn't processed. Please open the screen again.",
            ),
            (
                "確認できないリクエストです",
                "同意画面から送られたものではないため、処理しませんでした。画面を開き直してください。",
            ),
        ],
        Code::TermsChanged => [
            (
                "내용이 변경되었습니다",
                "확인하시는 동안 약관이 변경되었습니다. 이전 화면을 새로 열어 다시 확인해 주세요.",
            ),
            (
                "The text has changed",
                "The terms changed while you were reading. Please open the previous page again and review them.",
            ),
            (
                "内容が変更されました",
                "ご確認いただいている間に規約が変更されました。前の画面を開き直してご確認ください。",
            ),
        ],
        Code::ContinueElsewhere => [
            (
                "다른 화면에서 이어집니다",
                "서비스로 돌아가 다시 시작하면 필요한 화면으로 이동합니다.",
            ),
            (
                "This continues on another page",
                "Go back to the service and start again: you will be taken to the right page.",
            ),
            ("別の画面に続きます", "サービスに戻ってやり直すと、必要な画面に移動します。"),
        ],
        Code::RequiredItemsMissing | Code::ItemUnanswered => [
            (
                "선택하지 않은 항목이 있습니다",
                "필수 항목에 모두 동의해야 계속할 수 있습니다. 이전 화면으로 돌아가 확인해 주세요.",
            ),
            (
                "Something is missing",
                "You can continue once you agree to every required item. Please go back and check.",
            ),
            (
                "未選択の項目があります",
                "すべての必須項目に同意すると続けられます。前の画面に戻ってご確認ください。",
            ),
        ],
        Code::InvalidValue => [
            (
                "입력한 내용을 확인해 주세요",
                "입력한 값 중 사용할 수 없는 값이 있습니다. 이전 화면으로 돌아가 수정해 주세요.",
            ),
            (
                "Please check what you entered",
                "One of the values can't be used. Please go back and correct it.",
            ),
            (
                "入力内容をご確認ください",
                "使用できない値があります。前の画面に戻って修正してください。",
            ),
        ],
        Code::RateLimited | Code::Unavailable | Code::Other => [
            (
                "잠시 후 다시 시도해 주세요",
                "지금은 요청을 처리할 수 없습니다. 어떤 정보도 전달되지 않았습니다.",
            ),
            (
                "Please try again in a moment",
                "The request can't be processed right now. Nothing was sent.",
            ),
            (
                "しばらくしてからお試しください",
                "現在リクエストを処理できません。情報は送信されていません。",
            ),
        ],
        // The rest means that the page and the server have lost each other. What ends a request is
        // not among it: the screen has a page for that.
        _ => [
            (
                "요청을 처리하지 못했습니다",
                "보낸 내용을 확인할 수 없습니다. 동의 화면을 다시 열어 주세요.",
            ),
            (
                "The request couldn't be processed",
                "What was sent couldn't be read. Please open the consent screen again.",
            ),
            (
                "リクエストを処理できませんでした",
                "送信内容を読み取れません。同意画面を開き直してください。",
            ),
        ],
    };
    words(locale, three)
}

/// The way back to the screen.
#[must_use]
pub fn open_again(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "동의 화면 다시 열기",
        Locale::En => "Open the consent screen again",
        Locale::Ja => "同意画面を開き直す",
    }
}

/// For a form of an account page that was refused.
#[must_use]
pub fn form_refused(locale: Locale) -> Words {
    let three: Three = [
        (
            "요청을 처리하지 못했습니다",
            "보낸 내용을 확인할 수 없어 아무것도 변경하지 않았습니다. 페이지를 다시 열고 다시 시도해 주세요.",
        ),
        (
            "The request couldn't be processed",
            "What was sent couldn't be verified, so nothing was changed. Please open the page again and try once more.",
        ),
        (
            "リクエストを処理できませんでした",
            "送信内容を確認できないため、何も変更していません。ページを開き直して、もう一度お試しください。",
        ),
    ];
    words(locale, three)
}

/// The way back to an account page whose form was refused.
#[must_use]
pub fn open_page_again(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "페이지 다시 열기",
        Locale::En => "Open the page again",
        Locale::Ja => "ページを開き直す",
    }
}

/// For an authorize request without a verified redirect URI.
#[must_use]
pub fn invalid_redirect(locale: Locale) -> Words {
    words(
        locale,
        [
            (
                "서비스의 요청이 잘못되었습니다",
                "이 서비스가 보낸 요청을 확인할 수 없어 중단했습니다. 서비스 운영자에게 문의해 주세요.",
            ),
            (
                "The service sent an invalid request",
                "The request couldn't be verified, so it was stopped. Please contact the service.",
            ),
            (
                "サービスからのリクエストが正しくありません",
                "リクエストを確認できないため、処理を中止しました。サービスの運営者にお問い合わせください。",
            ),
        ],
    )
}

/// Between a form that was sent and the service.
#[must_use]
pub fn onward(locale: Locale) -> Words {
    words(
        locale,
        [
            ("이동하는 중", "곧 서비스로 이동합니다. 이동하지 않으면 아래 버튼을 눌러 주세요."),
            (
                "Redirecting",
                "You're being redirected to the service. If nothing happens, please press the button below.",
            ),
            (
                "移動中",
                "まもなくサービスへ移動します。移動しない場合は、下のボタンを押してください。",
            ),
        ],
    )
}

/// For a member who has to confirm that an app may sign them in.
#[must_use]
pub fn confirm(locale: Locale) -> Words {
    words(
        locale,
        [
            (
                "계속할까요?",
                "이 기기의 앱이 로그인을 요청했습니다. 직접 실행한 앱일 때만 계속해 주세요.",
            ),
            (
                "Continue?",
                "An app on this device is asking to sign you in. Continue only if you opened it yourself.",
            ),
            (
                "続けますか？",
                "この端末のアプリがログインを求めています。ご自身で開いた場合のみ続けてください。",
            ),
        ],
    )
}

/// The buttons there: to go on, and to cancel.
#[must_use]
pub fn confirm_buttons(locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::Ko => ("계속하기", "취소"),
        Locale::En => ("Continue", "Cancel"),
        Locale::Ja => ("続ける", "キャンセル"),
    }
}

/// For a person who may want to sign out.
#[must_use]
pub fn sign_out(locale: Locale) -> Words {
    words(
        locale,
        [
            (
                "로그아웃할까요?",
                "이 브라우저에서 로그아웃합니다. 계속 이용하려면 다시 로그인해야 합니다.",
            ),
            (
                "Sign out?",
                "You'll be signed out in this browser. To continue later, sign in again.",
            ),
            (
                "ログアウトしますか？",
                "このブラウザーからログアウトします。続けてご利用になるには、もう一度ログインしてください。",
            ),
        ],
    )
}

/// The buttons there: to sign out, and to stay.
#[must_use]
pub fn sign_out_buttons(locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::Ko => ("로그아웃", "로그인 유지"),
        Locale::En => ("Sign out", "Stay signed in"),
        Locale::Ja => ("ログアウト", "ログインしたままにする"),
    }
}

/// After signing out.
#[must_use]
pub fn signed_out(locale: Locale) -> Words {
    words(
        locale,
        [
            ("로그아웃했습니다", "이제 이 창을 닫아도 됩니다."),
            ("You're signed out", "You can close this window."),
            ("ログアウトしました", "このウィンドウは閉じても問題ありません。"),
        ],
    )
}

/// For a person who chose to stay.
#[must_use]
pub fn still_signed_in(locale: Locale) -> Words {
    words(
        locale,
        [
            ("로그인 상태를 유지합니다", "변경된 내용이 없습니다."),
            ("You're still signed in", "Nothing has changed."),
            ("ログインしたままです", "変更はありません。"),
        ],
    )
}

/// For a person who is not signed in here, and is not sent to the login page again.
#[must_use]
pub fn not_signed_in(why: WhyNot, locale: Locale) -> Words {
    let three: Three = match why {
        WhyNot::UnknownAccount => [
            (
                "등록되지 않은 계정입니다",
                "로그인한 계정이 등록되어 있지 않아 계속할 수 없습니다. 어떤 정보도 전달되지 않았습니다.",
            ),
            (
                "This account isn't registered",
                "You're signed in, but this account isn't registered, so you can't continue with it. Nothing was sent.",
            ),
            (
                "このアカウントは登録されていません",
                "ログイン中のアカウントは登録されていないため、続けられません。情報は送信されていません。",
            ),
        ],
        WhyNot::AccountDisabled => [
            (
                "사용이 중지된 계정입니다",
                "로그인한 계정의 사용이 중지되어 있어 계속할 수 없습니다. 어떤 정보도 전달되지 않았습니다.",
            ),
            (
                "This account is disabled",
                "You're signed in, but this account has been disabled, so you can't continue with it. Nothing was sent.",
            ),
            (
                "このアカウントは停止されています",
                "ログイン中のアカウントは停止されているため、続けられません。情報は送信されていません。",
            ),
        ],
        WhyNot::ProviderUnreachable => [
            (
                "지금은 로그인할 수 없습니다",
                "로그인 서버가 응답하지 않습니다. 잠시 후 다시 시도해 주세요. 어떤 정보도 전달되지 않았습니다.",
            ),
            (
                "You can't sign in right now",
                "The sign-in server doesn't respond. Please try again in a moment. Nothing was sent.",
            ),
            (
                "現在ログインできません",
                "ログインサーバーが応答していません。しばらくしてからもう一度お試しください。情報は送信されていません。",
            ),
        ],
        WhyNot::ProviderInvalid => [
            (
                "로그인을 확인하지 못했습니다",
                "로그인 서버의 응답을 확인할 수 없어 로그인하지 않았습니다. 다시 시도해 주세요.",
            ),
            (
                "Your sign-in couldn't be verified",
                "The answer of the sign-in server couldn't be verified, so you weren't signed in. Please try again.",
            ),
            (
                "ログインを確認できませんでした",
                "ログインサーバーの応答を確認できないため、ログインしていません。もう一度お試しください。",
            ),
        ],
        WhyNot::Cancelled => [
            (
                "로그인하지 않았습니다",
                "로그인을 마치지 않고 돌아왔습니다. 다시 로그인할 수 있습니다.",
            ),
            ("You didn't sign in", "You came back without signing in. You can sign in again."),
            ("ログインしていません", "ログインを完了せずに戻りました。もう一度ログインできます。"),
        ],
        WhyNot::NoAttempt => [
            (
                "로그인을 계속할 수 없습니다",
                "이 로그인은 다른 브라우저에서 시작되었거나 시간이 지났습니다. 다시 로그인해 주세요.",
            ),
            (
                "This sign-in can't continue",
                "It was started in another browser, or too long ago. Please sign in again.",
            ),
            (
                "このログインは続けられません",
                "別のブラウザーで開始されたか、時間が経過しています。もう一度ログインしてください。",
            ),
        ],
        WhyNot::SignedOut => [
            (
                "로그인되지 않았습니다",
                "로그인 화면에서 돌아왔지만 로그인되어 있지 않습니다. 쿠키가 차단되어 있지 않은지 확인하고 다시 로그인해 주세요.",
            ),
            (
                "You're not signed in",
                "You came back from the sign-in page but aren't signed in. Please check that cookies aren't blocked, and sign in again.",
            ),
            (
                "ログインできませんでした",
                "ログイン画面から戻りましたが、ログインしていません。Cookieがブロックされていないかご確認のうえ、もう一度ログインしてください。",
            ),
        ],
        WhyNot::NoLoginPage => [
            ("로그인되지 않았습니다", "먼저 로그인한 뒤 이 페이지를 다시 열어 주세요."),
            ("You're not signed in", "Please sign in first, then open this page again."),
            ("ログインしていません", "先にログインしてから、このページをもう一度開いてください。"),
        ],
        WhyNot::NotConfirmed => [
            (
                "다시 로그인했는지 확인하지 못했습니다",
                "서비스가 다시 로그인하도록 요청했습니다. 로그인 화면에서 한 번 더 로그인해 주세요.",
            ),
            (
                "Your sign-in couldn't be confirmed",
                "The service is asking you to sign in again. Please sign in once more on the sign-in page.",
            ),
            (
                "再ログインを確認できませんでした",
                "サービスが再ログインを求めています。ログイン画面でもう一度ログインしてください。",
            ),
        ],
    };
    words(locale, three)
}

/// The way from there to the login page.
#[must_use]
pub fn sign_in_again(why: WhyNot, locale: Locale) -> &'static str {
    match (why, locale) {
        (WhyNot::UnknownAccount | WhyNot::AccountDisabled, Locale::Ko) => "다른 계정으로 로그인",
        (WhyNot::UnknownAccount | WhyNot::AccountDisabled, Locale::En) => {
            "Sign in with another account"
        }
        (WhyNot::UnknownAccount | WhyNot::AccountDisabled, Locale::Ja) => {
            "別のアカウントでログイン"
        }
        (_, Locale::Ko) => "다시 로그인",
        (_, Locale::En) => "Sign in again",
        (_, Locale::Ja) => "もう一度ログイン",
    }
}

/// The way to the redirect URI, with an error.
#[must_use]
pub fn back_to_the_service(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "서비스로 돌아가기",
        Locale::En => "Back to the service",
        Locale::Ja => "サービスに戻る",
    }
}

/// Where there is nothing.
#[must_use]
pub fn not_found(locale: Locale) -> Words {
    words(
        locale,
        [
            ("페이지를 찾을 수 없습니다", "주소를 다시 확인해 주세요."),
            ("Page not found", "Please check the address."),
            ("ページが見つかりません", "アドレスをご確認ください。"),
        ],
    )
}

/// For a request that names the host of another server.
#[must_use]
pub fn misdirected(locale: Locale) -> Words {
    words(
        locale,
        [
            (
                "이 주소로는 열 수 없습니다",
                "이 서버는 다른 주소로 열립니다. 서비스로 돌아가 다시 시작해 주세요.",
            ),
            (
                "This address can't be used",
                "This server uses another address. Please go back to the service and start again.",
            ),
            (
                "このアドレスでは開けません",
                "このサーバーは別のアドレスで開きます。サービスに戻ってやり直してください。",
            ),
        ],
    )
}

/// Where the built screen is missing.
#[must_use]
pub fn no_screen(locale: Locale) -> Words {
    words(
        locale,
        [
            (
                "화면이 아직 빌드되지 않았습니다",
                "서버는 실행 중이지만 동의 화면의 파일이 없습니다. cargo xtask run으로 빌드하거나 --dist로 위치를 지정해 주세요.",
            ),
            (
                "The screen hasn't been built",
                "The server is running, but the files of the consent screen are missing. Build them with cargo xtask run, or set their location with --dist.",
            ),
            (
                "画面がまだビルドされていません",
                "サーバーは動作していますが、同意画面のファイルがありません。cargo xtask runでビルドするか、--distで場所を指定してください。",
            ),
        ],
    )
}

/// Closing the window: the button, and what helps when it did not.
pub fn closing(locale: Locale) -> Words {
    words(
        locale,
        [
            ("창 닫기", "창이 닫히지 않으면 화면 위나 아래에 있는 닫기 버튼을 눌러 주세요."),
            (
                "Close this window",
                "If it doesn't close, use the close button at the top or bottom.",
            ),
            (
                "ウィンドウを閉じる",
                "閉じない場合は、画面の上か下にある閉じるボタンを押してください。",
            ),
        ],
    )
}
