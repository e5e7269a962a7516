//! The words around the consent of a guardian. A child's page has words that a child understands.

use super::link::Ended;
use crate::{consent::GuardianState, http::words::Words, locale::Locale};

/// The words of the child's page.
pub struct ChildWords {
    pub title: &'static str,
    pub text: &'static str,
    /// The button that sends a link.
    pub send: &'static str,
    /// Whether the guardian has answered by now.
    pub look_again: &'static str,
}

fn pick<T: Copy>(locale: Locale, [ko, en, ja]: [T; 3]) -> T {
    match locale {
        Locale::Ko => ko,
        Locale::En => en,
        Locale::Ja => ja,
    }
}

pub fn child(state: GuardianState, locale: Locale) -> ChildWords {
    let (title, text, send) = match state {
        GuardianState::NotAsked => pick(
            locale,
            [
                (
                    "보호자의 허락이 필요해요",
                    "만 14세가 되기 전에는 부모님 같은 보호자가 먼저 허락해야 가입할 수 있어요. 보호자의 이메일 주소를 적어 주면 우리가 대신 물어볼게요.",
                    "보호자에게 물어보기",
                ),
                (
                    "Ask a parent or guardian",
                    "You're under 14, so a parent or guardian has to say yes before you can join. Type their email address and we'll ask them for you.",
                    "Ask them",
                ),
                (
                    "おうちの人の同意がいります",
                    "14歳になるまでは、おうちの人（保護者）の同意がないと登録できません。おうちの人のメールアドレスを入力すると、こちらから聞いてみます。",
                    "おうちの人に聞く",
                ),
            ],
        ),
        GuardianState::Waiting => pick(
            locale,
            [
                (
                    "보호자의 대답을 기다리고 있어요",
                    "보호자에게 이메일을 보냈어요. 보호자가 허락하면 이어서 할 수 있어요.",
                    "다른 주소로 다시 보내기",
                ),
                (
                    "Waiting for an answer",
                    "We sent an email to your parent or guardian. Once they say yes, you can go on.",
                    "Send it again",
                ),
                (
                    "おうちの人の返事を待っています",
                    "おうちの人にメールを送りました。同意してもらえたら、続きができます。",
                    "もう一度送る",
                ),
            ],
        ),
        GuardianState::Expired => pick(
            locale,
            [
                (
                    "보호자가 아직 대답하지 않았어요",
                    "보낸 이메일로 대답할 수 있는 시간이 지났어요. 보호자에게 말씀드리고 다시 보내 주세요.",
                    "다시 보내기",
                ),
                (
                    "No answer yet",
                    "The email can't be answered any more. Tell your parent or guardian, and send it again.",
                    "Send it again",
                ),
                (
                    "まだ返事がありません",
                    "メールで返事ができる期間が過ぎました。おうちの人に話してから、もう一度送ってください。",
                    "もう一度送る",
                ),
            ],
        ),
        GuardianState::Refused => pick(
            locale,
            [
                (
                    "보호자가 허락하지 않았어요",
                    "그래서 지금은 가입할 수 없어요. 왜 그런지 보호자와 이야기해 보세요.",
                    "다시 물어보기",
                ),
                (
                    "Your parent or guardian said no",
                    "So you can't join now. You can talk with them about it.",
                    "Ask again",
                ),
                (
                    "おうちの人が同意しませんでした",
                    "そのため、今は登録できません。おうちの人と話してみてください。",
                    "もう一度聞く",
                ),
            ],
        ),
    };
    let look_again =
        pick(locale, ["대답이 왔는지 확인하기", "See if they answered", "返事が来たか確かめる"]);
    ChildWords { title, text, send, look_again }
}

pub fn service(locale: Locale) -> &'static str {
    pick(locale, ["서비스: ", "Service: ", "サービス："])
}

pub fn sent_to(locale: Locale) -> &'static str {
    pick(locale, ["보낸 곳: ", "Sent to: ", "送った先："])
}

pub fn address(locale: Locale) -> &'static str {
    pick(
        locale,
        [
            "보호자의 이메일 주소",
            "Email address of your parent or guardian",
            "おうちの人のメールアドレス",
        ],
    )
}

pub fn back(locale: Locale) -> &'static str {
    pick(locale, ["서비스로 돌아가기", "Back to the service", "サービスに戻る"])
}

pub fn open_in_demo(locale: Locale) -> &'static str {
    pick(
        locale,
        [
            "체험: 보호자가 받은 링크 열기",
            "Demo: open the link that the guardian received",
            "体験：保護者が受け取ったリンクを開く",
        ],
    )
}

/// In the order of the faults of the child's page.
pub fn fault(index: usize, locale: Locale) -> &'static str {
    const FAULTS: [[&str; 3]; 4] = [
        [
            "이메일 주소를 다시 확인해 주세요. 예: name@example.com",
            "Check the email address. It looks like name@example.com.",
            "メールアドレスをご確認ください。例：name@example.com",
        ],
        [
            "지금은 이메일을 보낼 수 없어요. 조금 있다가 다시 해 주세요.",
            "The email can't be sent right now. Try again later.",
            "今はメールを送れません。少し待ってから、もう一度試してください。",
        ],
        [
            "오늘은 더 보낼 수 없어요. 내일 다시 해 주세요.",
            "That's enough for today. Try again tomorrow.",
            "今日はもう送れません。明日もう一度試してください。",
        ],
        [
            "보호자가 허락하지 않았어요. 내일 다시 물어볼 수 있어요.",
            "Your parent or guardian said no. You can ask again tomorrow.",
            "おうちの人が同意しませんでした。明日もう一度聞けます。",
        ],
    ];
    FAULTS.get(index).map_or("", |fault| pick(locale, *fault))
}

