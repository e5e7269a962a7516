//! Hostile text in every field that others write: nothing of it runs, nothing leaves its
//! place, and the page stays usable.
//!
//! There are two ways in. On a static host the answer of the API is rewritten on its way, past the
//! backend's own checks: what the screen does then is its own defence. On a rendered page the text
//! is what the backend takes from a configuration, and what it does not take is refused by name.

use anyhow::{Context, Result};
use consent_e2e::browser::Browser;
use consent_e2e::engine::Engine;
use consent_e2e::pages::consent::KO;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thirtyfour::{By, Key, WebElement};

const REQUEST: &str = "/api/v1/consents/";

/// A text, and what may be shown of it.
#[derive(Clone)]
struct Hostile {
    text: String,
    shown: String,
}

/// Shown as it is written.
fn as_it_is(text: &str) -> Hostile {
    Hostile { text: text.to_owned(), shown: text.to_owned() }
}

fn shown_as(text: &str, shown: &str) -> Hostile {
    Hostile { text: text.to_owned(), shown: shown.to_owned() }
}

/// Stands where the hostile text will stand.
const MARK: &str = "가나다";

/// Puts a text into every field of a request that others write.
fn fill(request: &mut Value, text: &str) {
    for pointer in [
        "/service/name",
        "/service/company",
        "/account/nickname",
        "/account/identifier",
        "/personal_info/recipient",
        "/personal_info/purpose",
        "/personal_info/retention",
        "/personal_info/refusal_effect",
    ] {
        *request.pointer_mut(pointer).expect(pointer) = text.into();
    }
    // It leads back to this request, and is another one each time.
    request["account"]["switch_url"] = Value::Null;
    for term in request["terms"].as_array_mut().expect("terms") {
        term["title"] = text.into();
        term["highlights"] = json!([{ "kind": "promotion", "text": text }]);
    }
    for item in request["personal_info"]["items"].as_array_mut().expect("items") {
        item["label"] = text.into();
        item["value"] = text.into();
    }
    for channel in request["channels"].as_array_mut().expect("channels") {
        channel["name"] = text.into();
    }
    request["already_agreed"] = json!({
        "terms": [{ "tag": "old", "title": text, "version": "1", "agreed_at": "2026-01-01T00:00:00Z" }],
        "personal_info": [{ "id": "old", "label": text, "agreed_at": "2026-01-01T00:00:00Z" }],
    });
}

/// Puts a text into every block of a document.
fn fill_document(document: &mut Value, text: &str) {
    document["title"] = text.into();
    document["blocks"] = json!([
        { "type": "heading", "level": 2, "text": text },
        { "type": "heading", "level": 3, "text": text },
        { "type": "paragraph", "text": text },
        { "type": "list", "items": [text, text] },
        { "type": "table", "header": [text, text], "rows": [[text, text]] },
    ]);
}

/// The page as a tree: each element with its attributes, each text. Pictures of names are left
/// out, which show a letter of them.
const TREE: &str = r#"
    const tree = (node) => {
        if (node.nodeType === Node.TEXT_NODE) return node.data;
        if (node.nodeType !== Node.ELEMENT_NODE || node.matches('.avatar')) return '';
        const attributes = [...node.attributes].map((it) => ` ${it.name}="${it.value}"`).sort();
        const inside = [...node.childNodes].map(tree).join('');
        return `[${node.localName}${attributes.join('')}]${inside}[/]`;
    };
    document.querySelector('#cannot-start').remove();
    return document.title + tree(document.body);
"#;

/// Places where the text after, or before, a name does not stand after, or before, it on its line.
const OUT_OF_ORDER: &str = r#"
    const rects = (node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].filter((it) => it.width > 0);
    };
    const found = [];
    for (const name of document.querySelectorAll('bdi')) {
        const [inside, after] = [rects(name), name.nextSibling && rects(name.nextSibling)];
        if (!inside.length || !after?.length) continue;
        const [last, next] = [inside.at(-1), after[0]];
        const sameLine = Math.abs(last.bottom - next.bottom) < 4;
        const right = Math.max(...inside.filter((it) => Math.abs(it.bottom - last.bottom) < 4).map((it) => it.right));
        if (sameLine && next.left < right - 1) found.push(name.parentElement.textContent.slice(0, 80));
    }
    return found;
