//! Tests of the shop, as browsers and the provider see it, against a fake provider that can fail.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bad_days;
mod browser;
mod coupons;
mod developers;
mod fake;
mod in_app;
mod leaving;
mod orders;
mod pages;
mod process;
mod properties;
mod shop;
mod sign_up;
mod webhooks;
