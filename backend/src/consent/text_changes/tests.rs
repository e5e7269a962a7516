//! Differences of texts in three languages.

use std::time::{Duration, Instant};

use consent_contract::changes::{Change, Edit};
use proptest::prelude::*;

use super::*;

fn document(locale: &str, blocks: Vec<Block>) -> Document {
    Document {
        tag: "tos".into(),
        version: "1".into(),
        title: "약관".into(),
        locale: locale.into(),
        digest: "sha256-x".into(),
        effective_from: "2026-01-01".into(),
        blocks,
    }
}

/// `# ` is a heading, `- ` an item, everything else a paragraph.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(text) = line.strip_prefix("# ") {
            blocks.push(Block::Heading { level: 2, text: text.into() });
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::List { items }) => items.push(item.into()),
                _ => blocks.push(Block::List { items: vec![item.into()] }),
            }
        } else {
            blocks.push(Block::Paragraph { text: line.into() });
        }
    }
    blocks
}

fn compared(locale: &str, old: &str, new: &str) -> Difference {
    difference(&document(locale, blocks(old)), &document(locale, blocks(new)))
}

/// The marked text with `[-removed-]` and `{+added+}`, one block or item a line.
fn marks(difference: &Difference) -> String {
    let Difference::Marked { blocks, .. } = difference else { panic!("{difference:?}") };
    let text = |text: &ChangedText| -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Added(text) => format!("{{+{text}+}}"),
            Piece::Removed(text) => format!("[-{text}-]"),
        };
        text.iter().map(piece).collect()
    };
    let line = |block: &ChangedBlock| match block {
        ChangedBlock::Heading { text: it, .. } => format!("# {}", text(it)),
        ChangedBlock::Paragraph { text: it } => text(it),
        ChangedBlock::List { items } => {
            items.iter().map(|it| format!("- {}", text(it))).collect::<Vec<_>>().join("\n")
        }
        ChangedBlock::Table { header, rows } => {
            let row = |row: &Vec<ChangedText>| row.iter().map(text).collect::<Vec<_>>().join(" | ");
            std::iter::once(header).chain(rows).map(row).collect::<Vec<_>>().join("\n")
        }
    };
    blocks.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn changes(difference: &Difference) -> Vec<(Option<&str>, Edit)> {
    let Difference::Marked { changes, .. } = difference else { panic!("{difference:?}") };
    changes.iter().map(|Change { section, edit }| (section.as_deref(), edit.clone())).collect()
}

fn replaced(old: &str, new: &str) -> Edit {
    Edit::Replaced(old.into(), new.into())
}

const KO: &str = "# 제1조 보관\n\
    개인정보는 동의일로부터 1년간 보관합니다. 보관 기간이 끝나면 지체 없이 파기합니다.\n\
    # 제2조 제공\n\
    - 배송을 맡은 회사에 주소와 전화번호를 제공합니다.\n\
    - 결제를 맡은 회사에 이름을 제공합니다.\n\
    # 제3조 문의\n\
    궁금한 점은 고객센터에 물어볼 수 있습니다.\n";

#[test]
fn nothing_changed() {
    for locale in ["ko", "en", "ja"] {
        let same = compared(locale, KO, KO);
        assert_eq!(changes(&same), []);
        assert!(!marks(&same).contains(['{', '[']), "{same:?}");
    }
    assert_eq!(changes(&compared("ko", "", "")), []);
}

#[test]
fn korean_words_change_whole() {
    let new = KO.replace("1년간", "3년간");
    let difference = compared("ko", KO, &new);
    assert!(
        marks(&difference).contains("동의일로부터 [-1년간-]{+3년간+} 보관합니다."),
        "{difference:?}"
    );
    assert_eq!(
        changes(&difference),
        [(
            Some("제1조 보관"),
            replaced(
                "개인정보는 동의일로부터 1년간 보관합니다. 보관 기간이 끝나면 지체…",
                "개인정보는 동의일로부터 3년간 보관합니다. 보관 기간이 끝나면 지체…"
            )
        )]
    );
}

#[test]
fn english_words_change_whole() {
    let old = "We keep your data for one year. After that we destroy it without delay.";
    let new = "We keep your data for three years. After that we destroy it without delay.";
    let difference = compared("en", old, new);
    assert_eq!(
        marks(&difference),
        "We keep your data for [-one year.-]{+three years.+} After that we destroy it without delay."
    );
}

#[test]
fn japanese_changes_by_characters_and_keeps_numbers_whole() {
    let old = "個人情報は同意の日から12か月間保管し、その後は遅滞なく破棄します。";
    let new = "個人情報は同意の日から36か月間保管し、その後は遅滞なく破棄します。";
    let difference = compared("ja", old, new);
    assert_eq!(
        marks(&difference),
        "個人情報は同意の日から[-12-]{+36+}か月間保管し、その後は遅滞なく破棄します。"
    );
    let renamed = compared("ja", old, &old.replace("破棄", "消去"));
    assert!(marks(&renamed).contains("遅滞なく[-破棄-]{+消去+}します。"), "{renamed:?}");
}

