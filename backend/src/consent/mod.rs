//! What is asked of whom, and what an answer grants. Pure: facts in, messages out.

mod age;
mod agreement_status;
pub mod agreements;
mod ask;
mod due;
mod guardian;
mod judgement;
pub mod lint;
mod mask;
mod not_asked;
mod outcome;
mod person;
mod reasons;
mod refusal;
mod repeat;
mod request;
#[cfg(test)]
mod served_tests;
pub mod statements;
pub mod text_changes;

pub use age::{TypedBirthday, is_adult, not_born_yet, today, typed_birthday};
pub use agreement_status::agreement_status;
pub use agreements::{Agreements, agreements};
pub use ask::{Asked, Standing, asked, asked_before};
pub use guardian::{GuardianConsent, GuardianState, LINK_LIFETIME, NoLink};
pub use judgement::{Judgement, judge};
pub use mask::{email as mask_email, name as mask_name};
pub use not_asked::{Facts, NotAsked};
pub use outcome::{granted, receipt_items, shown, signed_items};
pub use person::{Known, Person};
pub use refusal::{Refusal, refusal};
pub use repeat::{fingerprint, is_same};
pub use request::{Frame, InWords, account, request, service};
