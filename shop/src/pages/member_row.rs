//! A row of the table `members` as pages show it.

use maud::{Markup, html};

use super::Frame;

/// One row of `members`. `None` is an empty column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberRow {
    /// The shop's own number of the row.
    pub id: i64,
    /// The provider's user id (`sub`): the key from linking on.
    pub user_id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// Tags of the service terms that the shop recorded as agreed to.
    pub terms: Vec<String>,
    /// How the row was made: `sign_up`, `login`, or `before` (a member of before the provider).
    pub joined_by: String,
    /// Date, `2026-11-27`.
    pub joined_on: String,
    /// An old password is stored.
    pub has_password: bool,
}

impl MemberRow {
    /// Column names and values, as they are in the table.
    fn columns(&self) -> [(&'static str, Option<String>); 10] {
        [
            ("id", Some(self.id.to_string())),
            ("sub", self.user_id.clone()),
            ("name", self.name.clone()),
            ("email", self.email.clone()),
            ("phone", self.phone.clone()),
            ("address", self.address.clone()),
            ("terms", (!self.terms.is_empty()).then(|| self.terms.join(", "))),
            ("joined_by", Some(self.joined_by.clone())),
            ("joined_on", Some(self.joined_on.clone())),
            ("password", self.has_password.then(|| "argon2id".to_owned())),
        ]
    }
}

/// The row as a list of columns and values.
pub(super) fn list(frame: &Frame, row: &MemberRow) -> Markup {
    html! {
        dl.row-list {
            @for (column, value) in row.columns() {
                div { dt translate="no" { (column) } dd { (cell(frame, value.as_deref())) } }
            }
        }
    }
}

/// Two rows beside each other; what differs is marked.
pub(super) fn compare(frame: &Frame, before: &MemberRow, after: &MemberRow) -> Markup {
    let texts = frame.texts();
    html! {
        table.row-table {
            caption.visually-hidden { (texts.get("row.compare")) }
            thead {
                tr {
                    th scope="col" { (texts.get("row.column")) }
                    th scope="col" { (texts.get("row.before")) }
                    th scope="col" { (texts.get("row.after")) }
                }
            }
            tbody {
                @for ((column, was), (_, is)) in before.columns().into_iter().zip(after.columns()) {
                    tr.changed[was != is] {
                        th scope="row" translate="no" { (column) }
                        td { (cell(frame, was.as_deref())) }
                        td {
                            @if was != is {
                                span.visually-hidden { (texts.get("row.changed")) " " }
                            }
                            (cell(frame, is.as_deref()))
                        }
                    }
                }
            }
        }
    }
}

fn cell(frame: &Frame, value: Option<&str>) -> Markup {
    html! {
        @match value {
            Some(value) => { span translate="no" { (value) } },
            None => { span.empty { (frame.texts().get("row.empty")) } },
        }
    }
}