#[test]
fn small_matches_between_changes_are_part_of_one_change() {
    let old = "회원은 언제든지 동의를 철회할 수 있으며 철회해도 불이익이 없습니다. 문의는 고객센터로 하세요.";
    let new = "회원은 원할 때 승낙을 거둘 수 있으며 철회해도 불이익이 없습니다. 문의는 고객센터로 하세요.";
    assert!(
        marks(&compared("ko", old, new))
            .starts_with("회원은 [-언제든지 동의를 철회할-]{+원할 때 승낙을 거둘+} 수 있으며"),
    );
}

#[test]
fn whole_blocks_are_added_and_removed() {
    let new = KO
        .replace("# 제3조 문의", "# 제3조 분쟁\n분쟁은 서울중앙지방법원이 맡습니다.\n# 제4조 문의");
    let difference = compared("ko", KO, &new);
    assert!(
        marks(&difference).contains("{+분쟁은 서울중앙지방법원이 맡습니다.+}"),
        "{difference:?}"
    );
    assert!(
        changes(&difference).contains(&(
            Some("제3조 분쟁"),
            Edit::Added("분쟁은 서울중앙지방법원이 맡습니다.".into())
        )),
        "{difference:?}"
    );
    let back = compared("ko", &new, KO);
    assert!(marks(&back).contains("[-분쟁은 서울중앙지방법원이 맡습니다.-]"), "{back:?}");
}

#[test]
fn an_item_of_a_list_changes_alone() {
    let new = KO.replace("이름을 제공", "이름과 이메일을 제공");
    let difference = compared("ko", KO, &new);
    assert!(
        marks(&difference).contains(
            "- 배송을 맡은 회사에 주소와 전화번호를 제공합니다.\n\
             - 결제를 맡은 회사에 [-이름을-]{+이름과 이메일을+} 제공합니다."
        ),
        "{difference:?}"
    );
    let longer = KO
        .replace("이름을 제공합니다.", "이름을 제공합니다.\n- 광고를 맡은 회사에는 주지 않습니다.");
    let difference = compared("ko", KO, &longer);
    assert_eq!(
        changes(&difference),
        [(Some("제2조 제공"), Edit::Added("광고를 맡은 회사에는 주지 않습니다.".into()))]
    );
}

