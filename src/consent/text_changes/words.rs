//! The words around changes. Not among the screen's other texts: those are in the app's bundle, and
//! only a server needs these.

use crate::i18n::{Locale, texts::texts};

texts! {
    /// The words around changes in one language.
    Words {
        heading,
        /// Slot: the day of the version that was agreed to.
        since,
        nothing,
        rewritten,
        /// Slot: how many.
        more,
        legend,
        added,
        removed,
        before,
        after,
        moved,
        marked_text,
        new_text,
        old_text,
        without_marks,
    }
}

/// The words in a language.
pub fn words(locale: Locale) -> &'static Words {
    #[cfg(feature = "preview")]
    if crate::i18n::pseudo::is_on() {
        static WORDS: std::sync::LazyLock<Words> =
            std::sync::LazyLock::new(|| EN.changed(consent_fixtures::pseudo));
        return &WORDS;
    }
    match locale {
        Locale::Ko => &KO,
        Locale::En => &EN,
        Locale::Ja => &JA,
    }
}

const KO: Words = Words {
    heading: "변경된 내용",
    since: "동의하신 {} 버전과 달라진 부분입니다.",
    nothing: "내용은 같고 버전만 변경되었습니다.",
    rewritten: "절반 넘게 변경되었습니다. 변경 후 전체 내용 아래에 변경 전 전체 내용이 있습니다.",
    more: "목록에 없는 변경: {}건",
    legend: "밑줄은 추가된 부분, 취소선은 삭제된 부분입니다.",
    added: "추가:",
    removed: "삭제:",
    before: "변경 전:",
    after: "변경 후:",
    moved: "위치만 변경:",
    marked_text: "전체 내용 (변경된 부분 표시)",
    new_text: "변경 후 전체 내용",
    old_text: "변경 전 전체 내용",
    without_marks: "변경 표시 없이 보기",
};

const EN: Words = Words {
    heading: "What changed",
    since: "Compared with the {} version you agreed to.",
    nothing: "The text is the same. Only the version changed.",
    rewritten: "More than half has changed. The full previous text is below the new one.",
    more: "Changes not listed here: {}",
    legend: "Underlined text was added. Crossed-out text was removed.",
    added: "Added:",
    removed: "Removed:",
    before: "Before:",
    after: "Now:",
    moved: "Moved:",
    marked_text: "Full text with changes marked",
    new_text: "Full new text",
    old_text: "Full previous text",
    without_marks: "Read without marks",
};

const JA: Words = Words {
    heading: "変更点",
    since: "同意された{}のバージョンとの違いです。",
    nothing: "内容は同じで、バージョンだけが変わりました。",
    rewritten: "半分以上が変わりました。変更後の全文の下に、変更前の全文があります。",
    more: "一覧にない変更：{}か所",
    legend: "下線は追加、取り消し線は削除された部分です。",
    added: "追加：",
    removed: "削除：",
    before: "変更前：",
    after: "変更後：",
    moved: "移動：",
    marked_text: "全文（変更箇所を表示）",
    new_text: "変更後の全文",
    old_text: "変更前の全文",
    without_marks: "変更箇所の表示なしで見る",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_slot_in_every_language() {
        for of_language in [&EN, &JA] {
            for ((name, ko), (_, other)) in KO.all().into_iter().zip(of_language.all()) {
                assert_eq!(ko.matches("{}").count(), other.matches("{}").count(), "{name}");
                assert!(!other.is_empty() && ko != other, "{name}");
            }
        }
    }
}
