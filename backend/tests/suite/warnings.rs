//! What an operator is warned of at the start, and terms whose day has not come.

use std::fs;

use consent_backend::{App, Doubt, Services};
use consent_contract::request::ConsentRequest;
use tempfile::TempDir;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::{
    browser::{Browser, CHALLENGE, Server, authorize, settings},
    screen,
    shop::{SHOP, SIGN_IN, account, proxied},
};

/// A folder with a built screen and this file, started.
async fn started(folder: &TempDir, toml: &str) -> App {
    let path = folder.path().join("services.toml");
    fs::write(&path, toml).unwrap();
    let mut settings = settings(folder.path(), Services::File(path));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    App::open(settings).await.unwrap()
}

fn with_a_screen() -> TempDir {
    let folder = TempDir::new().unwrap();
    screen::build_in(folder.path());
    folder
}

/// What is warned of, rules of consent left out.
fn doubts(app: &App) -> Vec<String> {
    let warnings = app.warnings().iter();
    let warnings = warnings.filter(|it| !matches!(it.what, Doubt::Rule { .. }));
    warnings.map(ToString::to_string).collect()
}

#[track_caller]
fn one(app: &App, at: &str, says: &str) {
    let found = doubts(app);
    assert!(found.len() == 1 && found[0].contains(says), "{says}: {found:#?}");
    assert!(found[0].contains(at), "{at}: {found:#?}");
}

#[tokio::test]
async fn a_good_start_warns_of_nothing() {
    let app = started(&with_a_screen(), &proxied(&["hana"])).await;
    assert_eq!(doubts(&app), [""; 0]);
    let demo = TempDir::new().unwrap();
    screen::build_in(demo.path());
    let demo = App::open(settings(demo.path(), Services::Demo)).await.unwrap();
    assert_eq!(doubts(&demo), [""; 0], "the demo signs people in itself");
}

#[tokio::test]
async fn that_no_one_can_sign_in_is_warned_of() {
    let app = started(&with_a_screen(), SHOP).await;
    one(&app, "no one can sign in: there is no `[sign_in]`", "no one can sign in");
    let toml = format!("{SHOP}\n[sign_in]\nlogin_url = \"/login/\"\n");
    let app = started(&with_a_screen(), &toml).await;
    one(&app, "services.toml:28:1: ", "`login_url` has no `account_header` beside it");
    let toml = proxied(&[]);
    let app = started(&with_a_screen(), &toml).await;
    one(&app, "services.toml:28:1: ", "there is no `[[account]]`");
}

#[tokio::test]
async fn a_kakao_app_without_a_secret_is_warned_of() {
    let kakao = proxied(&["hana"]).replacen("name =", "dialect = \"kakao\"\nname =", 1);
    let app = started(&with_a_screen(), &kakao).await;
    one(&app, "services.toml:1:1: ", "`shop` has no `client_secret`");
    let digest = format!("client_secret = {{ sha256 = \"{}\" }}\nname =", "0a".repeat(32));
    for safe in [&*digest, "require_pkce = true\nname ="] {
        let app = started(&with_a_screen(), &kakao.replacen("name =", safe, 1)).await;
        assert_eq!(doubts(&app), [""; 0]);
    }
}

#[tokio::test]
async fn a_secret_in_clear_is_warned_of() {
    let with = |secret: &str| {
        let key = format!("client_secret = {secret}\nname =");
        proxied(&["hana"]).replacen("name =", &key, 1)
    };
    let secret = "a-secret-of-the-shop";
    let clear = with(&format!("\"{secret}\""));
    let app = started(&with_a_screen(), &clear).await;
    one(&app, "services.toml:3:17: ", "`client_secret` is in this file in clear");
    assert!(!doubts(&app)[0].contains(secret), "{:?}", doubts(&app));
    let admin = format!("{}\n[admin]\ntoken = \"{}\"\n", proxied(&["hana"]), "t".repeat(32));
    one(&started(&with_a_screen(), &admin).await, "services.toml:", "`token` is in this file");
    let folder = with_a_screen();
    fs::write(folder.path().join("secret"), secret).unwrap();
    assert_eq!(doubts(&started(&folder, &with("{ file = \"secret\" }")).await), [""; 0]);
}

#[tokio::test]
async fn a_service_that_no_one_can_sign_up_to_is_warned_of() {
    for approved in ["", "approved = false\n"] {
        let toml = format!("\n{}", proxied(&["hana"])).replace("approved = true\n", approved);
        let app = started(&with_a_screen(), &toml).await;
        one(&app, "services.toml:2:1: ", "no one can sign up to `shop`");
    }
    for members in ["", "test_members = []\n"] {
        let toml = proxied(&["hana"]);
        let toml = toml.replace("approved", &format!("mode = \"test\"\n{members}approved"));
        let app = started(&with_a_screen(), &toml).await;
        one(&app, "services.toml:1:1: ", "no one can go to `shop`: it is a test app");
    }
    let toml = proxied(&["hana"]);
    let toml = toml.replace("approved", "mode = \"test\"\ntest_members = [\"hana\"]\napproved");
    assert_eq!(doubts(&started(&with_a_screen(), &toml).await), [""; 0]);
}