/// A page of the guardian's without a form.
pub fn ended(ended: Ended, locale: Locale) -> Words {
    let (title, text) = match ended {
        Ended::Unknown => pick(
            locale,
            [
                (
                    "사용할 수 없는 링크입니다",
                    "이미 답했거나 새 링크로 변경되었습니다. 가장 최근에 받은 이메일의 링크를 열어 주세요.",
                ),
                (
                    "This link cannot be used",
                    "It has been answered, or replaced by a newer one. Open the link in the latest email.",
                ),
                (
                    "このリンクはご利用いただけません",
                    "すでに回答されたか、新しいリンクに替わりました。最新のメールのリンクを開いてください。",
                ),
            ],
        ),
        Ended::Expired => pick(
            locale,
            [
                (
                    "유효 기간이 지났습니다",
                    "이 링크로는 더 이상 답할 수 없습니다. 자녀가 다시 요청하면 새 링크를 보내 드립니다.",
                ),
                (
                    "This link has expired",
                    "It can no longer be answered. When your child asks again, you will get a new one.",
                ),
                (
                    "リンクの有効期限が切れました",
                    "このリンクでは回答できません。お子さまがもう一度リクエストすると、新しいリンクが届きます。",
                ),
            ],
        ),
        Ended::NotNeeded => pick(
            locale,
            [
                (
                    "보호자의 동의가 필요하지 않습니다",
                    "이제 본인이 직접 동의할 수 있거나, 더 동의할 항목이 없습니다. 하실 일은 없습니다.",
                ),
                (
                    "Your consent is not needed",
                    "The user can now decide themselves, or there is nothing left to agree to. You do not need to do anything.",
                ),
                (
                    "保護者の同意は必要ありません",
                    "ご本人が同意できる年齢になったか、同意する項目がなくなりました。何もする必要はありません。",
                ),
            ],
        ),
        Ended::Agreed => pick(
            locale,
            [
                (
                    "동의가 기록되었습니다",
                    "자녀가 이어서 서비스를 이용할 수 있습니다. 동의는 언제든지 자녀의 계정 화면에서 철회할 수 있습니다.",
                ),
                (
                    "Your consent is recorded",
                    "Your child can go on now. You can withdraw your consent at any time on your child's account page.",
                ),
                (
                    "同意を記録しました",
                    "お子さまは続けてサービスを利用できます。同意はお子さまのアカウント画面でいつでも撤回できます。",
                ),
            ],
        ),
        Ended::Refused => pick(
            locale,
            [
                (
                    "동의하지 않으셨습니다",
                    "서비스에 어떤 정보도 전달되지 않았습니다. 자녀에게는 동의하지 않았다는 사실만 표시됩니다.",
                ),
                (
                    "You did not consent",
                    "None of your child's information was shared with the service. Your child only sees that you did not consent.",
                ),
                (
                    "同意しませんでした",
                    "サービスに情報は送信されていません。お子さまには、同意しなかったことだけが表示されます。",
                ),
            ],
        ),
    };
    Words { title, text }
}

/// The heading of the guardian's screen, with `{}` for the service, and what is below it.
pub fn screen(locale: Locale) -> (&'static str, &'static str) {
    pick(
        locale,
        [
            (
                "{} 가입: 보호자 동의",
                "아래의 자녀가 이 서비스를 이용하려고 합니다. 만 14세 미만이므로 보호자(법정대리인)의 동의가 필요합니다. 동의하지 않으려면 취소를 눌러 주세요.",
            ),
            (
                "{}: a guardian's consent",
                "The child below wants to use this service. Because they are under 14, they need the consent of a parent or legal guardian. To refuse, choose Cancel.",
            ),
            (
                "{}：保護者の同意",
                "下のお子さまがこのサービスを利用しようとしています。14歳未満のため、保護者（法定代理人）の同意が必要です。同意しない場合はキャンセルを押してください。",
            ),
        ],
    )
}

/// The e-mail to the guardian.
pub struct Mail {
    pub subject: String,
    pub text: String,
}

pub fn mail(locale: Locale, service: &str, child: &str, link: &str) -> Mail {
    let (subject, text) = match locale {
        Locale::Ko => (
            format!("{service} 가입에 보호자 동의가 필요합니다"),
            format!(
                "{child} 계정의 이용자가 {service} 이용을 위해 보호자의 동의를 요청했습니다.\n\n\
                 아래 링크에서 내용을 확인하고 동의하거나 거절해 주세요. 링크는 3일 동안 한 번만 사용할 수 \
                 있습니다.\n\n{link}\n\n요청한 적이 없다면 이 이메일을 무시해 주세요."
            ),
        ),
        Locale::En => (
            format!("{service} needs a guardian's consent"),
            format!(
                "The user of the account {child} asks for your consent, as their parent or guardian, to \
                 use {service}.\n\nRead what it is about and agree or refuse here. The link works once, \
                 for 3 days.\n\n{link}\n\nIf this is not about your child, ignore this email."
            ),
        ),
        Locale::Ja => (
            format!("{service}の利用に保護者の同意が必要です"),
            format!(
                "アカウント「{child}」の利用者が、{service}を利用するために保護者の同意を求めています。\n\n\
                 次のリンクで内容を確認し、同意または拒否してください。リンクは3日間、1回だけご利用いただけます。\n\n\
                 {link}\n\n心当たりがない場合は、このメールを無視してください。"
            ),
        ),
    };
    Mail { subject, text }
}
