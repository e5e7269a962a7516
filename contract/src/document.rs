//! `GET /api/v1/terms/{tag}/{version}?digest=…`: the full text of a term, as blocks of plain text.
//!
//! The blocks are data, not markup: whatever a service writes is shown as text.

use serde::{Deserialize, Serialize};

/// One version of a term's text, in one language. Never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Document {
    pub tag: String,
    pub version: String,
    pub title: String,
    /// A BCP 47 tag.
    pub locale: String,
    /// `sha256-` and base64 of [`Document::digest_input`].
    pub digest: String,
    /// `YYYY-MM-DD`.
    pub effective_from: String,
    pub blocks: Vec<Block>,
}

/// One block of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// `level` is 2 or 3: the title is the document's only level 1.
    Heading {
        level: u8,
        text: String,
    },
    Paragraph {
        text: String,
    },
    List {
        items: Vec<String>,
    },
    Table {
        header: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

/// The wire form of a block with every field of every kind: read without serde's buffering of
/// tagged enums, which the end user would download.
#[derive(Deserialize)]
struct AnyBlock {
    r#type: BlockType,
    level: Option<u8>,
    text: Option<String>,
    items: Option<Vec<String>>,
    header: Option<Vec<String>>,
    rows: Option<Vec<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BlockType {
    Heading,
    Paragraph,
    List,
    Table,
}

impl<'de> Deserialize<'de> for Block {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let any = AnyBlock::deserialize(deserializer)?;
        let text = any.text.ok_or_else(|| D::Error::missing_field("text"));
        match any.r#type {
            BlockType::Heading => match any.level {
                Some(level @ 2..=3) => Ok(Self::Heading { level, text: text? }),
                _ => Err(D::Error::custom("a heading's level is 2 or 3")),
            },
            BlockType::Paragraph => Ok(Self::Paragraph { text: text? }),
            BlockType::List => {
                let items = any.items.ok_or_else(|| D::Error::missing_field("items"))?;
                Ok(Self::List { items })
            }
            BlockType::Table => {
                let header = any.header.ok_or_else(|| D::Error::missing_field("header"))?;
                let rows = any.rows.ok_or_else(|| D::Error::missing_field("rows"))?;
                if rows.iter().any(|row| row.len() != header.len()) {
                    return Err(D::Error::custom(
                        "every row of a table has as many cells as its header",
                    ));
                }
                Ok(Self::Table { header, rows })
            }
        }
    }
}

impl Document {
    /// The bytes that the digest covers: title and blocks, as compact JSON with the fields in the
    /// order of the types above.
    #[must_use]
    pub fn digest_input(title: &str, blocks: &[Block]) -> Vec<u8> {
        #[derive(Serialize)]
        struct Covered<'a> {
            title: &'a str,
            blocks: &'a [Block],
        }
        serde_json::to_vec(&Covered { title, blocks })
            .expect("strings and numbers always become JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Block, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_block_survives_the_wire() {
        for block in [
            Block::Heading { level: 2, text: "제1조".into() },
            Block::Paragraph { text: "<b>not markup</b>".into() },
            Block::List { items: vec!["하나".into(), "둘".into()] },
            Block::Table { header: vec!["항목".into()], rows: vec![vec!["이메일".into()]] },
        ] {
            assert_eq!(read(&serde_json::to_string(&block).unwrap()).unwrap(), block);
        }
    }

    #[test]
    fn malformed_blocks_are_refused() {
        for json in [
            r#"{"type":"script","text":"x"}"#,
            r#"{"type":"heading","level":1,"text":"x"}"#,
            r#"{"type":"heading","text":"x"}"#,
            r#"{"type":"paragraph"}"#,
            r#"{"type":"list","text":"x"}"#,
            r#"{"type":"table","header":["a","b"],"rows":[["1"]]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_digest_covers_title_and_every_word() {
        let blocks = [Block::Paragraph { text: "가".into() }];
        let same = Document::digest_input("약관", &blocks);
        assert_eq!(same, Document::digest_input("약관", &blocks));
        assert_ne!(same, Document::digest_input("약관2", &blocks));
        assert_ne!(same, Document::digest_input("약관", &[Block::Paragraph { text: "나".into() }]));
    }
}
