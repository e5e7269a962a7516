use consent_contract::request::{Channel, Relation, Term, TermKind};

use super::{SHOP, changes, documents, shown, shown_in, written};
use crate::services;

fn term(tag: &str) -> Term {
    Term {
        tag: tag.into(),
        title: "새 약관".into(),
        kind: TermKind::Service,
        required: false,
        version: "2026-12-01".into(),
        digest: String::new(),
        highlights: Vec::new(),
        agreed_version: None,
    }
}

const NEW_TERM: &str = "+[[service.terms]]\n+tag = \"new\"\n+kind = \"service\"\n+required = false\n\
     +version = \"2026-12-01\"\n+effective_from = 2026-12-01\n+title = \"새 약관\"\n\
     +text = '''\n+글\n+'''\n";

fn with_text(it: &mut crate::Shown) {
    let blocks = crate::text::blocks("글").unwrap();
    documents(it).insert("new".into(), blocks);
}

#[test]
fn a_new_term_stands_behind_the_one_before_it() {
    for at in [1, 2] {
        let added = changes(SHOP, |it| {
            it.request.terms.insert(at, term("new"));
            with_text(it);
        });
        let lines: Vec<&str> = added.lines().filter(|line| *line != "+").collect();
        assert_eq!(lines.join("\n") + "\n", NEW_TERM, "at {at}");
    }
    let mut edited = shown(SHOP);
    edited.request.terms.insert(0, term("new"));
    with_text(&mut edited);
    let new = written(SHOP, &edited);
    assert_eq!(new.left_out, []);
    assert_eq!(shown(&new.toml).request.terms[0].tag, "new");
}

#[test]
fn a_removed_term_goes_with_its_versions_and_its_comment() {
    let removed = changes(SHOP, |it| {
        it.request.terms.remove(0);
        documents(it).remove("tos");
    });
    assert!(removed.starts_with("-# The terms of service.\n-[[service.terms]]\n"), "{removed}");
    assert!(removed.lines().all(|line| line.starts_with('-')), "{removed}");
    assert_eq!(removed.matches("[[service.terms]]").count(), 2);
    assert!(!removed.contains("marketing") && !removed.contains("future_key"));
}

#[test]
fn terms_that_are_moved_take_their_lines_along() {
    let toml = SHOP.replacen(
        "# The terms of service.\n[[service.terms]]\ntag = \"tos\"",
        "[[service.terms]]\ntag = \"tos-2025\"",
        1,
    );
    let mut edited = shown(&toml);
    edited.request.terms.rotate_right(1);
    let new = written(&toml, &edited);
    assert_eq!(new.left_out, []);
    let english = shown_in(&new.toml, "en").request;
    let titles: Vec<_> = english.terms.iter().map(|it| &*it.title).collect();
    assert_eq!(titles, ["Receive advertising", "Old terms", "Terms of service"]);
    let sorted = |toml: &str| {
        let mut lines: Vec<String> = toml.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&new.toml), sorted(&toml), "no line is lost");
}

#[test]
fn items_of_an_inline_list_are_added_removed_and_moved() {
    let item = |it: &crate::Shown, id: &str| {
        let mut item = it.request.personal_info.items[1].clone();
        (item.id, item.label) = (id.into(), "이름".into());
        item
    };
    assert_eq!(
        changes(SHOP, |it| {
            let new = item(it, "name");
            it.request.personal_info.items.push(new);
        }),
        "+    { id = \"name\", label = \"이름\", required = false },\n"
    );
    let gone = changes(SHOP, |it| drop(it.request.personal_info.items.remove(1)));
    assert!(gone.contains("phone_number") && !gone.contains("# not yet"), "{gone}");
    let gone = changes(SHOP, |it| drop(it.request.personal_info.items.remove(0)));
    assert!(
        gone.contains("-    { id = \"account_email\"") && !gone.contains("# not yet"),
        "{gone}"
    );
    let mut edited = shown(SHOP);
    edited.request.personal_info.items.swap(0, 1);
    let new = written(SHOP, &edited);
    assert_eq!(new.left_out, []);
    assert!(new.toml.contains("# not yet"));
    // With a comment in the list, no list without items can be written: it is said, and nothing is lost.
    let mut edited = shown(SHOP);
    edited.request.personal_info.items.clear();
    let new = written(SHOP, &edited);
    assert_eq!((new.toml.as_str(), &*new.left_out[0].at), (SHOP, "/request/personal_info/items"));
}

fn channel() -> Channel {
    Channel {
        public_id: "_new".into(),
        name: "새 채널".into(),
        icon_url: None,
        primary: false,
        requested: false,
        relation: Relation::None,
    }
}

#[test]
fn channels_are_added_and_removed() {
    assert_eq!(
        changes(SHOP, |it| it.request.channels.push(channel())),
        "+[[service.channels]]\n+public_id = \"_new\"\n+name = \"새 채널\"\n+\n"
    );
    assert_eq!(
        changes(SHOP, |it| it.request.channels.clear()),
        "-[[service.channels]]\n-public_id = \"_shop\"\n-name = { ko = \"가게\", en = \"The Shop\" }\n\
         -primary = true\n-\n"
    );
}

#[test]
fn a_service_that_has_nothing_yet_gets_everything() {
    let full = shown(SHOP);
    for empty in [
        "[[service]]\nclient_id = \"new\"\n\n[service.personal_info]\nrecipient = \"\"\n",
        "[[service]]\nclient_id = \"new\"\n\n[service.personal_info]\nrecipient = \"\"",
        "[[service]]\npersonal_info = {}",
        "service = [{ terms = [], channels = [], personal_info = { items = [] } }]\n",
    ] {
        let new = written(empty, &full);
        let at: Vec<_> = new.left_out.iter().map(|it| &*it.at).collect();
        let expected = ["/request/languages", "/request/service/destination_origin"];
        assert!(at.iter().all(|it| expected.contains(it)), "{at:?}\n{}", new.toml);
        let read = shown(&new.toml);
        assert_eq!(read.documents, full.documents);
        assert_eq!(read.request.terms.len(), 2);
        assert_eq!(read.request.personal_info.items, full.request.personal_info.items);
        assert_eq!(services(&new.toml).unwrap().len(), 1);
    }
}

/// A table of another list in the middle of a term would go with it.
#[test]
fn lines_of_something_else_are_never_lost() {
    let toml = "[[service]]\n[[service.terms]]\ntag = \"a\"\ntitle = \"a\"\n[[service.channels]]\n\
                public_id = \"_c\"\nname = \"c\"\n[service.terms.text]\nko = \"글\"\n";
    let mut edited = shown(toml);
    edited.request.terms.clear();
    edited.documents.clear();
    let new = written(toml, &edited);
    assert_eq!((&*new.toml, &*new.left_out[0].at), (toml, "/request/terms"));
}
