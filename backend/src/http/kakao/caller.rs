//! Who calls Kakao's API, for which user, with which parameters.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, header},
};
use url::form_urlencoded;

use crate::{
    App,
    clock::Seconds,
    config::{Account, KakaoApp, Service},
    consent::{self, Refusal},
    crypto,
    http::{
        body::{self, Size, Unread},
        error::KakaoError,
        session,
    },
    kakao::parameters::{array, is_absent},
    store::{ApiChange, CausedBy, Grant, KakaoConnection},
};

/// A call, as it was sent.
pub struct Call {
    credential: Credential,
    /// The decoded parameters of query and body.
    pairs: Vec<(String, String)>,
    /// The languages that the client accepts, by preference.
    languages: Vec<String>,
}

enum Credential {
    AccessToken(String),
    AdminKey(String),
    None,
}

impl FromRequest<App> for Call {
    type Rejection = KakaoError;

    async fn from_request(request: Request, _: &App) -> Result<Self, KakaoError> {
        let (parts, body) = request.into_parts();
        let mut pairs: Vec<(String, String)> =
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        repeated(&pairs)?;
        if parts.method == Method::POST {
            let unread = Unread::new(&parts.headers, body);
            match &*body::media_type(&parts.headers) {
                "" | body::JSON => unread.empty().await?,
                _ => {
                    let form = unread.form(Size::TOKEN).await?;
                    repeated(&form)?;
                    pairs.extend(form);
                }
            }
            conflicting(&pairs)?;
        }
        pairs.retain(|(_, value)| !is_absent(value));
        Ok(Self {
            credential: credential(&parts.headers, &pairs)?,
            languages: session::languages(&parts.headers),
            pairs,
        })
    }
}

/// Refuses a parameter that is there twice.
fn repeated(pairs: &[(String, String)]) -> Result<(), KakaoError> {
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(twice(pair[0])),
        None => Ok(()),
    }
}

/// Refuses a parameter that has one value in the query and another one in the body.
fn conflicting(pairs: &[(String, String)]) -> Result<(), KakaoError> {
    let differs = |(name, value): &&(String, String)| {
        pairs.iter().any(|(other, another)| name == other && value != another)
    };
    match pairs.iter().find(differs) {
        Some((name, _)) => Err(twice(name)),
        None => Ok(()),
    }
}

fn twice(name: &str) -> KakaoError {
    KakaoError::BadArguments(format!("{name} is there more than once"))
}

/// The header decides; passport-kakao sends the token in the query only.
fn credential(headers: &HeaderMap, pairs: &[(String, String)]) -> Result<Credential, KakaoError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        let token = pairs.iter().find(|(name, _)| name == "access_token");
        return Ok(token.map_or(Credential::None, |(_, it)| Credential::AccessToken(it.clone())));
    };
    if values.next().is_some() {
        return Err(twice("Authorization"));
    }
    let value = value.to_str().map_err(|_| BAD_HEADER)?;
    let (scheme, credential) = value.split_once(' ').ok_or(BAD_HEADER)?;
    let credential = credential.trim().to_owned();
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Credential::AccessToken(credential))
    } else if scheme.eq_ignore_ascii_case("kakaoak") {
        Ok(Credential::AdminKey(credential))
    } else {
        Err(BAD_HEADER)
    }
}

const BAD_HEADER: KakaoError =
    KakaoError::Unauthorized("Authorization must be Bearer or KakaoAK and a credential");
const NO_CREDENTIAL: KakaoError =
    KakaoError::Unauthorized("the call needs an access token or an admin key");
const NEEDS_ADMIN_KEY: KakaoError = KakaoError::Unauthorized("the call needs an admin key");
const NEEDS_TOKEN: KakaoError = KakaoError::Unauthorized("the call needs an access token");
const BAD_TOKEN: KakaoError = KakaoError::Unauthorized("this access token does not exist");
const BAD_ADMIN_KEY: KakaoError = KakaoError::Unauthorized("this admin key does not exist");

/// The app that calls.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub service: &'a Service,
    pub kakao: &'a KakaoApp,
}

/// The user that a call is about, connected to the app that calls.
pub struct Target<'a> {
    pub service: &'a Service,
    pub kakao: &'a KakaoApp,
    pub account: &'a Account,
    pub user_id: i64,
    pub connection: KakaoConnection,
    pub grant: Grant,
    pub caused_by: CausedBy,
}

impl Target<'_> {
    /// A change to this connection, for its receipt.
    #[must_use]
    pub fn change(&self, at: Seconds) -> ApiChange<'_> {
        let (account, service) = (&*self.account.id, &*self.service.client_id);
        ApiChange { account, service, caused_by: self.caused_by, at }
    }

    /// Whether the service has still to complete the sign-up.
    #[must_use]
    pub fn is_preregistered(&self) -> bool {
        self.kakao.manual_connection
            && self.connection.began_on_screen
            && self.connection.signed_up_at.is_none()
    }
}

