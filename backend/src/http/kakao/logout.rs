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

/// Answers a logout request of a Kakao app. None for a service of another dialect.
///
/// # Errors
/// KOE001, KOE007, KOE008, KOE101 and KOE207, and when the database cannot be used.
pub async fn respond(
    app: &App,
    context: &RequestContext,
    query: &str,
) -> Result<Option<Response>, PageError> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let count = |name: &str| pairs.iter().filter(|(key, _)| key == name).count();
    let client_ids: Vec<&str> =
        pairs.iter().filter(|(name, _)| name == "client_id").map(|(_, id)| &**id).collect();
    let Some((service, kakao)) = authorize::app(&client_ids, app.catalog())? else {
        return Ok(None);
    };
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
    Ok(Some(response))
}
