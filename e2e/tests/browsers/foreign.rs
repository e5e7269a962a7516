//! Password managers, form fillers, translators and other extensions change the page: what is ticked
//! and sent is what the user did, and nothing else.

use anyhow::{Context, Result, ensure};
use consent_e2e::browser::Browser;
use consent_e2e::pages::consent::{A_MOMENT, KO};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::{By, Key, TypingData};

const EMAIL: &str = "value:account_email";

async fn js(browser: &Browser, script: &str) -> Result<Value> {
    Ok(browser.driver.execute(script, Vec::new()).await?.json().clone())
}

/// Presses keys with whatever has the focus, or nothing has.
async fn keys(browser: &Browser, keys: impl Into<TypingData>) -> Result<()> {
    Ok(browser.driver.action_chain().send_keys(keys).perform().await?)
}

/// Gives the focus to a control of the page's own, as Tab would in the end.
async fn focus(browser: &Browser, id: &str) -> Result<()> {
    let script = format!(
        "const own = [...document.querySelectorAll('[id=\"{id}\"]')].filter((it) => !it.dataset.foreign);
        own[0].focus({{ preventScroll: true }});
        return own.length === 1 && document.activeElement === own[0]"
    );
    ensure!(js(browser, &script).await? == json!(true), "{id} cannot have the focus");
    Ok(())
}

/// The ids of the page's own boxes that show a tick, without "agree to all".
async fn ticked(browser: &Browser) -> Result<Value> {
    js(
        browser,
        "return [...document.querySelectorAll('.row .checkbox')]
            .filter((it) => !it.dataset.foreign && it.checked && it.id !== 'agree-all').map((it) => it.id)",
    )
    .await
}

async fn focused(browser: &Browser) -> Result<Value> {
    js(browser, "return document.activeElement.id").await
}

/// Goes to the screen of an account while the app is still on its way.
async fn before_the_app<'a>(app: &'a TestApp, account: &str) -> Result<Consent<'a>> {
    app.proxy.clear_faults();
    app.proxy.fault(Method::GET, "*.wasm", None, Fault::Delay(Duration::from_secs(4)));
    demo::sign_up(&app.browser, account, "demo-shop", "").await?;
    let screen = Consent::server_rendered_in(&app.browser, KO).await?;
    app.browser.app("starting").await?;
    Ok(screen)
}

/// What was agreed to, of the only decision there is.
async fn agreed(app: &TestApp) -> Result<Vec<String>> {
    let decisions = app.decisions().await?;
    let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
    assert_eq!(decision.decision, "agree");
    let items = app.items(&decision.receipt_id).await?;
    Ok(items.into_iter().filter(|item| item.agreed).map(|item| item.key).collect())
}