"#;

async fn read(browser: &Browser, script: &str) -> Result<Value> {
    Ok(browser.driver.execute(script, Vec::new()).await?.json().clone())
}

/// Nothing ran, nothing stands out to the side, and the buttons are where they can be pressed.
async fn is_harmless(app: &TestApp) -> Result<()> {
    let browser = &app.browser;
    assert_eq!(read(browser, "return window.canary ?? null").await?, Value::Null, "it ran");
    assert_eq!(read(browser, OUT_OF_ORDER).await?, json!([]), "text runs out of its place");
    let pressable = "
        const button = [...document.querySelectorAll('.actions button')].at(-1);
        button.scrollIntoView({ block: 'nearest' });
        const box = button.getBoundingClientRect();
        const there = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
        const page = document.documentElement;
        return [page.scrollWidth <= page.clientWidth, button.contains(there), box.height >= 44];
    ";
    assert_eq!(read(browser, pressable).await?, json!([true, true, true]), "fits, free, large");
    if app.engine == Engine::Chromium {
        // The others make no window as narrow as this.
        let narrow = |width: u32| json!({ "width": width, "height": 640, "deviceScaleFactor": 1, "mobile": true });
        let cdp = browser.driver.cdp();
        cdp.send_raw("Emulation.setDeviceMetricsOverride", narrow(320)).await?;
        assert_eq!(read(browser, pressable).await?, json!([true, true, true]), "at 320 px");
        cdp.send_raw("Emulation.setDeviceMetricsOverride", narrow(390)).await?;
    }
    Ok(())
}

async fn agreed(app: &TestApp) -> Result<()> {
    let decisions = app.decisions().await?;
    let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
    assert_eq!(decision.decision, "agree");
    for item in app.items(&decision.receipt_id).await? {
        assert_eq!(item.agreed, item.required, "{}", item.key);
    }
    Ok(())
}

/// Opens the first text there is.
async fn open_first_text(browser: &Browser) -> Result<()> {
    let buttons = browser.all(Role::Button).await?;
    let open = buttons.iter().find(|(name, _)| name.ends_with("내용 보기"));
    let (_, button) = open.context("no text can be opened")?;
    let centre = "arguments[0].scrollIntoView({ block: 'center' })";
    browser.driver.execute(centre, vec![button.to_json()?]).await?;
    button.click().await?;
    browser.see("부터 시행").await
}

/// Shows a request whose every text is this one, and the first of its texts; with each, what stands
/// in the page.
async fn visit(app: &TestApp, text: &str) -> Result<(Value, Value)> {
    let browser = &app.browser;
    let (of_request, of_text) = (text.to_owned(), text.to_owned());
    app.proxy.clear_faults();
    app.proxy.fault(Method::GET, REQUEST, None, Fault::json(move |json| fill(json, &of_request)));
    let text = Fault::Rewrite(Arc::new(move |answer| {
        let mut json = serde_json::from_slice(answer.body()).expect("the backend sends JSON");
        fill_document(&mut json, &of_text);
        *answer.body_mut() = json.to_string().into();
        // The browser would keep the first one permanently.
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }));
    app.proxy.fault(Method::GET, "/api/v1/terms/", None, text);
    demo::sign_up(browser, "new", "demo-shop", "").await?;
    Consent::asking(browser).await?;
    let page = read(browser, TREE).await?;
    open_first_text(browser).await?;
    let dialog = read(browser, "return document.querySelector('dialog').outerHTML").await?;
    let words = read(browser, "return document.querySelector('dialog').textContent").await?;
    assert!(dialog.is_string());
    Ok((page, words))
}

