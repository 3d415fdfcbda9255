//! Providers, as their factories make them.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, PromiseRaw, Unknown};
use napi_derive::napi;
use serde_json::{Value, json};
use tracing::Dispatch;

use super::outcome::{Carrier, promise};
use super::value::{plain, text};
use crate::crypto::Secret;
use crate::error::Result;
use crate::oauth::{AuthorizationRequest, Entry, Profile, Provider, Tokens, providers};

/// A provider set up with credentials.
#[napi]
pub struct NativeProvider {
    inner: Arc<Provider>,
}

#[napi]
impl NativeProvider {
    /// What may be shown of it, as JSON text.
    #[napi]
    pub fn describe(&self) -> String {
        json!({
            "id": self.inner.id(),
            "name": self.inner.name(),
            "authorizationUrl": self.inner.authorization_url(),
            "tokenUrl": self.inner.token_url(),
            "userInfoUrl": self.inner.user_info_url(),
            "scopes": self.inner.scopes(),
        })
        .to_string()
    }

    #[napi]
    pub fn get_authorization_url<'env>(
        &self,
        env: &'env Env,
        state: Unknown<'_>,
        code_verifier: Unknown<'_>,
        redirect_uri: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let arguments = three(
            &state,
            "state",
            &code_verifier,
            "codeVerifier",
            &redirect_uri,
        )?;
        let provider = Arc::clone(&self.inner);
        promise(env, &Dispatch::none(), async move {
            let (state, code_verifier, redirect_uri) = arguments?;
            provider.authorization_request(&AuthorizationRequest {
                state: &state,
                code_verifier: &code_verifier,
                redirect_uri: &redirect_uri,
                prompt: None,
                login_hint: None,
            })
        })
    }

    #[napi]
    pub fn exchange_code<'env>(
        &self,
        env: &'env Env,
        code: Unknown<'_>,
        code_verifier: Unknown<'_>,
        redirect_uri: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let arguments = three(&code, "code", &code_verifier, "codeVerifier", &redirect_uri)?;
        let provider = Arc::clone(&self.inner);
        promise(env, &Dispatch::none(), async move {
            let (code, code_verifier, redirect_uri) = arguments?;
            provider
                .exchange_code(&code, &code_verifier, &redirect_uri)
                .await
                .map(|tokens| show_tokens(&tokens))
        })
    }

    #[napi]
    pub fn get_user_info<'env>(
        &self,
        env: &'env Env,
        access_token: Unknown<'_>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        let access_token = text(&access_token, "accessToken")?;
        let provider = Arc::clone(&self.inner);
        promise(env, &Dispatch::none(), async move {
            provider
                .profile(&Secret::new(access_token?))
                .await
                .map(show_profile)
        })
    }

    pub(super) fn share(&self) -> Arc<Provider> {
        Arc::clone(&self.inner)
    }
}

#[napi]
pub fn bitbucket_provider(
    client_id: Unknown<'_>,
    client_secret: Unknown<'_>,
    scopes_or_options: Unknown<'_>,
) -> napi::Result<Carrier<NativeProvider>> {
    make(
        &providers::bitbucket::ENTRY,
        &client_id,
        &client_secret,
        &scopes_or_options,
    )
}

fn make(
    entry: &'static Entry,
    client_id: &Unknown<'_>,
    client_secret: &Unknown<'_>,
    scopes_or_options: &Unknown<'_>,
) -> napi::Result<Carrier<NativeProvider>> {
    let path = |argument: &str| format!("{}Provider({argument})", entry.id);
    let client_id = plain(client_id, &path("clientId"))?;
    let client_secret = plain(client_secret, &path("clientSecret"))?;
    let options = plain(scopes_or_options, &path("options"))?;
    let made = || Provider::from_arguments(entry, &client_id?, &client_secret?, &options?);
    Ok(Carrier(made().map(|provider| NativeProvider {
        inner: Arc::new(provider),
    })))
}

fn three(
    first: &Unknown<'_>,
    first_name: &str,
    second: &Unknown<'_>,
    second_name: &str,
    redirect_uri: &Unknown<'_>,
) -> napi::Result<Result<(String, String, String)>> {
    let (first, second, third) = (
        text(first, first_name)?,
        text(second, second_name)?,
        text(redirect_uri, "redirectUri")?,
    );
    Ok((|| Ok((first?, second?, third?)))())
}

fn show_tokens(tokens: &Tokens) -> Value {
    json!({
        "accessToken": tokens.access_token.expose(),
        "refreshToken": tokens.refresh_token.as_ref().map(Secret::expose),
        "tokenType": tokens.token_type,
        "expiresAt": tokens.expires_at,
        "scopes": tokens.scopes,
    })
}

fn show_profile(profile: Profile) -> Value {
    json!({
        "id": profile.id,
        "email": profile.email,
        "emailVerified": profile.email_verified,
        "name": profile.name,
        "image": profile.image,
        "raw": profile.raw,
    })
}
