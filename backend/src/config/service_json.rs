//! Services as JSON, for the admin API: the keys and the checks of `[[service]]`.
//!
//! The reader of the configuration reads TOML. The JSON is written as TOML, with a note of what stands
//! where, so that each fault is found at its JSON pointer (RFC 6901).

use std::collections::BTreeMap;

use serde_json::Value;
use toml::de::DeTable;
use url::Url;

use super::{
    admin_keys,
    catalog::{Catalog, Service},
    fault::Faults,
    guardian,
    impersonation::DisplayNames,
    places::Places,
    reader::Table,
    reference::Names,
    service,
};

/// One thing that is wrong with a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceFault {
    /// A JSON pointer into the service; empty for the whole of it.
    pub at: String,
    pub reason: String,
}

/// A service that was read.
#[derive(Debug, Clone)]
pub struct ReadService {
    pub service: Service,
    /// The targets of its webhooks, with their JSON pointers.
    pub webhooks: Vec<(Url, String)>,
}

/// Reads services that stand beside others. Each that was read is one of the others for the next.
pub struct ServiceReader<'a> {
    /// Of the file: accounts, and the way to guardians.
    file: &'a Catalog,
    names: Names,
    display_names: DisplayNames,
    admin_keys: admin_keys::Taken,
}

impl<'a> ServiceReader<'a> {
    /// A reader of services that stand beside those of the file and these others.
    #[must_use]
    pub fn beside<'s>(file: &'a Catalog, others: impl Iterator<Item = &'s Service>) -> Self {
        let mut names = Names::of_services(file);
        for id in file.accounts.keys() {
            names.accounts.add(Some(id));
        }
        let mut reader = Self {
            file,
            names,
            display_names: DisplayNames::default(),
            admin_keys: admin_keys::Taken::default(),
        };
        for service in file.services.values() {
            reader.know(service);
        }
        for service in others {
            reader.names.declare(service);
            reader.know(service);
        }
        reader
    }

    fn know(&mut self, service: &Service) {
        // They were compared with each other when they were read.
        self.display_names.add(service, 0, &Faults::default());
        self.admin_keys.add(service);
    }

    /// Reads an object with the keys of `[[service]]`. Days are strings.
    ///
    /// # Errors
    /// Every fault, in the order of the pointers.
    pub fn read(&mut self, value: &Value) -> Result<ReadService, Vec<ServiceFault>> {
        let written = Written::of(value).map_err(sorted)?;
        let whole =
            |reason: &str| vec![ServiceFault { at: String::new(), reason: reason.to_owned() }];
        let table = DeTable::parse(&written.toml).map_err(|error| whole(error.message()))?;
        let faults = Faults::default();
        let mut places = Places::default();
        let root = Table::root(table.get_ref(), &faults);
        let service = service::read(root, None, &mut self.names, &mut places);
        self.names.check(&faults);
        self.names.forget_references();
        let place = |pointer: &str| written.place(pointer);
        self.display_names.add(&service, place("/name"), &faults);
        if let Some(reason) = self.admin_keys.conflict(&service) {
            faults.add(place("/kakao/admin_key"), reason);
        }
        self.admin_keys.add(&service);
        if let Some(reason) = guardian::lacks(&service, self.file) {
            faults.add(place("/under_age"), reason);
        }
        let found = faults.by_offset().into_iter();
        let found = found.map(|(at, reason)| ServiceFault { at: written.pointer(at), reason });
        let found: Vec<ServiceFault> = found.collect();
        if !found.is_empty() {
            return Err(sorted(found));
        }
        let webhooks = places.webhooks.into_iter();
        let webhooks = webhooks.map(|(url, at)| (url, written.pointer(at))).collect();
        Ok(ReadService { service, webhooks })
    }
}

fn sorted(mut faults: Vec<ServiceFault>) -> Vec<ServiceFault> {
    faults.sort();
    faults.dedup();
    faults
}

