#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| consent_fuzz::redirect_target::check(bytes));
