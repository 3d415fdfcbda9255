//! OAuth 2.0 sign-in: the flow, the providers, the tokens at rest.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod claims;
pub(crate) mod client;
pub(crate) mod endpoints;
pub(crate) mod logout;
mod network;
pub(crate) mod openid;
pub(crate) mod plugin;
pub(crate) mod profile;
pub(crate) mod provider;
pub mod providers;
pub(crate) mod state;
pub(crate) mod tokens;
pub(crate) mod vault;

pub use plugin::{BuildRedirectUri, OAuth, ProviderInput};
pub use profile::Profile;
pub use provider::{
    AuthorizationRequest, Callback, Callbacks, CodeExchange, Entry, Grant, Provider,
};
pub use tokens::Tokens;
