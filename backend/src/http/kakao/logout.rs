//! `/oauth/logout`: logs the user out of the account and of the service (Kakao Login REST, "Kakao
//! account logout").

use url::form_urlencoded;

use crate::{
    App,
    kakao::{
        authorize,
        koe::{Koe, KoeError},
        parameters::is_absent,
    },
    oauth::logout::{LONGEST, LogoutRequest, with_state},
};

const PARAMETERS: [&str; 3] = ["client_id", "logout_redirect_uri", "state"];

/// Reads the query of a logout request of a Kakao app. None for a service of another dialect.
///
/// # Errors
/// KOE001, KOE007, KOE008, KOE101 and KOE207.
pub fn read<'a>(app: &'a App, query: &str) -> Result<Option<LogoutRequest<'a>>, KoeError> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let count = |name: &str| pairs.iter().filter(|(key, _)| key == name).count();
    let client_ids: Vec<&str> =
        pairs.iter().filter(|(name, _)| name == "client_id").map(|(_, id)| &**id).collect();
    let Some((service, kakao)) = authorize::app(&client_ids, app.catalog())? else {
        return Ok(None);
    };
    if query.len() > LONGEST {
        return Err(Koe::MalformedRequest.because("the request is too long"));
    }
    if let Some(twice) = PARAMETERS.iter().find(|name| count(name) > 1) {
        return Err(Koe::MalformedRequest.because(format!("{twice} is there more than once")));
    }
    let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let to = get("logout_redirect_uri").filter(|uri| !is_absent(uri));
    let to = to.ok_or_else(|| Koe::MissingParameter.because("logout_redirect_uri is missing"))?;
    if !kakao.logout_redirect_uris.iter().any(|registered| registered == to) {
        let why = format!("Not registered logout_redirect_uri [{to}]");
        return Err(Koe::LogoutRedirectUriNotRegistered.because(why));
    }
    Ok(Some(LogoutRequest {
        service: Some(service),
        hint: None,
        redirect_to: Some(with_state(to, get("state"))),
        ui_locales: Vec::new(),
    }))
}
