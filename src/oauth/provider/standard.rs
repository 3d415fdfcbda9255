//! A provider that speaks OAuth 2.0 or OpenID Connect: the facts of its entry, and the application's credentials.

use std::sync::Arc;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::callback::Callback;
use super::credentials::Credentials;
use super::entry::{Entry, IssuerRule, ResponseMode, SignedBy, TokenFormat};
use super::variables::Values;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::oauth::client::{ProviderHttp, provider_error};
use crate::oauth::openid::Issuer;
use crate::oauth::openid::metadata::{Metadata, is_same_origin};

pub(crate) struct Standard {
    pub entry: &'static Entry,
    pub credentials: Credentials,
    pub scopes: Vec<String>,
    /// What `authorize?scope=` may add.
    pub optional_scopes: Vec<String>,
    pub endpoints: Endpoints,
    pub issuer: Option<Issuer>,
    pub response_mode: ResponseMode,
    pub pkce: bool,
    pub authorization_parameters: Vec<(String, String)>,
    pub prompt: Option<String>,
    pub variables: Values,
    pub get_user_profile: Option<Callback>,
    pub http: ProviderHttp,
}

/// Where a provider is reached, as far as that is not left to its metadata.
pub(crate) struct Endpoints {
    pub authorization: Option<Url>,
    pub token: Option<Url>,
    pub refresh: Option<Url>,
    pub user_info: Option<Url>,
    pub emails: Option<Url>,
    pub revocation: Revoked,
}

/// Where tokens are given back.
pub(crate) enum Revoked {
    At(Url),
    /// Where the metadata says, if there is any.
    AtDiscovered,
    /// Nowhere: tokens of another server are not to be told to the provider's own.
    Nowhere,
}

/// A form's fields.
pub(crate) type Fields = Vec<(String, String)>;

/// An endpoint that knows the client by its credentials, and the metadata if there is any.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub url: Url,
    pub metadata: Option<Arc<Metadata>>,
}

impl Standard {
    /// The metadata, if it is here.
    pub fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.issuer.as_ref().and_then(Issuer::known_metadata)
    }

    /// The metadata, of an issuer.
    pub async fn metadata(&self) -> Result<Option<Arc<Metadata>>> {
        match &self.issuer {
            Some(issuer) => issuer.metadata(&self.http).await.map(Some),
            None => Ok(None),
        }
    }

    /// An endpoint of the configuration, or else of the metadata.
    pub async fn endpoint(
        &self,
        configured: Option<&Url>,
        discovered: fn(&Metadata) -> Option<&Url>,
    ) -> Result<Option<Endpoint>> {
        if let (Some(url), false) = (configured, self.credentials.need_metadata()) {
            return Ok(Some(Endpoint {
                url: url.clone(),
                metadata: self.known_metadata(),
            }));
        }
        let metadata = self.metadata().await?;
        let url = configured.or_else(|| metadata.as_deref().and_then(discovered));
        Ok(url.cloned().map(|url| Endpoint { url, metadata }))
    }

    pub async fn token_endpoint(&self) -> Result<Endpoint> {
        self.endpoint(self.endpoints.token.as_ref(), |metadata| {
            Some(&metadata.token)
        })
        .await?
        .ok_or_else(|| provider_error("the provider has no token endpoint"))
    }

    /// Sends a form with the client's proof, in the provider's dialect, and gives whatever came back.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        mut fields: Fields,
    ) -> Result<oauth2::HttpResponse> {
        let audience = match (&endpoint.metadata, &self.issuer) {
            (Some(metadata), _) => metadata.issuer.as_str(),
            (None, Some(issuer)) => issuer.issuer.as_str(),
            (None, None) => endpoint.url.as_str(),
        };
        let proven =
            self.credentials
                .prove(endpoint.metadata.as_deref(), audience, Timestamp::now())?;
        let proof = proven.fields.into_iter();
        fields.extend(proof.map(|(name, value)| (name.to_owned(), value)));
        for (name, _) in &mut fields {
            *name = self.name_of(name).to_owned();
        }
        let mut url = endpoint.url.clone();
        let (builder, body) = match self.entry.token_format {
            TokenFormat::Form => {
                let body = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish();
                let builder = http::Request::post(url.as_str())
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                (builder, body.into_bytes())
            }
            TokenFormat::Json => {
                let fields = fields.into_iter();
                let object: Map<_, _> = fields
                    .map(|(name, value)| (name, Value::String(value)))
                    .collect();
                let builder =
                    http::Request::post(url.as_str()).header(CONTENT_TYPE, "application/json");
                (builder, Value::Object(object).to_string().into_bytes())
            }
            TokenFormat::Query => {
                url.query_pairs_mut().extend_pairs(fields);
                (http::Request::get(url.as_str()), Vec::new())
            }
        };
        let mut builder = builder.header(ACCEPT, "application/json");
        if let Some(value) = proven.authorization {
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(agent) = self.user_agent() {
            builder = builder.header(USER_AGENT, agent);
        }
        let request = builder
            .body(body)
            .map_err(|_| provider_error("the request cannot be sent as HTTP"))?;
        self.http.send(request).await
    }

    /// How the provider calls a parameter.
    pub fn name_of<'n>(&self, name: &'n str) -> &'n str {
        let renamed = self.entry.renamed.iter();
        renamed
            .clone()
            .find(|(standard, _)| *standard == name)
            .map_or(name, |(_, own)| own)
    }

    pub fn user_agent(&self) -> Option<String> {
        self.entry
            .user_agent
            .and_then(|template| self.variables.fill(template))
    }

    /// Judges the issuer that an answer names (RFC 9207 2.4). An issuer that announces to name itself must.
    pub async fn check_issuer(&self, named: Option<&str>) -> Result<()> {
        let Some(issuer) = &self.issuer else {
            return Ok(());
        };
        // Where nothing else is asked of the metadata, it need not be fetched for this.
        let metadata = match issuer.signed_by {
            SignedBy::PublishedKeys => Some(issuer.metadata(&self.http).await?),
            SignedBy::ClientSecret => issuer.known_metadata(),
        };
        let own = metadata
            .as_ref()
            .map_or(issuer.issuer.as_str(), |metadata| &metadata.issuer);
        let is_right = match (named, issuer.rule) {
            (None, _) => metadata
                .as_ref()
                .is_none_or(|metadata| !metadata.names_issuer),
            (Some(named), IssuerRule::OrElse(other)) => named == own || named == other,
            (Some(named), IssuerRule::Exact) => named == own,
            // Which tenant it is only the id_token will tell.
            (Some(named), IssuerRule::Tenant) => is_same_origin(named, own),
        };
        if is_right {
            Ok(())
        } else {
            Err(provider_error(
                "the answer is of another issuer, or of none",
            ))
        }
    }

    /// The provider's words, without what was sent to it.
    pub fn scrub(&self, error: Error, sent: &[&str]) -> Error {
        self.credentials.scrub(error, sent)
    }
}
