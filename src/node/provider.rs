//! Providers, as their factories make them.

use std::sync::Arc;

use napi::ValueType;
use napi::bindgen_prelude::{Env, JsValue, PromiseRaw, Unknown};
use napi_derive::napi;
use serde_json::{Value, json};
use tracing::Dispatch;

use super::outcome::{Carrier, promise};
use super::provider_callbacks::{FUNCTIONS, read};
use super::value::{plain_of_description, text};
use crate::crypto::Secret;
use crate::error::{Code, Result};
use crate::oauth::{
    AuthorizationRequest, Callbacks, CodeExchange, Entry, Profile, Provider, Tokens, providers,
};

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
            provider
                .authorization_request(&AuthorizationRequest {
                    state: &state,
                    code_verifier: &code_verifier,
                    redirect_uri: &redirect_uri,
                    ..AuthorizationRequest::default()
                })
                .await
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
                .exchange_code(&CodeExchange {
                    code: &code,
                    code_verifier: &code_verifier,
                    redirect_uri: &redirect_uri,
                    ..CodeExchange::default()
                })
                .await
                .map(|grant| show_tokens(&grant.tokens))
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
                .user_info(&Secret::new(access_token?))
                .await
                .map(show_profile)
        })
    }

    pub(super) fn share(&self) -> Arc<Provider> {
        Arc::clone(&self.inner)
    }
}

/// A factory's positional arguments.
#[napi]
pub fn provider_of_arguments(
    id: String,
    arguments: Vec<Unknown<'_>>,
) -> napi::Result<Carrier<NativeProvider>> {
    let factory = format!("{id}Provider");
    let mut plain_arguments = Vec::with_capacity(arguments.len());
    let mut callbacks = Ok(Callbacks::default());
    for (at, argument) in arguments.iter().enumerate() {
        let path = format!("{factory}({at})");
        plain_arguments.push(plain_of_description(argument, &path, FUNCTIONS)?);
        if is_plain_object(argument)? {
            callbacks = read(&argument.coerce_to_object()?, &factory)?;
        }
    }
    let made = || {
        let arguments = plain_arguments.into_iter().collect::<Result<Vec<_>>>()?;
        Provider::from_arguments(entry(&id)?, &arguments, callbacks?)
    };
    Ok(carrier(made()))
}

/// The same as one object.
#[napi]
pub fn provider_of_options(
    id: String,
    options: Unknown<'_>,
) -> napi::Result<Carrier<NativeProvider>> {
    let factory = format!("{id}Provider");
    let (plain, callbacks) = described(&options, &factory)?;
    let made = || Provider::from_options(entry(&id)?, &plain?, callbacks?);
    Ok(carrier(made()))
}

/// Any issuer of OpenID Connect.
#[napi]
pub fn generic_oidc(options: Unknown<'_>) -> napi::Result<Carrier<NativeProvider>> {
    let (plain, callbacks) = described(&options, "genericOIDC")?;
    let made = || Provider::generic_oidc(&plain?, callbacks?);
    Ok(carrier(made()))
}

/// A description of a provider: its plain members, and its functions.
pub(super) fn described(
    options: &Unknown<'_>,
    path: &str,
) -> napi::Result<(Result<Value>, Result<Callbacks>)> {
    let plain = plain_of_description(options, path, FUNCTIONS)?;
    let callbacks = if is_plain_object(options)? {
        read(&options.coerce_to_object()?, path)?
    } else {
        Ok(Callbacks::default())
    };
    Ok((plain, callbacks))
}

fn is_plain_object(value: &Unknown<'_>) -> napi::Result<bool> {
    Ok(value.get_type()? == ValueType::Object && !value.is_array()?)
}

fn entry(id: &str) -> Result<&'static Entry> {
    providers::find(id).ok_or_else(|| Code::ProviderUnknown.into())
}

fn carrier(made: Result<Provider>) -> Carrier<NativeProvider> {
    Carrier(made.map(|provider| NativeProvider {
        inner: Arc::new(provider),
    }))
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
        "tokenType": "Bearer",
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
