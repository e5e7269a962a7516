//! The texts of this page. Not among the screen's other texts: those are in the app's bundle, and
//! only a server renders this page.

use crate::i18n::{Locale, texts::texts};

texts! {
    /// `{}` is the service's name, or the person's where it is said.
    Words {
        /// Slot: the person.
        welcome,
        /// Slot: the service.
        going,
        go_on,
        /// Slot: the service.
        sign_up_heading,
        sign_up_lead,
        sign_up,
        /// Slot: the service.
        log_in_heading,
        log_in_lead,
        log_in,
        not_signed_in,
        look_around,
        open_outside,
    }
}

/// The words in a language.
pub fn words(locale: Locale) -> &'static Words {
    #[cfg(feature = "preview")]
    if crate::i18n::pseudo::is_on() {
        static WORDS: std::sync::LazyLock<Words> =
            std::sync::LazyLock::new(|| EN.changed(consent_fixtures::pseudo));
        return &WORDS;
    }
    match locale {
        Locale::Ko => &KO,
        Locale::En => &EN,
        Locale::Ja => &JA,
    }
}

const KO: Words = Words {
    welcome: "{}님, 반갑습니다",
    going: "{}에 로그인하고 있습니다.",
    go_on: "계속하기",
    sign_up_heading: "{}에 처음 오셨나요?",
    sign_up_lead: "다음 화면에서 동의할 내용을 확인하고 한 번에 가입할 수 있습니다.",
    sign_up: "가입하기",
    log_in_heading: "{}에 로그인",
    log_in_lead: "로그인하거나, 먼저 둘러볼 수 있습니다.",
    log_in: "로그인",
    not_signed_in: "자동으로 로그인하지 못했습니다. 아래 버튼을 눌러 로그인해 주세요.",
    look_around: "먼저 둘러보기",
    open_outside: "다른 브라우저에서 열기",
};

const EN: Words = Words {
    welcome: "Welcome back, {}",
    going: "Signing you in to {}.",
    go_on: "Continue",
    sign_up_heading: "New to {}?",
    sign_up_lead: "On the next screen, review what you agree to and sign up in one step.",
    sign_up: "Sign up",
    log_in_heading: "Sign in to {}",
    log_in_lead: "Sign in, or look around first.",
    log_in: "Sign in",
    not_signed_in: "You couldn't be signed in automatically. Please sign in below.",
    look_around: "Look around first",
    open_outside: "Open in another browser",
};

const JA: Words = Words {
    welcome: "{}さん、おかえりなさい",
    going: "{}にログインしています。",
    go_on: "続ける",
    sign_up_heading: "{}は初めてですか？",
    sign_up_lead: "次の画面で同意する内容を確認し、一度に登録できます。",
    sign_up: "登録する",
    log_in_heading: "{}にログイン",
    log_in_lead: "ログインするか、ログインせずにご覧いただけます。",
    log_in: "ログイン",
    not_signed_in: "自動でログインできませんでした。下のボタンからログインしてください。",
    look_around: "ログインせずに見る",
    open_outside: "別のブラウザーで開く",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything() {
        for locale in Locale::ALL {
            for ((name, text), (_, korean)) in words(locale).all().iter().zip(KO.all()) {
                assert!(!text.trim().is_empty(), "{locale:?} has no {name}");
                let slots = |text: &str| text.matches("{}").count();
                assert_eq!(slots(text), slots(korean), "{locale:?} {name}");
            }
        }
    }
}
