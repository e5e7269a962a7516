//! What must be true of anything that a client sends.
//!
//! Each module has one function, `check`, that takes any bytes and panics when they break an
//! invariant. `cargo fuzz` calls it with bytes that it makes up (`targets/`), the backend's tests
//! with the committed ones (`seeds/`), so a seed that found something stays a test.

#[cfg(feature = "backend")]
pub mod authorize;
pub mod consent_state;
#[cfg(feature = "backend")]
pub mod cookies;
pub mod decision;
pub mod form_cost;
pub mod name;
pub mod numbers;
pub mod redirect_target;
pub mod values;

/// A check of arbitrary bytes.
pub type Check = fn(&[u8]);

/// Every target with its check, by the name of its program and of its folder of seeds.
pub const TARGETS: &[(&str, Check)] = &[
    #[cfg(feature = "backend")]
    ("authorize", authorize::check),
    ("consent_state", consent_state::check),
    #[cfg(feature = "backend")]
    ("cookies", cookies::check),
    ("decision", decision::check),
    ("form_cost", form_cost::check),
    ("name", name::check),
    ("numbers", numbers::check),
    ("redirect_target", redirect_target::check),
    ("values", values::check),
];
