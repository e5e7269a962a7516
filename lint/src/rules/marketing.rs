//! The rules about advertising.

use consent_contract::request::{HighlightKind, Term, TermKind};

use super::{Screen, is_blank};
use crate::{Findings, text::Text, words};

rules! {
    OPTIONAL = "KR-P07" Error High
        "Marketing is never required: a service may not refuse users who decline it."
        "PIPA 22(5), 22(1)7"
        "Set required = false.";
    OPTIONAL_BY_ANOTHER_KIND = "KR-P07" Warning Medium
        "A term that asks for advertising is of kind marketing, and not required."
        "PIPA 22(5), 22(1)7"
        "Set kind = \"marketing\" and required = false."
        settled_by "Whether the service may send advertising once this box is ticked.";
    SAYS_ADVERTISING = "KR-N01" Warning High
        "A consent to advertising uses the word \"advertising\" in its title."
        "Network Act 50(1)"
        "Write \"광고성 정보 수신\" (\"receive advertising\") in the title."
        settled_by "Whether the title names advertising in words that this list does not know.";
    NIGHT_APART = "KR-N02" Warning High
        "Advertising between 21:00 and 08:00 needs a separate checkbox."
        "Network Act 50(3); Decree 61(2)"
        "Make two terms: one for the day and one for the night."
        settled_by "Whether advertising is sent by night on the ground of this box, by other means than email.";
    MEDIUM_NAMED = "KR-N03" Warning Medium
        "The medium of advertising is named: text message, email, push, telephone, messenger."
        "Spirit of Network Act 50(4)"
        "Name the medium in the title or the highlight."
        settled_by "Whether title and highlights name how the advertising arrives.";
    SENDER_IS_THE_SERVICE = "KR-N03" Warning Medium
        "Advertising of other companies names them."
        "Spirit of Network Act 50(4); PIPA 17(2)1"
        "Name each company, or send your own advertising only."
        settled_by "Who sends the advertising.";
}

pub fn check(findings: &mut Findings, screen: &Screen<'_>) {
    for (place, term) in screen.request.terms.iter().enumerate() {
        let at = format!("/terms/{place}");
        let title = screen.read(&term.title);
        if term.kind == TermKind::Marketing {
            findings.marketing(&at, term, &title, screen);
        } else if term.required && is_promotion(&title) {
            let what = format!("\"{}\" asks for advertising and is required", term.title);
            findings.add(OPTIONAL_BY_ANOTHER_KIND, format!("{at}/required"), what);
        }
    }
}

fn is_promotion(title: &Text) -> bool {
    words::affirms(title, |it| &it.advertising) || words::affirms(title, |it| &it.promotion)
}

impl Findings {
    fn marketing(&mut self, at: &str, term: &Term, title: &Text, screen: &Screen<'_>) {
        let at_title = format!("{at}/title");
        if term.required {
            let what = format!("\"{}\" is marketing and required", term.title);
            self.add(OPTIONAL, format!("{at}/required"), what);
        }
        // A service may be called after advertising.
        if !is_blank(&term.title) && !words::has(&words::read(&term.title), |it| &it.advertising) {
            let what = format!("\"{}\" does not mention advertising", term.title);
            self.add(SAYS_ADVERTISING, at_title.as_str(), what);
        }
        let highlights: Vec<_> = term.highlights.iter().map(|it| screen.read(&it.text)).collect();
        self.night(at, term, title, &highlights);
        let media = [title].into_iter().chain(&highlights);
        let named =
            |it: &Text| words::has(it, |it| &it.email) || words::has(it, |it| &it.other_media);
        let promotes = term.highlights.iter().position(|it| it.kind == HighlightKind::Promotion);
        // Without a highlight there is a finding already.
        if let Some(number) = promotes
            && !media.clone().any(named)
        {
            let what = format!("\"{}\" does not name the medium", term.title);
            self.add(MEDIUM_NAMED, format!("{at}/highlights/{number}/text"), what);
        }
        if let Some(number) =
            media.clone().position(|it| words::affirms(it, |it| &it.unnamed_company))
        {
            let what = format!("\"{}\" covers advertising of companies without a name", term.title);
            self.add(SENDER_IS_THE_SERVICE, place(at, number), what);
        }
    }

    /// A box for the night alone is separate; one that also covers the day is not.
    fn night(&mut self, at: &str, term: &Term, title: &Text, highlights: &[Text]) {
        let all = [title].into_iter().chain(highlights);
        let other_than_email = |it: &Text| words::has(it, |it| &it.other_media);
        let email = all.clone().any(|it| words::has(it, |it| &it.email));
        if email && !all.clone().any(other_than_email) {
            return;
        }
        let for_the_night = words::affirms(title, |it| &it.night);
        let at_all_hours = |it: &Text| words::affirms(it, |it| &it.all_hours);
        let number = if for_the_night {
            at_all_hours(title).then_some(0)
        } else {
            all.clone().position(|it| at_all_hours(it) || words::affirms(it, |it| &it.night))
        };
        if let Some(number) = number {
            let what = format!("\"{}\" covers the night along with the day", term.title);
            self.add(NIGHT_APART, place(at, number), what);
        }
    }
}

/// The place of the title, or of the highlight after it.
fn place(at: &str, number: usize) -> String {
    match number.checked_sub(1) {
        None => format!("{at}/title"),
        Some(highlight) => format!("{at}/highlights/{highlight}/text"),
    }
}
