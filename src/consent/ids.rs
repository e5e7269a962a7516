//! Ids of elements that more than one file refers to. src/boot/ refers to some of them, too.

/// The form that agrees.
pub const CONSENT_FORM: &str = "consent-form";

/// The form that cancels.
pub const CANCEL_FORM: &str = "cancel-form";

/// The button that agrees.
pub const AGREE_BUTTON: &str = "agree-button";

/// The button that Enter in a text field clicks.
pub const AGREE_ON_ENTER: &str = "agree-on-enter";

/// The button that cancels, on every page that has one.
pub const CANCEL_BUTTON: &str = "cancel-button";

/// The error summary.
pub const SUMMARY: &str = "summary";

/// The message above the form.
pub const NOTICE: &str = "notice";

/// Its text.
pub const NOTICE_TEXT: &str = "notice-text";

/// The scrollable box with a full text.
pub const TEXT_BOX: &str = "text-box";

/// The list of languages.
pub const LANGUAGE: &str = "language";
