//! Admin keys of Kakao apps. Kakao's API takes the app that calls from the key alone.

use std::collections::BTreeMap;

use super::{
    catalog::{Catalog, Service},
    fault::Faults,
    places::Places,
};

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

/// The client ids and admin keys of services.
#[derive(Default)]
pub struct Taken {
    /// None for a client id.
    keys: BTreeMap<String, Option<String>>,
}

impl Taken {
    /// Adds those of a service.
    pub fn add(&mut self, service: &Service) {
        self.keys.insert(service.client_id.clone(), None);
        if let Some(key) = service.kakao.as_ref().and_then(|it| it.admin_key.clone()) {
            self.keys.insert(key, Some(service.client_id.clone()));
        }
    }

    /// Why a service cannot stand beside those that were added.
    pub fn conflict(&self, service: &Service) -> Option<String> {
        let key = service.kakao.as_ref()?.admin_key.as_ref()?;
        if *key == service.client_id {
            return Some("`admin_key` is the client_id of a service".to_owned());
        }
        Some(match self.keys.get(key)? {
            None => "`admin_key` is the client_id of a service".to_owned(),
            Some(other) => format!("`admin_key` is also that of the service `{other}`"),
        })
    }
}
