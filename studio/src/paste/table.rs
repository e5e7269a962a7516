//! Tables: merged cells taken apart, and tables in tables made flat.

use super::{reader::Reader, styles::Styles, tree::Element};

/// More columns or rows than this are no table of a text.
const MOST: usize = 1000;

/// A table as lines of cells, all of the same length.
pub struct Table {
    pub caption: String,
    pub rows: Vec<Vec<String>>,
}

/// The cell of a table that is only a frame around what was copied.
pub fn framed(table: &Element) -> Option<&Element> {
    let rows = rows(table);
    let [row] = &rows[..] else { return None };
    let cells: Vec<_> = cells(row).collect();
    if let [cell] = cells[..] { Some(cell) } else { None }
}

/// Reads a table. What spans rows stands in each of them; what spans columns in the first one.
pub fn read(table: &Element, styles: &Styles) -> Table {
    let mut grid: Vec<Vec<Option<String>>> = Vec::new();
    let all = rows(table);
    let count = all.len().min(MOST);
    let has_title = all.first().is_some_and(|it| cells(it).count() == 1);
    for (at, row) in all.into_iter().take(MOST).enumerate() {
        let mut column = 0;
        for cell in cells(row) {
            while taken(&grid, at, column) {
                column += 1;
            }
            let span = |name| cell.number(name).unwrap_or(1).clamp(1, MOST);
            let text = Reader::text_of(cell, styles);
            for line in at..(at + span("rowspan")).min(count) {
                for (offset, column) in (column..column + span("colspan")).enumerate() {
                    let text = if offset == 0 { text.clone() } else { String::new() };
                    put(&mut grid, line, column, text);
                }
            }
            column += span("colspan");
        }
    }
    let width = grid.iter().map(Vec::len).max().unwrap_or_default();
    let rows = grid.into_iter().map(|row| {
        let mut row: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
        row.resize(width, String::new());
        row
    });
    let mut rows: Vec<Vec<String>> =
        rows.filter(|row| row.iter().any(|it| !it.is_empty())).collect();
    for column in (0..width).rev() {
        if rows.iter().all(|row| row[column].is_empty()) {
            rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
    }
    let caption = table.elements().find(|it| it.tag == "caption");
    let mut caption = caption.map(|it| Reader::text_of(it, styles)).unwrap_or_default();
    // A first row of one cell is the title of the table.
    if has_title && caption.is_empty() && rows.len() > 1 && rows[0].len() > 1 {
        caption = rows.remove(0).concat();
    }
    Table { caption, rows }
}

fn taken(grid: &[Vec<Option<String>>], row: usize, column: usize) -> bool {
    grid.get(row).and_then(|it| it.get(column)).is_some_and(Option::is_some)
}

fn put(grid: &mut Vec<Vec<Option<String>>>, row: usize, column: usize, text: String) {
    if column >= MOST {
        return;
    }
    if grid.len() <= row {
        grid.resize(row + 1, Vec::new());
    }
    if grid[row].len() <= column {
        grid[row].resize(column + 1, None);
    }
    grid[row][column].get_or_insert(text);
}

/// The rows of a table, without those of tables in it.
fn rows(table: &Element) -> Vec<&Element> {
    let groups = table.elements().flat_map(|it| match &*it.tag {
        "tr" => vec![it],
        "thead" | "tbody" | "tfoot" => it.elements().filter(|it| it.tag == "tr").collect(),
        _ => Vec::new(),
    });
    groups.filter(|it| !it.is_hidden()).collect()
}

fn cells(row: &Element) -> impl Iterator<Item = &Element> {
    row.elements().filter(|it| matches!(&*it.tag, "td" | "th") && !it.is_hidden())
}
