//! What the demo's pages say, in three languages.

use crate::locale::Locale;

/// Korean, English, Japanese.
pub type Words = [&'static str; 3];

/// The words in one language.
#[must_use]
pub fn say(locale: Locale, words: Words) -> &'static str {
    let [ko, en, ja] = words;
    match locale {
        Locale::Ko => ko,
        Locale::En => en,
        Locale::Ja => ja,
    }
}

pub const TITLE: Words = ["동의 화면 체험", "Try the consent screen", "同意画面を試す"];
pub const LEAD: Words = [
    "한 사람을 고르고, 가입할 서비스를 고른 뒤 시작해 보세요. 모두 지어낸 사람과 서비스입니다.",
    "Choose a person, choose a service to sign up to, and go. All of them are made up.",
    "人を選び、登録するサービスを選んで始めてください。すべて架空の人とサービスです。",
];
pub const STUDIO: Words = [
    "화면의 모든 상태는 미리보기 스튜디오에서 볼 수 있습니다.",
    "See every state of the screen in the preview studio.",
    "画面のすべての状態はプレビュースタジオで見られます。",
];
pub const ACCOUNT_PAGES: Words =
    ["동의한 내용 보기와 철회", "See and withdraw your consent", "同意した内容の確認と撤回"];
pub const WHO: Words = ["누구로 해 볼까요?", "Who are you?", "誰になりますか?"];
pub const WHERE: Words = ["어느 서비스에 갈까요?", "Which service?", "どのサービスに行きますか?"];
pub const MORE: Words = ["더 해 보기", "More to try", "ほかに試す"];
pub const TERM: Words = [
    "새 약관을 이름으로 요청하기 (바람여행)",
    "Ask for the new term by name (Baram Travel)",
    "新しい規約を名前で求める(パラム旅行)",
];
pub const CHANNELS: Words = [
    "채널 두 개를 이름으로 요청하기 (한옥마켓)",
    "Ask for two channels by name (Hanok Market)",
    "2つのチャンネルを名前で求める(ハノクマーケット)",
];
pub const PHONE: Words =
    ["전화번호를 더 요청하기", "Ask for the phone number, too", "電話番号も求める"];
pub const ADDRESS: Words = [
    "배송지를 더 요청하기 (한옥마켓)",
    "Ask for the shipping address, too (Hanok Market)",
    "配送先も求める(ハノクマーケット)",
];
pub const SILENT: Words = [
    "화면 없이 시도하기 (prompt=none)",
    "Try without any screen (prompt=none)",
    "画面なしで試す(prompt=none)",
];
pub const GO: Words = ["시작하기", "Go", "始める"];
pub const IN_APP: Words =
    ["카카오톡 안에서 연 것처럼", "As if inside KakaoTalk", "カカオトークの中で開いたように"];
pub const IN_APP_BAR: Words = [
    "체험: 카카오톡 안에서 연 것처럼 보는 중",
    "Demo: shown as if inside KakaoTalk",
    "体験: カカオトークの中で開いたように表示中",
];
pub const IN_APP_END: Words = ["끝내기", "Stop", "終了"];
pub const RESET: Words = ["처음 상태로 되돌리기", "Put it back to how it was", "最初の状態に戻す"];
pub const RESET_WHY: Words = [
    "고른 사람과 서비스의 연결을 처음 상태로 되돌립니다. 동의 기록은 남습니다.",
    "Puts the chosen person and service back to how they were. Receipts stay.",
    "選んだ人とサービスの連携を最初の状態に戻します。同意の記録は残ります。",
];
pub const RESET_DONE: Words =
    ["처음 상태로 되돌렸습니다.", "It is back to how it was.", "最初の状態に戻しました。"];
pub const SIGN_IN: Words = ["누구로 계속할까요?", "Who goes on?", "誰で続けますか?"];
pub const SIGNED_IN: Words = ["지금 로그인", "signed in", "ログイン中"];
pub const DONE: Words = ["서비스에 도착했습니다", "Back at the service", "サービスに戻りました"];
pub const DONE_WHY: Words = [
    "인가 코드를 토큰으로 바꾸고, ID 토큰의 서명과 nonce를 확인했습니다.",
    "The code was exchanged for tokens, and the ID token's signature and nonce were verified.",
    "認可コードをトークンに交換し、IDトークンの署名とnonceを確認しました。",
];
pub const CLAIMS: Words =
    ["서비스가 받은 정보", "What the service learned", "サービスが受け取った情報"];
pub const TOKENS: Words = ["토큰", "Tokens", "トークン"];
pub const RECEIPT: Words = ["남은 동의 기록", "The receipt", "同意の記録"];
pub const EARLIER: Words = [
    "이번에는 물을 것이 없었습니다. 지난번 기록입니다.",
    "Nothing had to be asked this time. This is the earlier receipt.",
    "今回は尋ねる項目がありませんでした。前回の記録です。",
];
pub const NO_RECEIPT: Words = [
    "이번에는 물을 것이 없었습니다.",
    "Nothing had to be asked this time.",
    "今回は尋ねる項目がありませんでした。",
];
pub const REQUIRED: Words = ["필수", "Required", "必須"];
pub const OPTIONAL: Words = ["선택", "Optional", "任意"];
pub const AGREED: Words = ["동의", "Agreed", "同意"];
pub const REFUSED: Words = ["동의 안 함", "Refused", "不同意"];
pub const AGAIN: Words = ["다른 경우 해 보기", "Try something else", "別の場合を試す"];
pub const CANCELLED: Words = ["가입하지 않았습니다", "You did not sign up", "登録しませんでした"];
pub const CANCELLED_WHY: Words = [
    "서비스는 취소했다는 것만 알게 됩니다. 아무 정보도 받지 않았습니다.",
    "All the service learns is that it was cancelled. It received nothing about you.",
    "サービスにはキャンセルしたことだけが伝わります。情報は何も渡していません。",
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
    "실제 서비스라면 여기서 로그인하지 않은 화면을 보여 줍니다.",
    "A real service would show its signed-out page here.",
    "実際のサービスでは、ここで未ログインの画面を表示します。",
];
pub const VISITING: Words =
    ["로그인하지 않고 둘러보는 중", "Looking around, signed out", "ログインせずに見て回っています"];
pub const VISITING_WHY: Words = [
    "서비스는 로그인하지 않은 화면을 보여 주고, 사람이 버튼을 누를 때만 로그인이나 가입을 시작합니다.",
    "The service shows its signed-out page, and starts a login or a sign-up only when the user asks for one.",
    "サービスは未ログインの画面を表示し、人がボタンを押したときだけログインや登録を始めます。",
];