#[tokio::test]
async fn a_directory_without_a_screen_is_warned_of() {
    let toml = proxied(&["hana"]);
    let folder = TempDir::new().unwrap();
    one(&started(&folder, &toml).await, "--dist ", "there is no index.html");
    // What Trunk builds of the studio.
    let dist = folder.path().join("dist");
    fs::create_dir_all(&dist).unwrap();
    let studio = "<!doctype html><html><head><title>Preview studio</title>\
                  <link rel=modulepreload href=/studio/consent-studio-1a2b.js></head><body></body></html>";
    for page in [studio, "", "<h1>It works!</h1>"] {
        fs::write(dist.join("index.html"), page).unwrap();
        one(&started(&folder, &toml).await, "--dist ", "is not the consent screen's");
    }
    // Without a place for server-rendered HTML it is the screen as well, for a static host.
    screen::build_in(folder.path());
    assert_eq!(doubts(&started(&folder, &toml).await), [""; 0]);
    // The studio is two pages.
    let mut settings = settings(folder.path(), Services::Demo);
    settings.studio = Some(dist.into());
    settings.database = folder.path().join("demo-data").into();
    let app = App::open(settings).await.unwrap();
    one(&app, "--studio ", "the preview studio is not there");
}

#[tokio::test]
async fn what_was_seeded_and_edited_since_is_warned_of() {
    let linked = format!(
        "{SHOP}\n[[service.channels]]\npublic_id = \"_shop\"\nname = \"가게\"\n{SIGN_IN}{}\n\
         [account.channels]\n_shop = \"added\"\n\n[[account.links]]\nservice = \"shop\"\n\
         how = \"combined_screen\"\nat = \"2026-01-01T00:00:00Z\"\nterms = {{ tos = \"1\" }}\n\
         items = [\"profile_nickname\"]\n",
        account("hana"),
    );
    let folder = with_a_screen();
    for (from, to) in [
        ("", ""),
        ("\"added\"", "\"blocked\""),
        ("combined_screen", "plain_login"),
        ("2026-01-01T", "2026-01-02T"),
        ("{ tos = \"1\" }", "{ tos = \"0\" }"),
        ("[\"profile_nickname\"]", "[]"),
        ("[account.channels]\n_shop = \"added\"\n", ""),
    ] {
        let toml = linked.replacen(from, to, 1);
        let app = started(&folder, &toml).await;
        if from == to {
            assert_eq!(doubts(&app), [""; 0]);
        } else {
            assert_ne!(toml, linked, "{from}");
            let says = "the links and channels of account `hana` were written";
            one(&app, "services.toml:35:1: ", says);
        }
        app.close().await;
    }
    // Put back, and edited where it takes effect.
    for toml in [linked.clone(), linked.replace("\"하나\"", "\"하나둘\"")] {
        let app = started(&folder, &toml).await;
        assert_eq!(doubts(&app), [""; 0]);
        app.close().await;
    }
}

