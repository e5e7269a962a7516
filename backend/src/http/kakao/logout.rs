//! `/oauth/logout`: logs the user out of the account and of the service (Kakao Login REST, "Kakao
//! account logout").

use axum::response::Response;
use url::form_urlencoded;

use crate::{
    App,
    http::{error::PageError, logout::sign_out, redirect::see_other, session::RequestContext},
    kakao::{authorize, koe::Koe, parameters::is_absent},
};

const PARAMETERS: [&str; 3] = ["client_id", "logout_redirect_uri", "state"];

/// Whether a logout request is in Kakao's dialect: from one of its apps, or with its parameter.
#[must_use]
pub fn is_addressed(app: &App, query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| match &*name {
        "client_id" => {
            app.catalog().services.get(&*value).is_some_and(|service| service.kakao.is_some())
        }
        name => name == "logout_redirect_uri",
    })
}

/// Ends the browser's session and deletes the tokens of its account at the service.
///
/// # Errors
/// KOE001, KOE007, KOE008, KOE101 or KOE207; an unknown page for a service of another dialect.
pub async fn logout(
    app: &App,
    context: &RequestContext,
    query: &str,
) -> Result<Response, PageError> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let count = |name: &str| pairs.iter().filter(|(key, _)| key == name).count();
    let client_ids: Vec<&str> =
        pairs.iter().filter(|(name, _)| name == "client_id").map(|(_, id)| &**id).collect();
    let (service, kakao) = authorize::app(&client_ids, app.catalog())?
        .ok_or(crate::http::error::RequestError::NotFound)?;
    if let Some(twice) = PARAMETERS.iter().find(|name| count(name) > 1) {
        return Err(Koe::MalformedRequest
            .because(format!("{twice} is there more than once"))
            .into());
    }
    let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let to = get("logout_redirect_uri").filter(|uri| !is_absent(uri));
    let to = to.ok_or_else(|| Koe::MissingParameter.because("logout_redirect_uri is missing"))?;
    if !kakao.logout_redirect_uris.iter().any(|registered| registered == to) {
        let why = format!("Not registered logout_redirect_uri [{to}]");
        return Err(Koe::LogoutRedirectUriNotRegistered.because(why).into());
    }
    let mut to = to.to_owned();
    if let Some(state) = get("state") {
        let state =
            form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
        let joint = if to.contains('?') { '&' } else { '?' };
        to = format!("{to}{joint}{}", state.replace('+', "%20"));
    }
    let mut response = see_other(&to);
    if let Some(session) = &context.session {
        app.store().delete_tokens(&session.account, &service.client_id).await?;
    }
    sign_out(app, context, &mut response).await?;
    Ok(response)
}
