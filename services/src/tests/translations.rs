//! Texts in other languages.

use consent_contract::document::Block;

use super::{SHOP, shown_in};
use crate::{
    Change, NewText, TextInFile, Written,
    difference::{Line, difference},
    texts, write_texts,
};

fn change<'a>(language: &'a str, key: &'a str, line: &'a str) -> Change<'a> {
    Change { language, key, new: NewText::Line(line) }
}

/// The lines that changes make, all of them with a place in the file.
fn changed(toml: &str, changes: &[Change<'_>]) -> (String, Vec<String>) {
    let Written { toml: new, left_out } = write_texts(toml, 0, changes).unwrap();
    assert_eq!(left_out, [], "{new}");
    let lines = difference(toml, &new).into_iter().filter_map(|line| match line {
        Line::Added(it) => Some(format!("+{}", it.text)),
        Line::Removed(it) => Some(format!("-{}", it.text)),
        Line::Same(_) | Line::Skipped(_) => None,
    });
    let lines = lines.collect();
    (new, lines)
}

#[test]
fn every_text_is_read_in_every_language() {
    let texts = texts(SHOP, 0).unwrap();
    let of = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(language, text)| ((*language).into(), (*text).into()));
        TextInFile::Translated(pairs.collect())
    };
    assert_eq!(texts["/request/service/company"], TextInFile::Shared("The Shop Inc.".into()));
    // Of a term the latest version.
    let title = of(&[("ko", "이용약관"), ("en", "Terms of service")]);
    assert_eq!(texts["/request/terms/tos/title"], title);
    let highlight = of(&[("ko", "철회 시까지"), ("en", "Until you withdraw")]);
    assert_eq!(texts["/request/terms/marketing/highlights/1/text"], highlight);
    assert!(texts.contains_key("/documents/tos"));
    assert!(texts.contains_key("/request/personal_info/items/phone_number/label"));
    assert!(texts.contains_key("/request/channels/_shop/name"));
    assert!(!texts.contains_key("/request/personal_info/items/phone_number/purpose"));
}

#[test]
fn a_text_is_written_in_its_language_and_nothing_else_changes() {
    let (new, lines) = changed(
        SHOP,
        &[
            change("en", "/request/terms/tos/title", "Rules"),
            change("ja", "/request/terms/tos/title", "利用規約"),
            change("en", "/request/terms/marketing/title", "News"),
            change("en", "/request/terms/marketing/highlights/1/text", "Until then"),
            change("ja", "/request/personal_info/items/account_email/label", "メール"),
        ],
    );
    assert_eq!(
        lines,
        [
            "-title = { ko = \"이용약관\", en = \"Terms of service\" }",
            "+title = { ko = \"이용약관\", en = \"Rules\", ja = \"利用規約\" }",
            "-title.en = \"Receive advertising\"",
            "+title.en = \"News\"",
            "-    { kind = \"retention\", text = { ko = \"철회 시까지\", en = \"Until you withdraw\" } },",
            "+    { kind = \"retention\", text = { ko = \"철회 시까지\", en = \"Until then\" } },",
            "-    { id = \"account_email\", label = { ko = \"이메일\", en = \"Email\" }, required = true, collect = true },",
            "+    { id = \"account_email\", label = { ko = \"이메일\", en = \"Email\", ja = \"メール\" }, required = true, collect = true },",
        ]
    );
    assert_eq!(shown_in(&new, "en").request.terms[0].title, "Rules");
    let same = [change("en", "/request/terms/tos/title", "Terms of service")];
    assert_eq!(changed(SHOP, &same).0, SHOP);
}

#[test]
fn a_text_that_was_written_once_becomes_a_table_of_languages() {
    let company = "/request/service/company";
    let (new, lines) = changed(SHOP, &[change("en", company, "Shop Ltd.")]);
    assert_eq!(
        lines,
        ["-company = 'The Shop Inc.'", "+company = { ko = 'The Shop Inc.', en = \"Shop Ltd.\" }"]
    );
    assert_eq!(shown_in(&new, "en").request.service.company, "Shop Ltd.");
    assert_eq!(shown_in(&new, "ko").request.service.company, "The Shop Inc.");
    assert_eq!(changed(SHOP, &[change("en", company, "The Shop Inc.")]).0, SHOP);
    assert_eq!(changed(SHOP, &[change("en", company, "")]).0, SHOP);
}

#[test]
fn an_empty_text_is_taken_out_of_its_language() {
    let (_, lines) = changed(SHOP, &[change("en", "/request/channels/_shop/name", " ")]);
    let new = "+name = { ko = \"가게\" }";
    assert_eq!(lines, ["-name = { ko = \"가게\", en = \"The Shop\" }", new]);
}

#[test]
fn a_full_text_keeps_the_blocks_that_stay() {
    let paragraph = |text: &str| Block::Paragraph { text: text.into() };
    let heading = Block::Heading { level: 2, text: "Article 1".into() };
    let blocks = [heading.clone(), paragraph("We sell things."), paragraph("And more.")];
    let full =
        |language, blocks| Change { language, key: "/documents/tos", new: NewText::Full(blocks) };
    let japanese = [paragraph("売ります。")];
    let (new, lines) = changed(SHOP, &[full("en", &blocks), full("ja", &japanese)]);
    assert_eq!(
        lines,
        [
            "-en = \"## Article 1\\n\\nWe sell things.\"",
            "+en = \"## Article 1\\n\\nWe sell things.\\n\\nAnd more.\"",
            "+ja = \"売ります。\"",
        ]
    );
    assert_eq!(shown_in(&new, "en").documents["tos"], blocks);
    // What has no form in the file is reported, and the text of before stays.
    let list = |item: &str| Block::List { items: vec![item.into()] };
    let two = [list("1. a"), list("1. b")];
    let Written { toml, left_out } = write_texts(SHOP, 0, &[full("en", &two)]).unwrap();
    assert_eq!((&*toml, &*left_out[0].at), (SHOP, "/translations/en/documents/tos"));
}

#[test]
fn a_text_without_a_place_is_reported() {
    let Written { toml, left_out } =
        write_texts(SHOP, 0, &[change("en", "/request/terms/gone/title", "x")]).unwrap();
    assert_eq!((&*toml, left_out.len()), (SHOP, 1));
    // A language is a key like any other.
    let (new, _) = changed(SHOP, &[change("zh-Hans", "/request/terms/tos/title", "条款")]);
    assert!(new.contains("zh-Hans = \"条款\""));
    let (new, _) = changed(SHOP, &[change("x y", "/request/terms/tos/title", "?")]);
    assert!(new.contains("\"x y\" = \"?\""));
}
