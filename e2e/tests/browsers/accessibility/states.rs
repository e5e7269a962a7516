//! The states of the screen, as data: to test a new one in every respect, add it to the list.

use anyhow::{Context, Result, bail};
use consent_e2e::browser::Browser;
use consent_e2e::engine::Engine;
use consent_e2e::pages::consent::{EN, JA, KO, Words};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::RETRY_AFTER;
use serde_json::json;
use std::time::{Duration, Instant};
use thirtyfour::By;

/// A language, and what the screen calls things in it.
#[derive(Clone, Copy)]
pub struct Language {
    pub tag: &'static str,
    pub words: Words,
    place: usize,
}

pub const LANGUAGES: [Language; 3] = [
    Language { tag: "ko", words: KO, place: 0 },
    Language { tag: "en", words: EN, place: 1 },
    Language { tag: "ja", words: JA, place: 2 },
];

/// States that are looked at in all languages in every run: those with the longest texts and the
/// most controls. The others are, too, in a full run.
const IN_ALL_LANGUAGES: [&str; 5] = [
    "asking_new_account",
    "something_missing",
    "text_open",
    "no_wasm_form_with_something_missing",
    "auto_login_sign_up",
];

/// The languages to look at a state in.
pub fn languages_for(state: &str) -> &'static [Language] {
    if IN_ALL_LANGUAGES.contains(&state) { &LANGUAGES } else { main_languages() }
}

/// All languages in a full run, and the first one in any other.
pub fn main_languages() -> &'static [Language] {
    if consent_e2e::is_full_run() { &LANGUAGES } else { &LANGUAGES[..1] }
}

