use consent_contract::{
    document::Block,
    name,
    request::{AgreeAllPolicy, HighlightKind, Mode, TermKind},
};

use super::{SHOP, changes, documents, shown_in, written};

#[test]
fn a_text_changes_its_line_and_no_other_language() {
    assert_eq!(
        changes(SHOP, |it| it.request.terms[0].title = "가게 \"이용\" 약관".into()),
        "-title = { ko = \"이용약관\", en = \"Terms of service\" }\n\
         +title = { ko = \"가게 \\\"이용\\\" 약관\", en = \"Terms of service\" }\n"
    );
    assert_eq!(
        changes(SHOP, |it| it.request.service.name = "새 가게".into()),
        "-name = { ko = \"가게\", en = \"The Shop\" } # as users see it\n\
         +name = { ko = \"새 가게\", en = \"The Shop\" } # as users see it\n"
    );
    assert_eq!(
        changes(SHOP, |it| it.request.service.company = "가게".into()),
        "-company = 'The Shop Inc.'\n+company = '가게'\n"
    );
    assert_eq!(
        changes(SHOP, |it| it.request.terms[1].title = "광고".into()),
        "-title.ko = \"광고성 정보 수신\"\n+title.ko = \"광고\"\n"
    );
}

#[test]
fn an_edit_of_a_file_with_crlf_keeps_its_ends_of_lines() {
    let crlf = SHOP.replace('\n', "\r\n");
    let mut edited = super::shown(&crlf);
    edited.request.terms[0].required = false;
    documents(&mut edited).get_mut("tos").unwrap().push(Block::Paragraph { text: "끝".into() });
    edited.request.channels[0].name = "채널".into();
    let new = written(&crlf, &edited);
    assert_eq!(new.left_out, []);
    assert_eq!(new.toml.matches('\n').count(), new.toml.matches("\r\n").count());
    assert_eq!(new.toml.replace("\r\n", "\n"), {
        let mut lf = super::shown(SHOP);
        lf.clone_from(&edited);
        written(SHOP, &lf).toml
    });
}

#[test]
fn a_full_text_changes_where_it_was_edited() {
    let block = |text: &str| Block::Paragraph { text: text.into() };
    assert_eq!(
        changes(SHOP, |it| documents(it).get_mut("tos").unwrap()[1] = block("책을 팝니다.")),
        "-물건을\n-팝니다.\n+책을 팝니다.\n"
    );
    assert_eq!(
        changes(SHOP, |it| documents(it).get_mut("marketing").unwrap().push(block("더"))),
        "-text = { ko = \"할인 소식\", en = \"News\" }\n\
         +text = { ko = \"할인 소식\\n\\n더\", en = \"News\" }\n"
    );
}

#[test]
fn flags_and_words_are_replaced_or_added_below_the_keys_of_their_table() {
    assert_eq!(
        changes(SHOP, |it| {
            it.request.terms[1].kind = TermKind::Service;
            it.request.terms[0].version = "2026-12-01".into();
            it.request.channels[0].primary = false;
            it.request.personal_info.items[1].required = true;
        }),
        "-version = \"2026-11-01\"\n+version = \"2026-12-01\"\n\
         -kind = \"marketing\"\n+kind = \"service\"\n\
         -    { id = \"phone_number\", label = { ko = \"전화번호\", en = \"Phone\" }, required = false },\n\
         +    { id = \"phone_number\", label = { ko = \"전화번호\", en = \"Phone\" }, required = true },\n\
         -primary = true\n+primary = false\n"
    );
    assert_eq!(
        changes(SHOP, |it| {
            it.request.service.verified = true;
            it.request.service.mode = Mode::Test;
            it.request.agree_all = AgreeAllPolicy::Everything;
            it.request.service.privacy_policy_url = Some("https://shop.example/privacy".into());
        }),
        "+verified = true\n+mode = \"test\"\n+agree_all = \"everything\"\n\
         +privacy_policy_url = \"https://shop.example/privacy\"\n"
    );
}

