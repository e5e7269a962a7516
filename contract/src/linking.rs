//! The conditions under which the platform links a channel to a service. A server checks them where
//! its configuration has what they are about; the studio explains them.

/// A condition, in the order in which the platform names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkingCondition {
    BusinessChannel,
    SameRegistrationNumber,
    Role,
    OneService,
    Adults,
}

impl LinkingCondition {
    pub const ALL: [Self; 5] = [
        Self::BusinessChannel,
        Self::SameRegistrationNumber,
        Self::Role,
        Self::OneService,
        Self::Adults,
    ];

    /// The condition, as a part of a sentence.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::BusinessChannel => "only a business channel can be linked",
            Self::SameRegistrationNumber => {
                "a channel and its service have the same business registration number"
            }
            Self::Role => "who links a channel is a manager of it",
            Self::OneService => "a channel is linked to one service",
            Self::Adults => {
                "an adult channel is offered only to users who are known to be of age (19)"
            }
        }
    }

    /// What to do where it fails, as a part of a sentence.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::BusinessChannel => "have the channel reviewed first",
            Self::SameRegistrationNumber => {
                "register both to the same business, or link another channel"
            }
            Self::Role => "become a manager of the channel first",
            Self::OneService => "remove it from the other service first",
            Self::Adults => "give such users another channel, or none",
        }
    }
}
