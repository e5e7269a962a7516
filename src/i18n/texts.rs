//! The list of texts. `{}` marks the one slot a text may have.

/// A list of texts, by name. A list `in` a section is one that only servers need, and reads its texts
/// from `public/texts/server/`.
#[macro_export]
macro_rules! texts {
    ($(#[$of:meta])* $texts:ident in $section:literal { $($fields:tt)* }) => {
        $crate::texts! { $(#[$of])* $texts { $($fields)* } }

        impl $texts {
            /// The texts in a language.
            #[must_use]
            pub fn of(locale: $crate::i18n::Locale) -> &'static Self {
                static LISTS: $crate::i18n::server::Lists<$texts> =
                    $crate::i18n::server::Lists::new($section);
                LISTS.of(locale, $texts::try_from_names)
            }
        }
    };
    ($(#[$of:meta])* $texts:ident { $($(#[$meta:meta])* $name:ident,)* }) => {
        $(#[$of])*
        #[derive(Debug)]
        pub struct $texts {
            $($(#[$meta])* pub $name: &'static str,)*
        }

        impl $texts {
            /// Every text with its name, in the order of the list.
            #[must_use]
            #[allow(dead_code, reason = "previews and tests look at some lists")]
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }

            /// The list from texts by name. None if one is missing. Texts are never freed.
            // A loop over the names and one copy: code for each text would be larger than the texts.
            pub(crate) fn try_from_names(
                text: &dyn Fn(&str) -> Option<&'static str>,
            ) -> Option<Self> {
                let texts = [$(stringify!($name)),*].map(text);
                if texts.contains(&None) {
                    return None;
                }
                let [$($name),*] = texts.map(Option::unwrap_or_default);
                Some(Self { $($name),* })
            }
        }
    };
}

texts! {
    /// Every text of the screen in one language.
    Texts {
    // The language.
    /// `ltr` or `rtl`: the value of `dir`.
    direction,
    /// The categories of numbers, see [`super::plural`].
    plural,
    /// A day: `{d}`, `{m}`, `{y}`, `{M}` for the name of the month, `{b}` for the Buddhist year.
    date,
    /// The names of the months, with a space between. Empty where `date` has no `{M}`.
    months,
    // The page.
    /// Slot: the service.
    sign_up_heading,
    sign_up_lead,
    /// Slot: the service.
    additional_heading,
    additional_lead,
    language,
    verified,
    not_verified,
    test_mode,
    answering_as,
    switch_account,
    // Agree to all.
    agree_all_required,
    agree_all_required_hint,
    agree_all_everything,
    agree_all_everything_hint,
    required_only,
    // Terms.
    terms,
    required,
    optional,
    open_text,
    text_unread,
    // Personal information.
    personal_info,
    recipient,
    purpose,
    retention,
    refusal_effect,
    /// Directly before the effect of refusing: with a space where the language has one.
    right_to_refuse,
    privacy_policy,
    opens_new_window,
    no_value,
    /// In the place of a value that has to be typed.
    to_enter,
    collect_email,
    collect_phone,
    collect_name,
    collect_birthday,
    collect_address,
    /// After the hint of a value that may be left out.
    may_be_empty,
    // Channels.
    channels,
    /// Slot: the channel.
    add_channel,
    advertising,
    /// Slot: the company.
    channel_sender,
    channel_block,
    // Already agreed.
    /// By number. Slot: how many.
    already_agreed,
    /// Slot: the day.
    agreed_on,
    // Actions.
    agree,
    cancel,
    sending,
    leaving,
    leaving_stuck,
    go_on,
    checking,
    // What is in the way.
    summary_title,
    /// Between an item and its error.
    colon,
    error_text_unread,
    error_agree,
    error_empty,
    error_too_long,
    error_too_short,
    error_email,
    error_phone,
    error_date,
    error_not_text,
    /// Slot: the character.
    error_character,
    error_space,
    error_other,
    // The text dialog.
    close,
    loading,
    text_failed,
    retry,
    /// Slot: the day.
    effective_from,
    /// Slot: the version.
    version,
    // Notices.
    /// Slot: the items.
    text_changed,
    refreshed,
    choices_restored,
    not_sent,
    expires_soon,
    more_time,
    // Trying again.
    retry_offline,
    retry_timeout,
    retry_busy,
    retry_server_error,
    ticks_kept,
    /// By number. Slot: seconds.
    retry_in,
    retry_now,
    // Problems: a heading, and what to do.
    not_found_heading,
    not_found_body,
    expired_heading,
    expired_body,
    decided_heading,
    decided_body,
    wrong_session_heading,
    wrong_session_body,
    not_approved_heading,
    not_approved_body,
    not_member_heading,
    not_member_body,
    under_age_heading,
    /// By number. Slot: the age of the service.
    under_age_body,
    unreadable_heading,
    unreadable_body,
    bad_target_heading,
    bad_target_body,
    unreachable_heading,
    unavailable_heading,
    restart,
    back_to_service,
    may_close,
    close_window,
    close_window_hint,
}
}
