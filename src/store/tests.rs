//! What the store promises, on every database at hand: SQLite always, PostgreSQL and MySQL or MariaDB where
//! `KAVACH_TEST_POSTGRES_URL` and `KAVACH_TEST_MYSQL_URL` name a server and its administrator.

mod accounts;
mod opening;
mod plans;
mod sessions;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;

use futures_util::FutureExt;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqlSafeStr};

use super::*;
use crate::model::new_id;

/// Runs a test on an empty database of each kind, and drops the database whatever becomes of the test.
async fn on_every_database(test: impl AsyncFn(&Database)) {
    for database in Database::all().await {
        let outcome = AssertUnwindSafe(test(&database)).catch_unwind().await;
        if outcome.is_err() {
            eprintln!("on {}", database.kind);
        }
        database.remove().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    }
}

/// The same, with the store opened.
async fn on_every_store(test: impl AsyncFn(Store)) {
    on_every_database(async |database| {
        let store = Store::open(&database.config(), None).await.unwrap();
        test(store.clone()).await;
        store.close().await;
    })
    .await;
}

/// An empty database of a test's own.
struct Database {
    kind: &'static str,
    provider: DatabaseProvider,
    url: String,
    home: Home,
}

/// Where it was made.
enum Home {
    Memory,
    Directory(PathBuf),
    Server { admin: String, name: String },
}

impl Database {
    async fn all() -> Vec<Self> {
        let mut all = vec![Self::in_memory(), Self::in_file()];
        if let Ok(admin) = std::env::var("KAVACH_TEST_POSTGRES_URL") {
            all.push(Self::on_server("PostgreSQL", DatabaseProvider::Postgres, admin).await);
        }
        if let Ok(admin) = std::env::var("KAVACH_TEST_MYSQL_URL") {
            all.push(Self::on_server("MySQL", DatabaseProvider::MySql, admin).await);
        }
        all
    }

    fn in_memory() -> Self {
        Self {
            kind: "SQLite in memory",
            provider: DatabaseProvider::Sqlite,
            url: ":memory:".to_owned(),
            home: Home::Memory,
        }
    }

    fn in_file() -> Self {
        let directory = std::env::temp_dir().join(format!("kavach-{}", new_id()));
        std::fs::create_dir(&directory).unwrap();
        Self {
            kind: "SQLite in a file",
            provider: DatabaseProvider::Sqlite,
            url: directory.join("test.db").to_str().unwrap().to_owned(),
            home: Home::Directory(directory),
        }
    }

    async fn on_server(kind: &'static str, provider: DatabaseProvider, admin: String) -> Self {
        let name = format!("kavach_test_{}", new_id().replace('-', ""));
        as_admin(provider, &admin, format!("CREATE DATABASE {name}")).await;
        let mut url = Url::parse(&admin).unwrap();
        url.set_path(&name);
        Self {
            kind,
            provider,
            url: url.into(),
            home: Home::Server { admin, name },
        }
    }

    fn config(&self) -> DatabaseConfig {
        DatabaseConfig {
            provider: self.provider,
            url: self.url.clone(),
            skip_migrations: false,
            max_connections: 10,
        }
    }

    fn is_in_memory(&self) -> bool {
        matches!(self.home, Home::Memory)
    }

    async fn remove(self) {
        match self.home {
            Home::Memory => {}
            Home::Directory(path) => std::fs::remove_dir_all(path).unwrap(),
            Home::Server { admin, name } => {
                let force = match self.provider {
                    DatabaseProvider::Postgres => " WITH (FORCE)",
                    _ => "",
                };
                as_admin(
                    self.provider,
                    &admin,
                    format!("DROP DATABASE {name}{force}"),
                )
                .await;
            }
        }
    }
}

async fn as_admin(provider: DatabaseProvider, url: &str, sql: String) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql));
    match provider {
        DatabaseProvider::Postgres => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sql.execute(&mut connection).await.unwrap();
        }
        DatabaseProvider::MySql => {
            let mut connection = MySqlConnection::connect(url).await.unwrap();
            sql.execute(&mut connection).await.unwrap();
        }
        DatabaseProvider::Sqlite => unreachable!("SQLite has no server"),
    }
}

/// Runs SQL behind the store's back.
async fn tamper(store: &Store, sql: impl SqlSafeStr) {
    let sql = sqlx::raw_sql(sql);
    match &store.backend {
        Backend::Sqlite(pools) => drop(sql.execute(&pools.writer).await.unwrap()),
        Backend::Postgres(pools) => drop(sql.execute(&pools.writer).await.unwrap()),
        Backend::MySql(pools) => drop(sql.execute(&pools.writer).await.unwrap()),
    }
}

/// Runs a task `count` times at once and collects the answers.
async fn at_once<T: Send + 'static>(
    count: u64,
    task: impl Fn(u64) -> std::pin::Pin<Box<dyn Future<Output = T> + Send>>,
) -> Vec<T> {
    let tasks: Vec<_> = (0..count)
        .map(|number| tokio::spawn(task(number)))
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

fn hash(number: u64) -> Hash {
    let mut hash = [0xa5; 32];
    hash[..8].copy_from_slice(&number.to_le_bytes());
    hash
}

fn ada() -> NewUser {
    NewUser {
        email: Some("ada@example.com".to_owned()),
        email_verified: true,
        name: Some("Ada".to_owned()),
        image: None,
        extra: None,
    }
}

fn nameless() -> NewUser {
    NewUser {
        email: None,
        email_verified: false,
        name: None,
        image: None,
        extra: None,
    }
}

fn account(provider: &str, id: &str) -> AccountRecord {
    AccountRecord {
        provider: provider.to_owned(),
        provider_account_id: id.to_owned(),
        tokens: Some("sealed".to_owned()),
        scopes: vec!["account".to_owned(), "email".to_owned()],
        profile: "{}".to_owned(),
    }
}

fn session(number: u64) -> NewSession {
    NewSession {
        id: new_id(),
        token_hash: hash(number),
        created_at: later(number),
        expires_at: later(number + 1_000),
        ip_address: Some("2001:db8::1".to_owned()),
        user_agent: Some("Firefox".to_owned()),
        metadata: Some(r#"{"device":"phone"}"#.to_owned()),
    }
}

/// Signs a user up who has one account and the session `hash(number)`.
async fn signed_up(store: &Store, user: NewUser, account: &AccountRecord, number: u64) -> String {
    match store
        .sign_in(account, Some(&user), &session(number), NOW)
        .await
        .unwrap()
    {
        Arrival::Created { user_id } => user_id,
        other => panic!("{other:?}"),
    }
}
