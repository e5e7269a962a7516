//! Where the parts of the screen are in its markup. No other file of the measuring knows the screen's
//! classes.

/// The page with everything on it.
pub const ALL: &str = "main.page, main.page *";
/// Every control that can be clicked.
pub const CONTROLS: &str = "main.page :is(button, a[href], input, select, summary)";
/// Every box and text field.
pub const INPUTS: &str = "main.page input:not([type=hidden])";
/// A row: one item that the user agrees to.
pub const ROW: &str = "[data-row]";
/// The checkbox of each row.
pub const ROW_CHECKBOXES: &str = "main.page [data-row] input[type=checkbox]";
/// The part of a row's label that marks it as required or optional.
pub const ROW_NEED: &str = ".row__need";
/// The checkbox that ticks others.
pub const AGREE_ALL: &str = "#agree-all";
/// The highlights of the terms.
pub const HIGHLIGHTS: &str = "main.page [data-row] em";
/// The statements about the provision of personal information, each after its name.
pub const FACTS: &str = "main.page .facts dd";
/// The two answers.
pub const AGREE: &str = "main.page .actions .button--primary";
pub const CANCEL: &str = "main.page .actions .button--secondary";
