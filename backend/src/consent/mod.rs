//! What is asked of whom, and what an answer grants. Pure: facts in, messages out.

mod ask;
pub mod lint;
mod mask;
mod outcome;
mod refusal;
mod request;

pub use ask::{Asked, asked};
pub use outcome::{granted, receipt_items};
pub use refusal::{Refusal, refusal};
pub use request::{Frame, account, request, service};
