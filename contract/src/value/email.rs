//! Addresses of e-mail.

use super::{Fault, ValueFault, longest, signs};
use crate::{name, request::Collect};

/// The shape that browsers accept for `<input type=email>` (HTML, 4.10.5.1.5), with a dot in the
/// domain. The domain may be written in any language; it is provided as A-labels (RFC 5891) by
/// who has the tables for that.
pub fn read(text: &str) -> Result<String, Fault> {
    let text = as_typed_on_a_keyboard(text);
    let (local, domain) = text.rsplit_once('@').ok_or(ValueFault::NotAnEmail)?;
    if local.contains('@') {
        return Err(ValueFault::NotAnEmail.into());
    }
    let in_local =
        |c: &char| c.is_ascii_alphanumeric() || c.is_ascii() && ".!#$%&'*+/=?^_`{|}~-".contains(*c);
    if let Some(c) = local.chars().find(|c| !in_local(c)) {
        return Err(Fault::Character(c));
    }
    let in_domain = |c: &char| matches!(c, '-' | '.') || is_of_a_word(*c);
    if let Some(c) = domain.chars().find(|c| !in_domain(c)) {
        return Err(Fault::Character(c));
    }
    let local_ok = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    // Of a label in other letters at least as many of ASCII are made.
    let label_ok = |label: &str| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if local_ok && domain.contains('.') && domain.split('.').all(label_ok) {
        let address = format!("{local}@{}", in_ascii(domain)?);
        // In ASCII it may be longer than it was typed.
        if address.chars().count() > longest(Collect::Email) {
            return Err(ValueFault::TooLong.into());
        }
        Ok(address)
    } else {
        Err(ValueFault::NotAnEmail.into())
    }
}

/// Hyphens, full stops and the at sign, as input methods write them. An em dash is none: it stands
/// for two hyphens as often as for one.
fn as_typed_on_a_keyboard(text: &str) -> String {
    let mut before = ' ';
    let typed = text.chars().map(|c| {
        before = match c {
            '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' => '-',
            // The dash key of a kana keyboard. Behind kana it is a letter.
            '\u{30fc}' | '\u{ff70}' if before.is_ascii_alphanumeric() => '-',
            '\u{301c}' => '~',
            '\u{fe6b}' => '@',
            _ if signs::is_full_stop(c) => '.',
            _ => c,
        };
        before
    });
    typed.collect()
}

/// A letter, digit or mark, as far as that is known without tables: beyond ASCII, everything but
/// the blocks of punctuation and symbols.
fn is_of_a_word(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{bf}' | '×' | '÷' => false,
        '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        '\u{3030}' | '\u{303d}' | '\u{fe10}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff64}' => false,
        '\u{ffe0}'..='\u{ffff}' | '\u{1f000}'..='\u{1faff}' => false,
        _ => !name::is_no_text(c),
    }
}

/// A domain as the DNS has it.
#[cfg(feature = "unicode-tables")]
fn in_ascii(domain: &str) -> Result<String, Fault> {
    use unicode_normalization::UnicodeNormalization;
    if domain.is_ascii() {
        return Ok(domain.to_ascii_lowercase());
    }
    // UTS 46 has mappings for symbols, too, which IDNA 2008 does not register (RFC 5892, 2).
    let in_a_name =
        |c: char| matches!(c, '-' | '.' | '・') || c.is_alphanumeric() || name::is_mark(c);
    if let Some(c) = domain.nfc().find(|c| !in_a_name(*c)) {
        return Err(Fault::Character(c));
    }
    idna::domain_to_ascii_strict(domain).map_err(|_| ValueFault::NotAnEmail.into())
}

