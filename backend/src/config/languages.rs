//! The languages of a service.

use super::{
    catalog::{Localised, Service},
    reader::Table,
};

/// The languages of a service: those its texts have. A text that lacks one that others have was
/// forgotten, and would be shown in Korean in the middle of another language.
pub fn of(service: &Service, table: &Table<'_>) -> Vec<String> {
    fn tags<T>(text: &Localised<T>) -> Vec<&str> {
        text.locales().collect()
    }
    let provision = &service.personal_info;
    let mut texts = vec![
        ("`name`".to_owned(), table.at, tags(&service.name)),
        ("`company`".to_owned(), table.at, tags(&service.company)),
        ("`recipient`".to_owned(), table.at, tags(&provision.recipient)),
        ("`purpose`".to_owned(), table.at, tags(&provision.purpose)),
        ("`retention`".to_owned(), table.at, tags(&provision.retention)),
        ("`refusal_effect`".to_owned(), table.at, tags(&provision.refusal_effect)),
    ];
    for term in &service.terms {
        let mut add = |what, locales| {
            texts.push((format!("{what} of term `{}`", term.tag), term.position, locales));
        };
        add("the title", tags(&term.title));
        add("the text", tags(&term.blocks));
        term.highlights.iter().for_each(|(_, text)| add("a highlight", tags(text)));
    }
    for item in &provision.items {
        let what = format!("the label of item `{}`", item.attribute.id());
        texts.push((what, table.at, tags(&item.label)));
    }
    for channel in &service.channels {
        let what = format!("the name of channel `{}`", channel.public_id);
        texts.push((what, table.at, tags(&channel.name)));
    }
    let mut locales = vec!["ko".to_owned()];
    for locale in texts.iter().flat_map(|(_, _, locales)| locales) {
        if !locales.iter().any(|known| known == locale) {
            locales.push((*locale).to_owned());
        }
    }
    for (what, at, has) in &texts {
        // A text that was given once stands for every language.
        for locale in locales.iter().filter(|_| !has.is_empty()) {
            if !has.contains(&locale.as_str()) {
                table.fault(*at, format!("{what} has no `{locale}`, which other texts have"));
            }
        }
    }
    locales
}