/// The page with the hostile text is the page with a harmless one, but for that text.
async fn stays_in_its_place(hostile: Hostile) -> Result<()> {
    let hostile = &hostile;
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        let (page, dialog) = visit(&app, MARK).await?;
        let (hostile_page, hostile_dialog) = visit(&app, &hostile.text).await?;
        for (harmless, seen) in [(page, hostile_page), (dialog, hostile_dialog)] {
            let harmless = harmless.as_str().context("a tree")?.replace(MARK, &hostile.shown);
            let seen = seen.as_str().context("a tree")?.to_owned();
            are_the_same(&without_what_differs(&seen), &without_what_differs(&harmless));
        }
        browser.key(Key::Escape).await?;
        browser.see_no_more("부터 시행").await?;
        is_harmless(&app).await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed(&app).await
    })
    .await
}

/// Says where two trees part: whole, they are thousands of letters.
fn are_the_same(seen: &str, expected: &str) {
    let part = seen.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count();
    let around =
        |tree: &str| -> String { tree.chars().skip(part.saturating_sub(80)).take(160).collect() };
    assert!(seen == expected, "there is {:?} in place of {:?}", around(seen), around(expected));
}

/// Each visit is another request, with an address and a token of its own.
fn without_what_differs(tree: &str) -> String {
    let before = ["/api/v1/consents/", "/consent/", "name=\"csrf_token\" type=\"hidden\" value=\""];
    before.into_iter().fold(tree.to_owned(), |tree, before| {
        let is_of_the_id = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let mut parts = tree.split(before);
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            kept += before;
            kept += part.trim_start_matches(is_of_the_id);
        }
        kept
    })
}

macro_rules! each {
    ($story:ident: $($name:ident: $argument:expr;)+) => {
        $(
            #[tokio::test]
            async fn $name() -> Result<()> {
                $story($argument).await
            }
        )+
    };
}

each! { stays_in_its_place:
    a_name_from_right_to_left: as_it_is("متجر الكتب 123 (abc)");
    a_word_of_ten_thousand_letters: as_it_is(&"W".repeat(10_000));
}

#[tokio::test]
async fn everything_at_once() -> Result<()> {
    let (text, shown): (Vec<String>, Vec<String>) =
        texts().into_iter().map(|it| (it.text, it.shown)).unzip();
    stays_in_its_place(shown_as(&text.join(" "), &shown.join(" "))).await
}

/// A test for each text, in `matrix`, and all of them for [`everything_at_once`].
macro_rules! texts {
    ($($name:ident: $text:expr;)+) => {
        fn texts() -> Vec<Hostile> {
            vec![$($text),+]
        }

        /// One by one, for a full run.
        mod matrix {
            use super::*;

            each! { stays_in_its_place: $($name: $text;)+ }
        }
    };
}

