//! The words of drafts, themes, messages, comparisons and the stage. The constants are English: what shows
//! one translates it.

use crate::language::{t, tf, tn};

pub const NEW_SERVICE: &str = "New service";
pub const MY_DRAFTS: &str = "My drafts";
pub const ABOUT_DRAFTS: &str = "What you have changed, kept in this browser and sent nowhere. To look \
    at something else changes no draft.";
/// `file`: the one that the draft came from.
pub fn draft_saved(file: Option<&str>) -> String {
    match file {
        Some(file) => tf("Saved in this browser, from {file}", &[("file", &file)]),
        None => t("Saved in this browser").to_owned(),
    }
}

pub const DRAFT_NOT_SAVED: &str = "Not saved: this browser’s storage is full or blocked. Keep this tab \
    open, and export the fixture or copy the address in Share.";
pub const DRAFTS_NOT_SAVED: &str = "Drafts marked “not saved” are in this tab only: this browser’s \
    storage is full or blocked. Open each and export it in Share, or delete others.";
pub const NOT_SAVED: &str = "not saved";
pub const CHANGED_ELSEWHERE: &str = "This draft was changed or deleted in another tab. Your state is \
    kept as a draft of its own.";
pub const DRAFT_IS_GONE: &str = "The draft of this address is not in this browser. This is the state in \
    the address; what you change becomes a new draft.";
pub const OTHER_STATE: &str = "This address has another state than your draft. The draft is unchanged; \
    what you change here becomes a new draft.";
pub const DRAFT_UNREADABLE: &str = "This draft was made by another version of the studio.";

pub const LANGUAGE_NOT_KEPT: &str = "The language cannot be changed: this browser’s storage is full or \
    blocked.";

/// What names the cards of a gallery that are shown with a draft.
pub const SHOW_WITH: &str = "Service and theme of the cards";
pub const SHOW_WITH_OWN: &str = "Their own";

pub const RENAME: &str = "Rename";
pub const DUPLICATE: &str = "Duplicate";
pub const DELETE: &str = "Delete";
pub const DRAFT_NAME: &str = "Name of the draft";
pub const SAVE_NAME: &str = "Save the name";
pub const CANCEL: &str = "Cancel";
pub const UNDO_DELETION: &str = "Undo the deletion";

pub fn from_file(file: &str) -> String {
    tf("From {file}", &[("file", &file)])
}

/// The accessible name of a button on the card of a draft. `action`: translated.
pub fn of_draft(action: &str, name: &str) -> String {
    tf("{action} “{name}”", &[("action", &action), ("name", &name)])
}

pub fn deleted(name: &str) -> String {
    tf("“{name}” is deleted.", &[("name", &name)])
}

pub fn no_value_of(typed: &str, token: &str) -> String {
    tf(
        "“{typed}” is not a value of {token}: browsers would ignore it.",
        &[("typed", &typed), ("token", &token)],
    )
}

/// The button beside a pair with too little contrast.
pub fn use_colour(value: &str, token: &str) -> String {
    tf("Use {value} for {token}", &[("value", &value), ("token", &token)])
}

pub fn colour_used(value: &str, token: &str) -> String {
    tf("{token} is {value} now", &[("value", &value), ("token", &token)])
}

/// `token`: its label.
pub fn token_reset(token: &str) -> String {
    tf("“{token}” was reset", &[("token", &token)])
}

pub const ZOOM: &str = "Zoom";
pub const STAGE: &str = "Preview area";

/// `left_out`: what an opened theme has in the place of tokens.
pub fn no_token(left_out: &[String]) -> String {
    match left_out {
        [] => t("This file sets no token.").to_owned(),
        _ => tf(
            "This file sets no token of the screen, but {list}.",
            &[("list", &left_out.join(", "))],
        ),
    }
}

/// What an opened theme does not have. `left_out`: as the style sheet names it.
pub fn left_out(left_out: &[String]) -> String {
    let list = left_out.join(", ");
    tf(
        "Left out, since a theme has tokens only, each with a value of its kind: {list}.",
        &[("list", &list)],
    )
}

/// What an exported file does not have. `left_out`: names of tokens.
pub fn not_exported(left_out: &[String]) -> String {
    let list = left_out.join(", ");
    tf(
        "Design tokens have no form for these, which the style sheet has: {list}.",
        &[("list", &list)],
    )
}