/// A database of before does not say what it was seeded with.
#[tokio::test]
async fn what_was_seeded_by_an_older_version_is_no_reason_to_warn() {
    let folder = with_a_screen();
    let toml = proxied(&["hana"]);
    started(&folder, &toml).await.close().await;
    let file = folder.path().join("data/consent.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("UPDATE seeded SET digest = NULL").execute(&pool).await.unwrap();
    pool.close().await;
    let linked = format!(
        "{toml}\n[[account.links]]\nservice = \"shop\"\nhow = \"plain_login\"\n\
         at = \"2026-01-01T00:00:00Z\"\n"
    );
    let app = started(&folder, &linked).await;
    assert_eq!(doubts(&app), [""; 0]);
    app.close().await;
    let app = started(&folder, &toml).await;
    assert_eq!(doubts(&app).len(), 1, "from now on it is known");
}

/// Of two services with the same term, the one whose day has not come.
#[tokio::test]
async fn the_day_of_a_term_begins_in_the_time_zone_of_its_service() {
    // It is never the same day in both.
    let ahead = UtcOffset::from_hms(14, 0, 0).unwrap();
    let today = OffsetDateTime::now_utc().to_offset(ahead).date();
    let of = |zone: &str| {
        proxied(&["hana"])
            .replace("approved = true", &format!("approved = true\ntime_zone = \"{zone}\""))
            .replace("2026-01-01", &today.to_string())
    };
    let folder = with_a_screen();
    let app = started(&folder, &of("Pacific/Kiritimati")).await;
    assert_eq!(doubts(&app), [""; 0]);
    let folder = with_a_screen();
    let app = started(&folder, &of("Pacific/Pago_Pago")).await;
    one(&app, "services.toml:", &format!("from {today}"));
}

/// Days from today, as Seoul counts them.
fn day(from_today: i64) -> Date {
    let seoul = UtcOffset::from_hms(9, 0, 0).unwrap();
    OffsetDateTime::now_utc().to_offset(seoul).date() + time::Duration::days(from_today)
}

/// Seconds until midnight in Seoul.
fn until_midnight() -> i64 {
    let seoul = UtcOffset::from_hms(9, 0, 0).unwrap();
    let now = OffsetDateTime::now_utc().to_offset(seoul);
    24 * 60 * 60
        - i64::from(now.hour()) * 3600
        - i64::from(now.minute()) * 60
        - i64::from(now.second())
}

async fn asked(browser: &mut Browser) -> ConsentRequest {
    let path = authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let get = |path: &str| {
        let request = axum::http::Request::get(path).header("x-account", "hana");
        request.body(axum::body::Body::empty()).unwrap()
    };
    let challenge = browser.send(get(&path)).await.challenge();
    let answer = browser.send(get(&consent_contract::consent_path(&challenge))).await;
    match consent_contract::request::ConsentState::from_json(answer.text()) {
        Ok(consent_contract::request::ConsentState::Ask(request)) => *request,
        other => panic!("{other:?}: {}", answer.text()),
    }
}

fn versions(request: &ConsentRequest) -> Vec<(&str, &str)> {
    request.terms.iter().map(|term| (term.tag.as_str(), term.version.as_str())).collect()
}

#[tokio::test]
async fn a_term_is_not_asked_before_its_day() {
    let tomorrow = day(1);
    let toml = proxied(&["hana"]).replace("2026-01-01", &tomorrow.to_string());
    let server = Server::configured_in(with_a_screen(), &toml, crate::browser::ORIGIN).await;
    let server = server.unwrap();
    let says = format!("`tos` of `shop` is asked in version `1` from {tomorrow} on");
    one(&server.app, "services.toml:13:18: ", &says);
    one(&server.app, "", "until then it is not asked at all");
    let mut browser = server.browser();
    assert_eq!(versions(&asked(&mut browser).await), []);
    // Up to the last minute of today in Seoul, and from the first of tomorrow.
    server.clock.advance(until_midnight() - 60);
    assert_eq!(versions(&asked(&mut browser).await), []);
    server.clock.advance(120);
    assert_eq!(versions(&asked(&mut browser).await), [("tos", "1")]);
}

/// The version before it holds until then.
#[tokio::test]
async fn the_latest_version_whose_day_has_come_is_asked() {
    let term = &SHOP[SHOP.find("[[service.terms]]").unwrap()..SHOP.find("[service.pers").unwrap()];
    let version = |version: &str, day: Date, text: &str| {
        term.replace("\"1\"", &format!("\"{version}\""))
            .replace("2026-01-01", &day.to_string())
            .replace("물건을 팝니다.", text)
    };
    let other = version("9", day(-5), "다른 약관.").replace("\"tos\"", "\"other\"");
    let terms = [
        version("3", day(1), "내일부터."),
        version("1", day(-300), "옛날."),
        other,
        version("2", day(0), "오늘부터."),
    ];
    let toml = proxied(&["hana"]).replace(term, &terms.concat());
    let server = Server::configured_in(with_a_screen(), &toml, crate::browser::ORIGIN).await;
    let server = server.unwrap();
    one(&server.app, "", "until then in version `2`");
    let mut browser = server.browser();
    assert_eq!(versions(&asked(&mut browser).await), [("tos", "2"), ("other", "9")]);
    server.clock.advance(until_midnight() + 60);
    assert_eq!(versions(&asked(&mut browser).await), [("tos", "3"), ("other", "9")]);
    // Of two that begin on one day neither is the latest.
    let two = format!("{}{}", version("1", day(0), "하나."), version("2", day(0), "둘."));
    let toml = SHOP.replace(term, &two);
    let Err(error) = Server::configured(&toml).await else { panic!("it started") };
    assert!(error.to_string().contains("there are two terms `tos` from"), "{error}");
}

/// What a service receives when no one can be signed up to it, a member is missing, or a person is
/// too young.
#[tokio::test]
async fn a_service_learns_why_an_account_cannot_go_there() {
    let server = Server::demo().await;
    for (account, client_id, why) in [
        ("new", "demo-pending", "the service is not approved for sign-up"),
        (
            "new",
            "demo-test-app",
            "the service is a test app, and the account is not one of its members",
        ),
        ("under-14", "demo-shop", "Not allowed under age 14"),
    ] {
        let mut browser = server.browser_of(account).await;
        let silent = [&crate::browser::service(client_id)[..], &[("prompt", "none")]].concat();
        let answer = browser.authorize(&silent).await;
        assert_eq!(answer.location_parameter("error").as_deref(), Some("interaction_required"));
        assert_eq!(answer.location_parameter("error_description").as_deref(), Some(why));
    }
}
