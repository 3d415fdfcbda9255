//! Setting a provider up: from a factory's arguments, or from a description.

use serde_json::{Map, Value};
use url::Url;

use super::credentials::{Credentials, Proof};
use super::entry::{Entry, Method, OpenId, ResponseMode};
use super::own::{self, Own};
use super::signing_key::SigningKey;
use super::standard::{Endpoints, Revoked, Standard};
use super::variables::{Need, Values, refuse_placeholder};
use super::{Callbacks, Kind, Provider};
use crate::config::fields::{self, Fields};
use crate::config::is_loopback;
use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::oauth::client::ProviderHttp;
use crate::oauth::openid::Issuer;
use crate::oauth::openid::metadata::discovery_url;
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

/// Takes an address for the callback that the application chose itself.
pub(crate) fn parse_redirect_uri(text: &str, path: &str) -> Result<String> {
    let url = https_url(text, path)?;
    if url.fragment().is_some() {
        return Err(Error::config(
            path,
            "must have no fragment (RFC 6749 3.1.2)",
        ));
    }
    Ok(text.to_owned())
}

fn may_be_left_out(entry: &Entry, argument: &str) -> bool {
    let is_optional = matches!(
        entry.client_authentication,
        Method::Public | Method::SignedSecret
    );
    argument == "clientSecret" && is_optional
}

/// Functions come apart from the plain options: what stands there in their place is none.
fn refuse_values(options: &Fields<'_>, functions: &[&str]) -> Result<()> {
    match functions.iter().find(|name| options.value(name).is_some()) {
        Some(name) => Err(Error::config(&options.path(name), "must be a function")),
        None => Ok(()),
    }
}

fn known_options(entry: &Entry) -> Vec<&'static str> {
    let is_generic = entry.id.is_empty();
    let mut known = vec!["clientId", "clientSecret"];
    if is_generic {
        known.extend(["id", "name", "tokenEndpointAuthMethod", "pkce"]);
        if entry.openid.is_some() {
            known.extend(["privateKey", "keyId"]);
        }
    }
    if entry.client_authentication == Method::SignedSecret {
        known.extend(["teamId", "keyId", "privateKey"]);
    }
    known.extend(entry.variables.iter().map(|variable| variable.option));
    if entry.openid.is_some() {
        known.push("issuer");
        if is_generic {
            known.push("responseMode");
        }
    }
    known.extend([
        "scopes",
        "omitScopes",
        "optionalScopes",
        "authorizationUrl",
        "tokenUrl",
        "userInfoUrl",
    ]);
    if entry.emails_url.is_some() {
        known.push("emailsUrl");
    }
    known.extend([
        "revocationUrl",
        "redirectUri",
        "prompt",
        "authorizationParams",
        "denyPrivateNetworks",
        "mapProfile",
    ]);
    if is_generic && entry.openid.is_none() {
        known.push("getUserProfile");
    }
    known
}

/// The id of a provider that is not in the catalogue: it stands in URLs and in the database.
fn own_id(options: &Fields<'_>, key: Option<&str>) -> Result<String> {
    let id = match key {
        Some(key) => options.text("id")?.unwrap_or(key),
        None => options.required_text("id", "write an id of your own, such as 'keycloak'")?,
    };
    let is_id = (1..=MAX_ID_LEN).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-');
    if !is_id {
        return Err(Error::config(
            &options.path("id"),
            "must be lower-case letters, digits and dashes, at most 64: it becomes part of the callback URL",
        ));
    }
    if providers::find(id).is_some() {
        return Err(Error::config(
            &options.path("id"),
            format!("is the id of a known provider: use {id}Provider, or write another id"),
        ));
    }
    Ok(id.to_owned())
}

const MAX_ID_LEN: usize = 64;

fn credentials(entry: &Entry, is_own: bool, options: &Fields<'_>) -> Result<Credentials> {
    let hint = |what: &str| {
        let of = match entry.name {
            "" => "the client that you registered".to_owned(),
            name => format!("your {name} app"),
        };
        format!("write the {what} of {of}; is the environment variable set?")
    };
    let client_id = options
        .required_text("clientId", &hint("client id"))?
        .trim()
        .to_owned();
    let secret = options
        .text("clientSecret")?
        .map(|text| Secret::new(text.trim()));
    let required = |secret: Option<Secret>| match secret {
        Some(secret) => Ok(secret),
        None => Err(Error::config(
            &options.path("clientSecret"),
            format!("is missing: {}", hint("client secret")),
        )),
    };
    let proof = match entry.client_authentication {
        _ if is_own => own_proof(entry, secret, options)?,
        Method::Basic => Proof::Basic(required(secret)?),
        Method::Post => Proof::Post(required(secret)?),
        Method::Discovered => Proof::Discovered(required(secret)?),
        Method::Public => secret.map_or(Proof::None, Proof::Post),
        Method::SignedSecret => match (secret, options.text("privateKey")?) {
            (Some(secret), None) => Proof::Post(secret),
            (None, Some(pem)) => signed_secret(pem, options)?,
            (Some(_), Some(_)) => {
                return Err(Error::config(
                    &options.path("privateKey"),
                    "and `clientSecret` are both given: the key makes the secret, so leave one out",
                ));
            }
            (None, None) => {
                return Err(Error::config(
                    &options.path("clientSecret"),
                    "is missing: write `teamId`, `keyId` and `privateKey` in its place, or a secret that you signed yourself",
                ));
            }
        },
    };
    Ok(Credentials { client_id, proof })
}