/// JSON as TOML.
#[derive(Default)]
struct Written {
    toml: String,
    /// What stands where: JSON pointers by byte offset, of keys and of values.
    places: BTreeMap<usize, String>,
    faults: Vec<ServiceFault>,
}

impl Written {
    fn of(value: &Value) -> Result<Self, Vec<ServiceFault>> {
        // A line of its own, so that no key stands where the whole begins.
        let mut written = Self { toml: "\n".to_owned(), ..Self::default() };
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    written.entry("", key, value);
                    written.toml.push('\n');
                }
            }
            _ => written.fault("", "expected an object"),
        }
        if written.faults.is_empty() { Ok(written) } else { Err(written.faults) }
    }

    fn fault(&mut self, at: &str, reason: &str) {
        self.faults.push(ServiceFault { at: at.to_owned(), reason: reason.to_owned() });
    }

    /// A key and its value, below a pointer.
    fn entry(&mut self, below: &str, key: &str, value: &Value) {
        let at = format!("{below}/{}", key.replace('~', "~0").replace('/', "~1"));
        self.mark(&at);
        self.string(key);
        self.toml.push_str(" = ");
        self.value(&at, value);
    }

    fn mark(&mut self, pointer: &str) {
        self.places.insert(self.toml.len(), pointer.to_owned());
    }

    fn value(&mut self, at: &str, value: &Value) {
        self.mark(at);
        match value {
            Value::Null => self.fault(at, "null is no value: leave the key out"),
            Value::Bool(flag) => self.toml.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.toml.push_str(&number.to_string()),
            Value::String(text) => self.string(text),
            Value::Array(values) => {
                self.toml.push('[');
                for (index, value) in values.iter().enumerate() {
                    self.value(&format!("{at}/{index}"), value);
                    self.toml.push(',');
                }
                self.toml.push(']');
            }
            Value::Object(entries) => {
                self.toml.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        self.toml.push(',');
                    }
                    self.entry(at, key, value);
                }
                self.toml.push('}');
            }
        }
    }

    /// A basic string of TOML. JSON writes what has to be escaped in the same way, but for U+007F.
    fn string(&mut self, text: &str) {
        let json = Value::String(text.to_owned()).to_string();
        self.toml.push_str(&json.replace('\u{7f}', "\\u007f"));
    }

    /// Where a value stands; 0 for one that does not.
    fn place(&self, pointer: &str) -> usize {
        let found = self.places.iter().rfind(|(_, it)| *it == pointer);
        found.map_or(0, |(at, _)| *at)
    }

    /// What stands at an offset.
    fn pointer(&self, at: usize) -> String {
        let before = self.places.range(..=at).next_back().filter(|_| at > 0);
        before.map(|(_, pointer)| pointer.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shop() -> Value {
        json!({
            "client_id": "shop", "name": { "ko": "가게", "en": "The Shop" },
            "company": "가게 \"주식회사\"", "redirect_uris": ["https://shop.example/callback"],
            "terms": [{
                "tag": "tos", "kind": "service", "required": true, "version": "1",
                "effective_from": "2026-01-01", "title": "이용약관", "text": "## 제1조\n\n물건\t을 팝니다.",
            }],
            "personal_info": {
                "recipient": "가게", "purpose": "주문", "retention": "1년", "refusal_effect": "없음",
                "items": [{ "id": "profile_nickname", "label": "닉네임", "required": true }],
            },
        })
    }

    fn read(value: &Value) -> Result<Service, Vec<ServiceFault>> {
        let file = Catalog::default();
        ServiceReader::beside(&file, std::iter::empty()).read(value).map(|read| read.service)
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut shop = shop();
        let (below, key) = pointer.rsplit_once('/').unwrap();
        let parent = shop.pointer_mut(below).unwrap();
        match parent {
            Value::Object(entries) => {
                entries.insert(key.to_owned(), value);
            }
            _ => *parent.pointer_mut(&format!("/{key}")).unwrap() = value,
        }
        shop
    }

    #[test]
    fn a_service_has_the_keys_of_the_file() {
        let service = read(&shop()).unwrap();
        assert_eq!(service.name.get("en"), "The Shop");
        assert_eq!(service.company.get("ko"), "가게 \"주식회사\"");
        assert_eq!(service.terms[0].effective_from.to_string(), "2026-01-01");
        let toml = format!("[[service]]{}", Written::of(&shop()).unwrap().toml);
        let of_file = crate::config::Source::built_in("services.toml", toml);
        assert_eq!(of_file.catalog().unwrap().services["shop"], service);
    }

    #[test]
    fn each_fault_is_at_its_pointer() {
        for (pointer, value, at, expected) in [
            ("/aproved", json!(true), "/aproved", "unknown field `aproved`"),
            ("/terms/0/a~1b", json!(1), "/terms/0/a~01b", "unknown field"),
            ("/redirect_uris/0", json!("ftp://x"), "/redirect_uris/0", "`ftp://x`: expected https"),
            ("/redirect_uris", json!([]), "/redirect_uris", "`redirect_uris` needs at least one"),
            ("/terms/0/required", json!("yes"), "/terms/0/required", "expected true or false"),
            (
                "/terms/0/version",
                json!(1.5e300),
                "/terms/0/version",
                "expected a string, found float",
            ),
            ("/terms/0/kind", json!("tems"), "/terms/0/kind", "`tems`: expected one of"),
            ("/terms/0/title", json!({ "en": "Terms" }), "/terms/0/title", "the title of"),
            ("/terms", json!({}), "/terms", "expected a list of tables"),
            ("/personal_info", json!(null), "/personal_info", "null is no value"),
            ("/personal_info", json!({}), "/personal_info", "`recipient` is missing"),
            ("/min_age", json!(100), "/min_age", "expected a number from 0 to 99"),
            (
                "/icon",
                json!("shop.png"),
                "/icon",
                "icon `shop.png`: only a services.toml has files",
            ),
            ("/test_members", json!(["nobody"]), "/test_members/0", "there is no account `nobody`"),
            (
                "/under_age",
                json!("guardian"),
                "/under_age",
                "`under_age = \"guardian\"` sends links",
            ),
            ("/name/ko", json!("a\u{7f}b\u{0}"), "/name/ko", "`name`: "),
        ] {
            let faults = read(&with(pointer, value)).unwrap_err();
            let found = faults.iter().any(|it| it.at == at && it.reason.starts_with(expected));
            assert!(found, "{pointer}: {faults:?}");
        }
        for (value, expected) in
            [(json!([]), "expected an object"), (json!({}), "`client_id` is missing")]
        {
            let faults = read(&value).unwrap_err();
            assert!(
                faults.iter().any(|it| it.at.is_empty() && it.reason == expected),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn services_that_stand_beside_others_do_not_take_what_is_theirs() {
        let file = Catalog::default();
        let first =
            read(&with("/channels", json!([{ "public_id": "_shop", "name": "가게" }]))).unwrap();
        let mut reader = ServiceReader::beside(&file, std::iter::once(&first));
        let faults = reader.read(&first_again()).unwrap_err();
        for (at, expected) in
            [("/client_id", "there are two services `shop`"), ("/name", "looks like")]
        {
            let found = faults.iter().any(|it| it.at == at && it.reason.contains(expected));
            assert!(found, "{at}: {faults:?}");
        }
        let mut other = with("/channels", json!([{ "public_id": "_shop", "name": "책방" }]));
        other["client_id"] = json!("books");
        other["name"] = json!("책방");
        let faults =
            ServiceReader::beside(&file, std::iter::once(&first)).read(&other).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].at, "/channels/0/public_id");
    }

    /// The same name, of another company.
    fn first_again() -> Value {
        with("/company", json!("다른 회사"))
    }
}
