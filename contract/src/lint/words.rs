//! Words that give something away, in the screen's three languages.

/// Whether a text holds one of these, whatever the case of Latin letters.
pub fn holds(text: &str, words: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// Whether a text ends, or a list in it ends, with a word that leaves it open. Korean "등" is also
/// the beginning of other words (등록), so it counts only where a word ends.
pub fn is_open_ended(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || ",.;:()·/、。".contains(c));
    let has_etc =
        words.into_iter().any(|word| ["등", "기타", "etc", "など", "その他"].contains(&word))
            || text.trim_end().ends_with("など");
    has_etc || holds(text, &["related data", "and so on", "among others"])
}

/// Two negations in one sentence.
pub fn is_doubly_negative(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let count =
        |words: &[&str]| words.iter().map(|word| lower.matches(word).count()).sum::<usize>();
    let korean = count(&["지 않", "지 못", "거부", "안 함"]);
    let english = count(&["do not", "don't", "without", "refuse", "not "]);
    let japanese = count(&["ない", "ません", "拒否"]);
    korean.max(english).max(japanese) > 1
}

pub const ADVERTISING: &[&str] = &["광고", "advertis", "広告"];

pub const NIGHT: &[&str] = &["야간", "night", "夜間"];

/// Beside a word for the night: both are meant.
pub const DAY: &[&str] = &["주간", "주·야간", "주야", "포함", "daytime", "day and", "昼"];

pub const PRIVACY_POLICY: &[&str] =
    &["처리방침", "privacy policy", "privacy notice", "プライバシーポリシー"];

pub const RESIDENT_NUMBER: &[&str] =
    &["주민등록번호", "주민번호", "resident registration number", "住民登録番号"];

pub const NO_DISADVANTAGE: &[&str] = &[
    "불이익 없음",
    "불이익이 없",
    "해당 없음",
    "no disadvantage",
    "n/a",
    "不利益なし",
    "不利益はあり",
];

pub const NO_REGISTRATION: &[&str] = &[
    "가입할 수 없",
    "가입이 불가",
    "가입 불가",
    "가입이 안",
    "cannot sign up",
    "can't sign up",
    "cannot register",
    "cannot join",
    "登録できません",
    "登録できない",
    "入会できません",
];

pub const WITHDRAWAL: &[&str] = &[
    "철회",
    "동의를 거두",
    "동의를 거둘",
    "동의를 거둔",
    "동의 취소",
    "동의를 취소",
    "withdraw",
    "revoke",
    "撤回",
    "同意を取り消",
];

pub const URGENCY: &[&str] =
    &["지금만", "마감", "서두르", "hurry", "only today", "last chance", "今だけ"];