texts! {
    a_script: as_it_is("<script>window.canary=1</script>");
    a_script_after_the_end_of_another: as_it_is("</script><script>window.canary=1</script>");
    a_picture_with_a_handler: as_it_is("<img src=x onerror=\"window.canary=1\">");
    the_end_of_what_holds_text:
        as_it_is("</textarea></title></style></noscript>--><svg onload=window.canary=1>");
    the_end_of_an_attribute: as_it_is("\" autofocus tabindex=0 onfocus=\"window.canary=1\" x='");
    a_template: as_it_is("{{constructor.constructor('window.canary=1')()}}${window.canary=1}");
    an_entity: as_it_is("&lt;script&gt;window.canary=1&lt;/script&gt;&#60;&amp;");
    a_link_to_a_script: as_it_is("javascript:window.canary=1");
    a_placeholder_of_the_screen_s_own_words: as_it_is("{} {} {0}");
    a_bidi_override: shown_as("shop\u{202e}moc.live\u{202c}", "shopmoc.live");
    a_bidi_isolate_that_never_ends: shown_as("\u{2067}x\u{2066}y\u{2068}z", "xyz");
    bidi_marks: shown_as("a\u{200e}b\u{200f}c\u{61c}d", "abcd");
    a_name_in_hebrew_with_brackets: as_it_is("חנות ספרים [1] <b>");
    zero_width_characters: shown_as("카\u{200b}카\u{200c}오\u{feff}톡\u{2060}", "카카오톡");
    hangul_fillers: shown_as("한\u{3164}옥\u{115f}마\u{1160}켓\u{ffa0}", "한옥마켓");
    hangul_in_pieces: shown_as(
        "\u{1112}\u{1161}\u{11ab}\u{110b}\u{1169}\u{11a8}\u{1106}\u{1161}\u{110f}\u{1166}\u{11ba}",
        "한옥마켓"
    );
    line_separators: shown_as("a\u{2028}b\u{2029}c\r\nd\u{85}e", "a b c d e");
    nul_and_other_controls: shown_as("a\u{0}b\u{1b}[31mc\u{7f}d", "ab[31mcd");
    tags_and_private_use: shown_as("a\u{e0041}\u{e007f}b\u{f8ff}c\u{fffd}", "abc");
    marks_upon_marks: shown_as(
        &format!("Z{}algo", "\u{301}\u{302}\u{303}\u{304}".repeat(20)),
        "Z\u{301}\u{302}algo"
    );
    emoji_that_are_joined: as_it_is("👩‍👩‍👧‍👦 가족 ❤️‍🔥 🏳️‍🌈");
}

/// The further rows, for a full run.
mod further_matrix {
    use super::*;

    each! { stays_in_its_place:
        a_korean_word_of_ten_thousand_syllables: as_it_is(&"뷁".repeat(10_000));
        ten_thousand_letters_from_right_to_left: as_it_is(&"ש".repeat(10_000));
    }

    each! { is_server_rendered_in_its_place:
        server_rendered_script: both("<script>canary=1</script>");
        server_rendered_picture_with_a_handler: both("<img src=x onerror=window.canary=1>");
        server_rendered_end_of_what_holds_text: both("</textarea></style><svg onload=canary=1>");
        server_rendered_template: both("{{1}}${canary=1} {}");
        server_rendered_comment: both("<!--<script>--><!---->");
        server_rendered_link_to_a_script: both("javascript:window.canary=1");
        server_rendered_emoji: both("👩‍👩‍👧‍👦 가족 🏳️‍🌈");
        server_rendered_marks_upon_marks: both("Z\u{301}\u{302}algo ที่นี่");
        server_rendered_word_of_ten_thousand_letters: below("가게", as_it_is(&"W".repeat(10_000)));
    }
}

/// Half a character is no text of JSON: nothing of it is shown, and the person can leave.
#[tokio::test]
async fn half_a_character() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        let half = Fault::Rewrite(Arc::new(|answer| {
            let json = String::from_utf8_lossy(answer.body()).replace("한옥마켓", "\\ud800");
            *answer.body_mut() = json.into();
        }));
        app.proxy.fault(Method::GET, REQUEST, None, half);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        Ok(())
    })
    .await
}

/// Addresses that are none of ours, or none at all, lead nowhere and load nothing.
#[tokio::test]
async fn links_and_pictures_that_lead_elsewhere() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        for address in [
            "javascript:window.canary=1",
            "JaVaScRiPt:window.canary=1",
            "\u{1}javascript:window.canary=1",
            "java\nscript:window.canary=1",
            "data:text/html,<script>window.canary=1</script>",
            "vbscript:x",
            "//elsewhere.example/x.png",
            "https:elsewhere.example/x.png",
            "/\\elsewhere.example/x.png",
        ] {
            app.proxy.clear_faults();
            let elsewhere = Fault::json(move |json| {
                json["service"]["icon_url"] = address.into();
                json["service"]["privacy_policy_url"] = address.into();
                json["account"]["avatar_url"] = address.into();
                json["account"]["switch_url"] = address.into();
                for channel in json["channels"].as_array_mut().expect("channels") {
                    channel["icon_url"] = address.into();
                }
            });
            app.proxy.fault(Method::GET, REQUEST, None, elsewhere);
            demo::sign_up(browser, "new", "demo-shop", "").await?;
            Consent::asking(browser).await?;
            let there = "return [...document.querySelectorAll('#app :is(a[href], img)')].map((it) => it.outerHTML)";
            assert_eq!(read(browser, there).await?, json!([]), "{address:?}");
        }
        is_harmless(&app).await
    })
    .await
}

