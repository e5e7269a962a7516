//! What the demo's pages say, in three languages.

use crate::locale::Locale;

/// Korean, English, Japanese.
pub type Words = [&'static str; 3];

/// The words in one language.
#[must_use]
pub fn say(locale: Locale, words: Words) -> &'static str {
    let [ko, en, ja] = words;
    match locale {
        Locale::KO => ko,
        Locale::JA => ja,
        _ => en,
    }
}

/// The language of the demo's pages for these preferred ones: a language of the screen that the demo
/// does not have is English here.
#[must_use]
pub fn language<'a>(preferred: impl IntoIterator<Item = &'a str>) -> Locale {
    let best = Locale::best(preferred);
    if LANGUAGES.contains(&best) { best } else { Locale::EN }
}

pub const LANGUAGES: [Locale; 3] = [Locale::KO, Locale::EN, Locale::JA];

pub const TITLE: Words = ["동의 화면 체험", "Try the consent screen", "同意画面を試す"];
pub const LEAD: Words = [
    "사용자와 서비스를 선택하고 시작해 보세요. 모두 가상의 사용자와 서비스입니다.",
    "Choose a person and a service to sign up for, then start. All of them are fictional.",
    "ユーザーと登録するサービスを選んで始めてください。すべて架空のユーザーとサービスです。",
];
pub const STUDIO: Words = [
    "화면의 모든 상태는 미리보기 스튜디오에서 볼 수 있습니다.",
    "See every state of the screen in the preview studio.",
    "画面のすべての状態をプレビュースタジオで確認できます。",
];
pub const SHOP: Words = [
    "오늘의 찻집은 이 화면으로 가입하는 가게입니다. 바로 둘러볼 수 있습니다.",
    "Teahouse of Today is a shop that signs people up with this screen. Have a look around.",
    "今日の茶房は、この画面で登録するお店です。すぐにご覧いただけます。",
];
pub const ACCOUNT_PAGES: Words =
    ["동의 내역 확인 및 철회", "View and withdraw your consent", "同意した内容の確認と撤回"];
pub const WHO: Words =
    ["어떤 사용자로 체험할까요?", "Who do you want to be?", "どのユーザーで試しますか？"];
pub const WHERE: Words =
    ["어떤 서비스를 체험할까요?", "Which service?", "どのサービスを試しますか？"];
pub const MORE: Words = ["추가 옵션", "More options", "その他のオプション"];
pub const TERM: Words = [
    "새 약관을 지정해 요청하기 (바람여행)",
    "Request the new term by its tag (Baram Travel)",
    "新しい規約を指定してリクエストする（パラム旅行）",
];
pub const CHANNELS: Words = [
    "채널 두 개를 지정해 요청하기 (한옥마켓)",
    "Request two channels by ID (Hanok Market)",
    "2つのチャンネルを指定してリクエストする（ハノクマーケット）",
];
pub const PHONE: Words =
    ["전화번호도 요청하기", "Also request the phone number", "電話番号もリクエストする"];
pub const ADDRESS: Words = [
    "배송지도 요청하기 (한옥마켓)",
    "Also request the shipping address (Hanok Market)",
    "配送先もリクエストする（ハノクマーケット）",
];
pub const SILENT: Words = [
    "화면 없이 시도하기 (prompt=none)",
    "Try without any screen (prompt=none)",
    "画面なしで試す（prompt=none）",
];
pub const GO: Words = ["시작하기", "Go", "始める"];
pub const IN_APP: Words = [
    "카카오톡 인앱 브라우저처럼 열기",
    "Open as if in KakaoTalk",
    "カカオトーク内で開いた場合を試す",
];
pub const IN_APP_BAR: Words = [
    "체험: 카카오톡 인앱 브라우저처럼 보는 중",
    "Demo: shown as if in KakaoTalk",
    "体験：カカオトーク内で開いた場合の表示",
];
pub const IN_APP_END: Words = ["끝내기", "Stop", "終了"];
pub const RESET: Words = ["처음 상태로 되돌리기", "Reset to the initial state", "最初の状態に戻す"];
pub const RESET_WHY: Words = [
    "선택한 사용자와 서비스의 연결을 처음 상태로 되돌립니다. 동의 기록은 유지됩니다.",
    "Resets the connection of the chosen person and service. Receipts are kept.",
    "選択したユーザーとサービスの連携を最初の状態に戻します。同意の記録は残ります。",
];
pub const RESET_DONE: Words =
    ["처음 상태로 되돌렸습니다.", "It was reset to the initial state.", "最初の状態に戻しました。"];
