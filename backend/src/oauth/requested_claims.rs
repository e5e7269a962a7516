//! The `claims` and `acr_values` parameters (OpenID Connect Core, 5.5 and 3.1.2.1).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The only authentication context that this server can vouch for: it does not know how the login
/// page authenticates users, so no level of ISO/IEC 29115 is claimed (OpenID Connect Core, 2).
pub const ACR: &str = "0";

/// What the `claims` parameter asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedClaims {
    /// Names of claims for the UserInfo response.
    pub userinfo: BTreeSet<String>,
    /// Names of claims for the ID token.
    pub id_token: BTreeSet<String>,
    /// The values of `sub` that the service accepts; none when any is accepted.
    pub subjects: Option<BTreeSet<String>>,
    /// Whether an essential `acr` names values, and [`ACR`] is not among them.
    pub needs_another_acr: bool,
}

/// How one claim is asked for.
#[derive(Default)]
struct ClaimRequest {
    is_essential: bool,
    values: Option<BTreeSet<String>>,
}

impl RequestedClaims {
    /// Reads the parameter: a JSON object. Members other than `userinfo` and `id_token` are ignored,
    /// and so are unknown claims.
    ///
    /// # Errors
    /// What is wrong with it, as an `error_description`.
    pub fn read(json: &str) -> Result<Self, &'static str> {
        let value: Value = serde_json::from_str(json).map_err(|_| "claims is not JSON")?;
        let Value::Object(members) = value else { return Err("claims is not a JSON object") };
        let mut requested = Self::default();
        for (member, is_id_token) in [("userinfo", false), ("id_token", true)] {
            let claims = match members.get(member) {
                None | Some(Value::Null) => continue,
                Some(Value::Object(claims)) => claims,
                Some(_) => return Err("userinfo and id_token in claims are JSON objects"),
            };
            for (name, request) in claims {
                requested.add(name, &ClaimRequest::read(request)?, is_id_token);
            }
        }
        Ok(requested)
    }

    fn add(&mut self, name: &str, request: &ClaimRequest, is_id_token: bool) {
        let names = if is_id_token { &mut self.id_token } else { &mut self.userinfo };
        names.insert(name.to_owned());
        match (name, &request.values) {
            ("sub", Some(values)) => {
                let accepted = self.subjects.take();
                // Asked for twice, both requests must be met.
                self.subjects = Some(match accepted {
                    Some(accepted) => accepted.intersection(values).cloned().collect(),
                    None => values.clone(),
                });
            }
            ("acr", Some(values)) if is_id_token && request.is_essential => {
                self.needs_another_acr |= !values.contains(ACR);
            }
            _ => {}
        }
    }
}

impl ClaimRequest {
    fn read(value: &Value) -> Result<Self, &'static str> {
        let members = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(members) => members,
            _ => return Err("each claim in claims is null or a JSON object"),
        };
        let is_essential = match members.get("essential") {
            None => false,
            Some(Value::Bool(is_essential)) => *is_essential,
            Some(_) => return Err("essential in claims is true or false"),
        };
        Ok(Self { is_essential, values: Self::values(members)? })
    }

    fn values(members: &Map<String, Value>) -> Result<Option<BTreeSet<String>>, &'static str> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let one = members.get("value").map(|value| text(value).into_iter().collect());
        match members.get("values") {
            None => Ok(one),
            Some(Value::Array(values)) => Ok(Some(values.iter().filter_map(text).collect())),
            Some(_) => Err("values in claims is an array"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_by_member() {
        let read = RequestedClaims::read(
            r#"{"userinfo":{"name":{"essential":true},"email":null},"id_token":{"sub":{"value":"x"},
                "acr":{"values":["1","2"]}},"later":7}"#,
        )
        .unwrap();
        assert_eq!(read.userinfo, ["email", "name"].map(str::to_owned).into());
        assert_eq!(read.id_token, ["acr", "sub"].map(str::to_owned).into());
        assert_eq!(read.subjects, Some(["x".to_owned()].into()));
        assert!(!read.needs_another_acr, "a voluntary claim is never an error");
    }

    #[test]
    fn only_an_essential_acr_can_be_unmet() {
        let needs = |json: &str| RequestedClaims::read(json).unwrap().needs_another_acr;
        assert!(needs(r#"{"id_token":{"acr":{"essential":true,"values":["1"]}}}"#));
        assert!(needs(r#"{"id_token":{"acr":{"essential":true,"value":"1"}}}"#));
        assert!(!needs(r#"{"id_token":{"acr":{"essential":true,"values":["1","0"]}}}"#));
        assert!(!needs(r#"{"id_token":{"acr":{"essential":true}}}"#));
        assert!(!needs(r#"{"id_token":{"acr":{"value":"1"}}}"#));
    }

    #[test]
    fn two_requests_for_sub_must_both_be_met() {
        let json = r#"{"userinfo":{"sub":{"values":["a","b"]}},"id_token":{"sub":{"value":"b"}}}"#;
        let read = RequestedClaims::read(json).unwrap();
        assert_eq!(read.subjects, Some(["b".to_owned()].into()));
    }

    #[test]
    fn other_shapes_are_refused() {
        let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000));
        for json in [
            "",
            "nonsense",
            "[]",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"id_token":"sub"}"#,
            r#"{"id_token":{"sub":true}}"#,
            r#"{"id_token":{"sub":{"essential":"yes"}}}"#,
            r#"{"id_token":{"sub":{"values":"x"}}}"#,
            &deep,
        ] {
            assert!(RequestedClaims::read(json).is_err(), "{json:.40}");
        }
    }
}
