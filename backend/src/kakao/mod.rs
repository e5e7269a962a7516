//! Kakao Login, as far as it is pure: authorize requests, error codes, and what user information is
//! made of. Source: developers.kakao.com, Kakao Login > REST API.

pub mod account;
pub mod authorize;
pub mod koe;
pub mod parameters;