/// The same in Korean, English and Japanese.
type Said = [&'static str; 3];

const TERMS: Said = ["이용약관", "Terms of service", "利用規約"];
const EMAIL: Said = ["이메일", "Email address", "メールアドレス"];
const LOADING: Said = ["불러오는 중", "Loading", "読み込み中"];
const CANNOT: Said = ["화면을 열 수 없습니다", "This page can't be shown", "画面を表示できません"];

/// Who has signed up to nothing: one for each language, where a state ends in a record.
const NEWCOMERS: Said = ["new", "channel-added", "no-messenger"];

const CONSENT: Said = ["내 동의 관리", "Your consent", "同意の管理"];
const LEAVE: Said = [
    "한옥마켓 연결을 끊을까요?",
    "Disconnect Hanok Market?",
    "ハノクマーケットとの連携を解除しますか？",
];

const REQUEST: &str = "/api/v1/consents/";
const DECISION: &str = "*/decision";
const AUTO_LOGIN: &str = "/api/v1/auto-login";

/// One thing that is done, or waited for, on the way to a state.
enum Step {
    /// Signs up as an account, at a service, with further parameters.
    SignUp(Said, &'static str, &'static str),
    /// Opens a link to the demo's shop as an account, as if inside of the messenger, for the first
    /// time in this visit.
    OpenLink(&'static str),
    Go(&'static str),
    /// Goes to the request again that was there before.
    Return,
    ForgetSession,
    /// Waits for what the boot script says of the app.
    App(&'static str),
    Asked,
    Tick(Said),
    TickRequired,
    Agree,
    Cancel,
    /// Follows a link of a page without scripts, by its CSS.
    Follow(&'static str),
    OpenText(Said),
    OpenTextAsPage(Said),
    Sees(Said),
    Heading(Said),
    /// Waits for words that are heard only.
    Hears(Said),
}

type MakesFault = fn() -> Fault;

/// A state, and how a scene gets there.
pub struct State {
    setup: Setup,
    faults: Vec<(Method, &'static str, Option<usize>, MakesFault)>,
    steps: Vec<Step>,
}

impl State {
    fn server_rendered() -> Self {
        Self { setup: Setup::default(), faults: Vec::new(), steps: Vec::new() }
    }

    fn statically_hosted() -> Self {
        let setup = Setup::default().statically_hosted();
        Self { setup, ..Self::server_rendered() }
    }

    /// A server-rendered page that the app never replaces.
    fn no_wasm() -> Self {
        Self::server_rendered().fault(Method::GET, "*.wasm", || Fault::status(404))
    }

    /// The form of an account at a service, with the app mounted.
    fn asking(account: &'static str, service: &'static str, more: &'static str) -> Self {
        Self::server_rendered().sign_up(account, service, more).then(Step::Asked)
    }

    /// An account page of a user with two services, whose agreements have dates that do not change.
    fn signed_in(path: &'static str) -> Self {
        Self::server_rendered().then(Step::Go("/demo/login?account=returning")).then(Step::Go(path))
    }

    fn backend<const N: usize>(mut self, options: [&str; N]) -> Self {
        self.setup = self.setup.backend(options);
        self
    }

    fn fault(mut self, method: Method, path: &'static str, fault: MakesFault) -> Self {
        self.faults.push((method, path, None, fault));
        self
    }

    /// In each language once.
    fn fault_once(mut self, method: Method, path: &'static str, fault: MakesFault) -> Self {
        self.faults.push((method, path, Some(1), fault));
        self
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn sign_up(self, account: &'static str, service: &'static str, more: &'static str) -> Self {
        self.then(Step::SignUp([account; 3], service, more))
    }

    /// Only where Chromium's protocol does what the test needs.
    pub fn only_in_chromium(mut self, why: &'static str) -> Self {
        self.setup = self.setup.only_in(Engine::Chromium, why);
        self
    }

    /// Plays one scene, in which the state is reached once in each of these languages.
    pub async fn in_languages(
        self,
        languages: &[Language],
        look: impl AsyncFn(&TestApp, Language) -> Result<()>,
    ) -> Result<()> {
        let look = &look;
        let state = &self;
        TestApp::run(state.setup.clone(), async |app| {
            // What a browser thinks of answers and connections that fail is for other tests.
            app.allow_console_error("the server responded with a status of");
            app.allow_console_error("net::ERR_");
            for language in languages {
                let at = || format!("in {}", language.tag);
                state.arrange(&app, *language).await.with_context(at)?;
                look(&app, *language).await.with_context(at)?;
            }
            Ok(())
        })
        .await
    }

    /// Brings the browser into the state.
    async fn arrange(&self, app: &TestApp, language: Language) -> Result<()> {
        let Language { tag, words, place } = language;
        app.proxy.clear_faults();
        // The browser's own languages are fixed when it starts.
        app.proxy.speak(tag)?;
        app.proxy.inject(format!(
            "Object.defineProperty(navigator, 'languages', \
             {{ get: () => ['{tag}'], configurable: true }});"
        ));
        for (method, path, times, fault) in &self.faults {
            app.proxy.fault(method.clone(), path, *times, fault());
        }
        let browser = &app.browser;
        let mut request = String::new();
        for step in &self.steps {
            if let Some(address) = browser.address().await.ok().filter(|it| is_request(it)) {
                request = address;
            }
            match step {
                Step::SignUp(accounts, service, more) => {
                    demo::sign_up(browser, accounts[place], service, more).await?;
                }
                Step::OpenLink(account) => {
                    browser.go("/demo").await?;
                    browser.driver.execute("sessionStorage.clear()", Vec::new()).await?;
                    let link = format!("account={account}&service=demo-shop&in_app=android");
                    browser.go(&format!("/demo/start?{link}")).await?;
                }
                Step::Go(path) => browser.go(path).await?,
                Step::Follow(css) => browser.driver.find(By::Css(*css)).await?.click().await?,
                Step::Return => browser.go(&request).await?,
                Step::ForgetSession => {
                    browser.driver.delete_all_cookies().await?;
                    browser.driver.refresh().await?;
                }
                Step::App(state) => browser.app(state).await?,
                Step::Asked => {
                    Consent::asking_in(browser, words).await?;
                }
                Step::Sees(text) => browser.see(text[place]).await?,
                Step::Heading(name) => {
                    browser.find(Role::Heading, name[place]).await?;
                }
                Step::Hears(text) => hears(browser, text[place]).await?,
                other => {
                    fill_in(other, &Consent::server_rendered_in(browser, words).await?, place)
                        .await?
                }
            }
        }
        Ok(())
    }
}

fn is_request(address: &str) -> bool {
    address.starts_with("/consent/")
}

async fn fill_in(step: &Step, screen: &Consent<'_>, place: usize) -> Result<()> {
    match step {
        Step::Tick(item) => screen.tick(item[place]).await,
        Step::TickRequired => screen.tick_required().await,
        Step::Agree => screen.agree().await,
        Step::Cancel => screen.cancel().await,
        Step::OpenText(term) => screen.open_text(term[place]).await,
        Step::OpenTextAsPage(term) => screen.open_text_as_page(term[place]).await,
        _ => bail!("this is nothing that is done to the form"),
    }
}

async fn hears(browser: &Browser, text: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        for region in browser.driver.find_all(By::Css("[role=status]")).await? {
            if region.prop("textContent").await?.is_some_and(|it| it.contains(text)) {
                return Ok(());
            }
        }
        if Instant::now() > deadline {
            bail!("no live region has {text:?}");
        }
    }
}

/// The list of states, each with a test of its own.
macro_rules! states {
    ($($(#[$doc:meta])* $name:ident: $state:expr;)*) => {
        $($(#[$doc])* pub fn $name() -> State { $state })*

        mod every_state {
            $(#[tokio::test]
            async fn $name() -> anyhow::Result<()> {
                crate::accessibility::every_state::is_accessible(stringify!($name), super::$name())
                    .await
            })*
        }
    };
}

fn silence() -> Fault {
    Fault::Delay(Duration::from_secs(60))
}

fn busy() -> Fault {
    Fault::answer(503, "text/plain", "?").with(RETRY_AFTER, "60")
}

states! {
    /// The static shell, before the app is there and before anything has arrived.
    loading_in_the_shell: State::statically_hosted()
        .fault(Method::GET, "*.wasm", silence)
        .fault(Method::GET, REQUEST, silence)
        .sign_up("new", "demo-shop", "")
        .then(Step::Heading(LOADING));
    /// The app waits for the request, and says so.
    loading_and_announced: State::statically_hosted()
        .fault(Method::GET, REQUEST, silence)
        .sign_up("new", "demo-shop", "")
        .then(Step::App("mounted"))
        .then(Step::Hears(LOADING));
    asking_new_account: State::asking("new", "demo-shop", "");
    asking_for_something_new:
        State::asking("returning", "demo-travel", "service_terms=travel_notice");
    asking_for_a_test: State::asking("returning", "demo-test-app", "");
    asking_for_a_missing_value:
        State::asking("no-email", "demo-shop", "").then(Step::Tick(EMAIL));
    asking_with_some_ticked: State::asking("new", "demo-shop", "").then(Step::Tick(TERMS));
    asking_with_all_required_ticked:
        State::asking("new", "demo-shop", "").then(Step::TickRequired);
    /// Nothing to add in the messenger.
    asking_without_a_channel: State::asking("new", "demo-bookclub", "");
    /// As the server rendered it: the app is still loading.
    server_rendered_not_mounted: State::server_rendered()
        .fault(Method::GET, "*.wasm", silence)
        .sign_up("new", "demo-shop", "")
        .then(Step::App("starting"));
    no_wasm_form: State::no_wasm()
        .sign_up("new", "demo-shop", "")
        .then(Step::App("no-wasm"));
    no_wasm_form_with_something_missing: State::no_wasm()
        .sign_up("no-email", "demo-shop", "")
        .then(Step::App("no-wasm"))
        .then(Step::Tick(EMAIL))
        .then(Step::Agree)
        .then(Step::Sees([
            "내용을 입력해 주세요.", "Please fill this in.", "入力してください。",
        ]))
        .then(Step::App("no-wasm"));
    no_wasm_text_page: State::no_wasm()
        .sign_up("new", "demo-shop", "")
        .then(Step::App("no-wasm"))
        .then(Step::OpenTextAsPage(TERMS));
    text_open: State::asking("new", "demo-shop", "")
        .then(Step::OpenText(TERMS))
        .then(Step::Sees(["제1조", "Article 1", "第1条"]));
    text_loading: State::asking("new", "demo-shop", "")
        .fault(Method::GET, "/api/v1/terms/", silence)
        .then(Step::OpenText(TERMS));
    text_failed: State::asking("new", "demo-shop", "")
        .fault(Method::GET, "/api/v1/terms/", || Fault::status(500))
        .then(Step::OpenText(TERMS))
        .then(Step::Sees([
            "내용을 불러오지 못했습니다.", "The text couldn't be loaded.",
            "内容を読み込めませんでした。",
        ]));
    something_missing: State::asking("no-email", "demo-shop", "")
        .then(Step::Tick(EMAIL))
        .then(Step::Agree)
        .then(Step::Sees([
            "아직 확인이 필요한 항목이 있습니다", "Some items need your attention",
            "確認が必要な項目があります",
        ]));
    submitting: State::asking("new", "demo-shop", "")
        .fault(Method::POST, DECISION, silence)
        .then(Step::TickRequired)
        .then(Step::Agree)
        .then(Step::Sees(["보내는 중", "Sending", "送信中"]));
    /// Recorded; the service does not answer yet.
    leaving: State::server_rendered()
        .fault(Method::GET, "/demo/callback", || Fault::status(204))
        .then(Step::SignUp(NEWCOMERS, "demo-shop", ""))
        .then(Step::Asked)
        .then(Step::TickRequired)
        .then(Step::Agree)
        .then(Step::Sees(["이동하는 중", "Redirecting", "移動中"]));
    still_leaving: State::server_rendered()
        .fault(Method::GET, "/demo/callback", || Fault::status(204))
        .then(Step::SignUp(NEWCOMERS, "demo-shop", ""))
        .then(Step::Asked)
        .then(Step::TickRequired)
        .then(Step::Agree)
        .then(Step::Sees([
            "이동이 지연되고 있습니다.", "This is taking a while.", "移動に時間がかかっています。",
        ]));
    /// There was nothing to ask, and the service does not answer.
    leaving_without_asking: State::statically_hosted()
        .fault(Method::GET, "/demo/callback", || Fault::status(204))
        .fault(Method::GET, REQUEST, || Fault::json(|json| {
            let origin = json["service"]["destination_origin"].as_str().unwrap_or_default();
            let to = format!("{origin}/demo/callback?code=1");
            *json = json!({ "state": "done", "redirect_to": to });
        }))
        .sign_up("new", "demo-shop", "")
        .then(Step::Heading(["이동하는 중", "Redirecting", "移動中"]));
    /// The address to go on to is none of the service's.
    target_refused: State::statically_hosted()
        .fault(Method::GET, REQUEST, || Fault::json(|json| {
            *json = json!({ "state": "done", "redirect_to": "javascript:alert(1)" });
        }))
        .sign_up("new", "demo-shop", "")
        .then(Step::Heading([
            "이동할 수 없는 주소입니다", "We blocked this redirect",
            "移動できないアドレスです",
        ]));
    expires_soon: State::asking("new", "demo-shop", "")
        .backend(["--challenge-ttl", "60s"])
        .then(Step::Sees([
            "이 화면은 1분 안에 만료됩니다.", "This page expires in less than a minute.",
            "この画面はあと1分で有効期限が切れます。",
        ]));
    expired: State::server_rendered()
        .backend(["--challenge-ttl", "2s"])
        .sign_up("new", "demo-shop", "")
        .then(Step::Heading(["유효 시간이 지났습니다", "This page has expired", "有効期限が切れました"]));
    already_decided: State::asking("new", "demo-shop", "")
        .then(Step::Cancel)
        .then(Step::Sees(["access_denied"; 3]))
        .then(Step::Return)
        .then(Step::Heading([
            "이미 처리된 요청입니다", "You've already responded", "すでに回答済みです",
        ]));
    /// The person was shown an older text than the one in force when the answer came.
    terms_changed: State::statically_hosted()
        .fault_once(Method::GET, REQUEST, || Fault::json(|json| {
            json["terms"][0]["digest"] =
                "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
        }))
        .sign_up("new", "demo-shop", "")
        .then(Step::Asked)
        .then(Step::TickRequired)
        .then(Step::Agree)
        .then(Step::Sees([
            "내용이 변경되어 동의 표시를 해제했습니다.", "These texts have changed",
            "内容が変わったため、チェックを外しました。",
        ]));
    /// The decision waits to be sent again.
    offline_and_retrying: State::asking("new", "demo-shop", "")
        .fault(Method::POST, DECISION, || Fault::Drop)
        .then(Step::TickRequired)
        .then(Step::Agree)
        // The longest wait that is short enough to wait for.
        .then(Step::Sees(["8초 뒤", "again in 8 s", "8秒後"]));
    too_busy: State::asking("new", "demo-shop", "")
        .fault(Method::POST, DECISION, busy)
        .then(Step::TickRequired)
        .then(Step::Agree)
        .then(Step::Sees(["이용자가 많습니다.", "very busy right now.", "混み合っています。"]));
    too_busy_to_load: State::statically_hosted()
        .fault(Method::GET, REQUEST, busy)
        .sign_up("new", "demo-shop", "")
        .then(Step::Sees(["이용자가 많습니다.", "very busy right now.", "混み合っています。"]));
    /// What arrived is no request, so it is not shown.
    unreadable: State::statically_hosted()
        .fault(Method::GET, REQUEST, || Fault::answer(200, "text/html", "?"))
        .sign_up("new", "demo-shop", "")
        .then(Step::App("mounted"))
        .then(Step::Heading(CANNOT));
    not_found: State::server_rendered()
        .then(Step::Go("/consent/no-such-request"))
        .then(Step::Heading([
            "동의 요청을 찾을 수 없습니다", "This request can't be found",
            "同意リクエストが見つかりません",
        ]));
    wrong_session: State::asking("new", "demo-shop", "")
        .then(Step::ForgetSession)
        .then(Step::Heading([
            "다른 곳에서 시작한 요청입니다", "This request was started elsewhere",
            "別の場所で開始されたリクエストです",
        ]));
    service_not_approved: State::server_rendered()
        .sign_up("new", "demo-pending", "")
        .then(Step::Heading([
            "아직 가입할 수 없는 서비스입니다", "You can't sign up for this service yet",
            "まだ登録できないサービスです",
        ]));
    not_invited_to_a_test: State::server_rendered()
        .sign_up("new", "demo-test-app", "")
        .then(Step::Heading([
            "테스트용 서비스입니다", "This is a test service", "テスト用のサービスです",
        ]));
    under_age: State::server_rendered()
        .sign_up("under-14", "demo-shop", "")
        .then(Step::Heading([
            "가입할 수 있는 나이가 아닙니다", "You can't sign up yet", "登録できる年齢に達していません",
        ]));
    cannot_start: State::statically_hosted()
        .fault(Method::GET, "*.wasm", || Fault::status(404))
        .sign_up("new", "demo-shop", "")
        .then(Step::App("broken"))
        .then(Step::Heading(CANNOT));
    /// A service's link, opened inside the messenger by a user who is no member.
    auto_login_sign_up: State::server_rendered()
        .then(Step::OpenLink("new"))
        .then(Step::Heading([
            "한옥마켓에 처음 오셨나요?", "New to Hanok Market?", "ハノクマーケットは初めてですか？",
        ]));
    auto_login_log_in: State::server_rendered()
        .then(Step::OpenLink("no-email"))
        .then(Step::Heading([
            "한옥마켓에 로그인", "Sign in to Hanok Market", "ハノクマーケットにログイン",
        ]));
    /// A member is welcomed while the service's answer is on its way.
    auto_login_welcome: State::server_rendered()
        .fault(Method::POST, AUTO_LOGIN, silence)
        .then(Step::OpenLink("returning"))
        .then(Step::Heading(["두리님, 반갑습니다", "Welcome back, 두리", "두리さん、おかえりなさい"]));
    auto_login_failed: State::server_rendered()
        .fault(Method::POST, AUTO_LOGIN, || Fault::status(503))
        .then(Step::OpenLink("returning"))
        .then(Step::Sees([
            "자동으로 로그인하지 못했습니다.", "couldn't be signed in automatically",
            "自動でログインできませんでした。",
        ]));
    account_overview: State::signed_in("/account").then(Step::Heading(CONSENT));
    account_overview_empty: State::server_rendered()
        .then(Step::Go("/demo/login?account=new&return_to=/account"))
        .then(Step::Heading(CONSENT));
    account_service: State::signed_in("/account/services/demo-shop").then(Step::Heading([
        "한옥마켓 동의 관리", "Your consent at Hanok Market", "ハノクマーケットへの同意の管理",
    ]));
    account_leave: State::signed_in("/account/services/demo-shop/leave").then(Step::Heading(LEAVE));
    account_leave_to_withdraw: State::signed_in("/account/services/demo-shop/leave?key=term:tos")
        .then(Step::Heading(LEAVE));
    account_text: State::signed_in("/account/services/demo-shop")
        .then(Step::Follow("[id='term:tos'] a[href*=digest]"))
        .then(Step::Heading(TERMS));
    account_signed_out: State::server_rendered()
        .then(Step::Go("/account/signed-out"))
        .then(Step::Heading([
            "모든 기기에서 로그아웃했습니다", "You're signed out everywhere",
            "すべての端末からログアウトしました",
        ]));
    /// The reference partner's first page.
    demo_start: State::server_rendered().then(Step::Go("/demo"));
    /// Its page after a sign-up.
    demo_callback: State::server_rendered()
        .then(Step::SignUp(NEWCOMERS, "demo-shop", ""))
        .then(Step::Asked)
        .then(Step::TickRequired)
        .then(Step::Agree)
        .then(Step::Heading([
            "서비스로 돌아왔습니다", "Back at the service", "サービスに戻りました",
        ]));
    demo_callback_after_cancelling: State::asking("new", "demo-shop", "")
        .then(Step::Cancel)
        .then(Step::Sees(["access_denied"; 3]));
}

/// Why something is looked at in Chromium only.
pub const CHROMIUM_ONLY: &str = "what is emulated or read here only Chromium's protocol can do";

/// Whether this engine emulates what people prefer and which screen they have.
pub fn emulates(app: &TestApp) -> bool {
    app.engine == Engine::Chromium
}