/// A destination that is not where the answer goes is not gone to, however it is spelt.
#[tokio::test]
async fn a_destination_that_is_text() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        let text = "https://<b>shop</b>.example\u{202e}moc\"><img src=x onerror=window.canary=1>";
        let other = Fault::json(|json| json["service"]["destination_origin"] = text.into());
        app.proxy.fault(Method::GET, REQUEST, None, other);
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        browser.see("<b>shop</b>.examplemoc\"><img src=x onerror=window.canary=1>").await?;
        is_harmless(&app).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        browser.find(Role::Heading, "이동할 수 없는 주소입니다").await?;
        assert!(browser.address().await?.starts_with("/consent/"));
        Ok(())
    })
    .await
}

/// A configuration whose every text is this one, as far as the backend takes it.
fn services(name: &str, text: &str, terms: &str) -> String {
    let quoted = |text: &str| json!(text).to_string().replace('\u{7f}', "\\u007f");
    let (name, text) = (quoted(name), quoted(text));
    format!(
        r#"
        [sign_in]
        account_header = "x-account"

        [[account]]
        id = "account"
        nickname = {name}
        email = "hana@example.com"

        [[service]]
        client_id = "shop"
        name = {name}
        company = {name}
        redirect_uris = ["{{origin}}/done"]
        verified = true
        approved = true
        privacy_policy_url = "https://shop.example/privacy"

        {terms}

        [service.personal_info]
        recipient = {text}
        purpose = {text}
        retention = {text}
        refusal_effect = {text}

        [[service.personal_info.items]]
        id = "account_email"
        label = {name}
        required = true

        [[service.channels]]
        public_id = "_shop"
        name = {name}
        primary = true
        "#
    )
}

fn term(tag: &str, required: bool, title: &str, highlight: &str, text: &str) -> String {
    let [title, highlight, text] = [title, highlight, text].map(|it| json!(it).to_string());
    format!(
        "[[service.terms]]\ntag = \"{tag}\"\nkind = \"service\"\nrequired = {required}\n\
         version = \"1\"\neffective_from = 2026-01-01\ntitle = {title}\ntext = {text}\n\
         highlights = [{{ kind = \"promotion\", text = {highlight} }}]\n\n"
    )
}

/// Starts a request of the service in [`services`].
async fn ask(app: &TestApp) -> Result<()> {
    let more = "response_type=code&state=s&scope=openid&code_challenge_method=S256\
                &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let redirect = format!("{}/done", app.proxy.origin());
    let path = format!("/oauth/authorize?client_id=shop&redirect_uri={redirect}&{more}");
    // No service answers at its address.
    app.allow_console_error("the server responded with a status of 404");
    app.browser.go(&path).await
}