#[test]
fn a_moved_paragraph_is_neither_added_nor_removed() {
    let lines: Vec<&str> = KO.lines().collect();
    // The last article comes first.
    let new = [&lines[5..], &lines[..5]].concat().join("\n");
    let difference = compared("ko", KO, &new);
    assert!(!marks(&difference).contains(['{', '[']), "{difference:?}");
    let moved: Vec<_> = changes(&difference)
        .into_iter()
        .map(|(_, edit)| match edit {
            Edit::Moved(text) => text,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(!moved.is_empty(), "{difference:?}");
}

#[test]
fn a_row_of_a_table_changes_alone() {
    let table = |months: &str| Block::Table {
        header: vec!["항목".into(), "보관 기간".into()],
        rows: vec![
            vec!["이메일 주소".into(), "탈퇴할 때까지".into()],
            vec!["주문 기록과 배송 주소".into(), months.into()],
        ],
    };
    let (old, new) = (document("ko", vec![table("5년")]), document("ko", vec![table("3년")]));
    assert_eq!(
        marks(&difference(&old, &new)),
        "항목 | 보관 기간\n이메일 주소 | 탈퇴할 때까지\n주문 기록과 배송 주소 | [-5년-]{+3년+}"
    );
    assert_eq!(
        changes(&difference(&old, &new)),
        [(None, replaced("주문 기록과 배송 주소 · 5년", "주문 기록과 배송 주소 · 3년"))]
    );
    // Another column: the tables are not compared, and the old one is shown, too.
    let wide = Block::Table {
        header: vec!["항목".into(), "보관 기간".into(), "근거".into()],
        rows: vec![vec!["이메일 주소".into(), "탈퇴할 때까지".into(), "동의".into()]],
    };
    let paragraph = Block::Paragraph {
        text: "이 표는 무엇을 얼마나 보관하는지 보여 줍니다. ".repeat(9),
    };
    let old = document("ko", vec![paragraph.clone(), table("5년")]);
    let marked = marks(&difference(&old, &document("ko", vec![paragraph, wide])));
    assert!(marked.contains("[-5년-]") && marked.contains("{+근거+}"), "{marked}");
}

#[test]
fn more_than_half_is_a_rewritten_text() {
    let other = "# 총칙\n이 약관은 다른 회사가 다른 서비스를 위해 새로 쓴 글입니다.\n- 같은 문장이 없습니다.";
    let Difference::Rewritten { old } = compared("ko", KO, other) else {
        panic!("it is rewritten")
    };
    assert_eq!(old, blocks(KO));
}

#[test]
fn a_changed_title_is_in_the_list() {
    let old = document("ko", blocks(KO));
    let new = Document { title: "서비스 약관".into(), ..old.clone() };
    assert_eq!(changes(&difference(&old, &new)), [(None, replaced("약관", "서비스 약관"))]);
}

#[test]
fn a_long_list_is_cut_and_counted() {
    let text = |price: usize| -> String {
        let line =
            |at| format!("{at}번째 상품의 배송은 사흘 안에 끝나고 값은 {}원입니다.\n", price + at);
        (0..50).map(line).collect()
    };
    let Difference::Marked { changes, more, blocks } = compared("ko", &text(1_000), &text(5_000))
    else {
        panic!("a few words of each line changed")
    };
    assert_eq!((changes.len(), more, blocks.len()), (20, 30, 50));
}

#[test]
fn long_passages_are_cut_in_the_list_only() {
    let long = "새로 생긴 조항은 아주 깁니다. ".repeat(20);
    let difference = compared("ko", &KO.repeat(9), &format!("{}{long}", KO.repeat(9)));
    let [(_, Edit::Added(listed))] = &changes(&difference)[..] else { panic!("{difference:?}") };
    assert!(listed.ends_with('…') && listed.chars().count() <= 161, "{listed}");
    assert!(marks(&difference).contains(&format!("{{+{}+}}", long.trim())));
}

/// Also where everything differs, repeats, or is in one paragraph.
#[test]
fn the_cost_is_linear() {
    let paragraph =
        |at: usize, word: &str| format!("제{at}조 {word} {word}을 {at}번 제공합니다.\n");
    let text =
        |word: &str, count: usize| -> String { (0..count).map(|at| paragraph(at, word)).collect() };
    let one = |text: String| vec![Block::Paragraph { text }];
    let pairs = |count: usize| {
        [
            (blocks(&text("주소", count)), blocks(&text("이름", count))),
            (
                blocks(&"같은 문장입니다.\n".repeat(count)),
                blocks(&"같은 문장 입니다.\n".repeat(count)),
            ),
            (one(text("주소", count)), one(text("이름", count))),
            (one("가나다라".repeat(4 * count)), one("나다라가마".repeat(4 * count))),
        ]
    };
    for locale in ["ko", "ja"] {
        let cost = |count: usize| -> Vec<Duration> {
            let cost = |(old, new)| {
                let (old, new) = (document(locale, old), document(locale, new));
                let start = Instant::now();
                let _ = difference(&old, &new);
                start.elapsed()
            };
            pairs(count).into_iter().map(cost).collect()
        };
        let (small, large) = (cost(1_000), cost(8_000));
        for (at, (small, large)) in small.into_iter().zip(large).enumerate() {
            // Eight times the length; quadratic would be 64 times the time.
            let most = small.max(Duration::from_millis(20)) * 30;
            assert!(large < most, "{locale} {at}: {small:?} and {large:?}");
        }
    }
}

fn text_of_pieces(text: &ChangedText, keep: fn(&Piece) -> bool) -> String {
    text.iter().filter(|piece| keep(piece)).map(Piece::text).collect()
}

fn is_in_old(piece: &Piece) -> bool {
    !matches!(piece, Piece::Added(_))
}

fn is_in_new(piece: &Piece) -> bool {
    !matches!(piece, Piece::Removed(_))
}

proptest! {
    /// Whatever is marked: without the marks it is each of the two texts.
    #[test]
    fn both_texts_are_in_the_marked_one(
        old in "[가나다 ,.a-c0-9か々漢]{0,60}",
        new in "[가나다 ,.a-c0-9か々漢]{0,60}",
        spaced in any::<bool>(),
    ) {
        let words = if spaced { Words::BetweenSpaces } else { Words::NotSeparated };
        let text = words::compare(&old, &new, words);
        prop_assert_eq!(text_of_pieces(&text, is_in_old), old);
        prop_assert_eq!(text_of_pieces(&text, is_in_new), new);
        prop_assert!(text.iter().all(|piece| !piece.text().is_empty()));
    }

    /// The new text is whole, in its order: nothing of it is hidden by the difference.
    #[test]
    fn the_new_text_is_whole(
        old in prop::collection::vec("[가나다라 ]{1,12}", 0..12),
        new in prop::collection::vec("[가나다라 ]{1,12}", 0..12),
    ) {
        let paragraphs = |texts: &[String]| {
            texts.iter().map(|text| Block::Paragraph { text: text.clone() }).collect::<Vec<_>>()
        };
        let (old, new) = (paragraphs(&old), paragraphs(&new));
        let difference = difference(&document("ko", old.clone()), &document("ko", new.clone()));
        let all = |blocks: &[Block]| -> Vec<String> {
            cleaned(blocks).iter().map(text_of).filter(|text| !text.is_empty()).collect()
        };
        match difference {
            Difference::Rewritten { old: shown } => prop_assert_eq!(all(&shown), all(&old)),
            Difference::Marked { blocks, .. } => {
                let shown: Vec<String> = blocks.iter().map(|block| match block {
                    ChangedBlock::Paragraph { text } => text_of_pieces(text, is_in_new),
                    other => panic!("{other:?}"),
                }).filter(|text| !text.is_empty()).collect();
                prop_assert_eq!(shown, all(&new));
            }
        }
    }
}
