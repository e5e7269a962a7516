#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| consent_fuzz::cookies::check(bytes));
