//! The pictures of the gallery's fixtures are in the folder of the studio, wherever that is served from.

use consent_fixtures::{Fixture, Screen};

/// The icon that the fixtures use.
const ICON: &str = "/icon.svg";

/// What a backend calls the folder: the fixtures use it as a file that is no picture.
const FOLDER: &str = "/studio/";

/// Replaces the addresses of such pictures by those in this folder. Others stay as they are.
pub fn resolve(fixture: &mut Fixture, folder: &str) {
    let Screen::Consent(consent) = &mut fixture.screen else { return };
    let request = &mut consent.request;
    let channels = request.channels.iter_mut().map(|it| &mut it.icon_url);
    let others = [&mut request.service.icon_url, &mut request.account.avatar_url];
    for url in others.into_iter().chain(channels).flatten() {
        match url.as_str() {
            ICON => *url = format!("{folder}icon.svg"),
            FOLDER => folder.clone_into(url),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_the_gallery_is_in_the_folder_and_another_one_is_where_it_was() {
        let resolved = |name: &str| {
            let mut fixture = consent_fixtures::named(name).unwrap().fixture.clone();
            resolve(&mut fixture, "/a/b/");
            fixture.to_json()
        };
        assert_eq!(resolved("icon-and-pictures").matches("\"/a/b/icon.svg\"").count(), 2);
        assert_eq!(resolved("icon-broken").matches("\"/a/b/\"").count(), 3);

        let mut own = consent_fixtures::named("sign-up").unwrap().fixture.clone();
        let Screen::Consent(consent) = &mut own.screen else { panic!("it asks") };
        consent.request.service.icon_url = Some("/icons/shop/icon.svg".into());
        let before = own.clone();
        resolve(&mut own, "/a/b/");
        assert_eq!(own, before);
    }
}
