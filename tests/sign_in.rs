//! The core by its public door, without Node: a whole sign-in against a provider of canned answers.

use std::sync::Arc;

use kavachos::{
    Answer, Body, Callbacks, Config, Kavach, OAuth, Provider, ProviderInput, Request, Response,
    providers,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_code_from_the_provider_signs_its_user_in() {
    let kavach = open(canned_provider().await).await;

    let started = answer(
        &kavach,
        get("/auth/oauth/authorize/bitbucket?redirectTo=/home", None),
    )
    .await;
    assert_eq!(started.status, 302);
    let state = parameter(header(&started, "location"), "state");
    let flow = header(&started, "set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();

    let callback = format!("/auth/oauth/callback/bitbucket?code=abc&state={state}");
    let finished = answer(&kavach, get(&callback, Some(&flow))).await;
    assert_eq!(header(&finished, "location"), "https://your-app.com/home");
    let session = header(&finished, "set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert!(session.starts_with("__Host-kavach_session=kvs_"));

    let api = kavach.api().unwrap();
    let found = api
        .session_of(&get("/", Some(&session)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.user.email.as_deref(), Some("jane@example.com"));
    assert!(found.user.email_verified);
    let accounts = api.connections(&found.user.id).await.unwrap();
    assert_eq!(accounts[0].provider_account_id, "{1}");
    let tokens = api
        .access_token(&found.user.id, "bitbucket", None)
        .await
        .unwrap();
    assert_eq!(tokens.access_token.expose(), "token");
}

#[tokio::test]
async fn a_callback_that_was_not_started_here_is_refused() {
    let kavach = open(canned_provider().await).await;
    let forged = answer(
        &kavach,
        get("/auth/oauth/callback/bitbucket?code=abc&state=forged", None),
    )
    .await;
    assert_eq!(forged.status, 400);
    assert!(forged.body.contains("state_invalid"));
}

#[tokio::test]
async fn a_path_of_the_application_is_left_to_it() {
    let kavach = open(canned_provider().await).await;
    assert!(kavach.handle(get("/elsewhere", None), None).is_none());
}

#[tokio::test]
async fn a_closed_instance_answers_that_it_is_closed() {
    let kavach = open(canned_provider().await).await;
    kavach.close().await;
    kavach.close().await;
    assert_eq!(
        answer(&kavach, get("/auth/session", None)).await.status,
        503
    );
    assert_eq!(kavach.api().err().unwrap().code().as_str(), "closed");
}

async fn open(provider_url: String) -> Arc<Kavach> {
    let options = json!({
        "authorizationUrl": format!("{provider_url}/authorize"),
        "tokenUrl": format!("{provider_url}/token"),
        "userInfoUrl": format!("{provider_url}/user"),
        "emailsUrl": format!("{provider_url}/emails"),
    });
    let provider = Provider::from_arguments(
        providers::find("bitbucket").unwrap(),
        &[json!("key"), json!("secret"), options],
        Callbacks::default(),
    )
    .unwrap();
    let made = ProviderInput::Made(Arc::new(provider));
    let oauth = OAuth::parse(&Value::Null, vec![("providers[0]".to_owned(), made)], None).unwrap();
    let config = Config::parse(&json!({
        "database": { "provider": "sqlite", "url": ":memory:" },
        "secret": "a secret of more than 32 characters",
        "baseUrl": "https://your-app.com",
    }))
    .unwrap();
    Kavach::open(config, Some(Arc::new(oauth)), None)
        .await
        .unwrap()
}

async fn answer(kavach: &Arc<Kavach>, request: Request) -> Response {
    match kavach.handle(request, None).unwrap() {
        Answer::Now(response) => response,
        Answer::Later(response) => response.await,
    }
}

fn get(path: &str, cookie: Option<&str>) -> Request {
    Request {
        method: "GET".to_owned(),
        url: format!("/api/kavach{path}"),
        headers: cookie
            .map(|cookie| ("cookie".to_owned(), cookie.to_owned()))
            .into_iter()
            .collect(),
        body: Body::Empty,
        peer: None,
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let found = response
        .headers
        .iter()
        .find(|(candidate, _)| *candidate == name);
    &found
        .unwrap_or_else(|| panic!("no {name} in {response:?}"))
        .1
}

fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(candidate, _)| candidate == name)
        .unwrap()
        .1
        .into_owned()
}

/// A provider that knows one user and believes everything.
async fn canned_provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let body = match request.split(' ').nth(1).unwrap_or_default() {
                    "/token" => json!({ "access_token": "token", "token_type": "bearer", "expires_in": 7200 }),
                    "/user" => json!({ "type": "user", "uuid": "{1}", "display_name": "Jane" }),
                    _ => json!({ "values": [
                        { "email": "jane@example.com", "is_primary": true, "is_confirmed": true },
                    ] }),
                }
                .to_string();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}
