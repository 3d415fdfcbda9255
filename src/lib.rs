//! OAuth 2.0 sign-in with users, linked accounts, sessions and a token vault in the application's own database.
//!
//! Data flows one way: a [`Request`] is taken by [`Kavach::handle`] to its [route](ROUTES), which asks the provider
//! and the store, and comes back as a [`Response`]. The options are parsed once, into [`Config`] and [`OAuth`], and
//! trusted from then on. Everything that can go wrong is a row of the table in [`Code`].
//!
//! The core knows nothing of Node: `node` is a thin binding that converts values, and is left out without the
//! feature of that name.

#![deny(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

mod account;
mod api;
mod clock;
mod config;
mod crypto;
mod dispatch;
mod error;
mod event;
mod http;
mod kavach;
mod limit;
mod log;
mod metrics;
mod model;
// Under test the macros of napi register nothing, which would leave the binding unused.
#[cfg(all(feature = "node", not(test)))]
mod node;
mod oauth;
#[cfg(any(test, fuzzing))]
#[allow(missing_docs, clippy::expect_used)]
pub mod properties;
mod routes;
mod session;
mod setup;
mod store;
mod timing;

pub use api::Api;
pub use clock::Timestamp;
pub use config::Config;
pub use crypto::Secret;
pub use dispatch::Answer;
pub use error::{Code, Error, Fault, Result};
pub use event::{Event, EventFn, EventKind};
pub use http::{Body, HEADERS_READ, Request, Response};
pub use kavach::Kavach;
pub use log::{LogFn, Logger, Timings};
pub use metrics::Metrics;
pub use model::{OAuthConnection, Session, User};
#[doc(hidden)]
pub use oauth::openid::bench;
pub use oauth::{
    AuthorizationRequest, BuildRedirectUri, Callback, Callbacks, CodeExchange, Entry, Grant, OAuth,
    Profile, Provider, ProviderInput, Tokens, providers,
};
pub use routes::{ROUTES, Route};
pub use session::Authenticated;
pub use setup::{ProviderSetup, Setup};
pub use store::{
    CacheHealth, CacheState, DatabaseConfig, DatabaseHealth, DatabaseProvider, Health, Known,
    Migrated, Pending, PoolHealth, migrate, pending as pending_migrations, schema,
};
pub use timing::TARGET as TIMING_TARGET;