pub const OPEN_NOW: &str = "Open now";
pub const COMPARED: &str = "Compared with";
pub const AS_THE_GALLERY: &str = "As the gallery has it";
pub const AS_THE_FILE: &str = "As the file was opened";
pub const NOTHING_DIFFERS: &str = "Nothing differs: both have the same data.";
pub const ABOUT_DIFFERENCE: &str = "One over the other: what is the same in both vanishes.";
pub const SHOWN_IN_PREVIEWS: &str = "Outlined in the previews";
pub const DRAFT_WENT_ON: &str = "This draft has changed since it was chosen.";
pub const USE_LATEST: &str = "Use its latest state";

/// A draft that only an address has.
pub fn copied(name: &str) -> String {
    tf("{name}, as in this address", &[("name", &name)])
}

pub const ABOUT_NOTES: &str = "Click a place in the preview to pin a note to it, or choose the place here. \
    Notes are in the draft, in the address and in the exported fixture.";
pub const NO_NOTES: &str = "No notes yet.";
pub const PLACE_IS_GONE: &str = "This place is not on the screen any more.";

/// How many elements of the preview are outlined for a finding.
pub fn outlined(count: usize) -> String {
    match count {
        0 => t("That is not visible on the screen.").to_owned(),
        _ => tn(count, "Outlined in the preview", "{count} places outlined in the preview"),
    }
}

pub fn finding_fixed(rule: &str) -> String {
    tf("{rule} is fixed.", &[("rule", &rule)])
}

/// A fix wrote a text, which has the focus.
pub fn finding_fixed_by_a_text(rule: &str) -> String {
    tf("{rule} is fixed with a usual wording: check that it is true.", &[("rule", &rule)])
}

pub fn note_added(number: u32, place: &str) -> String {
    tf("Note {number} added: {place}", &[("number", &number), ("place", &place)])
}

pub fn note_resolved(number: u32) -> String {
    tf("Note {number} resolved", &[("number", &number)])
}

pub fn note_reopened(number: u32) -> String {
    tf("Note {number} reopened", &[("number", &number)])
}

pub fn note_deleted(number: u32) -> String {
    tf("Note {number} deleted", &[("number", &number)])
}

pub const ABOUT_TEXTS: &str = "Every text of the service, in each language side by side. What you enter is \
    saved with the file. Where a text is missing, users read Korean.";
pub const ABOUT_GALLERY_TEXTS: &str = "Every text, in each language side by side. Korean is edited; translations \
    are those of the gallery. To enter your own, save a services.toml in Share and open it.";
pub const NO_TEXTS: &str =
    "This page has no texts of a service in several languages: edit it as JSON.";
pub const SAME_EVERYWHERE: &str = "Same in every language";
pub const MISSING: &str = "Missing";

/// How many texts a language lacks.
pub fn missing(count: usize) -> String {
    match count {
        0 => t("complete").to_owned(),
        count => tf("{count} missing", &[("count", &count)]),
    }
}

/// The button that leads to the next text that a language lacks.
pub fn next_missing(language: &str) -> String {
    tf("Next missing text: {language}", &[("language", &language)])
}

/// A language that users are not offered.
pub fn not_offered(language: &str) -> String {
    tf(
        "{language} is not offered to users yet: a language needs at least half of the texts that are \
         in several languages.",
        &[("language", &language)],
    )
}

/// What names a text in a language. `text`: translated.
pub fn in_language(text: &str, language: &str) -> String {
    tf("{text}, {language}", &[("text", &text), ("language", &language)])
}

pub const OPEN_FILE: &str = "Open a file";
pub const SERVER_SERVICES: &str = "This server's services";
pub const ABOUT_SERVER_SERVICES: &str = "From the services.toml that the server runs with, without its secrets, \
     but with the values of its accounts: this browser keeps them until you delete the draft. Nothing that you do \
     here changes the server.";
pub const OPEN_SERVICES: &str = "Open the services";
pub const ADMIN_TOKEN: &str = "Token of the admin API";
pub const TOKEN_REFUSED: &str = "The server does not accept this token.";
pub const SERVER_FAILED: &str = "The server does not answer with its services.";
pub const DROP_FILE: &str = "Drop a fixture or a services.toml";
pub const CHOOSE_SERVICE: &str = "Choose a service";
pub const ABOUT_CHOOSING: &str = "It becomes a draft that remembers its file: Share saves the file with what \
    you changed, and touches nothing else.";
pub const KEPT_IN_BROWSER: &str = "The draft keeps a copy of the file in this browser until you delete it, \
    with the accounts and secrets that the file has. Nothing is sent.";

/// What a service of a file has.
pub fn of_service(terms: usize, items: usize, channels: usize) -> String {
    [
        tn(terms, "1 term", "{count} terms"),
        tn(items, "1 item", "{count} items"),
        tn(channels, "1 channel", "{count} channels"),
    ]
    .join(" · ")
}