/// The names and the longer texts of a server-rendered page, as the backend takes them.
async fn is_server_rendered_in_its_place((name, text): (Hostile, Hostile)) -> Result<()> {
    let escaped: String = text.text.chars().fold(String::new(), |mut escaped, c| {
        let sign = c.is_ascii_punctuation();
        escaped.extend(sign.then_some('\\').into_iter().chain([c]));
        escaped
    });
    let terms = term("tos", true, &name.text, &text.text, &escaped);
    let toml = services(&name.text, &text.text, &terms);
    let (name, text) = (&name, &text);
    TestApp::run(Setup::default().services(toml), |app| async move {
        let browser = &app.browser;
        // First the server-rendered page, then the app.
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Hold);
        ask(&app).await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        for is_mounted in [false, true] {
            if is_mounted {
                app.proxy.clear_faults();
                browser.app("mounted").await?;
            }
            is_harmless(&app).await?;
            let texts = "
                const page = document.querySelector(':is(#app, #shell) .page');
                const all = (css) => [...page.querySelectorAll(css)].map((it) => it.textContent);
                return [all('bdi'), all('.facts dd'), all('.highlights em'), document.querySelectorAll('body script').length];
            ";
            let texts = read(browser, texts).await?;
            let bdi = texts[0].as_array().context("names")?;
            assert!(bdi.len() >= 6, "{texts}");
            let others = |it: &&Value| *it != "127.0.0.1" && !it.as_str().is_some_and(is_ours);
            for shown in bdi.iter().filter(others) {
                assert_eq!(*shown, name.shown, "{texts}");
            }
            let refusal = format!("동의를 거부할 수 있습니다. {}", text.shown);
            assert_eq!(texts[1], json!([&text.shown, &text.shown, &text.shown, &refusal]));
            assert_eq!(texts[2], json!([&text.shown]));
            assert_eq!(texts[3], json!(usize::from(!is_mounted)), "the rendered answer");
        }
        open_first_text(browser).await?;
        let block = read(browser, "return document.querySelector('.document').textContent").await?;
        assert_eq!(block, json!(text.shown));
        browser.key(Key::Escape).await?;
        browser.see_no_more("부터 시행").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        browser.arrive("/done?").await?;
        assert!(browser.address().await?.contains("code="));
        agreed(&app).await
    })
    .await
}

/// The destination, and the masked address.
fn is_ours(text: &str) -> bool {
    text.contains("127.0.0.1") || text.contains("***")
}

fn both(text: &str) -> (Hostile, Hostile) {
    (as_it_is(text), as_it_is(text))
}

/// A name that the backend takes, and a text that it would not take as a name.
fn below(name: &str, text: Hostile) -> (Hostile, Hostile) {
    (as_it_is(name), text)
}

each! { is_server_rendered_in_its_place:
    server_rendered_script_after_the_end_of_another: both("</script><script>canary=1</script>");
    server_rendered_end_of_an_attribute: both("\" autofocus onfocus=\"canary=1\" x='");
    server_rendered_name_from_right_to_left: both("متجر الكتب 123 (abc)");
    server_rendered_hangul_in_pieces: {
        let pieces = shown_as("\u{1112}\u{1161}\u{11ab}\u{110b}\u{1169}\u{11a8}", "한옥");
        (pieces.clone(), pieces)
    };
}

/// Notes for each click how many milliseconds pass until the browser has drawn what came of it.
const WATCH_CLICKS: &str = "
    const watch = () => {
        const start = performance.now();
        requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - start)));
    };
    if (!window.took) addEventListener('click', watch, true);
    window.took = [];
";

/// Opens the text of a term and closes it again, and waits until the browser has drawn each.
const OPEN: &str = "
    const done = arguments[arguments.length - 1];
    const [id, end] = arguments;
    const row = document.getElementById(id).closest('.row');
    const dialog = document.querySelector('dialog');
    const drawn = (is) => new Promise((there) => {
        const look = () => requestAnimationFrame(() => (is() ? setTimeout(there) : look()));
        look();
    });
    const isThere = () =>
        dialog.querySelector('.document')?.lastElementChild?.textContent === end;
    (async () => {
        row.querySelector('.row__beside button').click();
        await drawn(isThere);
        dialog.querySelector('.dialog__actions button').click();
        await drawn(() => !dialog.open);
        done();
    })();
";

