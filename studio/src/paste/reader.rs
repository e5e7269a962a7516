//! Reads paragraphs, headings, items and tables of a page, in its order.

use consent_contract::name;

use super::{
    marks,
    styles::Styles,
    table,
    tree::{Element, Node},
};

/// A part of what was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Heading { level: u8, text: String },
    Paragraph(String),
    Item(String),
    Table(Vec<Vec<String>>),
}

/// What a paragraph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paragraph,
    Heading(u8),
    /// The first paragraph of an item, and those that follow in it.
    Item,
    Continued,
}

/// The list around an element.
#[derive(Debug, Clone)]
struct List {
    /// The number of the next item, and how it is written.
    number: Option<(usize, String)>,
}

/// Deeper elements are left out: no text is nested like that, and the stack is finite.
const DEEPEST: usize = 200;

pub struct Reader<'a> {
    styles: &'a Styles,
    pieces: Vec<Piece>,
    /// The lines of the current paragraph.
    lines: Vec<String>,
    kind: Kind,
    /// The number before the current paragraph.
    mark: Option<String>,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads an element.
    pub fn pieces_of(element: &Element, styles: &'a Styles) -> Vec<Piece> {
        let (pieces, lines) = (Vec::new(), vec![String::new()]);
        let (kind, mark, depth) = (Kind::Paragraph, None, 0);
        let mut reader = Self { styles, pieces, lines, kind, mark, depth };
        reader.children(element, None);
        reader.end_paragraph();
        reader.pieces
    }

    /// Everything in an element as one line.
    pub fn text_of(element: &Element, styles: &'a Styles) -> String {
        let pieces = Self::pieces_of(element, styles);
        let texts = pieces.into_iter().map(|piece| match piece {
            Piece::Heading { text, .. } | Piece::Paragraph(text) | Piece::Item(text) => text,
            Piece::Table(rows) => rows.concat().join(" "),
        });
        name::clean(&texts.collect::<Vec<_>>().join(" "))
    }

    fn children(&mut self, element: &Element, mut list: Option<&mut List>) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        for child in &element.children {
            match child {
                Node::Text(text) => self.text(text),
                Node::Element(child) => self.element(child, list.as_deref_mut()),
            }
        }
        self.depth -= 1;
    }

    fn text(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn element(&mut self, element: &Element, list: Option<&mut List>) {
        if element.is_hidden() {
            return;
        }
        if element.style("mso-list").as_deref() == Some("ignore") {
            let mark = name::clean(&element.text());
            self.mark = Some(mark).filter(|it| marks::is_number(it));
            return;
        }
        match &*element.tag {
            "br" => self.lines.push(String::new()),
            "hr" => self.end_paragraph(),
            "table" => self.table(element),
            "ul" | "ol" => {
                self.begin_paragraph();
                let number = (element.tag == "ol").then(|| {
                    let first = element.number("start").unwrap_or(1);
                    (first, element.attribute("type").to_owned())
                });
                self.block(element, self.kind, Some(&mut List { number }));
            }
            "li" => {
                self.begin_paragraph();
                let number = list.and_then(|it| it.number.as_mut());
                self.mark = number.map(|(number, kind)| {
                    let mark = marks::counted(*number, kind);
                    *number += 1;
                    mark
                });
                self.block(element, Kind::Item, None);
                self.mark = None;
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "div" | "section" | "article"
            | "header" | "footer" | "main" | "aside" | "blockquote" | "address" | "figure"
            | "figcaption" | "pre" | "dl" | "dt" | "dd" | "center" | "form" | "fieldset"
            | "legend" | "body" | "html" => {
                self.begin_paragraph();
                let is_in_item = matches!(self.kind, Kind::Item | Kind::Continued);
                let kind = match self.styles.heading(element) {
                    Some(level) if !is_in_item => Kind::Heading(level),
                    None if is_item_of_word(element) => Kind::Item,
                    _ => self.kind,
                };
                self.block(element, kind, list);
            }
            _ => self.children(element, list),
        }
    }

    /// An element with paragraphs of its own.
    fn block(&mut self, element: &Element, kind: Kind, list: Option<&mut List>) {
        let before = self.kind;
        let has_mark = self.mark.is_some();
        self.kind = kind;
        self.children(element, list);
        self.end_paragraph();
        if !has_mark {
            self.mark = None;
        }
        // An item goes on after the paragraphs in it.
        let is_in_item = matches!(before, Kind::Item | Kind::Continued);
        if !(is_in_item && self.kind == Kind::Continued) {
            self.kind = before;
        }
    }

    /// Ends a paragraph that has text. The number of an item is that of its first one, which may be deeper.
    fn begin_paragraph(&mut self) {
        if self.lines.iter().any(|it| !name::clean(it).is_empty()) {
            self.end_paragraph();
        }
        self.lines = vec![String::new()];
    }

    fn table(&mut self, element: &Element) {
        self.end_paragraph();
        if let Some(cell) = table::framed(element) {
            self.children(cell, None);
            self.end_paragraph();
            return;
        }
        let table::Table { caption, rows } = table::read(element, self.styles);
        if !caption.is_empty() {
            self.pieces.push(Piece::Paragraph(caption));
        }
        if !rows.is_empty() {
            self.pieces.push(Piece::Table(rows));
        }
    }

    fn end_paragraph(&mut self) {
        let lines = std::mem::replace(&mut self.lines, vec![String::new()]);
        let lines: Vec<String> = lines.iter().map(|it| name::clean(it)).collect();
        let mut parts: Vec<Vec<String>> = Vec::new();
        for part in lines.split(|line| line.is_empty()).filter(|part| !part.is_empty()) {
            // Items of a list on lines of one paragraph are paragraphs.
            let is_list = part.len() > 1
                && part
                    .iter()
                    .all(|it| marks::is_numbered(it) || marks::without_bullet(it).is_some());
            match is_list {
                true => parts.extend(part.iter().map(|it| vec![it.clone()])),
                false => parts.push(part.to_vec()),
            }
        }
        if parts.is_empty() {
            return;
        }
        let mark = self.mark.take();
        for (at, part) in parts.into_iter().enumerate() {
            let text = part.join(" ");
            let text = match &mark {
                Some(mark) if at == 0 => format!("{mark} {text}"),
                _ => text,
            };
            self.add(text);
        }
    }

    fn add(&mut self, text: String) {
        match (self.kind, self.pieces.last_mut()) {
            (Kind::Paragraph, _) => self.pieces.push(Piece::Paragraph(text)),
            (Kind::Heading(level), _) => self.pieces.push(Piece::Heading { level, text }),
            (Kind::Continued, Some(Piece::Item(item))) => *item = format!("{item} {text}"),
            (Kind::Item | Kind::Continued, _) => {
                self.pieces.push(Piece::Item(text));
                self.kind = Kind::Continued;
            }
        }
    }
}

/// Word writes lists as paragraphs, with the list in their style.
fn is_item_of_word(element: &Element) -> bool {
    match element.style("mso-list") {
        Some(list) => list != "none",
        None => false,
    }
}
