//! `GET /api/v1/terms/{tag}/{version}?digest=…`: the full text of a term, as blocks of plain text.
//!
//! The blocks are data, not markup: whatever a service writes is shown as text.

use serde::{Deserialize, Serialize};

use crate::json::{self, Unreadable};

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

/// The wire form of a block, with every field of every kind.
#[derive(Deserialize, miniserde::Deserialize)]
struct AnyBlock {
    r#type: BlockType,
    level: Option<u8>,
    text: Option<String>,
    items: Option<Vec<String>>,
    header: Option<Vec<String>>,
    rows: Option<Vec<Vec<String>>>,
}

#[derive(Deserialize, miniserde::Deserialize)]
enum BlockType {
    #[serde(rename = "heading")]
    Heading,
    #[serde(rename = "paragraph")]
    Paragraph,
    #[serde(rename = "list")]
    List,
    #[serde(rename = "table")]
    Table,
}

impl TryFrom<AnyBlock> for Block {
    type Error = &'static str;

    fn try_from(any: AnyBlock) -> Result<Self, Self::Error> {
        let text = any.text.ok_or("this block has a text");
        match any.r#type {
            BlockType::Heading => match any.level {
                Some(level @ 2..=3) => Ok(Self::Heading { level, text: text? }),
                _ => Err("a heading's level is 2 or 3"),
            },
            BlockType::Paragraph => Ok(Self::Paragraph { text: text? }),
            BlockType::List => Ok(Self::List { items: any.items.ok_or("a list has items")? }),
            BlockType::Table => {
                let header = any.header.ok_or("a table has a header")?;
                let rows = any.rows.ok_or("a table has rows")?;
                if rows.iter().any(|row| row.len() != header.len()) {
                    return Err("every row of a table has as many cells as its header");
                }
                Ok(Self::Table { header, rows })
            }
        }
    }
}

impl<'de> Deserialize<'de> for Block {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(AnyBlock::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Document {
    /// Reads the answer of the backend.
    ///
    /// # Errors
    /// Anything the contract does not name: a text is shown whole or not at all.
    pub fn from_json(json: &str) -> Result<Self, Unreadable> {
        #[derive(miniserde::Deserialize)]
        struct Wire {
            tag: String,
            version: String,
            title: String,
            locale: String,
            digest: String,
            effective_from: String,
            blocks: Vec<AnyBlock>,
        }
        let Wire { tag, version, title, locale, digest, effective_from, blocks } =
            json::read(json)?;
        let blocks = blocks.into_iter().map(Block::try_from).collect::<Result<_, _>>();
        let blocks = blocks.map_err(|_| Unreadable)?;
        Ok(Self { tag, version, title, locale, digest, effective_from, blocks })
    }

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
    fn a_document_is_read_the_same_way_on_both_sides() {
        let document = Document {
            tag: "tos".into(),
            version: "1".into(),
            title: "약관".into(),
            locale: "ko".into(),
            digest: "sha256-x".into(),
            effective_from: "2026-11-01".into(),
            blocks: vec![
                Block::Heading { level: 3, text: "제1조".into() },
                Block::Table { header: vec!["a".into()], rows: vec![vec!["1".into()]] },
            ],
        };
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(Document::from_json(&json), Ok(document.clone()));
        assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document);
        let bad = json.replace("\"level\":3", "\"level\":1");
        assert_eq!(Document::from_json(&bad), Err(Unreadable));
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
