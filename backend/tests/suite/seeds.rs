//! What the fuzzer looks for, on every run: its seeds, the seeds with an edit, and requests made
//! of likely pieces.

use std::{fs, path::PathBuf};

use consent_fuzz::{Check, TARGETS, authorize};
use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use url::form_urlencoded;

/// The seeds of a target by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    // Asked at run time: two checkouts may share what was compiled.
    let backend = std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the tests are");
    let folder = PathBuf::from(backend).join("../fuzz/seeds").join(target);
    let seeds = fs::read_dir(folder).expect("each target has seeds").map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, fs::read(&path).expect("a seed is readable"))
    });
    seeds.collect()
}

#[test]
fn every_seed_of_the_fuzzer_keeps_what_must_hold() {
    for (target, check) in TARGETS.iter().copied() {
        let seeds = seeds(target);
        assert!(seeds.len() >= 12, "{target} has {} seeds", seeds.len());
        for (name, bytes) in seeds {
            // The last line of a failed test names the seed.
            println!("{target}/{name}");
            check(&bytes);
        }
    }
}

/// Each byte string with one edit: bytes taken out, put in, or sent twice.
fn edited() -> impl Strategy<Value = (Check, Vec<u8>)> {
    let all: Vec<(Check, Vec<u8>)> = TARGETS
        .iter()
        .flat_map(|(target, check)| seeds(target).into_iter().map(|(_, bytes)| (*check, bytes)))
        .filter(|(_, bytes)| (1..3000).contains(&bytes.len()))
        .collect();
    let edit = (any::<Index>(), any::<Index>(), 0usize..3, vec(any::<u8>(), 1..4));
    (select(all), edit).prop_map(|((check, mut bytes), (from, to, edit, new))| {
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let (from, to) = (from.min(to), from.max(to));
        match edit {
            0 => drop(bytes.drain(from..to)),
            1 => drop(bytes.splice(from..from, new)),
            _ => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(to..to, piece);
            }
        }
        (check, bytes)
    })
}

/// Queries that are nearly right: parameters that may be left out, said twice, or hostile.
fn queries() -> impl Strategy<Value = String> {
    const NAMES: [&str; 22] = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "service_terms",
        "channel_public_id",
        "code_challenge",
        "code_challenge_method",
        "ui_locales",
        "request",
        "request_uri",
        "login_hint",
        "max_age",
        "display",
        "id_token_hint",
        "claims",
        "acr_values",
        "claims_locales",
    ];
    const VALUES: [&str; 22] = [
        "",
        "shop",
        "app",
        "https://shop.example/callback",
        "http://127.0.0.1:1/callback",
        "code",
        "query",
        "openid account_email",
        "tos,marketing",
        "_shop",
        "none",
        "login none",
        "S256",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "ko en",
        "a&b=c#d",
        "form_post",
        "openid profile email offline_access",
        "consent create",
        "0",
        "86400",
        r#"{"userinfo":{"email":{"essential":true}},"id_token":{"sub":{"value":"x"}}}"#,
    ];
    let head = [
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("response_type", "code"),
    ];
    let value = prop_oneof![
        4 => select(VALUES.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let more = vec((select(NAMES.to_vec()), value), 0..6);
    (vec(0u8..8, 3), more).prop_map(move |(keep, more)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let head = head.iter().zip(keep).filter(|(_, keep)| *keep > 0).map(|(pair, _)| pair);
        query.extend_pairs(head);
        query.extend_pairs(more);
        query.finish()
    })
}

proptest! {
    #[test]
    fn a_seed_with_an_edit_keeps_what_must_hold((check, bytes) in edited()) {
        check(&bytes);
    }

    #[test]
    fn an_authorize_request_is_taken_as_it_was_sent_or_refused(query in queries()) {
        authorize::check(query.as_bytes());
    }

    #[test]
    fn whatever_is_sent_keeps_what_must_hold(bytes in vec(any::<u8>(), 0..300), text in any::<String>()) {
        for (_, check) in TARGETS.iter().copied() {
            check(&bytes);
            check(text.as_bytes());
        }
    }
}