/// An extension that acts at moments of its own and whenever it is asked to, each time otherwise.
/// It does not touch the boxes of the user's plan while the user is at it, for the user would see
/// that and do something else.
const EXTENSION: &str = r#"{
    let seed = SEED;
    const random = (below) => {
        seed = (seed + 0x6d2b79f5) | 0;
        let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
    const pick = (list) => list[random(list.length)];
    const page = () => document.querySelector('#app main') || document.querySelector('#shell main');
    const all = (css) => [...page().querySelectorAll(css)].filter((it) => !it.dataset.foreign);
    const make = (tag, attributes) => {
        const element = document.createElement(tag);
        for (const name in attributes) element.setAttribute(name, attributes[name]);
        element.dataset.foreign = '1';
        return element;
    };
    const hasFocus = (element) => element.contains(document.activeElement);
    const put = (element) => pick(all('form *:not(option)'))[pick(['before', 'after'])](element);
    const isMounted = () => !document.getElementById('shell');
    const plan = ['term:tos', 'term:privacy', 'item:profile_nickname', 'item:account_email', 'channel:_hanok'];
    const boxes = () => all('.row .checkbox').filter((it) => !plan.includes(it.id));
    const event = (type) => new Event(type, { bubbles: true, cancelable: true });
    const key = (type, name) => new KeyboardEvent(type, { key: name, code: name, bubbles: true });
    const acts = [
        () => put(make('button', pick([{ type: 'button' }, {}, { name: 'decision', value: 'agree' }]))),
        () => put(make('div', { class: pick(['row', 'icon', 'grammarly']), tabindex: '0' })),
        () => {
            const name = pick(['agree', 'VALUE', 'shown', 'told', 'csrf_token', 'decision', 'fp_token']);
            const value = pick(['term:marketing', 'agree', 'channel:_hanok', 'x@example.com']);
            const id = pick([name, value, 'of-an-extension']);
            put(make('input', { name, value, id, type: pick(['checkbox', 'hidden', 'text']), checked: '' }));
        },
        () => {
            const element = pick(all('input, label, .row, .field, .actions__buttons'));
            if (hasFocus(element)) return;
            const wrapper = make('div', { class: 'wrapper' });
            element.replaceWith(wrapper);
            wrapper.append(element, make('button', { type: 'button' }));
        },
        () => pick(all('*')).setAttribute(pick(['data-gramm', 'data-lpignore', 'data-1p', 'lang']), 'x'),
        () => {
            document.documentElement.setAttribute('data-darkreader-mode', 'dynamic');
            document.documentElement.className = 'translated-ltr';
        },
        () => {
            const walker = document.createTreeWalker(page(), NodeFilter.SHOW_TEXT);
            const texts = [];
            while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
            for (const text of texts.filter(() => random(3) === 0)) {
                const [outer, inner] = [make('font', {}), make('font', {})];
                inner.textContent = text.data;
                outer.append(inner);
                text.replaceWith(outer);
            }
        },
        () => {
            const box = pick(boxes());
            box.checked = isMounted() ? !box.checked : true;
            if (random(2)) box.dispatchEvent(event(pick(['change', 'input', 'click'])));
        },
        () => pick(boxes()).setAttribute('checked', ''),
        () => pick(all('.row .checkbox, .row__label, .agree-all .checkbox, .agree-all label, #agree-button')).click(),
        () => document.getElementById('agree-on-enter')?.click(),
        () => {
            const target = pick(all('.checkbox, #agree-button, .field__input'));
            const name = pick([' ', 'Enter']);
            for (const type of ['keydown', 'keypress', 'keyup']) target.dispatchEvent(key(type, name));
        },
        () => {
            const [row, other] = [pick(all('.row')), pick(all('.row'))];
            if (!hasFocus(row) && !row.contains(other) && !other.contains(row)) other.before(row);
        },
        () => pick([...document.querySelectorAll('input[data-foreign]')])?.remove(),
        () => document.getElementById('consent-form').requestSubmit?.(),
    ];
    const act = (times) => {
        if (page()?.querySelector('#consent-form')) while (times--) pick(acts)();
    };
    window.act = act;
    window.alterEverything = () => {
        for (const box of all('.row .checkbox')) box.checked = !box.checked;
        boxes()[0].closest('.row').remove();
    };
    document.addEventListener('DOMContentLoaded', () => act(12));
    let seen = 0;
    new MutationObserver(() => {
        // While the form arrives, in the task in which the app is mounted, and when that is known.
        const now = document.querySelector('#app main') ? 2 : document.querySelector('.actions') ? 1 : 0;
        if (now > seen) act(6);
        seen = now;
    }).observe(document, { childList: true, subtree: true });
}"#;

