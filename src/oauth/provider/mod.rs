//! A provider: facts from the catalogue, the application's credentials, and the three calls of a sign-in.

mod options;

pub(crate) use options::parse_redirect_uri;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
use futures_util::future::BoxFuture;
use oauth2::basic::{
    BasicErrorResponse, BasicRequestTokenError, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use url::{Url, form_urlencoded};

use crate::clock::Timestamp;
use crate::crypto::Secret;
use crate::error::{Code, Error, Result};
use crate::oauth::client::{ProviderHttp, TOTAL_TIMEOUT, provider_error, provider_refusal};
use crate::oauth::profile::Profile;
use crate::oauth::tokens::{TokenAnswer, Tokens};

/// A row of the catalogue: what is true of a provider for everyone who uses it.
pub struct Entry {
    /// As in URLs and in the database: lower-case letters, digits and dashes.
    pub id: &'static str,
    /// As people call it.
    pub name: &'static str,
    pub(crate) authorization_url: &'static str,
    pub(crate) token_url: &'static str,
    pub(crate) user_info_url: &'static str,
    pub(crate) emails_url: Option<&'static str>,
    /// What sign-in needs.
    pub(crate) scopes: &'static [&'static str],
    /// How the client proves who it is at the token endpoint (RFC 6749 2.3.1).
    pub(crate) client_authentication: AuthType,
    /// Whether to send PKCE (RFC 7636): yes, unless the provider rejects it.
    pub(crate) pkce: bool,
    /// How long an access token lives when the answer does not say.
    pub(crate) token_lifetime: Option<Duration>,
    pub(crate) profile: for<'a> fn(ProfileCalls<'a>) -> BoxFuture<'a, Result<Profile>>,
}

/// A provider set up with credentials.
pub struct Provider {
    entry: &'static Entry,
    client_id: String,
    client_secret: Secret,
    scopes: Vec<String>,
    endpoints: Endpoints,
    redirect_uri: Option<String>,
    prompt: Option<String>,
    http: ProviderHttp,
}

/// Where a provider is reached.
pub(crate) struct Endpoints {
    pub authorization: Url,
    pub token: Url,
    pub user_info: Url,
    pub emails: Option<Url>,
}

/// What a provider's profile mapping works with.
#[derive(Clone, Copy)]
pub(crate) struct ProfileCalls<'a> {
    pub http: &'a ProviderHttp,
    pub endpoints: &'a Endpoints,
    pub access_token: &'a Secret,
}

/// What goes into an authorization request besides what the provider knows itself.
pub struct AuthorizationRequest<'a> {
    /// Comes back with the answer (RFC 6749 10.12).
    pub state: &'a str,
    /// The PKCE verifier; its S256 challenge is sent.
    pub code_verifier: &'a str,
    /// Where the answer goes.
    pub redirect_uri: &'a str,
    /// OpenID Connect's `prompt`, in place of the configured one.
    pub prompt: Option<&'a str>,
    /// OpenID Connect's `login_hint`.
    pub login_hint: Option<&'a str>,
}