pub const SIGN_IN: Words = ["누구로 계속할까요?", "Continue as", "誰として続けますか？"];
pub const SIGNED_IN: Words = ["로그인 중", "signed in", "ログイン中"];
pub const DONE: Words = ["서비스로 돌아왔습니다", "Back at the service", "サービスに戻りました"];
pub const DONE_WHY: Words = [
    "인가 코드를 토큰으로 교환하고, ID 토큰의 서명과 nonce를 확인했습니다.",
    "The code was exchanged for tokens, and the ID token's signature and nonce were verified.",
    "認可コードをトークンに交換し、IDトークンの署名とnonceを確認しました。",
];
pub const CLAIMS: Words =
    ["서비스가 받은 정보", "What the service received", "サービスが受け取った情報"];
pub const TOKENS: Words = ["토큰", "Tokens", "トークン"];
pub const RECEIPT: Words = ["저장된 동의 기록", "Consent receipt", "同意の記録"];
pub const EARLIER: Words = [
    "이번에는 동의를 받을 항목이 없었습니다. 이전 동의 기록입니다.",
    "There was nothing to ask this time. This is the previous receipt.",
    "今回は同意を求める項目がありませんでした。前回の記録です。",
];
pub const NO_RECEIPT: Words = [
    "이번에는 동의를 받을 항목이 없었습니다.",
    "There was nothing to ask this time.",
    "今回は同意を求める項目がありませんでした。",
];
pub const REQUIRED: Words = ["필수", "Required", "必須"];
pub const OPTIONAL: Words = ["선택", "Optional", "任意"];
pub const AGREED: Words = ["동의", "Agreed", "同意"];
pub const REFUSED: Words = ["동의 안 함", "Not agreed", "同意なし"];
pub const AGAIN: Words = ["다른 경우 체험하기", "Try another case", "別のケースを試す"];
pub const CANCELLED: Words = ["가입하지 않았습니다", "You didn't sign up", "登録しませんでした"];
pub const CANCELLED_WHY: Words = [
    "서비스에는 취소했다는 사실만 전달되었습니다. 개인정보는 전달되지 않았습니다.",
    "The service was only notified that you cancelled. It received no information about you.",
    "サービスにはキャンセルしたことだけが伝わります。情報は提供されていません。",
];
pub const UNDER_AGE_WHY: Words = [
    "서비스에는 나이 때문에 가입할 수 없다는 사실만 전달됩니다. 개인정보는 전달되지 않았습니다.",
    "The service learns only that you are under its age limit. It received no other information.",
    "サービスには年齢のため登録できないことだけが伝わります。ほかの情報は送信していません。",
];
pub const FAILED: Words = [
    "서비스가 오류를 받았습니다",
    "The service received an error",
    "サービスがエラーを受け取りました",
];
pub const FAILED_WHY: Words = [
    "실제 서비스에서는 여기에 로그인 전 화면이 표시됩니다.",
    "A real service would show its signed-out page here.",
    "実際のサービスでは、ここで未ログインの画面を表示します。",
];
pub const VISITING: Words = [
    "로그인하지 않고 둘러보는 중",
    "Looking around without signing in",
    "ログインせずに閲覧中です",
];
pub const VISITING_WHY: Words = [
    "서비스는 로그인 전 화면을 표시하고, 사용자가 버튼을 누를 때만 로그인이나 가입을 시작합니다.",
    "The service shows its signed-out page, and starts signing in or signing up only when the user presses a button.",
    "サービスは未ログインの画面を表示し、ユーザーがボタンを押したときだけログインや登録を始めます。",
];