async fn changes_nothing(seed: u32) -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let extension = EXTENSION.replace("SEED", &seed.to_string()).replace("VALUE", EMAIL);
        app.proxy.inject(extension);
        let acts = || js(browser, "act(6)");
        before_the_app(&app, "no-email").await?;
        for id in ["term:tos", "item:account_email"] {
            acts().await?;
            focus(browser, id).await?;
            acts().await?;
            keys(browser, " ").await?;
        }
        focus(browser, EMAIL).await?;
        keys(browser, "sol@exam").await?;
        acts().await?;
        browser.app("mounted").await?;
        assert_eq!(focused(browser).await?, json!(EMAIL));
        acts().await?;
        keys(browser, "ple.org").await?;
        for id in ["term:privacy", "item:profile_nickname", "channel:_hanok", "channel:_hanok"] {
            acts().await?;
            focus(browser, id).await?;
            keys(browser, " ").await?;
        }
        let plan =
            json!(["term:tos", "term:privacy", "item:profile_nickname", "item:account_email"]);
        let notice = "직접 선택하신 대로 되돌렸습니다.";
        js(browser, "alterEverything()").await?;
        for attempt in 0..2 {
            tokio::time::sleep(A_MOMENT).await;
            assert_eq!(app.decisions().await?, []);
            focus(browser, "agree-button").await?;
            keys(browser, Key::Enter + "").await?;
            if attempt == 0 {
                browser.see(notice).await?;
                assert_eq!(ticked(browser).await?, plan);
            }
        }
        demo::signed_up(browser).await?;
        assert_eq!(json!(agreed(&app).await?), plan);
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("sol@example.org"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_extensions_do_changes_nothing_that_is_agreed_to() -> Result<()> {
    for seed in [1, 2, 3] {
        changes_nothing(seed).await.with_context(|| format!("seed {seed}"))?;
    }
    Ok(())
}

/// Ways in which a script may tick, or send, without the user.
const ATTEMPTS: &str = r#"
    const box = document.getElementById('term:tos');
    const label = document.querySelector('label[for="term:tos"]');
    const all = document.getElementById('agree-all');
    const form = document.getElementById('consent-form');
    const agree = document.getElementById('agree-button');
    const click = () => new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1, view: window });
    const touch = (target, types) => {
        for (const type of types) target.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
    };
    const press = (target, key) => {
        target.focus();
        for (const type of ['keydown', 'keypress', 'keyup']) {
            const code = key === ' ' ? 'Space' : key;
            target.dispatchEvent(new KeyboardEvent(type, { key, code, keyCode: key === ' ' ? 32 : 13, bubbles: true, cancelable: true }));
        }
    };
    const attempts = {
        box: () => box.click(),
        label: () => label.click(),
        'the label\'s words': () => label.lastElementChild.click(),
        'a click event': () => box.dispatchEvent(click()),
        'a click event on the label': () => label.dispatchEvent(click()),
        'touch and mouse': () => touch(label, ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'touchstart', 'touchend']),
        'the space bar': () => press(box, ' '),
        'agree to all': () => all.click(),
        'its label': () => document.querySelector('label[for="agree-all"]').click(),
        'agree to all by property': () => ((all.checked = true), touch(all, ['input', 'change'])),
        'a property and events': () => ((box.checked = true), touch(box, ['input', 'change'])),
        agree: () => agree.click(),
        'agree by key': () => press(agree, 'Enter'),
        'enter in a field': () => press(document.querySelector('.field__input'), 'Enter'),
        'the form': () => form.requestSubmit(),
        'the form by its button': () => form.requestSubmit(agree),
        'the hidden button': () => document.getElementById('agree-on-enter')?.click(),
    };
    const succeeded = [];
    for (const name in attempts) {
        attempts[name]();
        if (document.querySelector('.checkbox:checked, .checkbox:indeterminate')) succeeded.push(name);
        for (const it of document.querySelectorAll('.checkbox')) it.checked = it.indeterminate = false;
    }
    return succeeded;
"#;

/// Nothing was sent, by the app or by the form, not even to be shown again.
async fn nothing_was_sent(app: &TestApp) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(800)).await;
    for path in ["*/decision", "/consent/"] {
        assert_eq!(app.proxy.count(&Method::POST, path), 0, "{path}");
    }
    assert!(!app.browser.text().await?.contains("확인이 필요한 항목"), "it was pressed");
    Ok(())
}

#[tokio::test]
async fn no_script_ticks_or_sends() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let silently = "document.getElementById('term:marketing').checked = true";
        before_the_app(&app, "no-email").await?;
        assert_eq!(js(browser, ATTEMPTS).await?, json!([]), "before the app");
        js(browser, silently).await?;
        browser.app("mounted").await?;
        assert_eq!(ticked(browser).await?, json!([]), "the app restores what the user did");
        assert_eq!(js(browser, ATTEMPTS).await?, json!([]), "in the app");
        nothing_was_sent(&app).await?;

        // The user's own way: by a label, by agree-all, and through what a form filler filled in.
        let label = By::Css("label[for='term:privacy']");
        browser.driver.find(label).await?.click().await?;
        assert_eq!(ticked(browser).await?, json!(["term:privacy"]));
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        let required = ticked(browser).await?;
        let fill = |text: &str, event: &str| {
            format!(
                "const field = document.getElementById('{EMAIL}');
                field.value = '{text}';
                {event}"
            )
        };
        let change = "field.dispatchEvent(new Event('change', { bubbles: true }))";
        js(browser, &fill("first@example.org", change)).await?;
        js(browser, silently).await?;
        screen.agree().await?;
        browser.see("직접 선택하신 대로 되돌렸습니다.").await?;
        assert_eq!(ticked(browser).await?, required);
        js(browser, &fill("second@example.org", "")).await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(json!(agreed(&app).await?), required);
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("second@example.org"));
        Ok(())
    })
    .await
}

