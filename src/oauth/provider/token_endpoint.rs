//! Codes and refresh tokens become tokens (RFC 6749 4.1.3 and 6).

use futures_util::future::BoxFuture;
use oauth2::basic::{
    BasicErrorResponse, BasicRequestTokenError, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, Client, ClientId, EndpointNotSet, EndpointSet,
    PkceCodeVerifier, RefreshToken, RequestTokenError, StandardRevocableToken, TokenUrl,
};
use serde_json::Value;
use url::form_urlencoded;

use super::authorization::redirect_url;
use super::standard::{Endpoint, Fields, Standard};
use crate::clock::Timestamp;
use crate::crypto::Secret;
use crate::error::{Code, Error, Result};
use crate::oauth::client::{provider_error, readable};
use crate::oauth::openid::Verification;
use crate::oauth::tokens::{Refusal, TokenAnswer, Tokens, read_answer};

/// What a code is exchanged with.
#[derive(Clone, Copy, Default)]
pub struct CodeExchange<'a> {
    /// As the callback brought it.
    pub code: &'a str,
    /// The PKCE verifier of the authorization request.
    pub code_verifier: &'a str,
    /// The redirect URI of the authorization request.
    pub redirect_uri: &'a str,
    /// The nonce of the authorization request, if it had one.
    pub nonce: Option<&'a str>,
    /// The `max_age` of the authorization request, if it had one.
    pub max_age: Option<u64>,
    /// The scopes of the authorization request, beside the configured ones.
    pub scopes: &'a [String],
    /// Further parameters of the callback.
    pub callback: &'a [(String, String)],
}

/// What a provider granted, and what it said on the way.
pub struct Grant {
    /// The tokens.
    pub tokens: Tokens,
    /// What the token endpoint said besides the tokens.
    pub(crate) answer: Value,
    /// The claims of a verified id_token.
    pub(crate) claims: Option<Value>,
    /// Further parameters of the callback.
    pub(crate) callback: Vec<(String, String)>,
}

impl Grant {
    /// A grant of which only the access token is known.
    pub(crate) fn of_access_token(access_token: Secret) -> Self {
        Self {
            tokens: Tokens::of_access_token(access_token),
            answer: Value::Null,
            claims: None,
            callback: Vec::new(),
        }
    }
}

impl Standard {
    pub async fn exchange_code(&self, exchange: &CodeExchange<'_>) -> Result<Grant> {
        let sent = [exchange.code, exchange.code_verifier];
        self.exchange(exchange)
            .await
            .map_err(|error| self.scrub(error, &sent))
    }

    /// Asks for a new access token. A refusal of the refresh token itself is `reauthorization_required`: only the
    /// user can mend it.
    pub async fn refresh(&self, old: &Tokens, refresh_token: &Secret) -> Result<Tokens> {
        let renewed = async {
            let mut endpoint = self.token_endpoint().await?;
            if let Some(url) = &self.endpoints.refresh {
                endpoint.url = url.clone();
            }
            let client = client(&self.credentials.client_id, &endpoint);
            let token = RefreshToken::new(refresh_token.expose().to_owned());
            let call = Call {
                provider: self,
                endpoint,
                extra: old.parameters.clone(),
                is_refresh: true,
            };
            let answer = client
                .exchange_refresh_token(&token)
                .request_async(&call)
                .await
                .map_err(failure)?;
            // Silence means what was granted before (RFC 6749 6).
            let mut tokens = self.tokens(answer, &old.scopes)?;
            tokens.parameters = old.parameters.clone();
            Ok(tokens)
        };
        renewed
            .await
            .map_err(|error| self.scrub(error, &[refresh_token.expose()]))
    }

