//! The platform's FAQ for services that have adopted the sign-up: question and answer.

use crate::texts::{Language, Texts};

/// A question of the FAQ, in the order of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    SignUpOrLogin,
    LoginAskedOnceMore,
    ExistingMember,
    RequiredMissing,
    NewRequiredTerm,
    NoScreen,
    KeepsAppearing,
    OptionalRefused,
    AutomaticLogin,
    Unlinking,
    ChannelAfterLeaving,
    TestApp,
}

impl Question {
    pub const ALL: [Question; 12] = [
        Question::SignUpOrLogin,
        Question::LoginAskedOnceMore,
        Question::ExistingMember,
        Question::RequiredMissing,
        Question::NewRequiredTerm,
        Question::NoScreen,
        Question::KeepsAppearing,
        Question::OptionalRefused,
        Question::AutomaticLogin,
        Question::Unlinking,
        Question::ChannelAfterLeaving,
        Question::TestApp,
    ];

    /// Keys of the question and its answer in `texts/*.json`.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Question::SignUpOrLogin => ("faq.sign_up_or_login", "faq.sign_up_or_login_answer"),
            Question::LoginAskedOnceMore => {
                ("faq.login_asked_once_more", "faq.login_asked_once_more_answer")
            }
            Question::ExistingMember => ("faq.existing_member", "faq.existing_member_answer"),
            Question::RequiredMissing => ("faq.required_missing", "faq.required_missing_answer"),
            Question::NewRequiredTerm => ("faq.new_required_term", "faq.new_required_term_answer"),
            Question::NoScreen => ("faq.no_screen", "faq.no_screen_answer"),
            Question::KeepsAppearing => ("faq.keeps_appearing", "faq.keeps_appearing_answer"),
            Question::OptionalRefused => ("faq.optional_refused", "faq.optional_refused_answer"),
            Question::AutomaticLogin => ("faq.automatic_login", "faq.automatic_login_answer"),
            Question::Unlinking => ("faq.unlinking", "faq.unlinking_answer"),
            Question::ChannelAfterLeaving => {
                ("faq.channel_after_leaving", "faq.channel_after_leaving_answer")
            }
            Question::TestApp => ("faq.test_app", "faq.test_app_answer"),
        }
    }

    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        Texts::of(language).get(self.keys().0)
    }

    /// The paragraphs of the answer.
    pub fn answer(self, language: Language) -> impl Iterator<Item = &'static str> {
        Texts::of(language).get(self.keys().1).lines()
    }
}
