//! One line about what the last action did, shown once at the top of the next page.

/// What the last action did. A session stores it by [`Notice::as_str`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A new member by the consent screen.
    SignedUp,
    /// A new member by plain login.
    SignedUpByLogin,
    /// A member who was here before signed in.
    SignedIn,
    /// A member of before was recognised, proven and linked.
    Linked,
    /// A member by plain login gave what signing up asks.
    Upgraded,
    /// The consent screen was left without agreeing to an upgrade.
    NotUpgraded,
    SignedOut,
    /// The pending sign-up was stopped; nothing was kept.
    SignUpStopped,
    /// Left the shop; unlinked at the provider.
    Left,
    /// Left the shop; the provider was down and is notified later.
    LeftUnlinkLater,
    /// The account was unlinked elsewhere (webhook), and the session ended with it.
    UnlinkedElsewhere,
    Added,
    Removed,
    ProfileSaved,
    /// A code was mailed.
    CodeSent,
    CouponsAgreed,
    CouponsRefused,
    ChannelAdded,
    ChannelRefused,
    ItemAgreed,
    ItemRefused,
    /// `/developers/forget` erased the row.
    RowForgotten,
    /// `/developers/repair` made the row again.
    RowRepaired,
}

impl Notice {
    pub const ALL: [Notice; 23] = [
        Notice::SignedUp,
        Notice::SignedUpByLogin,
        Notice::SignedIn,
        Notice::Linked,
        Notice::Upgraded,
        Notice::NotUpgraded,
        Notice::SignedOut,
        Notice::SignUpStopped,
        Notice::Left,
        Notice::LeftUnlinkLater,
        Notice::UnlinkedElsewhere,
        Notice::Added,
        Notice::Removed,
        Notice::ProfileSaved,
        Notice::CodeSent,
        Notice::CouponsAgreed,
        Notice::CouponsRefused,
        Notice::ChannelAdded,
        Notice::ChannelRefused,
        Notice::ItemAgreed,
        Notice::ItemRefused,
        Notice::RowForgotten,
        Notice::RowRepaired,
    ];

    /// The name that a session stores, and the end of the text's key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Notice::SignedUp => "signed_up",
            Notice::SignedUpByLogin => "signed_up_by_login",
            Notice::SignedIn => "signed_in",
            Notice::Linked => "linked",
            Notice::Upgraded => "upgraded",
            Notice::NotUpgraded => "not_upgraded",
            Notice::SignedOut => "signed_out",
            Notice::SignUpStopped => "sign_up_stopped",
            Notice::Left => "left",
            Notice::LeftUnlinkLater => "left_unlink_later",
            Notice::UnlinkedElsewhere => "unlinked_elsewhere",
            Notice::Added => "added",
            Notice::Removed => "removed",
            Notice::ProfileSaved => "profile_saved",
            Notice::CodeSent => "code_sent",
            Notice::CouponsAgreed => "coupons_agreed",
            Notice::CouponsRefused => "coupons_refused",
            Notice::ChannelAdded => "channel_added",
            Notice::ChannelRefused => "channel_refused",
            Notice::ItemAgreed => "item_agreed",
            Notice::ItemRefused => "item_refused",
            Notice::RowForgotten => "row_forgotten",
            Notice::RowRepaired => "row_repaired",
        }
    }

    /// The notice with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Notice> {
        Notice::ALL.into_iter().find(|notice| notice.as_str() == name)
    }
}
