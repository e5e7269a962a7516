//! Where a service is in a file.

use toml::de::DeTable;

use crate::{
    fault::Wrong,
    layout::Value,
    reader::{ALWAYS, Reader},
};

/// A service of a file, whose root was read.
pub fn service<'a, 'd>(root: &'a DeTable<'d>, index: usize) -> Result<&'a Value<'d>, Wrong> {
    let services = Reader::new(ALWAYS).tables(root, "service")?;
    services.get(index).copied().ok_or(Wrong::new(0, "there is no such `[[service]]`"))
}

/// The table of the statements and items.
pub fn personal_info<'a, 'd>(service: &'a Value<'d>) -> Option<&'a Value<'d>> {
    service.get_ref().as_table()?.get("personal_info")
}
