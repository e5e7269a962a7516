//! Words that give something away, in the screen's three languages. They find what is usually
//! written, and no more: a text can say the same in other words.

use consent_contract::request::TermKind;

/// Whether a text holds one of these, whatever the case of Latin letters and wherever there are
/// spaces: Korean is written with and without them (처리방침, 처리 방침).
pub fn holds(text: &str, words: &[&str]) -> bool {
    let text = packed(text);
    words.iter().any(|word| text.contains(&packed(word)))
}

fn packed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == '’' { '\'' } else { c.to_ascii_lowercase() })
        .collect()
}

/// The words of a text, without what stands between them.
fn words(text: &str) -> impl Iterator<Item = String> {
    let between = |c: char| c.is_whitespace() || ",.;:()[]·/、。・".contains(c);
    text.split(between).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

/// Whether a text ends, or a list in it ends, with a word that leaves it open. Korean "등" is also
/// the beginning of other words (등록), so it counts only where a word ends, or a particle follows.
pub fn is_open_ended(text: &str) -> bool {
    const ENDS: &[&str] =
        &["등", "등의", "등을", "등이", "등에", "등으로", "기타", "etc", "などの", "その他"];
    words(text).any(|word| ENDS.contains(&word.as_str()) || word.ends_with("など"))
        || holds(text, &["related data", "and so on", "among others", "その他の"])
}

/// Two negations in one sentence.
pub fn is_doubly_negative(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let count =
        |words: &[&str]| words.iter().map(|word| lower.matches(word).count()).sum::<usize>();
    let korean = count(&["지 않", "지 못", "거부", "안 함"]);
    let english = count(&["n't", "n’t", "not ", "without", "refuse"]);
    let japanese = count(&["ない", "ません", "拒否"]);
    korean.max(english).max(japanese) > 1
}

/// Whether a text asks to advertise. An advertiser, or the number of a device that advertising
/// goes by, is something else.
pub fn is_advertising(text: &str) -> bool {
    const OTHERS: &[&str] = &[
        "광고식별자",
        "광고id",
        "광고주",
        "advertisingid",
        "advertiser",
        "広告主",
        "広告識別子",
        "広告id",
    ];
    let text = OTHERS.iter().fold(packed(text), |text, other| text.replace(other, ""));
    holds(&text, &["광고", "advertis", "広告"])
}

/// Whether a text speaks of the night.
pub fn is_by_night(text: &str) -> bool {
    const NIGHT: &[&str] = &["night", "nights", "night-time", "nighttime", "overnight"];
    holds(text, &["야간", "심야", "夜間", "深夜"])
        || words(text).any(|word| NIGHT.contains(&word.as_str()))
}

/// Whether a text that speaks of the night speaks of the day, too.
pub fn is_by_day_too(text: &str) -> bool {
    holds(
        text,
        &["주간", "주·야간", "주야", "야간 포함", "daytime", "day and night", "昼", "夜間を含む"],
    )
}

/// Whether it is mail alone: that may come by night (Network Act, Decree 61(2)).
pub fn is_by_mail_alone(text: &str) -> bool {
    holds(text, &["이메일", "전자우편", "e-mail", "email", "メール"])
        && !holds(
            text,
            &[
                "문자",
                "sms",
                "카카오",
                "알림",
                "앱",
                "푸시",
                "push",
                "app",
                "message",
                "アプリ",
                "プッシュ",
            ],
        )
}

/// What a title asks for beside its own kind of consent. None where it keeps to that.
pub fn other_kind(title: &str, kind: TermKind) -> Option<&'static str> {
    if kind != TermKind::Marketing && is_advertising(title) {
        return Some("advertising");
    }
    const SIGNS: &[(Option<TermKind>, &str, &[&str])] = &[
        (
            Some(TermKind::Service),
            "the terms of service",
            &["이용약관", "terms of service", "terms of use", "利用規約"],
        ),
        (None, "the provision to a third party", &["제3자 제공", "third part", "第三者提供"]),
        (
            Some(TermKind::Overseas),
            "a transfer abroad",
            &[
                "국외 이전",
                "해외 이전",
                "transfer abroad",
                "overseas transfer",
                "国外移転",
                "海外移転",
            ],
        ),
        (Some(TermKind::Sensitive), "sensitive data", &["민감정보", "sensitive", "要配慮個人情報"]),
    ];
    let other = SIGNS.iter().find(|(of, _, signs)| *of != Some(kind) && holds(title, signs));
    other.map(|(_, what, _)| *what)
}

/// Whether a text says that refusing means nothing: for what is required that cannot be.
pub fn says_no_effect(text: &str) -> bool {
    const NOTHING: &[&str] =
        &["없음", "해당없음", "none", "n/a", "-", "なし", "特になし", "불이익없음"];
    let whole = packed(text.trim_end_matches('.'));
    let no_disadvantage = holds(
        text,
        &[
            "불이익 없",
            "불이익이 없",
            "불이익은 없",
            "no disadvantage",
            "不利益なし",
            "不利益はありません",
        ],
    );
    // What holds for the optional items may stand beside what does not for the required ones.
    let names_one = names_no_registration(text)
        || holds(text, &["수 없", "cannot", "can't", "can not", "できません", "できない"]);
    NOTHING.contains(&whole.as_str()) || (no_disadvantage && !names_one)
}

/// Whether a text says that somebody is not registered.
pub fn names_no_registration(text: &str) -> bool {
    holds(
        text,
        &[
            "가입할 수 없",
            "가입하실 수 없",
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
        ],
    )
}

/// Whether a text says that consent can be withdrawn. A purchase can be, too (청약철회).
pub fn says_withdrawal(text: &str) -> bool {
    let text = packed(text).replace("청약철회", "");
    let both = |of: &str, ways: &[&str]| holds(&text, &[of]) && holds(&text, ways);
    both("동의", &["철회", "거두", "거둘", "거둔", "취소"])
        || both("consent", &["withdraw", "revoke"])
        || both("同意", &["撤回", "取り消"])
}

pub const PRIVACY_POLICY: &[&str] =
    &["처리방침", "privacy policy", "privacy notice", "プライバシーポリシー"];

pub const RESIDENT_NUMBER: &[&str] =
    &["주민등록번호", "주민번호", "resident registration number", "住民登録番号"];

/// The other unique identifiers that rule KR-P12 names.
pub const UNIQUE_IDENTIFIER: &[&str] = &[
    "여권번호",
    "운전면허",
    "외국인등록번호",
    "passport number",
    "driver's licen",
    "alien registration number",
    "旅券番号",
    "パスポート番号",
    "運転免許",
    "外国人登録番号",
];

pub const URGENCY: &[&str] =
    &["지금만", "마감 임박", "서두르", "hurry", "only today", "last chance", "今だけ"];