#[test]
fn statements_of_an_item_come_and_go() {
    let own = "-    { id = \"phone_number\", label = { ko = \"전화번호\", en = \"Phone\" }, required = false },\n\
               +    { id = \"phone_number\", label = { ko = \"전화번호\", en = \"Phone\" }, required = false, \
               recipient = \"가게페이\" },\n";
    assert_eq!(
        changes(SHOP, |it| it.request.personal_info.items[1].recipient = Some("가게페이".into())),
        own
    );
    let with = own.lines().last().unwrap()[1..].to_owned();
    let toml = SHOP.replace(&own.lines().next().unwrap()[1..], &with);
    assert_eq!(
        changes(&toml, |it| it.request.personal_info.items[1].recipient = None),
        format!("-{with}\n+{}\n", &own.lines().next().unwrap()[1..])
    );
    assert_eq!(
        changes(SHOP, |it| it.request.personal_info.purpose = "배송".into()),
        "-purpose = { ko = \"주문 처리\", en = \"Orders\" }\n+purpose = { ko = \"배송\", en = \"Orders\" }\n"
    );
}

#[test]
fn a_value_that_is_asked_for_is_collected() {
    let item = |collect| {
        format!(
            "    {{ id = \"account_email\", label = {{ ko = \"이메일\", en = \"Email\" }}, required = true, collect = {collect} }},\n"
        )
    };
    assert_eq!(
        changes(SHOP, |it| it.request.personal_info.items[0].collect = None),
        format!("-{}+{}", item(true), item(false))
    );
    let mut edited = super::shown(SHOP);
    edited.request.personal_info.items[0].may_be_empty = Some(true);
    let new = written(SHOP, &edited);
    assert!(new.toml.contains("collect = true, when_missing = \"continue\" }"), "{}", new.toml);
}

#[test]
fn highlights_keep_their_translations_when_another_is_removed_or_moved() {
    let mut edited = super::shown(SHOP);
    edited.request.terms[1].highlights.remove(0);
    let new = written(SHOP, &edited);
    assert_eq!(new.left_out, []);
    assert!(new.toml.contains("# what it is"), "a comment is lost: {}", new.toml);
    let english = shown_in(&new.toml, "en").request.terms[1].highlights.clone();
    assert_eq!(english.iter().map(|it| &*it.text).collect::<Vec<_>>(), ["Until you withdraw"]);

    let mut edited = super::shown(SHOP);
    let highlights = &mut edited.request.terms[1].highlights;
    highlights.swap(0, 1);
    highlights.push(consent_contract::request::Highlight {
        kind: HighlightKind::Recipient,
        text: "가게 주식회사".into(),
    });
    let new = written(SHOP, &edited);
    assert_eq!(new.left_out, []);
    let english = shown_in(&new.toml, "en").request.terms[1].highlights.clone();
    let texts: Vec<_> = english.iter().map(|it| &*it.text).collect();
    assert_eq!(texts, ["Until you withdraw", "Offers", "가게 주식회사"]);
    // To a term without any.
    let added = changes(SHOP, |it| {
        let highlight = it.request.terms[1].highlights[0].clone();
        it.request.terms[0].highlights.push(highlight);
    });
    assert_eq!(
        added,
        "+[[service.terms.highlights]]\n+kind = \"promotion\"\n+text = \"할인 소식\"\n+\n"
    );
}

proptest::proptest! {
    /// Whatever is typed is read again, and no other line changes.
    #[test]
    fn any_text_is_read_as_it_was_typed(typed in "\\PC{1,30}") {
        let typed = name::clean(&typed);
        proptest::prop_assume!(!typed.is_empty() && typed != "이용약관");
        let mut edited = super::shown(SHOP);
        edited.request.terms[0].title.clone_from(&typed);
        edited.request.service.company.clone_from(&typed);
        documents(&mut edited).get_mut("tos").unwrap()[1] = Block::Paragraph { text: typed.clone() };
        let new = written(SHOP, &edited);
        proptest::prop_assert_eq!(&new.left_out, &[], "{}", new.toml);
        proptest::prop_assert_eq!(new.toml.lines().count() + 1, SHOP.lines().count());
    }
}