/// In the end user's browser: whether it can be written in ASCII, the backend knows.
#[cfg(not(feature = "unicode-tables"))]
fn in_ascii(domain: &str) -> Result<String, Fault> {
    Ok(domain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Result<String, Fault> {
        read(text)
    }

    #[test]
    fn a_domain_may_be_written_in_any_language() {
        for (typed, ascii) in [
            ("hana@한국.kr", "hana@xn--3e0b707e.kr"),
            ("hana@BÜCHER.example", "hana@xn--bcher-kva.example"),
            ("hana@bu\u{308}cher.example", "hana@xn--bcher-kva.example"),
            ("hana@例え。テスト", "hana@xn--r8jz45g.xn--zckzah"),
            ("hana@почта.рф", "hana@xn--80a1acny.xn--p1ai"),
            ("hana@مثال.إختبار", "hana@xn--mgbh0fb.xn--kgbechtv"),
            ("hana@उदाहरण.परीक्षा", "hana@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
            ("hana@โดเมน.ไทย", "hana@xn--l3ckx7ji.xn--o3cw4h"),
            ("hana@straße.example", "hana@xn--strae-oqa.example"),
            ("hana@データ.example", "hana@xn--5ckp3n.example"),
        ] {
            let expected = if cfg!(feature = "unicode-tables") { Some(ascii) } else { None };
            let read = shape(typed).unwrap_or_else(|fault| panic!("{typed}: {fault:?}"));
            assert!(expected.is_none_or(|expected| expected == read), "{typed}: {read}");
            assert_eq!(shape(ascii).unwrap(), ascii, "as it is typed by who knows it");
        }
    }

    #[test]
    fn what_no_domain_holds_is_named() {
        for (typed, c) in [
            ("hana@i❤.example", '❤'),
            ("hana@👩.example", '👩'),
            ("hana@a⁄b.example", '⁄'),
            ("hana@“a”.example", '“'),
            ("hana@exa_mple.com", '_'),
            ("hana@\u{e000}.kr", '\u{e000}'),
            ("hana@①.kr", '①'),
            ("하나@example.com", '하'),
            ("ha na@example.com", ' '),
            ("ha—na@example.com", '—'),
        ] {
            assert_eq!(shape(typed), Err(Fault::Character(c)), "{typed}");
        }
    }

    /// What the tables refuse of what the screen takes, and how.
    #[test]
    #[cfg(feature = "unicode-tables")]
    fn a_domain_that_cannot_be_written_in_ascii_is_refused() {
        // Each of these takes two or three letters of the 63 that a label may have.
        let long = format!("hana@{}.kr", ('가'..).step_by(199).take(30).collect::<String>());
        for typed in
            ["hana@-한국.kr", "hana@a한국-.kr", "hana@xn--a한국.kr", &long, "hana@한.국א.a"]
        {
            assert_eq!(shape(typed), Err(ValueFault::NotAnEmail.into()), "{typed}");
        }
        // 200 characters as they are typed, and more than 254 as they are provided.
        let label: String = ('가'..).step_by(199).take(15).collect();
        let long = format!("hana@{}.kr", [&*label; 12].join("."));
        assert!(long.chars().count() <= longest(Collect::Email));
        assert!(shape(&long).is_err());
        let long = format!("{}@{}.kr", "h".repeat(64), [&*label; 4].join("."));
        assert_eq!(shape(&long), Err(ValueFault::TooLong.into()));
    }

    /// Letters are taken without tables wherever they are with them, but for a few historic ones
    /// that stand among symbols.
    #[test]
    #[cfg(feature = "unicode-tables")]
    fn the_screen_takes_every_letter_that_idna_takes() {
        use unicode_normalization::UnicodeNormalization;
        let among_symbols = |c| matches!(c, '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{1f000}'..='\u{1faff}');
        for c in
            ('\u{80}'..='\u{33ff}').chain('\u{a000}'..='\u{abff}').chain('\u{f900}'..='\u{1ffff}')
        {
            let domain = format!("a{c}a.kr");
            let is_letter = c.is_alphabetic() && !among_symbols(c);
            if is_letter
                && domain.nfkc().eq(domain.chars())
                && idna::domain_to_ascii_strict(&domain).is_ok()
            {
                assert!(is_of_a_word(c), "U+{:04X}", c as u32);
            }
        }
    }
}
