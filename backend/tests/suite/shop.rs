//! The configuration of a small shop, which most tests configure a server with.

/// A service with one term and one item. No one can sign in.
pub const SHOP: &str = r#"[[service]]
client_id = "shop"
name = "가게"
company = "가게 주식회사"
redirect_uris = ["https://shop.example/callback", "com.example.shop:/callback"]
approved = true

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "1"
effective_from = 2026-01-01
title = "이용약관"
text = "물건을 팝니다."

[service.personal_info]
recipient = "가게 주식회사"
purpose = "주문"
retention = "1년"
refusal_effect = "주문할 수 없습니다"

[[service.personal_info.items]]
id = "profile_nickname"
label = "닉네임"
required = true
"#;

/// Signing in: a proxy names the account.
pub const SIGN_IN: &str = "\n[sign_in]\naccount_header = \"x-account\"\n";

/// An account, to which more keys can be appended.
pub fn account(id: &str) -> String {
    let nickname = match id {
        "hana" => "하나",
        "duri" => "두리",
        other => other,
    };
    format!("\n[[account]]\nid = \"{id}\"\nnickname = \"{nickname}\"\n")
}

/// The shop and its accounts, behind a proxy.
pub fn proxied(accounts: &[&str]) -> String {
    let accounts: String = accounts.iter().map(|id| account(id)).collect();
    format!("{SHOP}{SIGN_IN}{accounts}")
}
