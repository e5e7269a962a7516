//! The browser's storage, which can be blocked or full.

use web_sys::Storage;

use super::window;
use crate::drafts::Shelf;

/// Where a value is stored.
#[derive(Clone, Copy)]
pub enum Keep {
    OnDevice,
    /// Until this tab is closed.
    InTab,
}

fn storage(place: Keep) -> Option<Storage> {
    let window = window()?;
    match place {
        Keep::OnDevice => window.local_storage().ok()?,
        Keep::InTab => window.session_storage().ok()?,
    }
}

/// A stored value. None also where storage is blocked.
pub fn kept(place: Keep, name: &str) -> Option<String> {
    storage(place)?.get_item(name).ok()?
}

/// Stores a value. False where storage is blocked or full.
pub fn keep(place: Keep, name: &str, value: &str) -> bool {
    storage(place).is_some_and(|storage| storage.set_item(name, value).is_ok())
}

/// Removes a stored value.
pub fn forget(place: Keep, name: &str) {
    if let Some(storage) = storage(place) {
        drop(storage.remove_item(name));
    }
}

/// The storage of this device.
pub struct OnDevice;

impl Shelf for OnDevice {
    fn entries(&self, prefix: &str) -> Option<Vec<(String, String)>> {
        let storage = storage(Keep::OnDevice)?;
        let keys = (0..storage.length().ok()?).filter_map(|at| storage.key(at).ok()?);
        let keys = keys.filter(|key| key.starts_with(prefix));
        let entry = |key: String| Some((key.clone(), storage.get_item(&key).ok()??));
        Some(keys.filter_map(entry).collect())
    }

    fn get(&self, key: &str) -> Option<String> {
        kept(Keep::OnDevice, key)
    }

    fn put(&self, key: &str, value: &str) -> bool {
        keep(Keep::OnDevice, key, value)
    }

    fn remove(&self, key: &str) {
        forget(Keep::OnDevice, key);
    }
}