impl Provider {
    /// The provider's id.
    pub fn id(&self) -> &'static str {
        self.entry.id
    }

    /// The provider's name.
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// The scopes that are asked for.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Where the user is sent.
    pub fn authorization_url(&self) -> &Url {
        &self.endpoints.authorization
    }

    /// Where codes are exchanged.
    pub fn token_url(&self) -> &Url {
        &self.endpoints.token
    }

    /// Where the profile is read.
    pub fn user_info_url(&self) -> &Url {
        &self.endpoints.user_info
    }

    pub(crate) fn redirect_uri(&self) -> Option<&str> {
        self.redirect_uri.as_deref()
    }

    /// The authorization request (RFC 6749 4.1.1, with PKCE S256 of RFC 7636 4.3).
    pub fn authorization_request(&self, request: &AuthorizationRequest<'_>) -> Result<Url> {
        let client = self.oauth_client();
        let redirect_uri = redirect_url(request.redirect_uri)?;
        let mut builder = client
            .authorize_url(|| CsrfToken::new(request.state.to_owned()))
            .set_redirect_uri(Cow::Owned(redirect_uri))
            .add_scopes(self.scopes.iter().cloned().map(Scope::new));
        if self.entry.pkce {
            let verifier = PkceCodeVerifier::new(request.code_verifier.to_owned());
            builder =
                builder.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        if let Some(prompt) = request.prompt.or(self.prompt.as_deref()) {
            builder = builder.add_extra_param("prompt", prompt);
        }
        if let Some(hint) = request.login_hint {
            builder = builder.add_extra_param("login_hint", hint);
        }
        Ok(builder.url().0)
    }

    /// Exchanges a code (RFC 6749 4.1.3). `redirect_uri` is the one of the authorization request.
    pub async fn exchange_code(
        &self,
        code: &str,
        code_verifier: &str,
        redirect_uri: &str,
    ) -> Result<Tokens> {
        let client = self
            .oauth_client()
            .set_redirect_uri(redirect_url(redirect_uri)?);
        let mut request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        if self.entry.pkce {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(code_verifier.to_owned()));
        }
        let answer = request.request_async(&self.http).await;
        self.read(answer)
            .map_err(|error| self.scrub(error, &[code, code_verifier]))
    }

    /// Asks for a new access token (RFC 6749 6). A refusal of the refresh token itself is
    /// `reauthorization_required`: only the user can mend it.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens> {
        let client = self.oauth_client();
        let token = RefreshToken::new(refresh_token.expose().to_owned());
        let answer = client
            .exchange_refresh_token(&token)
            .request_async(&self.http)
            .await;
        if let Err(RequestTokenError::ServerResponse(refusal)) = &answer
            // Bitbucket says `invalid_request` as well as `invalid_grant` of a bad refresh token.
            && matches!(refusal.error().as_ref(), "invalid_grant" | "invalid_request")
        {
            return Err(Code::ReauthorizationRequired.into());
        }
        self.read(answer)
            .map_err(|error| self.scrub(error, &[refresh_token.expose()]))
    }

    /// Who the token speaks for.
    pub async fn profile(&self, access_token: &Secret) -> Result<Profile> {
        let calls = (self.entry.profile)(ProfileCalls {
            http: &self.http,
            endpoints: &self.endpoints,
            access_token,
        });
        // A list of many slow pages is still one thing that the user waits for.
        tokio::time::timeout(TOTAL_TIMEOUT, calls)
            .await
            .unwrap_or_else(|_| Err(provider_error("the profile took too long to read")))
            .map_err(|error| self.scrub(error, &[access_token.expose()]))
    }

    fn oauth_client(&self) -> OAuthClient {
        Client::new(ClientId::new(self.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.client_secret.expose().to_owned()))
            .set_auth_uri(AuthUrl::from_url(self.endpoints.authorization.clone()))
            .set_token_uri(TokenUrl::from_url(self.endpoints.token.clone()))
            .set_auth_type(self.entry.client_authentication.clone())
    }

    /// The provider's words, without what was sent to it: the credentials in either dress (RFC 6749 2.3.1), and more.
    fn scrub(&self, error: Error, sent: &[&str]) -> Error {
        let secret = self.client_secret.expose();
        let encode =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = [
            format!("{}:{}", encode(&self.client_id), encode(secret)),
            format!("{}:{secret}", self.client_id),
        ]
        .map(|pair| BASE64_STANDARD_NO_PAD.encode(pair));
        error
            .without(&basic.each_ref().map(String::as_str))
            .without(&[secret])
            .without(sent)
    }

    fn read(
        &self,
        answer: std::result::Result<TokenAnswer, BasicRequestTokenError<Error>>,
    ) -> Result<Tokens> {
        let answer = answer.map_err(token_failure)?;
        if let Some(refusal) = answer.refusal() {
            return Err(refusal);
        }
        let tokens = answer.into_tokens(&self.scopes, self.entry.token_lifetime, Timestamp::now());
        let token = tokens.access_token.expose();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(provider_error("the access token cannot be used as one"));
        }
        Ok(tokens)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.id())
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

type OAuthClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn redirect_url(text: &str) -> Result<RedirectUrl> {
    RedirectUrl::new(text.to_owned()).map_err(|_| {
        Error::with(
            Code::ArgumentInvalid,
            "`redirectUri` must be an absolute URL",
        )
    })
}

fn token_failure(error: BasicRequestTokenError<Error>) -> Error {
    match error {
        RequestTokenError::ServerResponse(refusal) => provider_refusal(
            refusal.error().as_ref(),
            refusal.error_description().map(String::as_str),
        ),
        RequestTokenError::Request(error) => error,
        // Some answer a refusal with status 200.
        RequestTokenError::Parse(_, body) => {
            match serde_json::from_slice::<BasicErrorResponse>(&body) {
                Ok(refusal) => provider_refusal(
                    refusal.error().as_ref(),
                    refusal.error_description().map(String::as_str),
                ),
                Err(_) => provider_error(
                    "the token endpoint answered neither tokens nor an error (RFC 6749 5)",
                ),
            }
        }
        RequestTokenError::Other(what) => provider_error(crate::oauth::client::readable(&what)),
    }
}
