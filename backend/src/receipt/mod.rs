//! Receipts as proof: what is signed, the log that receipts are sealed into, and how a copy of a
//! receipt is verified. Pure: no database, no HTTP. docs/RECEIPTS.md describes the formats.

mod bundle;
mod checkpoint;
mod claims;
mod iso27560;
mod kantara;
mod key;
mod merkle;
#[cfg(test)]
mod samples;

pub use bundle::{Bundle, BundledReceipt, FORMAT as BUNDLE_FORMAT, Report, Statements};
pub use checkpoint::{Checkpoint, log_name};
pub use claims::{
    Answer, ChangeEvent, ChangedItem, DecisionEvent, DeletionEvent, DeletionReason, Event,
    Guardian, Interface, ReceiptClaims, Shown, ShownTerm,
};
pub use iso27560::iso27560;
pub use kantara::kantara;
pub use key::{
    BadKey, CheckpointKey, ReceiptKey, is_named_by_thumbprint, is_of_receipts, leaf_data, verify,
};
pub use merkle::{Edge, Hash, Subtree, inclusion_ranges, joined, leaf_hash, subtrees};
