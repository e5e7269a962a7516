//! The modules of the OpenID conformance suite's plan `oidcc-basic-certification-test-plan`, each a test
//! of the module's name in snake case. Modules for dynamic registration do not apply: clients are
//! configured.

pub mod client;
mod code_reuse;
mod parameters;
mod plain_flow;
mod refresh_token;
mod request_objects;
mod scopes;
mod sign_in;
mod userinfo;
