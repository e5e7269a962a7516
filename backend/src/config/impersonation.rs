//! Two services that people could take for each other.

use std::collections::HashMap;

use consent_contract::name;

use super::{catalog::Service, fault::Faults};

/// The names of the services so far, by what look-alikes have in common.
#[derive(Default)]
pub struct DisplayNames(HashMap<String, (String, String)>);

impl DisplayNames {
    /// A fault where a service has the name of another, or one that looks like it, in any language.
    ///
    /// One company may have the same name for more than one client, such as its website and its app
    /// (RFC 6749, 2.1); a name that is spelt otherwise and looks the same is refused even then.
    pub fn add(&mut self, service: &Service, at: usize, faults: &Faults) {
        let mut own = HashMap::new();
        for locale in &service.locales {
            let shown = service.name.get(locale);
            // A list that is half filled in has faults of its own.
            if shown.is_empty() {
                continue;
            }
            let of_company = (shown.clone(), service.company.get(locale).clone());
            let looks = looks(shown);
            if let Some(known) = self.0.get(&looks)
                && *known != of_company
            {
                let reason = format!("`{shown}` looks like `{}`, another service's name", known.0);
                faults.add(at, reason);
            }
            own.insert(looks, of_company);
        }
        self.0.extend(own);
    }
}

/// Without spaces and case: `KAKAO TALK` is taken for `KakaoTalk`.
fn looks(name: &str) -> String {
    let skeleton = name::skeleton(name);
    skeleton.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
