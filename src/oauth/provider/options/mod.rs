//! Setting a provider up: from a factory's arguments, or from a description.

mod credentials;
mod endpoints;
mod names;
mod request;

use serde_json::{Map, Value};

use self::credentials::{credentials, may_be_left_out};
pub(crate) use self::endpoints::parse_redirect_uri;
use self::endpoints::{endpoints, issuer, require_endpoints};
use self::names::{known_options, own_id, refuse_values};
use self::request::{add_scopes, authorization_parameters, default_scopes, response_mode};
use super::entry::Entry;
use super::own::{self, Own};
use super::standard::Standard;
use super::variables::{Need, Values};
use super::{Callbacks, Kind, Provider};
use crate::config::fields::{self, Fields};
use crate::error::{Error, Result};
use crate::oauth::client::ProviderHttp;
use crate::oauth::providers::{self, generic};

impl Provider {
    /// What a factory takes: `(clientId, clientSecret, scopes | options?)`, after what the entry's URLs leave open.
    pub fn from_arguments(
        entry: &'static Entry,
        arguments: &[Value],
        callbacks: Callbacks,
    ) -> Result<Self> {
        let factory = format!("{}Provider", entry.id);
        let leading = entry
            .variables
            .iter()
            .filter(|variable| matches!(variable.need, Need::Leading))
            .map(|variable| variable.option);
        let names: Vec<&str> = leading.chain(["clientId", "clientSecret"]).collect();
        let (given, more) = arguments.split_at(arguments.len().min(names.len()));
        let mut options = match more.first() {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(options)) => options.clone(),
            Some(scopes @ Value::Array(_)) => Map::from_iter([("scopes".into(), scopes.clone())]),
            Some(_) => {
                return Err(Error::config(
                    &format!("{factory}(options)"),
                    "must be an array of scopes, or an object",
                ));
            }
        };
        if more.len() > 1 {
            return Err(Error::config(
                &format!("{factory}(…)"),
                "takes scopes or options, not both: write `{ scopes: [ … ] }` among the options",
            ));
        }
        for name in &names {
            if options.contains_key(*name) {
                return Err(Error::config(
                    &format!("{factory}(options.{name})"),
                    format!("is given twice: it is an argument of {factory} already"),
                ));
            }
        }
        for (at, name) in names.iter().enumerate() {
            let value = given.get(at).cloned().unwrap_or_default();
            let path = format!("{factory}({name})");
            if value.is_null() && !may_be_left_out(entry, name) {
                let what = match *name {
                    "clientId" => "client id",
                    "clientSecret" => "client secret",
                    name => name,
                };
                return Err(Error::config(
                    &path,
                    format!(
                        "is undefined: pass the {what} of your {} app; is the environment variable set?",
                        entry.name
                    ),
                ));
            }
            if !value.is_null() {
                fields::text(&value, &path)?;
            }
            options.insert((*name).to_owned(), value);
        }
        let options = Value::Object(options);
        let fields = Fields::new(&options, factory, &known_options(entry))?;
        Self::build(entry, None, &fields, callbacks)
    }

    /// The same as one object: `{ clientId, clientSecret, … }`.
    pub fn from_options(
        entry: &'static Entry,
        options: &Value,
        callbacks: Callbacks,
    ) -> Result<Self> {
        let path = format!("{}Provider", entry.id);
        if !options.is_object() {
            return Err(Error::config(
                &path,
                "takes one object: { clientId, clientSecret, … }",
            ));
        }
        let fields = Fields::new(options, path, &known_options(entry))?;
        Self::build(entry, None, &fields, callbacks)
    }

    /// `genericOIDC({ id, issuer, … })`.
    pub fn generic_oidc(options: &Value, callbacks: Callbacks) -> Result<Self> {
        let path = "genericOIDC";
        if !options.is_object() {
            return Err(Error::config(
                path,
                "takes one object: { id, issuer, clientId, clientSecret, … }",
            ));
        }
        let fields = Fields::new(options, path, &known_options(&generic::OPENID))?;
        let id = own_id(&fields, None)?;
        Self::build(&generic::OPENID, Some(id), &fields, callbacks)
    }

    /// What stands in `providers`: a known id with credentials, or a provider of the application's own.
    pub fn from_config(
        value: &Value,
        path: &str,
        key: Option<&str>,
        callbacks: Callbacks,
    ) -> Result<Self> {
        let Value::Object(map) = value else {
            return Err(Error::config(
                path,
                "must be what a provider factory returns, such as bitbucketProvider(clientId, clientSecret), or { id, clientId, clientSecret }",
            ));
        };
        let own_functions = callbacks.get_user_info.is_some()
            || callbacks.exchange_code.is_some()
            || callbacks.get_authorization_url.is_some();
        let id = match (map.get("id"), key) {
            (None | Some(Value::Null), Some(key)) => key,
            (id, _) => {
                let path = format!("{path}.id");
                let id = id.filter(|id| !id.is_null()).ok_or_else(|| {
                    Error::config(
                        &path,
                        "is missing: write the provider's id, such as 'bitbucket'",
                    )
                })?;
                fields::text(id, &path)?
            }
        };
        if let Some(key) = key
            && key != id
        {
            return Err(Error::config(
                &format!("{path}.id"),
                "differs from its key in the record: leave it out",
            ));
        }
        if own_functions {
            let fields = Fields::new(value, path, &own::known_options())?;
            refuse_values(&fields, own::FUNCTIONS)?;
            if callbacks.get_user_profile.is_some() {
                return Err(Error::config(
                    &fields.path("getUserProfile"),
                    "is for providers that are described by options: this one has getUserInfo",
                ));
            }
            let id = own_id(&fields, key)?;
            return Ok(Self {
                name: fields.text("name")?.unwrap_or(&id).to_owned(),
                map_profile: callbacks.map_profile.clone(),
                kind: Kind::Own(Own::parse(&fields, callbacks)?),
                redirect_uri: None,
                id,
            });
        }
        if let Some(entry) = providers::find(id) {
            let known = [&["id"], known_options(entry).as_slice()].concat();
            let fields = Fields::new(value, path, &known)?;
            return Self::build(entry, None, &fields, callbacks);
        }
        let entry = if map.contains_key("issuer") {
            &generic::OPENID
        } else if map.contains_key("authorizationUrl") {
            &generic::OAUTH2
        } else {
            let ids: Vec<_> = providers::CATALOGUE.iter().map(|entry| entry.id).collect();
            return Err(Error::config(
                &format!("{path}.id"),
                format!(
                    "is no provider we know; known are {}. For one of your own write `issuer`, or `authorizationUrl`, `tokenUrl` and `userInfoUrl`",
                    ids.join(", ")
                ),
            ));
        };
        let fields = Fields::new(value, path, &known_options(entry))?;
        let id = own_id(&fields, key)?;
        Self::build(entry, Some(id), &fields, callbacks)
    }

    /// `id` is set for a provider that is not in the catalogue.
    fn build(
        entry: &'static Entry,
        id: Option<String>,
        options: &Fields<'_>,
        callbacks: Callbacks,
    ) -> Result<Self> {
        if let Some(name) = callbacks.of_own_provider() {
            return Err(Error::config(
                &options.path(name),
                "is for providers that are made of functions alone: leave it out",
            ));
        }
        // Elsewhere an account's identity is settled, and an id_token's subject must not be talked over.
        if callbacks.get_user_profile.is_some() && (id.is_none() || entry.openid.is_some()) {
            return Err(Error::config(
                &options.path("getUserProfile"),
                "is for OAuth 2.0 providers that are not known: leave it out, `mapProfile` adds fields",
            ));
        }
        refuse_values(options, &["mapProfile", "getUserProfile"])?;
        let credentials = credentials(entry, id.is_some(), options)?;
        let variables = Values::read(entry.variables, options, &credentials.client_id)?;
        let issuer = issuer(entry, options, &variables)?;
        let is_elsewhere = options.value("issuer").is_some();
        let endpoints = endpoints(entry, options, &variables, is_elsewhere)?;
        if id.is_some() && entry.openid.is_none() {
            require_endpoints(&endpoints, options)?;
        }
        let mut scopes = default_scopes(entry, options)?;
        add_scopes(&mut scopes, options, "scopes")?;
        let mut optional_scopes = Vec::new();
        add_scopes(&mut optional_scopes, options, "optionalScopes")?;
        let redirect_uri = options
            .text("redirectUri")?
            .map(|text| parse_redirect_uri(text, &options.path("redirectUri")))
            .transpose()?;
        let name = match &id {
            Some(id) => options.text("name")?.unwrap_or(id).to_owned(),
            None => entry.name.to_owned(),
        };
        Ok(Self {
            name,
            id: id.unwrap_or_else(|| entry.id.to_owned()),
            redirect_uri,
            map_profile: callbacks.map_profile,
            kind: Kind::Standard(Box::new(Standard {
                authorization_parameters: authorization_parameters(entry, options, &variables)?,
                response_mode: response_mode(entry, options)?,
                pkce: options.flag("pkce", entry.pkce)?,
                prompt: options.text("prompt")?.map(str::to_owned),
                http: ProviderHttp::new(options.flag("denyPrivateNetworks", false)?),
                get_user_profile: callbacks.get_user_profile,
                entry,
                credentials,
                scopes,
                optional_scopes,
                endpoints,
                issuer,
                variables,
            })),
        })
    }
}
