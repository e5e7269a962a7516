//! Accounts as JSON, for the test hooks: the keys and the checks of `[[account]]`.

use serde_json::Value;
use toml::de::DeTable;

use super::{
    account,
    catalog::{Account, Catalog},
    fault::Faults,
    places::Places,
    reader::Table,
    reference::Names,
};

/// Reads accounts with the keys of `[[account]]`. They may name what the services of the catalog
/// declare. Days and times are strings.
///
/// # Errors
/// Every fault, as `accounts[0]: reason`.
pub fn accounts_of_json(
    accounts: &[Value],
    catalog: &Catalog,
) -> Result<Vec<Account>, Vec<String>> {
    let mut names = Names::of_services(catalog);
    let mut places = Places::default();
    let mut read = Vec::new();
    let mut found = Vec::new();
    for (index, account) in accounts.iter().enumerate() {
        let result = as_toml(account).and_then(|toml| {
            let table = DeTable::parse(&toml).map_err(|error| vec![error.message().to_owned()])?;
            let faults = Faults::default();
            let root = Table::root(table.get_ref(), &faults);
            let (account, _) = account::read(root, &mut names, &mut places);
            names.check(&faults);
            names.forget_references();
            let faults = faults.placed("", &toml);
            let reasons: Vec<String> = faults.into_iter().map(|fault| fault.reason).collect();
            if reasons.is_empty() { Ok(account) } else { Err(reasons) }
        });
        match result {
            Ok(account) => read.push(account),
            Err(reasons) => {
                found.extend(reasons.iter().map(|reason| format!("accounts[{index}]: {reason}")));
            }
        }
    }
    if found.is_empty() { Ok(read) } else { Err(found) }
}

/// The reader of the configuration reads TOML only.
fn as_toml(account: &Value) -> Result<String, Vec<String>> {
    if !account.is_object() {
        return Err(vec!["expected an object".to_owned()]);
    }
    toml::to_string(account).map_err(|error| vec![format!("no value of a configuration: {error}")])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(accounts: &[Value]) -> Result<Vec<Account>, Vec<String>> {
        let catalog =
            crate::demo::source("http://127.0.0.1", &Default::default()).catalog().unwrap();
        accounts_of_json(accounts, &catalog)
    }

    #[test]
    fn an_account_has_the_keys_of_the_file() {
        let account = json!({
            "id": "ci", "nickname": "시아이", "email": "ci@example.com", "birthday": "1990-02-28",
            "links": [{
                "service": "demo-shop", "how": "combined_screen", "at": "2026-01-31T09:00:00Z",
                "terms": { "tos": "1" }, "items": ["account_email"],
            }],
        });
        let accounts = read(&[account]).unwrap();
        assert_eq!(accounts[0].email.as_deref(), Some("ci@example.com"));
        assert_eq!(accounts[0].birthday.map(|day| day.to_string()).as_deref(), Some("1990-02-28"));
        assert_eq!(accounts[0].links[0].items, ["account_email"]);
    }

    #[test]
    fn every_fault_is_found_with_its_account() {
        let accounts = [
            json!({ "id": "a", "nickname": "a", "emial": "a@example.com" }),
            json!({ "id": "b", "nickname": "b", "birthday": "1990-02-30" }),
            json!({ "id": "c", "nickname": "c", "links": [{
                "service": "none", "how": "combined_screen", "at": "2026-01-31T09:00:00Z" }] }),
            json!({ "id": "c", "nickname": "c" }),
            json!({ "id": "d" }),
            json!({ "id": "e", "nickname": null }),
            json!("f"),
        ];
        let faults = read(&accounts).unwrap_err();
        for (index, expected) in [
            (0, "unknown field `emial`"),
            (1, "`1990-02-30` is not a day"),
            (2, "there is no service `none`"),
            (3, "there are two accounts `c`"),
            (4, "`nickname` is missing"),
            (5, "no value of a configuration"),
            (6, "expected an object"),
        ] {
            let of_account = format!("accounts[{index}]: ");
            let found = faults.iter().find_map(|fault| fault.strip_prefix(&of_account));
            assert!(found.is_some_and(|it| it.starts_with(expected)), "{index} {faults:?}");
        }
    }
}