/// The form that the server rendered, where the app never comes.
#[tokio::test]
async fn no_script_ticks_or_sends_where_the_app_never_comes() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        for complaint in ["status of 404", "error: ", "rejected: "] {
            app.allow_console_error(complaint);
        }
        let browser = &app.browser;
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::status(404));
        demo::sign_up(browser, "no-email", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        assert_eq!(js(browser, ATTEMPTS).await?, json!([]));
        nothing_was_sent(&app).await?;

        screen.tick_required().await?;
        let required = ticked(browser).await?;
        js(
            browser,
            "const form = document.getElementById('consent-form');
            document.getElementById('term:marketing').checked = true;
            document.getElementById('term:privacy').checked = false;
            const fields = [['agree', 'term:marketing'], ['shown', 'term:x'], ['fp', 'x'], ['value:account_email', 'x']];
            for (const [name, value] of fields) {
                const input = document.createElement('input');
                Object.assign(input, { type: 'hidden', name, value });
                form.prepend(input);
            }
            document.getElementById('value:account_email').value = 'sol@example.org'",
        )
        .await?;
        screen.agree().await?;
        browser.see("직접 선택하신 대로 되돌렸습니다.").await?;
        assert_eq!(app.decisions().await?, []);
        let kept = ["term:tos", "item:profile_nickname", "item:account_email"];
        assert_eq!(ticked(browser).await?, json!(kept), "where less is shown, less is ticked");
        screen.tick("개인정보 수집 및 이용").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(json!(agreed(&app).await?), required);
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("sol@example.org"));
        Ok(())
    })
    .await
}

/// Puts a button in front of the field for the address.
const KEY: &str = "
    const key = document.createElement('button');
    key.type = 'button';
    key.textContent = 'key';
    document.querySelector('#shell [name=\"value:account_email\"]').before(key);
    return key";

#[tokio::test]
async fn the_focus_stays_where_it_is_beside_what_was_put_in() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = before_the_app(&app, "no-email").await?;
        screen.tick("이메일").await?;
        js(browser, KEY).await?;
        browser.fill("사용할 이메일", "solexample.org").await?;
        for _ in 0.."example.org".len() {
            browser.key(Key::Left).await?;
        }
        let place = "const it = document.activeElement;
            return [it.id, it.selectionStart, it.value, it.getBoundingClientRect().top]";
        let before = js(browser, place).await?;
        assert_eq!((&before[0], &before[1]), (&json!(EMAIL), &json!(3)));
        browser.app("mounted").await?;
        let after = js(browser, place).await?;
        for at in 0..3 {
            assert_eq!(after[at], before[at]);
        }
        let moved =
            after[3].as_f64().context("a place")? - before[3].as_f64().context("a place")?;
        assert!(moved.abs() <= 1.0, "the field moved by {moved} pixels");
        keys(browser, "@").await?;
        assert_eq!(
            js(browser, "return document.activeElement.value").await?,
            json!("sol@example.org")
        );
        assert_eq!(ticked(browser).await?, json!(["item:account_email"]));

        // What had the focus is not there any more: no key may reach a box or a button instead.
        let screen = before_the_app(&app, "no-email").await?;
        screen.tick("이메일").await?;
        js(browser, &KEY.replace("return key", "key.focus()")).await?;
        browser.app("mounted").await?;
        let around =
            js(browser, "return document.activeElement.matches('button, input, a, select')");
        assert_eq!(around.await?, json!(false));
        let id = focused(browser).await?;
        assert_eq!(id, json!("item:account_email-details"), "the nearest that is there");
        keys(browser, " ").await?;
        assert_eq!(ticked(browser).await?, json!(["item:account_email"]));
        keys(browser, Key::Tab + "").await?;
        assert_eq!(focused(browser).await?, json!(EMAIL), "Tab goes on from there");
        Ok(())
    })
    .await
}

/// Replaces every text of the page by two nested elements, as Google Translate does.
const TRANSLATE: &str = "
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
    for (const text of texts) {
        const [outer, inner] = [document.createElement('font'), document.createElement('font')];
        inner.textContent = '«' + text.data + '»';
        outer.append(inner);
        text.replaceWith(outer);
    }
    document.documentElement.lang = 'vi'";

#[tokio::test]
async fn a_translated_page_says_what_is_so() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.agree().await?;
        screen.summary().await?;
        js(browser, TRANSLATE).await?;
        let fault = "return document.getElementById('term:tos-fault').textContent";
        assert_eq!(js(browser, fault).await?, json!("«동의가 필요합니다.»"));
        browser.driver.find(By::Id("term:tos")).await?.click().await?;
        assert_eq!(js(browser, fault).await?, json!(""));
        browser.driver.find(By::Id("agree-all")).await?.click().await?;
        browser.see_no_more("확인이 필요한 항목").await?;

        app.proxy.fault(Method::POST, "*/decision", None, Fault::Delay(Duration::from_secs(4)));
        tokio::time::sleep(A_MOMENT).await;
        browser.driver.find(By::Id("agree-button")).await?.click().await?;
        let said = "return [document.getElementById('agree-button'), document.querySelector('.live-region')]
            .map((it) => it.textContent)";
        assert_eq!(js(browser, said).await?, json!(["보내는 중", "보내는 중"]));
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}
