//! User information in the form of Kakao's API (Kakao Login, REST API), as pure functions.

pub mod account;
pub mod phone_number;
pub mod shipping_address;
pub mod user_info;

#[cfg(test)]
mod tests;
