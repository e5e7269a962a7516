//! Kakao Login, as far as it is pure: authorize requests, error codes, and what user information is
//! made of. Source: developers.kakao.com, Kakao Login > REST API.

pub mod account;
pub mod authorize;
pub mod koe;
pub mod parameters;
pub mod phone_number;
pub mod shipping_address;
pub mod user_info;

/// The search id of a channel, derived from its public id.
#[must_use]
pub fn channel_uuid(public_id: &str) -> String {
    format!("@{}", public_id.trim_start_matches('_'))
}

#[cfg(test)]
mod tests;