/// The names are those of RFC 7591 2.
fn own_proof(entry: &Entry, secret: Option<Secret>, options: &Fields<'_>) -> Result<Proof> {
    let method = options.text("tokenEndpointAuthMethod")?;
    let key = options
        .text("privateKey")?
        .map(|pem| {
            let key_id = options.text("keyId")?;
            SigningKey::parse(pem, key_id, &options.path("privateKey"))
        })
        .transpose()?;
    let refuse = |option: &str, what: &str| Err(Error::config(&options.path(option), what));
    match (method, secret, key) {
        (_, Some(_), Some(_)) => refuse(
            "privateKey",
            "and `clientSecret` are both given: a client has one or the other",
        ),
        (None, Some(secret), None) if entry.client_authentication == Method::Discovered => {
            Ok(Proof::Discovered(secret))
        }
        (None | Some("client_secret_basic"), Some(secret), None) => Ok(Proof::Basic(secret)),
        (Some("client_secret_post"), Some(secret), None) => Ok(Proof::Post(secret)),
        (None | Some("private_key_jwt"), None, Some(key)) => Ok(Proof::PrivateKeyJwt(key)),
        (Some("none"), None, None) => Ok(Proof::None),
        (Some("none"), ..) => refuse(
            "tokenEndpointAuthMethod",
            "is 'none': use it for public clients only, and leave the secret or the key out",
        ),
        (Some("client_secret_basic" | "client_secret_post") | None, None, _) => refuse(
            "clientSecret",
            "is missing: write it, is the environment variable set? A public client needs `tokenEndpointAuthMethod: 'none'`",
        ),
        (Some("private_key_jwt"), _, None) => {
            refuse("privateKey", "is missing: private_key_jwt signs with it")
        }
        (Some(_), ..) => refuse(
            "tokenEndpointAuthMethod",
            "must be client_secret_basic, client_secret_post, private_key_jwt or none",
        ),
    }
}

fn signed_secret(pem: &str, options: &Fields<'_>) -> Result<Proof> {
    let team_id = options.required_text("teamId", "write the id of your Apple team")?;
    let key_id = options.required_text("keyId", "write the id of the key")?;
    let path = options.path("privateKey");
    let key = SigningKey::parse(pem, Some(key_id), &path)?;
    if !key.is_es256() {
        return Err(Error::config(
            &path,
            "must be the P-256 key that Apple gave you (AuthKey_….p8)",
        ));
    }
    Ok(Proof::SignedSecret {
        key,
        team_id: team_id.to_owned(),
    })
}

fn issuer(entry: &Entry, options: &Fields<'_>, variables: &Values) -> Result<Option<Issuer>> {
    let Some(openid) = &entry.openid else {
        return Ok(None);
    };
    let make = |issuer: String, discovery: &str| {
        let discovery = Url::parse(discovery)
            .map_err(|_| Error::config(&options.path("issuer"), "must be an absolute URL"))?;
        let OpenId {
            issuer_rule,
            nonce,
            keys,
            ..
        } = *openid;
        Ok(Some(Issuer::new(
            issuer,
            discovery,
            issuer_rule,
            nonce,
            keys,
        )))
    };
    if let Some(text) = options.text("issuer")? {
        let path = options.path("issuer");
        refuse_placeholder(text, &path)?;
        let url = https_url(text, &path)?;
        // OpenID Connect Discovery 3
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::config(&path, "must have no query and no fragment"));
        }
        return make(text.to_owned(), &discovery_url(text));
    }
    if openid.issuer.is_empty() {
        return Err(Error::config(
            &options.path("issuer"),
            "is missing: write the issuer's URL, below which /.well-known/openid-configuration is",
        ));
    }
    variables.require_all_or_none(openid.issuer, options)?;
    // What is left open without a default is a provider whose id_tokens are not looked at: its user info tells.
    let Some(issuer) = variables.fill(openid.issuer) else {
        return Ok(None);
    };
    let discovery = openid
        .discovery_url
        .and_then(|template| variables.fill(template))
        .unwrap_or_else(|| discovery_url(&issuer));
    make(issuer, &discovery)
}

