//! Admin keys of Kakao apps. Kakao's API takes the app that calls from the key alone.

use super::{catalog::Catalog, fault::Faults, places::Places};

/// Adds a fault for each admin key that another service has, too, or that is a client id.
pub fn check(catalog: &Catalog, places: &Places, faults: &Faults) {
    let mut keys: Vec<(usize, &str, &str)> = Vec::new();
    for (client_id, at) in &places.admin_keys {
        let kakao = catalog.services.get(client_id).and_then(|service| service.kakao.as_ref());
        if let Some(key) = kakao.and_then(|kakao| kakao.admin_key.as_ref()) {
            keys.push((*at, key, client_id));
        }
    }
    keys.sort_unstable();
    for (index, (at, key, _)) in keys.iter().enumerate() {
        if catalog.services.contains_key(*key) {
            faults.add(*at, "`admin_key` is the client_id of a service".to_owned());
        } else if let Some((_, _, other)) = keys[..index].iter().find(|it| it.1 == *key) {
            faults.add(*at, format!("`admin_key` is also that of the service `{other}`"));
        }
    }
}
