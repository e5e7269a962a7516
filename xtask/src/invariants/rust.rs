//! Rust source as a flat list of tokens, so that a check sees neither comments nor tests, and is
//! not fooled by line breaks.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One token: a word, a sign, a bracket or a whole literal.
#[derive(Clone, Debug)]
pub struct Token {
    pub text: String,
    /// From 1.
    pub line: usize,
    /// Whether it stands inside `view! { … }`.
    pub in_view: bool,
}

impl Token {
    pub fn is_literal(&self) -> bool {
        self.text.contains('"') || self.text.starts_with(|first: char| first.is_ascii_digit())
    }
}

/// The tokens of a file outside of tests.
///
/// # Errors
/// When the text is no Rust; the error says where.
pub fn product(source: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    flatten(parse(source)?, false, &mut tokens);
    Ok(tokens)
}

/// The lines where a sequence of tokens begins.
pub fn find<'a>(tokens: &'a [Token], sequence: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    tokens
        .windows(sequence.len())
        .filter(move |window| window.iter().zip(sequence).all(|(token, text)| token.text == *text))
        .map(|window| window[0].line)
}

fn parse(source: &str) -> Result<TokenStream, String> {
    source.parse().map_err(|error: proc_macro2::LexError| error.to_string())
}

fn flatten(stream: TokenStream, in_view: bool, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: String| tokens.push(Token { text, line, in_view });
        match tree {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                let test = matches!(trees.peek(), Some(TokenTree::Group(group))
                    if group.delimiter() == Delimiter::Bracket && is_test(group.stream()));
                if test {
                    // The attribute, further attributes, and the item up to its body or its end.
                    for rest in trees.by_ref() {
                        let body = matches!(&rest, TokenTree::Group(group)
                            if group.delimiter() == Delimiter::Brace);
                        let end = matches!(&rest, TokenTree::Punct(sign)
                            if matches!(sign.as_char(), ';' | ','));
                        if body || end {
                            break;
                        }
                    }
                } else {
                    push("#".to_owned());
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                let is_view = matches!(&tokens[..],
                    [.., name, sign] if name.text == "view" && sign.text == "!");
                tokens.push(Token { text: open.to_owned(), line, in_view });
                flatten(group.stream(), in_view || is_view, tokens);
                let line = group.span_close().start().line;
                tokens.push(Token { text: close.to_owned(), line, in_view });
            }
            other => push(other.to_string()),
        }
    }
}

/// `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`; not `#[cfg(not(test))]`.
fn is_test(attribute: TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text == "test"
        || (text.starts_with("cfg(")
            && !text.contains("not(test")
            && text.split(['(', ')', ',']).any(|word| word == "test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_not_seen_and_literals_stay_whole() {
        let source = "// unwrap\nfn a() {\n  b(\"x.unwrap()\");\n}\n\
                      #[cfg(test)]\nmod tests { fn c() { d.unwrap() } }\nfn e() {}\n";
        let tokens = product(source).expect("Rust");
        assert_eq!(find(&tokens, &["unwrap"]).count(), 0);
        assert_eq!(find(&tokens, &["fn", "e"]).collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn what_is_left_out_of_tests_is_seen() {
        let tokens = product("#[cfg(not(test))]\nfn a() { b.unwrap() }").expect("Rust");
        assert_eq!(find(&tokens, &["unwrap"]).count(), 1);
    }

    #[test]
    fn views_are_marked_to_any_depth() {
        let source = "fn a() { view! { <p style=\"x\">{move || b(style)}</p> } }";
        let tokens = product(source).expect("Rust");
        let styles: Vec<bool> =
            tokens.iter().filter(|token| token.text == "style").map(|t| t.in_view).collect();
        assert_eq!(styles, [true, true]);
        assert!(!tokens[1].in_view);
    }
}