fn endpoints(
    entry: &Entry,
    options: &Fields<'_>,
    variables: &Values,
    is_elsewhere: bool,
) -> Result<Endpoints> {
    let endpoint = |name: &str, template: Option<&str>| {
        let template = template.filter(|_| !is_elsewhere);
        let path = options.path(name);
        match (
            options.text(name)?,
            template.and_then(|text| variables.fill(text)),
        ) {
            (Some(text), _) => {
                refuse_placeholder(text, &path)?;
                https_url(text, &path).map(Some)
            }
            (None, Some(filled)) => https_url(&filled, &path).map(Some),
            (None, None) => Ok(None),
        }
    };
    let token = endpoint("tokenUrl", entry.token_url)?;
    let refresh = match (&token, entry.refresh_url) {
        // Another token endpoint has its neighbour beside it.
        (Some(token), Some(refresh)) if options.value("tokenUrl").is_some() => {
            let (_, last) = refresh.rsplit_once('/').unwrap_or(("", refresh));
            token.join(last).ok()
        }
        (_, Some(refresh)) => variables
            .fill(refresh)
            .and_then(|text| Url::parse(&text).ok()),
        (_, None) => None,
    };
    Ok(Endpoints {
        authorization: endpoint("authorizationUrl", entry.authorization_url)?,
        token,
        refresh,
        user_info: endpoint("userInfoUrl", entry.user_info_url)?,
        emails: match entry.emails_url {
            Some(template) => endpoint("emailsUrl", Some(template))?,
            None => None,
        },
        // Tokens of another server are not to be told to the provider's own.
        revocation: match options.value("tokenUrl") {
            None => endpoint("revocationUrl", entry.revocation_url)?
                .map_or_else(|| Revoked::AtDiscovered, Revoked::At),
            Some(_) => endpoint("revocationUrl", None)?.map_or(Revoked::Nowhere, Revoked::At),
        },
    })
}

/// Without metadata there is nobody else to ask.
fn require_endpoints(endpoints: &Endpoints, options: &Fields<'_>) -> Result<()> {
    for (name, endpoint) in [
        ("authorizationUrl", &endpoints.authorization),
        ("tokenUrl", &endpoints.token),
        ("userInfoUrl", &endpoints.user_info),
    ] {
        if endpoint.is_none() {
            return Err(Error::config(
                &options.path(name),
                "is missing: a provider without `issuer` needs `authorizationUrl`, `tokenUrl` and `userInfoUrl`",
            ));
        }
    }
    Ok(())
}

/// What sign-in asks for, without what the application does not want or its registration does not allow.
fn default_scopes(entry: &Entry, options: &Fields<'_>) -> Result<Vec<String>> {
    let omitted = options.texts("omitScopes")?.unwrap_or_default();
    for (at, scope) in omitted.iter().enumerate() {
        if *scope == "openid" || !entry.scopes.contains(scope) {
            return Err(Error::config(
                &format!("{}[{at}]", options.path("omitScopes")),
                format!(
                    "is not among those that can be left out of {}",
                    entry.scopes.join(" ")
                ),
            ));
        }
    }
    let kept = entry.scopes.iter().filter(|scope| !omitted.contains(scope));
    Ok(kept.map(|&scope| scope.to_owned()).collect())
}

fn add_scopes(scopes: &mut Vec<String>, options: &Fields<'_>, name: &str) -> Result<()> {
    let given = options.texts(name)?.unwrap_or_default();
    for (at, scope) in given.into_iter().enumerate() {
        if !is_scope(scope) {
            return Err(Error::config(
                &format!("{}[{at}]", options.path(name)),
                "must be one scope, without blanks or quotes",
            ));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(())
}

/// RFC 6749 3.3: %x21 / %x23-5B / %x5D-7E
fn is_scope(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

fn authorization_parameters(
    entry: &Entry,
    options: &Fields<'_>,
    variables: &Values,
) -> Result<Vec<(String, String)>> {
    let mut parameters: Vec<(String, String)> = entry
        .authorization_parameters
        .iter()
        .filter_map(|(name, template)| Some(((*name).to_owned(), variables.fill(template)?)))
        .collect();
    let path = options.path("authorizationParams");
    let given = match options.value("authorizationParams") {
        None => return Ok(parameters),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(Error::config(&path, "must be an object of strings")),
    };
    for (name, value) in given {
        let path = format!("{path}.{name}");
        if RESERVED.contains(&name.as_str()) {
            return Err(Error::config(
                &path,
                "is set by the library: it cannot be given here",
            ));
        }
        let value = fields::text(value, &path)?;
        parameters.retain(|(known, _)| known != name);
        parameters.push((name.clone(), value.to_owned()));
    }
    Ok(parameters)
}

/// What the safety of a sign-in hangs on, and what has an option of its own.
const RESERVED: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "prompt",
    "request",
    "request_uri",
    "appid",
    "client_key",
];

fn response_mode(entry: &Entry, options: &Fields<'_>) -> Result<ResponseMode> {
    let default = entry
        .openid
        .as_ref()
        .map_or(ResponseMode::Query, |openid| openid.response_mode);
    match options.text("responseMode")? {
        None => Ok(default),
        Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(Error::config(
            &options.path("responseMode"),
            "must be 'query' or 'form_post'",
        )),
    }
}

fn https_url(text: &str, path: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| Error::config(path, "must be an absolute URL"))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(Error::config(
            path,
            "must use https (http is for this machine only)",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config(
            path,
            "must hold no user name and no password",
        ));
    }
    Ok(url)
}
