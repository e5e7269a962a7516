use consent_contract::problem::Code;
use consent_screen::consent::state::{State, Stop};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::mounted::showing;

fn stop(code: Code, restart_url: Option<&str>, redirect_to: Option<&str>) -> State {
    State::Stopped(Stop::Problem {
        code,
        restart_url: restart_url.map(Into::into),
        redirect_to: redirect_to.map(Into::into),
        min_age: None,
    })
}

#[wasm_bindgen_test]
async fn each_problem_has_its_own_words_and_way_out() {
    let restart = Some("/oauth/authorize?client_id=x");
    let back = Some("https://shop.example/callback?error=access_denied");
    let mut headings = Vec::new();
    for (code, restart_url, redirect_to, way) in [
        (Code::ChallengeNotFound, None, None, None),
        (Code::ChallengeExpired, restart, None, restart),
        (Code::AlreadyDecided, None, back, back),
        (Code::WrongSession, restart, None, restart),
        (Code::SimpleSignUpInactive, None, None, None),
        (Code::NotATestMember, None, None, None),
        (Code::UnderAge, None, back, back),
    ] {
        let page = showing(stop(code, restart_url, redirect_to)).await;
        headings.push(page.text("h1"));
        let links = page.all("a");
        let found = links.first().and_then(|link| link.get_attribute("href"));
        assert_eq!(found.as_deref(), way, "{code:?}");
        assert!(page.all("input[type=checkbox]").is_empty());
    }
    headings.sort();
    headings.dedup();
    assert_eq!(headings.len(), 7, "no two problems say the same");
}

#[wasm_bindgen_test]
async fn what_cannot_be_read_can_be_tried_again() {
    let page = showing(State::Stopped(Stop::Unreadable)).await;
    assert_eq!(page.text("button"), "다시 시도");
    assert_eq!(page.text("h1"), "화면을 열 수 없습니다");
}

/// The age is the service's own; 14 from a backend that does not send it.
#[wasm_bindgen_test]
async fn the_age_is_the_one_of_the_service() {
    for (min_age, expected) in [(Some(19), "만 19세"), (None, "만 14세")] {
        let (code, restart_url, redirect_to) = (Code::UnderAge, None, None);
        let stop = Stop::Problem { code, restart_url, redirect_to, min_age };
        let page = showing(State::Stopped(stop)).await;
        assert!(page.text(".lead").contains(expected), "{}", page.text(".lead"));
    }
}
