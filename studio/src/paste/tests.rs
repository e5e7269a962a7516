use super::*;
use crate::plain_text;

/// What a browser parses, by the same rules (HTML, 13.2).
fn tree(html: &str) -> Element {
    let html = scraper::Html::parse_document(html);
    let root = html.root_element();
    element(&root)
}

fn element(of: &scraper::ElementRef<'_>) -> Element {
    let attributes = of.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let children = of.children().filter_map(|child| match child.value() {
        scraper::Node::Text(text) => Some(Node::Text(text.to_string())),
        scraper::Node::Element(_) => {
            scraper::ElementRef::wrap(child).map(|it| Node::Element(element(&it)))
        }
        _ => None,
    });
    Element {
        tag: of.value().name().to_owned(),
        children: children.collect(),
        attributes: attributes.collect(),
    }
}

fn pasted(html: &str) -> String {
    blocks(&tree(html)).map(|it| plain_text::format(&it)).unwrap_or_default()
}

#[test]
fn word_keeps_headings_lists_and_tables() {
    let expected = "\
## 한옥마켓 이용약관

### 제1장 총칙

### 제1조 (목적)

이 약관은 회사가 제공하는 서비스의 이용 조건을 정합니다. 새 문장.

- 이메일 주소
- 전화번호

절차는 다음과 같습니다.

1. 신청
2. 승낙

| 항목 | 목적 | 보유 기간 |
|---|---|---|
| 이메일 | 가입 / 안내 | 탈퇴 시까지 |
| 전화번호 국내 국외 |  | 탈퇴 시까지 |

끝.";
    assert_eq!(pasted(include_str!("clipboard/word.html")), expected);
}

#[test]
fn hancom_keeps_headings_lists_and_tables() {
    let expected = "\
개인정보 수집⋅이용 동의서

## 수집하는 항목

- 1\\. 이름
- 2\\. 연락처
- 가. 전화번호
- ① 휴대 전화

## 보유 기간

기간 안내

| 항목 | 기간 |
|---|---|
| 이름 | 회원 탈퇴 시까지 |
| 이름 | 1년 |

3\\. 동의를 거부할 수 있습니다.";
    assert_eq!(pasted(include_str!("clipboard/hwp.html")), expected);
    let articles = "\
## 제1장 총칙

### 제1조 (목적)

이 약관은 ㈜한옥마켓의 서비스에 적용됩니다.

제2조(정의) 용어의 뜻은 다음과 같습니다.

- ①회원: 가입한 사람
- ②고객: 물건을 산 사람
- 그 밖의 용어

2026\\. 11. 1.부터 시행합니다.";
    assert_eq!(pasted(include_str!("clipboard/hwp_articles.html")), articles);
}

#[test]
fn google_docs_keeps_headings_lists_and_tables() {
    let expected = "\
## Retention

We keep the data until you leave.

- Email
- of the account
- Phone if you gave one
- 3\\. Ask
- 5\\. Wait

### Where

| What | Where |
|---|---|
| Email |  |";
    assert_eq!(pasted(include_str!("clipboard/google_docs.html")), expected);
}

/// Everything that is pasted is a text of the backend's format, too.
#[test]
fn what_was_pasted_has_a_form_in_a_file() {
    for html in [
        include_str!("clipboard/word.html"),
        include_str!("clipboard/hwp.html"),
        include_str!("clipboard/hwp_articles.html"),
        include_str!("clipboard/google_docs.html"),
    ] {
        let blocks = blocks(&tree(html)).unwrap();
        assert_eq!(plain_text::blocks(&plain_text::format(&blocks)), blocks);
        assert!(consent_services::text::format(&blocks).is_some(), "{blocks:?}");
    }
}

#[test]
fn what_has_no_structure_stays_plain() {
    for html in [
        "",
        "<p>One paragraph.</p>",
        "<b>bold</b> and <i>more</i>",
        // An editor for code.
        "<div style='white-space:pre'><div># heading</div><div>| a | b |</div></div>",
        "<p style='display:none'>hidden</p><p>shown</p>",
        "<img src=x onerror=alert(1)><script>alert(1)</script>",
    ] {
        assert_eq!(blocks(&tree(html)), None, "{html}");
    }
}

#[test]
fn odd_tables_are_read() {
    assert_eq!(pasted("<table><tr><td>a<td>b</table>"), "| a | b |\n|---|---|");
    let spans = "<table><tr><td rowspan=99999>a<td colspan=0>b<tr><td>c<td>d</table>";
    assert_eq!(pasted(spans), "| a | b |  |\n|---|---|---|\n| a | c | d |");
    let empty = "<p>x<table><tr><td><td></table><p>y";
    assert_eq!(pasted(empty), "x\n\ny");
    let framed = "<table><tr><td><p>a<p>b<table><tr><td>c<td>d</table></table>";
    assert_eq!(pasted(framed), "a\n\nb\n\n| c | d |\n|---|---|");
    let deep = format!("{}<p>deep", "<div>".repeat(500));
    assert_eq!(blocks(&tree(&deep)), None);
}

#[test]
fn what_is_pasted_stands_apart() {
    assert_eq!(between("", "- a", ""), "- a");
    assert_eq!(between("one", "- a", "two"), "\n\n- a\n\n");
    assert_eq!(between("one\n", "- a", "\ntwo"), "\n- a\n");
    assert_eq!(between("one\n\n", "- a", "\n\ntwo"), "- a");
    assert_eq!(between(" \n", "- a", "\n "), "- a");
}

#[test]
fn the_summary_counts_what_was_pasted() {
    let html = include_str!("clipboard/hwp.html");
    let blocks = blocks(&tree(html)).unwrap();
    assert_eq!(summary(&blocks), "Pasted: 2 headings, 3 paragraphs, 1 list, 1 table");
}
