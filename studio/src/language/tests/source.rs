//! The string literals of Rust source, with what is around them.

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// As the program has it.
    pub text: String,
    /// The function or macro whose parentheses it is in: `t` of `t("Undo")`.
    pub call: String,
    /// The literal before it in the same parentheses.
    pub context: Option<String>,
    /// The source before it, in one line.
    pub before: String,
}

struct Call {
    name: String,
    literal: Option<String>,
}

/// The literals, in their order.
pub fn literals(source: &str) -> Vec<Literal> {
    let mut literals = Vec::new();
    let mut calls: Vec<Call> = Vec::new();
    let mut code = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        } else if first == '"' {
            let (text, after) = literal(&rest[1..]);
            let call = calls.last_mut();
            let name = call.as_ref().map(|call| call.name.clone()).unwrap_or_default();
            let context = call.and_then(|call| call.literal.replace(text.clone()));
            let before = code.split_whitespace().collect::<Vec<_>>().join(" ");
            literals.push(Literal { text, call: name, context, before });
            code = "\"\"".to_owned();
            rest = after;
        } else if let Some(after) = character(rest) {
            rest = after;
        } else {
            match first {
                '(' => {
                    let before = code.trim_end_matches('!');
                    let is_name = |c: char| c.is_alphanumeric() || c == '_';
                    let name = before.rsplit(|c| !is_name(c)).next().unwrap_or_default().to_owned();
                    calls.push(Call { name, literal: None });
                }
                ')' => drop(calls.pop()),
                _ => {}
            }
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    literals
}

/// The text of a literal, and the source after it.
fn literal(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut characters = source.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (text, &source[at + 1..]),
            '\\' => match characters.next().map(|(_, c)| c) {
                Some('n') => text.push('\n'),
                Some('\n') => {
                    let (_, rest) = source.split_at(at + 2);
                    let (after, end) = literal(rest.trim_start());
                    return (text + &after, end);
                }
                Some(c) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    (text, "")
}

/// The source after a character literal. None for a lifetime.
fn character(source: &str) -> Option<&str> {
    let inside = source.strip_prefix('\'')?;
    let mut characters = inside.chars();
    let length = match characters.next()? {
        '\\' => 1 + characters.next()?.len_utf8(),
        c => c.len_utf8(),
    };
    inside[length..].strip_prefix('\'')
}

#[test]
fn literals_are_found_with_their_calls() {
    let source = r#"
        // t("no")
        let c = '"'; fn f<'a>() { t_in("verb", "Share"); tn(list.len(), "1 item", "{count} items") }
        view! { <Section title="Terms" open=true>{tf("a \
            b", &[("name", &x)])}</Section> }
    "#;
    let found = literals(source);
    let texts: Vec<_> = found.iter().map(|it| (it.call.as_str(), it.text.as_str())).collect();
    assert_eq!(
        texts,
        [
            ("t_in", "verb"),
            ("t_in", "Share"),
            ("tn", "1 item"),
            ("tn", "{count} items"),
            ("", "Terms"),
            ("tf", "a b"),
            ("", "name"),
        ]
    );
    assert_eq!(found[1].context.as_deref(), Some("verb"));
    assert!(found[4].before.ends_with("<Section title="));
}
