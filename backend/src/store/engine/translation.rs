//! One text for both engines.
//!
//! Texts are written in SQL that both understand, with four things that only one of them has: `?` and
//! `?1` for values, which PostgreSQL writes `$1`; the types after a column's name that sqlx's macros
//! read; SQLite's hints to its planner, `INDEXED BY` and `CROSS JOIN … USING`, which PostgreSQL does
//! not need, because it has statistics; and `LIMIT -1` for no limit.

/// A text for either engine.
#[derive(Debug)]
pub struct Texts {
    pub sqlite: &'static str,
    pub postgres: &'static str,
    /// Where it stands in the source.
    pub place: &'static str,
}

impl Texts {
    /// Of a text in the source. To be called once for each: what it makes is kept.
    pub fn new(sql: &str, place: &'static str) -> Self {
        Self { sqlite: sqlite_text(sql).leak(), postgres: postgres_text(sql).leak(), place }
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'s> {
    /// A word, a number or another character.
    Other(&'s str),
    Space(&'s str),
    /// `'…'`
    Literal(&'s str),
    /// `"…"`, without the quotes.
    Name(&'s str),
    /// A value, by its number where it has one.
    Value(Option<usize>),
}

/// The parts of a text, one after the other.
fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let end_of = |is_in: fn(char) -> bool| rest.find(|it| !is_in(it)).unwrap_or(rest.len());
        let quoted = |quote| rest[1..].find(quote).map_or(rest.len(), |end| end + 2);
        let (token, length) = match first {
            '\'' => {
                let length = quoted('\'');
                (Token::Literal(&rest[..length]), length)
            }
            '"' => {
                let length = quoted('"');
                (Token::Name(rest[..length].trim_matches('"')), length)
            }
            '?' => {
                let digits = rest[1..].find(|it: char| !it.is_ascii_digit());
                let length = digits.map_or(rest.len(), |digits| digits + 1);
                (Token::Value(rest[1..length].parse().ok()), length)
            }
            '-' if rest.starts_with("--") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                (Token::Space(&rest[..length]), length)
            }
            it if it.is_whitespace() => {
                let length = end_of(char::is_whitespace);
                (Token::Space(&rest[..length]), length)
            }
            it if it.is_alphanumeric() || it == '_' => {
                let length = end_of(|it| it.is_alphanumeric() || it == '_');
                (Token::Other(&rest[..length]), length)
            }
            it => (Token::Other(&rest[..it.len_utf8()]), it.len_utf8()),
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

/// The name of a column without the type that follows it.
fn column(name: &str) -> &str {
    name.split(['!', '?', ':']).next().unwrap_or(name)
}

/// The text as SQLite takes it: without the types of sqlx's macros.
fn sqlite_text(sql: &str) -> String {
    let parts = tokens(sql).into_iter().map(|token| match token {
        Token::Other(it) | Token::Space(it) | Token::Literal(it) => it.to_owned(),
        Token::Name(name) => format!("\"{}\"", column(name)),
        Token::Value(Some(number)) => format!("?{number}"),
        Token::Value(None) => "?".to_owned(),
    });
    parts.collect()
}

/// The text as PostgreSQL takes it.
#[must_use]
pub fn postgres_text(sql: &str) -> String {
    let tokens = tokens(sql);
    let mut text = String::with_capacity(sql.len());
    let (mut at, mut values) = (0, 0);
    while let Some(token) = tokens.get(at) {
        if is_phrase(&tokens[at..], &["INDEXED", "BY"]) {
            // With the name of the index, and the space before each of the three.
            at += 5;
            text.truncate(text.trim_end().len());
            continue;
        }
        if is_phrase(&tokens[at..], &["LIMIT", "-", "1"]) {
            at += 4;
            text.truncate(text.trim_end().len());
            continue;
        }
        if is_phrase(&tokens[at..], &["CROSS", "JOIN"]) && is_join_using(&tokens[at..]) {
            at += 2;
            continue;
        }
        match token {
            Token::Other(it) | Token::Space(it) | Token::Literal(it) => text.push_str(it),
            Token::Name(name) => text.push_str(&format!("\"{}\"", column(name))),
            Token::Value(number) => {
                values += 1;
                text.push_str(&format!("${}", number.unwrap_or(values)));
            }
        }
        at += 1;
    }
    text
}

/// Whether these words come next, with or without spaces between them.
fn is_phrase(tokens: &[Token<'_>], words: &[&str]) -> bool {
    let words_next = tokens.iter().filter(|it| !matches!(it, Token::Space(_)));
    tokens.first() == Some(&Token::Other(words[0]))
        && words_next.take(words.len()).copied().eq(words.iter().map(|it| Token::Other(it)))
}

/// Whether a join names the columns by which it joins, before the next join.
fn is_join_using(tokens: &[Token<'_>]) -> bool {
    let words = tokens.iter().filter_map(|it| match it {
        Token::Other(word) => Some(*word),
        _ => None,
    });
    // After `CROSS JOIN table`.
    let mut words = words.skip(3).skip_while(|it| !["USING", "JOIN", "WHERE", "ON"].contains(it));
    words.next() == Some("USING")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_translated() {
        for (text, sqlite, postgres) in [
            ("SELECT 1", "SELECT 1", "SELECT 1"),
            (
                "a = ? AND b = ? AND c = '? \" it' AND d = ?",
                "a = ? AND b = ? AND c = '? \" it' AND d = ?",
                "a = $1 AND b = $2 AND c = '? \" it' AND d = $3",
            ),
            ("(?12, ?1)", "(?12, ?1)", "($12, $1)"),
            (
                r#"SELECT how AS "how!: Named<How>", id AS "id!", at AS "at?" FROM links"#,
                r#"SELECT how AS "how", id AS "id", at AS "at" FROM links"#,
                r#"SELECT how AS "how", id AS "id", at AS "at" FROM links"#,
            ),
            (
                "SELECT id FROM codes AS c INDEXED BY codes_by_expiry\n WHERE x",
                "SELECT id FROM codes AS c INDEXED BY codes_by_expiry\n WHERE x",
                "SELECT id FROM codes AS c\n WHERE x",
            ),
            (
                "ORDER BY at DESC LIMIT -1 OFFSET ?)",
                "ORDER BY at DESC LIMIT -1 OFFSET ?)",
                "ORDER BY at DESC OFFSET $1)",
            ),
            (
                "FROM links CROSS JOIN decisions INDEXED BY by_it\n USING (account) WHERE 1",
                "FROM links CROSS JOIN decisions INDEXED BY by_it\n USING (account) WHERE 1",
                "FROM links JOIN decisions\n USING (account) WHERE 1",
            ),
            (
                "FROM settings CROSS JOIN decisions INDEXED BY x LEFT JOIN r USING (id)",
                "FROM settings CROSS JOIN decisions INDEXED BY x LEFT JOIN r USING (id)",
                "FROM settings CROSS JOIN decisions LEFT JOIN r USING (id)",
            ),
            ("a -- why? it's so\n = ?", "a -- why? it's so\n = ?", "a -- why? it's so\n = $1"),
        ] {
            assert_eq!(sqlite_text(text), sqlite, "{text}");
            assert_eq!(postgres_text(text), postgres, "{text}");
        }
    }
}
