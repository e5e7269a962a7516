//! `Cookie` headers, as bytes.

use consent_backend::cookies::{CookieNames, pairs, value};

/// Bytes are read as the lines of `Cookie` headers, with a newline between two lines.
///
/// # Panics
/// When a pair is not what was sent, or when what a neighbour set changes what is read of ours.
pub fn check(bytes: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let read: Vec<(&[u8], &[u8])> = lines.iter().flat_map(|line| pairs(line)).collect();
    for line in &lines {
        let parts = line.split(|byte| *byte == b';').filter(|part| part.contains(&b'='));
        assert_eq!(pairs(line).count(), parts.count(), "each part with a `=` is a pair");
        for (name, value) in pairs(line) {
            assert!(!name.contains(&b'=') && !name.contains(&b';') && !value.contains(&b';'));
            let pair = [name, b"=", value].concat();
            assert!(line.windows(pair.len()).any(|window| window == pair), "it was sent so");
            let ends = [pair.first(), pair.last()];
            assert!(!ends.contains(&Some(&b' ')) && !ends.contains(&Some(&b'\t')));
        }
    }

    // Whatever is in the jar already, our cookie is read unless its own name is there, too.
    let names = CookieNames::of("http://127.0.0.1:8080");
    let ours = names.session();
    let planted = read.iter().filter(|(name, _)| *name == ours.as_bytes()).count();
    let cookie = format!("{ours}=0A_-z");
    let expected = (planted == 0).then_some("0A_-z");
    let split = [&lines[..], &[cookie.as_bytes()]].concat();
    assert_eq!(value(split, ours), expected, "on a line of its own");
    for (line, others) in lines.iter().zip(1..).map(|(line, n)| (line, &lines[n..])) {
        let joined = [*line, b"; ", cookie.as_bytes(), b"; ", line].concat();
        let around: Vec<&[u8]> = [&[&joined[..]], others].concat();
        let again = around.iter().flat_map(|line| pairs(line));
        let count = again.filter(|(name, _)| *name == ours.as_bytes()).count();
        let expected = (count == 1).then_some("0A_-z");
        assert_eq!(value(around, ours), expected, "between others");
    }
    let alone = value(lines.iter().copied(), ours);
    match planted {
        1 => {
            let sent = read.iter().find(|(name, _)| *name == ours.as_bytes());
            assert_eq!(alone, sent.and_then(|(_, value)| std::str::from_utf8(value).ok()));
        }
        _ => assert_eq!(alone, None),
    }
}