impl Call {
    /// A parameter. Empty ones and `null` are absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// A list, as a JSON array or as words.
    ///
    /// # Errors
    /// -2 for a broken array.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, KakaoError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let list = array(value);
        list.map(Some).ok_or_else(|| bad(format!("{name} is neither a JSON array nor a list")))
    }

    /// A list that must be there and hold something.
    ///
    /// # Errors
    /// -2.
    pub fn need_list(&self, name: &str) -> Result<Vec<String>, KakaoError> {
        let list = self.list(name)?.filter(|list| !list.is_empty());
        list.ok_or_else(|| bad(format!("{name} is missing")))
    }

    /// A whole number.
    ///
    /// # Errors
    /// -2 for something else.
    pub fn number(&self, name: &str) -> Result<Option<i64>, KakaoError> {
        let number =
            |value: &str| value.parse().map_err(|_| bad(format!("{name} is not a number")));
        self.get(name).map(number).transpose()
    }

    /// A Boolean.
    ///
    /// # Errors
    /// -2 for something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, KakaoError> {
        let boolean =
            |value: &str| value.parse().map_err(|_| bad(format!("{name} is not true or false")));
        self.get(name).map(boolean).transpose()
    }

    /// The language for names of this service.
    #[must_use]
    pub fn locale<'a>(&self, service: &'a Service) -> &'a str {
        service.locale(self.languages.iter().map(String::as_str))
    }

    /// The access token that was sent.
    ///
    /// # Errors
    /// -401.
    pub fn access_token(&self) -> Result<&str, KakaoError> {
        match &self.credential {
            Credential::AccessToken(token) => Ok(token),
            Credential::AdminKey(_) => Err(NEEDS_TOKEN),
            Credential::None => Err(NO_CREDENTIAL),
        }
    }

    /// The app whose admin key was sent.
    ///
    /// # Errors
    /// -401.
    pub fn admin<'a>(&self, app: &'a App) -> Result<Caller<'a>, KakaoError> {
        let key = match &self.credential {
            Credential::AdminKey(key) => key,
            Credential::AccessToken(_) => return Err(NEEDS_ADMIN_KEY),
            Credential::None => return Err(NO_CREDENTIAL),
        };
        let mut callers = app.catalog().services.values().filter_map(|service| {
            let kakao = service.kakao.as_ref()?;
            Some(Caller { service, kakao })
        });
        let has_key =
            |it: &Caller<'_>| it.kakao.admin_key.as_ref().is_some_and(|it| crypto::same(it, key));
        callers.find(has_key).ok_or(BAD_ADMIN_KEY)
    }

    /// The user whose access token was sent.
    ///
    /// # Errors
    /// -401, or -406 for a user under the age that the app accepts.
    pub async fn user<'a>(&self, app: &'a App) -> Result<Target<'a>, KakaoError> {
        let token = self.access_token()?;
        let token = app.store().access_token(token, app.now()).await?.ok_or(BAD_TOKEN)?;
        let service = app.catalog().services.get(&token.service).ok_or(BAD_TOKEN)?;
        let kakao = service.kakao.as_ref().ok_or(BAD_TOKEN)?;
        let account = app.catalog().accounts.get(&token.account).ok_or(BAD_TOKEN)?;
        super::connection::unlink_incomplete(app, &service.client_id).await?;
        let target = target(app, Caller { service, kakao }, account, CausedBy::UserToken).await?;
        // Unlinking ends tokens, so a token without a connection is none.
        target.ok_or(BAD_TOKEN)
    }

    /// The user id that the call names, if it names one.
    fn named_target(&self) -> Result<Option<i64>, KakaoError> {
        match self.get("target_id_type") {
            None | Some("user_id") => self.number("target_id"),
            Some(_) => Err(bad("target_id_type must be user_id")),
        }
    }

    /// The user whose access token was sent, or whom an app names beside its admin key.
    ///
    /// # Errors
    /// Those of [`Self::user`]; with an admin key also -2, -101 and -103.
    pub async fn user_or_admin<'a>(&self, app: &'a App) -> Result<Target<'a>, KakaoError> {
        if !matches!(self.credential, Credential::AdminKey(_)) {
            self.named_target()?;
            return self.user(app).await;
        }
        let caller = self.admin(app)?;
        let id = self.named_target()?.ok_or_else(|| bad("target_id is missing"))?;
        if self.get("target_id_type").is_none() {
            return Err(bad("target_id_type is missing"));
        }
        target_of_id(app, caller, id).await
    }
}

/// A connected user of an app, by id.
///
/// # Errors
/// -101, -103, -406.
pub async fn target_of_id<'a>(
    app: &'a App,
    caller: Caller<'a>,
    user_id: i64,
) -> Result<Target<'a>, KakaoError> {
    let service = caller.service;
    super::connection::unlink_incomplete(app, &service.client_id).await?;
    let account = app.store().account_of_kakao_user_id(&service.client_id, user_id).await?;
    let account = account.and_then(|id| app.catalog().accounts.get(&id));
    let account = account.ok_or(KakaoError::NoSuchAccount)?;
    let target = target(app, caller, account, CausedBy::AdminKey).await?;
    target.ok_or(KakaoError::NotConnected)
}

async fn target<'a>(
    app: &'a App,
    Caller { service, kakao }: Caller<'a>,
    account: &'a Account,
    caused_by: CausedBy,
) -> Result<Option<Target<'a>>, KakaoError> {
    let (id, client_id) = (&account.id, &service.client_id);
    let Some(connection) = app.store().connection(id, client_id).await? else { return Ok(None) };
    let grant = app.store().grant(id, client_id).await?;
    match consent::refusal(service, account, &grant, None, app.now()) {
        None => {}
        Some(Refusal::UnderAge) => return Err(KakaoError::UnderAge),
        Some(Refusal::NotATestMember | Refusal::SimpleSignUpInactive) => return Ok(None),
    }
    let user_id = app.store().kakao_user_id(id, client_id).await?;
    Ok(Some(Target { service, kakao, account, user_id, connection, grant, caused_by }))
}

/// -2, with the reason.
pub fn bad(why: impl Into<String>) -> KakaoError {
    KakaoError::BadArguments(why.into())
}
