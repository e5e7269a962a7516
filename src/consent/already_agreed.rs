//! What was agreed to earlier, folded: it is not asked again.

use consent_contract::request::ConsentRequest;

use super::isolated;
use crate::{
    components::{Element, el},
    i18n::{self, Locale, date, fill},
};

pub fn view(request: &ConsentRequest, locale: Locale) -> Option<Element> {
    let texts = i18n::texts(locale);
    let agreed = &request.already_agreed;
    let terms = agreed.terms.iter().map(|term| (&term.title, &term.agreed_at));
    let items = agreed.personal_info.iter().map(|item| (&item.label, &item.agreed_at));
    let rows = terms.chain(items).map(|(title, agreed_at)| {
        let when = el("time")
            .class("already-agreed__when")
            .attr("datetime", agreed_at)
            .text(&fill(texts.agreed_on, &date(locale, agreed_at)));
        el("li").child(isolated(title)).text(" ").child(when).view()
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| {
        el("details")
            .class("already-agreed")
            .id("already-agreed")
            .child(
                el("summary")
                    .id("already-agreed-summary")
                    .text(&fill(texts.already_agreed, &rows.len().to_string())),
            )
            .child(el("ul").children(rows))
    })
}
