//! Providers that are not in the catalogue: the standards, and what the application says of them.

use crate::oauth::provider::Entry;
use crate::oauth::provider::entry::Method;

/// Any issuer of OpenID Connect.
pub(crate) static OPENID: Entry = Entry {
    client_authentication: Method::Discovered,
    ..Entry::OPENID
};

/// Any OAuth 2.0 server.
pub(crate) static OAUTH2: Entry = Entry::OAUTH2;