/// Waits until the element of an id is there: on a static host the app is, before the request is.
async fn on_the_page(browser: &Browser, id: &str) -> Result<WebElement> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match browser.driver.find(By::Id(id)).await {
            Ok(element) => return Ok(element),
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Ticks a box five times, each time until the browser has drawn it. How long that may take is
/// measured by `cargo xtask bench`, on a quiet machine.
async fn can_be_ticked(browser: &Browser, id: &str) -> Result<()> {
    read(browser, WATCH_CLICKS).await?;
    let checkbox = on_the_page(browser, id).await?;
    let centre = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
    browser.driver.execute(centre, vec![checkbox.to_json()?]).await?;
    for clicks in 1..=5 {
        checkbox.click().await?;
        while read(browser, "return took.length").await? != json!(clicks) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(checkbox.is_selected().await?, "{id} is not ticked");
    Ok(())
}

/// So many terms, of which the first is required.
fn many(count: usize) -> String {
    let mut terms = term("t0", true, "첫 약관", "중요", "글");
    for number in 1..count {
        write!(
            terms,
            "{}",
            term(&format!("t{number}"), false, &format!("약관 {number}"), "x", "글")
        )
        .expect("strings take anything");
    }
    services("가게", "글", &terms)
}

async fn are_usable(setup: Setup, count: usize) -> Result<()> {
    let setup = setup.services(many(count));
    TestApp::run(setup, |app| async move {
        let browser = &app.browser;
        ask(&app).await?;
        browser.arrive("/consent/").await?;
        browser.app("mounted").await?;
        let (middle, last) = (format!("term:t{}", count / 2), format!("term:t{}", count - 1));
        for id in ["term:t1", &middle, &last, "agree-all"] {
            can_be_ticked(browser, id).await?;
        }
        assert_eq!(
            read(browser, "return document.querySelectorAll('.row .checkbox:checked').length")
                .await?,
            5
        );
        // By the role of each of ten thousand controls the driver would look for an hour.
        let agree = browser.driver.find(By::Css(".actions__buttons > :last-child")).await?;
        agree.click().await?;
        browser.arrive("/done?").await?;
        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        let items = app.items(&decision.receipt_id).await?;
        assert_eq!(items.len(), count + 2, "terms, an address, a channel");
        let agreed: Vec<&str> =
            items.iter().filter(|item| item.agreed).map(|item| item.key.as_str()).collect();
        assert_eq!(agreed, ["term:t0", "term:t1", &middle, &last, "item:account_email"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn five_thousand_items() -> Result<()> {
    are_usable(Setup::default().statically_hosted(), 5_000).await
}

#[tokio::test]
async fn server_rendered_thousand_items() -> Result<()> {
    are_usable(Setup::default(), 1_000).await
}

#[tokio::test]
async fn server_rendered_five_thousand_items() -> Result<()> {
    are_usable(Setup::default(), 5_000).await
}

const END: &str = "여기까지 읽으셨습니다.";

/// Five megabytes of terms in paragraphs, the last of which ends in words of its own.
fn long_text() -> String {
    let paragraph =
        "이 약관은 온라인 장터를 이용할 때 회사와 회원의 권리와 의무를 정합니다. ".repeat(40);
    let mut text = String::new();
    while text.len() < 5_000_000 {
        text += &paragraph;
        text += "\n\n";
    }
    text + END
}

async fn can_be_read(setup: Setup) -> Result<()> {
    TestApp::run(setup, |app| async move {
        let browser = &app.browser;
        ask(&app).await?;
        let screen = Consent::asking(browser).await?;
        let arguments = vec![json!("term:tos"), json!(END)];
        browser.driver.set_script_timeout(Duration::from_secs(90)).await?;
        browser.driver.execute_async(OPEN, arguments).await?;
        can_be_ticked(browser, "term:tos").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        browser.arrive("/done?").await?;
        agreed(&app).await
    })
    .await
}

fn with_long_text() -> String {
    services("가게", "글", &term("tos", true, "약관", "중요", &long_text()))
}

#[tokio::test]
async fn five_megabytes_of_terms() -> Result<()> {
    can_be_read(Setup::default().services(with_long_text()).statically_hosted()).await
}

#[tokio::test]
async fn server_rendered_five_megabytes_of_terms() -> Result<()> {
    can_be_read(Setup::default().services(with_long_text())).await
}