    async fn exchange(&self, exchange: &CodeExchange<'_>) -> Result<Grant> {
        let endpoint = self.token_endpoint().await?;
        let client = client(&self.credentials.client_id, &endpoint)
            .set_redirect_uri(redirect_url(exchange.redirect_uri)?);
        let mut request = client.exchange_code(AuthorizationCode::new(exchange.code.to_owned()));
        if self.pkce {
            let verifier = PkceCodeVerifier::new(exchange.code_verifier.to_owned());
            request = request.set_pkce_verifier(verifier);
        }
        let is_repeated =
            |(name, _): &&(String, String)| self.entry.token_parameters.contains(&name.as_str());
        let repeated: Fields = exchange
            .callback
            .iter()
            .filter(is_repeated)
            .cloned()
            .collect();
        let call = Call {
            provider: self,
            endpoint,
            extra: repeated.clone(),
            is_refresh: false,
        };
        let answer = request.request_async(&call).await.map_err(failure)?;
        let id_token = answer.id_token.clone();
        let raw = answer.rest();
        let requested: Vec<_> = self.scopes.iter().chain(exchange.scopes).cloned().collect();
        let mut tokens = self.tokens(answer, &requested)?;
        tokens.parameters = repeated;
        let claims = self.verified(id_token, &tokens, exchange).await?;
        Ok(Grant {
            tokens,
            answer: raw,
            claims,
            callback: exchange.callback.to_vec(),
        })
    }

    /// The claims of the id_token, which an OpenID provider must give when `openid` was asked for.
    async fn verified(
        &self,
        id_token: Option<Value>,
        tokens: &Tokens,
        exchange: &CodeExchange<'_>,
    ) -> Result<Option<Value>> {
        let Some(issuer) = &self.issuer else {
            return Ok(None);
        };
        let Some(Value::String(id_token)) = id_token else {
            return Err(provider_error("the token endpoint gave no id_token"));
        };
        let verification = Verification {
            client_id: &self.credentials.client_id,
            client_secret: self.credentials.secret(),
            nonce: exchange.nonce,
            max_age: exchange.max_age,
            access_token: &tokens.access_token,
        };
        issuer
            .verify(&self.http, &id_token, &verification)
            .await
            .map(Some)
    }

    /// Whether a refusal is of the refresh token, not of the client or of the moment.
    fn is_dead(&self, refusal: &Refusal) -> bool {
        let known = self.entry.refresh_refusals;
        let is_named = refusal.code == "invalid_grant" || known.contains(&&*refusal.code);
        // 401 is for a client that was not known (RFC 6749 5.2).
        (is_named && refusal.status != 401) || known.contains(&&*refusal.description)
    }

    fn tokens(&self, answer: TokenAnswer, requested: &[String]) -> Result<Tokens> {
        if let Some(problem) = answer.problem() {
            return Err(problem);
        }
        let tokens = answer.into_tokens(requested, self.entry.token_lifetime, Timestamp::now());
        let token = tokens.access_token.expose();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(provider_error("the access token cannot be used as one"));
        }
        Ok(tokens)
    }
}

/// A request to the token endpoint on its way from the `oauth2` crate.
struct Call<'a> {
    provider: &'a Standard,
    endpoint: Endpoint,
    /// Further parameters.
    extra: Fields,
    is_refresh: bool,
}

impl<'c> AsyncHttpClient<'c> for Call<'_> {
    type Error = Error;
    type Future = BoxFuture<'c, Result<oauth2::HttpResponse>>;

    /// Sends what that crate wrote, with the client's proof and in the provider's dialect; and gives back what came as
    /// that crate expects it.
    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        let provider = self.provider;
        let fields = form_urlencoded::parse(request.body())
            .into_owned()
            // The proof of the client brings its own.
            .filter(|(name, _)| name != "client_id")
            .chain(self.extra.iter().cloned())
            .collect();
        Box::pin(async move {
            let answer = provider.send(&self.endpoint, fields).await?;
            match read_answer(&answer, provider.entry.any_media_type) {
                // As it came: what was read would hide that a member was there twice.
                Ok(_) => Ok(http::Response::new(answer.into_body())),
                Err(refusal) if self.is_refresh && provider.is_dead(&refusal) => {
                    Err(Code::ReauthorizationRequired.into())
                }
                Err(refusal) => Err(refusal.into()),
            }
        })
    }
}

type OAuthClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// A client of the `oauth2` crate for the parameters alone; proving who we are is done when they are sent.
fn client(client_id: &str, endpoint: &Endpoint) -> OAuthClient {
    Client::new(ClientId::new(client_id.to_owned()))
        .set_token_uri(TokenUrl::from_url(endpoint.url.clone()))
        .set_auth_type(AuthType::RequestBody)
}

fn failure(error: BasicRequestTokenError<Error>) -> Error {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(_) | RequestTokenError::Parse(..) => {
            provider_error("the token endpoint answered neither tokens nor an error (RFC 6749 5)")
        }
        RequestTokenError::Other(what) => provider_error(readable(&what)),
    }
}
