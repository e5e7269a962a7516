//! A browser: it keeps cookies, fills in forms, and goes to the provider and back.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;
use url::{Url, form_urlencoded};

use crate::shop::ORIGIN;

pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub html: String,
    pub headers: axum::http::HeaderMap,
}

impl Page {
    /// Where the page goes on by itself.
    pub fn onward(&self) -> String {
        let refresh = self.headers.get(header::REFRESH).map(|it| it.to_str().unwrap());
        let refresh = refresh.unwrap_or_else(|| panic!("{} {}", self.status, self.html));
        refresh.strip_prefix("0; url=").unwrap().to_owned()
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{:?} {}", self.location, self.html);
        self
    }

    #[track_caller]
    pub fn leads_to(&self, path: &str) {
        assert_eq!(self.location.as_deref(), Some(path), "{} {}", self.status, self.html);
    }
}

#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookie: Option<String>,
    pub user_agent: String,
    pub keeps_cookies: bool,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self { router, cookie: None, user_agent: "Tests".to_owned(), keeps_cookies: true }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A page, after redirects within the shop.
    pub async fn open(&mut self, path: &str) -> Page {
        let mut page = self.get(path).await;
        for _ in 0..5 {
            let Some(to) = page.location.clone() else { break };
            page = self.get(&to).await;
        }
        page
    }

    /// Posts a form with the CSRF token of this session.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf().await;
        self.post_with(path, &csrf, fields).await
    }

    pub async fn post_with(&mut self, path: &str, csrf: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", csrf).extend_pairs(fields);
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.finish()));
        self.send(request.unwrap()).await
    }

    pub async fn csrf(&mut self) -> String {
        let page = self.get("/sign-in").await;
        let (_, rest) = page.html.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Goes to the provider on this way, and returns with its answer: the path of the callback.
    pub async fn visit_provider(&mut self, fields: &[(&str, &str)]) -> String {
        let onward = self.post("/sign-in/start", fields).await.onward();
        Self::answer(&onward).await
    }

    /// The provider's answer to an authorize request, as a path of the shop.
    pub async fn answer(authorize: &str) -> String {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let response = client.build().unwrap().get(authorize).send().await.unwrap();
        let to = response.headers()[header::LOCATION].to_str().unwrap();
        assert!(to.starts_with(ORIGIN), "{to}");
        let url = Url::parse(to).unwrap();
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }

    /// Signs in on this way. The page is the callback's answer.
    pub async fn sign_in(&mut self, way: &str) -> Page {
        let callback = self.visit_provider(&[("way", way)]).await;
        self.get(&callback).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Page {
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, self.user_agent.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        if self.keeps_cookies
            && let Some(cookie) = headers.get(header::SET_COOKIE)
        {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned());
        }
        let status = response.status();
        let location = headers.get(header::LOCATION).map(|it| it.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let html = String::from_utf8_lossy(&body).into_owned();
        Page { status, location, html, headers }
    }
}
