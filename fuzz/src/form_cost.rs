//! Bodies that are large: what one costs grows with its size (CWE-407).

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use consent_contract::{
    acceptance,
    decision::{Agreement, ChannelAnswer, ItemAnswer, TermAnswer},
    draft::{Draft, SubmitAction},
    form::{self, field},
    item::ItemKey,
    request::{ConsentRequest, ConsentState, PersonalInfoItem, Term},
};
use url::form_urlencoded;

/// As many as a form that is read may have, or nearly.
const FIELDS: usize = 16_000;

/// A search for each name through all others took seconds, unoptimised.
const LONGEST: Duration = Duration::from_millis(1500);

/// A request of thousands of items.
static REQUEST: LazyLock<ConsentRequest> = LazyLock::new(|| {
    let mut request = match ConsentState::from_json(include_str!("../../contract/samples/ask.json"))
    {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    };
    let (term, item) = (request.terms[0].clone(), request.personal_info.items[0].clone());
    let items = 0..FIELDS / 8;
    request.terms.extend(items.clone().map(|at| Term { tag: format!("t{at}"), ..term.clone() }));
    let more = items.map(|at| PersonalInfoItem { id: format!("t{at}"), ..item.clone() });
    request.personal_info.items.extend(more);
    request
});

/// A form is repeated until it is large, as it is, and with other names each time.
///
/// # Panics
/// When it takes long to read, or what is read of it is not what stands in it once.
pub fn check(body: &[u8]) {
    let pattern: Vec<(String, String)> =
        form_urlencoded::parse(body).into_owned().take(64).collect();
    let names_an_item = |(name, _): &(String, String)| {
        name == field::SHOWN || name == field::AGREE || name.starts_with(field::VALUE_PREFIX)
    };
    if !pattern.iter().any(names_an_item) {
        return;
    }
    for numbered in [false, true] {
        let large = repeated(&pattern, numbered);
        quickly("a decision", || drop(form::decision(&large)));
        quickly("a button", || drop(SubmitAction::of(&large)));
        let (answers, changed) = quickly("a draft", || Draft(&large).answers(&REQUEST));
        assert!(changed.len() <= answers.count(), "each item is named once");
        let agreement = agreement(&large);
        quickly("judging", || drop(acceptance::check(&REQUEST, &agreement)));
    }
}

/// One of several tries: what else runs on the machine only makes it slower.
fn quickly<T>(what: &str, work: impl Fn() -> T) -> T {
    let mut took = Vec::new();
    for _ in 0..4 {
        let start = Instant::now();
        let done = work();
        took.push(start.elapsed());
        if start.elapsed() < LONGEST {
            return done;
        }
    }
    panic!("{what} took {took:?}");
}

fn repeated(pattern: &[(String, String)], numbered: bool) -> Vec<(String, String)> {
    let once = |name: &str| {
        [field::DECISION, field::CSRF_TOKEN, field::LOCALE, field::PERSONAL_INFO_DIGEST]
            .contains(&name)
    };
    let mut large: Vec<_> = pattern.iter().filter(|(name, _)| once(name)).cloned().collect();
    let rest: Vec<_> = pattern.iter().filter(|(name, _)| !once(name)).collect();
    for at in 0..FIELDS / rest.len().max(1) {
        for (name, value) in &rest {
            let (mut name, mut value) = (name.clone(), value.clone());
            if numbered {
                // `item:a b` becomes `item:t7 b`.
                match value.split_once(':') {
                    Some((kind, rest)) => {
                        let text =
                            rest.split_once(' ').map_or(String::new(), |(_, it)| format!(" {it}"));
                        value = format!("{kind}:t{at}{text}");
                    }
                    None if name.starts_with(field::VALUE_PREFIX) => {
                        name = form::value_field(&format!("t{at}"));
                    }
                    None => {}
                }
            }
            large.push((name, value));
        }
    }
    large
}

/// The same as an agreement, as it may arrive in JSON: whatever is shown is answered.
fn agreement(form: &[(String, String)]) -> Agreement {
    let mut agreement = Agreement {
        csrf_token: String::new(),
        locale: String::new(),
        terms: Vec::new(),
        personal_info_digest: String::new(),
        personal_info: Vec::new(),
        channels: Vec::new(),
    };
    for (_, value) in form {
        let mut words = value.split(' ').map(str::to_owned);
        match words.next().unwrap_or_default().parse() {
            Ok(ItemKey::Term(tag)) => agreement.terms.push(TermAnswer {
                tag,
                version: words.next().unwrap_or_default(),
                digest: words.next().unwrap_or_default(),
                agreed: true,
            }),
            Ok(ItemKey::Item(id)) => {
                agreement.personal_info.push(ItemAnswer { id, agreed: true, value: None });
            }
            Ok(ItemKey::Channel(public_id)) => {
                agreement.channels.push(ChannelAnswer { public_id, add: true });
            }
            Err(_) => {}
        }
    }
    agreement
}
