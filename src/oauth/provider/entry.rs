//! A row of the catalogue: what is true of a provider for everyone who uses it.
//!
//! URLs and header values may hold `{placeholders}`: the entry's [`Variable`]s, and `{clientId}`.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::profile::ProfileCalls;
use super::revocation::RevocationCall;
use super::variables::Variable;
use crate::error::Result;
use crate::oauth::claims::Claims;
use crate::oauth::profile::Profile;

/// What is known of a provider. Most rows are written as changes to [`Entry::OAUTH2`] or [`Entry::OPENID`].
pub struct Entry {
    /// As in URLs and in the database: lower-case letters, digits and dashes.
    pub id: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// Set for a provider whose id_tokens are verified.
    pub(crate) openid: Option<OpenId>,
    /// `None` for an endpoint that is discovered.
    pub(crate) authorization_url: Option<&'static str>,
    pub(crate) token_url: Option<&'static str>,
    pub(crate) user_info_url: Option<&'static str>,
    pub(crate) user_info: UserInfo,
    /// Whether sign-in does without the user info.
    pub(crate) user_info_is_spare: bool,
    pub(crate) emails_url: Option<&'static str>,
    /// Where refresh tokens are used, if not at the token endpoint.
    pub(crate) refresh_url: Option<&'static str>,
    pub(crate) revocation_url: Option<&'static str>,
    pub(crate) revocation: Revocation,
    /// What sign-in needs.
    pub(crate) scopes: &'static [&'static str],
    pub(crate) scope_separator: &'static str,
    /// Further parameters of the authorization request.
    pub(crate) authorization_parameters: &'static [(&'static str, &'static str)],
    pub(crate) authorization_fragment: Option<&'static str>,
    /// Parameters that this provider calls by another name, in the authorization request and at its token endpoint.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// Parameters of the callback that matter later, besides the standard ones.
    pub(crate) callback_parameters: &'static [&'static str],
    /// Parameters of the callback that the token requests repeat.
    pub(crate) token_parameters: &'static [&'static str],
    pub(crate) client_authentication: Method,
    pub(crate) token_format: TokenFormat,
    /// Whether JSON is taken for what it is whatever its media type says.
    pub(crate) any_media_type: bool,
    /// Whether to send PKCE (RFC 7636): yes, unless the provider rejects it or expects something else by that name.
    pub(crate) pkce: bool,
    /// How long an access token lives when the answer does not say.
    pub(crate) token_lifetime: Option<Duration>,
    /// How it says that a refresh token is dead, besides `invalid_grant`.
    pub(crate) refresh_refusals: &'static [&'static str],
    /// Whom to say that we are, where that is judged.
    pub(crate) user_agent: Option<&'static str>,
    pub(crate) variables: &'static [Variable],
    pub(crate) profile: ProfileSource,
}

/// What OpenID Connect needs to know.
pub(crate) struct OpenId {
    pub issuer: &'static str,
    /// Where its metadata is, if not below the issuer.
    pub discovery_url: Option<&'static str>,
    pub issuer_rule: IssuerRule,
    pub nonce: Nonce,
    pub keys: SignedBy,
    pub response_mode: ResponseMode,
    /// Whether the id_token never says all, so that the user info is always asked.
    pub always_user_info: bool,
}

/// Which issuer an id_token may name.
#[derive(Clone, Copy)]
pub(crate) enum IssuerRule {
    /// The configured one (OpenID Connect Core 3.1.3.7).
    Exact,
    /// The configured one, or this.
    OrElse(&'static str),
    /// The metadata's, with the token's own `tid` in place of `{tenantid}` (Microsoft).
    Tenant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nonce {
    Required,
    /// The provider is known not to return it; a wrong one is still refused.
    MayBeMissing,
}

/// Whose keys sign id_tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// The provider's own, published as a JWK Set.
    PublishedKeys,
    /// The client secret (HS256).
    ClientSecret,
}

/// How the answer comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    FormPost,
}

/// How a client proves who it is (RFC 6749 2.3.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Basic,
    Post,
    /// As the metadata says.
    Discovered,
    /// A public client; a secret is sent by `Post` if there is one all the same.
    Public,
    /// The secret is a JWT that the client signs anew (Apple).
    SignedSecret,
}

/// How requests to the token endpoint are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFormat {
    Form,
    Json,
    /// A GET request with everything in the query.
    Query,
}

/// How the profile is asked for.
pub(crate) struct UserInfo {
    pub method: UserInfoMethod,
    pub headers: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserInfoMethod {
    Get,
    /// A POST request without a body.
    Post,
    /// A POST request with this JSON.
    PostJson(&'static str),
}

/// How a token is given back.
pub(crate) enum Revocation {
    /// RFC 7009.
    Standard,
    /// A form with the access token alone, under one name or several, and whatever else it takes.
    AccessToken {
        names: &'static [&'static str],
        also: &'static [(&'static str, &'static str)],
    },
    /// A POST request with the token as bearer.
    Bearer,
    /// A request of its own.
    Code(fn(&RevocationCall<'_>) -> Result<http::Request<Vec<u8>>>),
}

/// Where a profile comes from.
pub(crate) enum ProfileSource {
    /// The id_token and the user info, by this mapping.
    Claims(Claims),
    Code(for<'a> fn(ProfileCalls<'a>) -> BoxFuture<'a, Result<Profile>>),
}

impl Entry {
    /// Plain OAuth 2.0, as RFC 6749 has it.
    pub(crate) const OAUTH2: Self = Self {
        id: "",
        name: "",
        openid: None,
        authorization_url: None,
        token_url: None,
        user_info_url: None,
        user_info: UserInfo {
            method: UserInfoMethod::Get,
            headers: &[],
        },
        user_info_is_spare: false,
        emails_url: None,
        refresh_url: None,
        revocation_url: None,
        revocation: Revocation::Standard,
        scopes: &[],
        scope_separator: " ",
        authorization_parameters: &[],
        authorization_fragment: None,
        renamed: &[],
        callback_parameters: &[],
        token_parameters: &[],
        client_authentication: Method::Basic,
        token_format: TokenFormat::Form,
        any_media_type: false,
        pkce: true,
        token_lifetime: None,
        refresh_refusals: &[],
        user_agent: None,
        variables: &[],
        profile: ProfileSource::Claims(Claims::OPENID),
    };

    /// OpenID Connect, as its Core has it.
    pub(crate) const OPENID: Self = Self {
        openid: Some(OpenId::STANDARD),
        scopes: &["openid", "profile", "email"],
        ..Self::OAUTH2
    };
}

impl Revocation {
    /// RFC 7009, for access tokens alone.
    pub(crate) const OF_ACCESS_TOKEN: Self = Self::AccessToken {
        names: &["token"],
        also: &[],
    };
}

impl OpenId {
    pub(crate) const STANDARD: Self = Self {
        issuer: "",
        discovery_url: None,
        issuer_rule: IssuerRule::Exact,
        nonce: Nonce::Required,
        keys: SignedBy::PublishedKeys,
        response_mode: ResponseMode::Query,
        always_user_info: false,
    };

    /// A standard issuer.
    pub(crate) const fn of(issuer: &'static str) -> Option<Self> {
        Some(Self {
            issuer,
            ..Self::STANDARD
        })
    }
}
