use super::*;

async fn refused(config: &DatabaseConfig) -> Error {
    let started = std::time::Instant::now();
    let Err(error) = Store::open(config, None).await else {
        panic!("{} opened", config.url);
    };
    assert!(started.elapsed() < Duration::from_secs(11));
    error
}

fn config(provider: DatabaseProvider, url: &str) -> DatabaseConfig {
    DatabaseConfig {
        provider,
        url: url.to_owned(),
        skip_migrations: false,
        max_connections: 2,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_stores_open_one_empty_database_at_once() {
    on_every_database(async |database| {
        let config = database.config();
        let stores = at_once(10, |_| {
            let config = config.clone();
            Box::pin(async move { Store::open(&config, None).await })
        })
        .await;
        for store in stores {
            let store = store.unwrap();
            assert!(store.user("nobody").await.unwrap().is_none());
            store.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_written_is_there_when_the_database_is_opened_again() {
    on_every_database(async |database| {
        if database.is_in_memory() {
            return;
        }
        let store = Store::open(&database.config(), None).await.unwrap();
        let id = signed_up(&store, ada(), &account("github", "1"), 1).await;
        store.close().await;

        let checked = DatabaseConfig {
            skip_migrations: true,
            ..database.config()
        };
        let store = Store::open(&checked, None).await.unwrap();
        assert_eq!(
            store.user(&id).await.unwrap().unwrap().name.as_deref(),
            Some("Ada")
        );
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn missing_migrations_are_named_when_they_are_not_to_be_applied() {
    on_every_database(async |database| {
        let error = refused(&DatabaseConfig {
            skip_migrations: true,
            ..database.config()
        })
        .await;
        assert_eq!(error.code(), Code::SchemaOutdated);
        assert!(error.message().contains("0001_initial"));
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_left_alone() {
    on_every_database(async |database| {
        if database.is_in_memory() {
            return;
        }
        let store = Store::open(&database.config(), None).await.unwrap();
        tamper(
            &store,
            "INSERT INTO kavach_migrations (version, name, applied_at) VALUES (9001, 'future', 0)",
        )
        .await;
        store.close().await;

        let error = refused(&database.config()).await;
        assert_eq!(error.code(), Code::SchemaNewer);
        assert!(error.message().contains("9001") && error.message().contains("up to 2"));
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_broke_off_is_run_again() {
    on_every_database(async |database| {
        // Elsewhere the schema and its record are written in one transaction.
        if database.provider != DatabaseProvider::MySql {
            return;
        }
        let store = Store::open(&database.config(), None).await.unwrap();
        tamper(
            &store,
            "DROP TABLE kavach_oauth_states; DELETE FROM kavach_migrations",
        )
        .await;
        store.close().await;

        let store = Store::open(&database.config(), None).await.unwrap();
        assert!(store.spend_state(&hash(1), later(1)).await.unwrap());
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn sqlite_takes_a_path_and_both_kinds_of_url() {
    let database = Database::in_file();
    let path = database.url.clone();
    for url in [
        path.clone(),
        format!("file:{path}"),
        format!("file://{path}"),
        format!("sqlite:{path}"),
        format!("sqlite://{path}?mode=rwc"),
    ] {
        let store = Store::open(&config(DatabaseProvider::Sqlite, &url), None)
            .await
            .unwrap();
        store.spend_state(&hash(1), later(1)).await.unwrap();
        store.close().await;
    }
    let files: Vec<_> = std::fs::read_dir(std::path::Path::new(&path).parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["test.db"]);
    database.remove().await;
}

#[tokio::test]
async fn each_store_in_memory_is_a_world_of_its_own() {
    for url in [
        ":memory:",
        "sqlite::memory:",
        "sqlite://:memory:",
        "file::memory:",
        "sqlite::memory:?cache=private",
    ] {
        let config = DatabaseConfig {
            max_connections: 10,
            ..config(DatabaseProvider::Sqlite, url)
        };
        let one = Store::open(&config, None).await.unwrap();
        let other = Store::open(&config, None).await.unwrap();
        signed_up(&one, ada(), &account("github", "1"), 1).await;
        assert!(
            one.user_by_email("ada@example.com")
                .await
                .unwrap()
                .is_some(),
            "{url}"
        );
        assert!(
            other
                .user_by_email("ada@example.com")
                .await
                .unwrap()
                .is_none(),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_sqlite_file_that_cannot_be_used_is_refused_with_advice() {
    let database = Database::in_file();
    let directory = std::path::Path::new(&database.url)
        .parent()
        .unwrap()
        .to_str()
        .unwrap();
    Store::open(&database.config(), None)
        .await
        .unwrap()
        .close()
        .await;
    for url in [
        directory.to_owned(),
        format!("{directory}/missing/test.db"),
        format!("file:{}?mode=ro", database.url),
        String::new(),
        "sqlite:".to_owned(),
        "file:".to_owned(),
        "postgres://localhost/app".to_owned(),
    ] {
        let error = refused(&config(DatabaseProvider::Sqlite, &url)).await;
        assert_eq!(error.code(), Code::DatabaseUnavailable, "{url}");
        assert!(error.message().contains("`database.url`"), "{url}");
        assert!(error.cause().is_some(), "{url}");
    }
    database.remove().await;
}

#[tokio::test]
async fn the_wrong_kind_of_url_is_refused_without_showing_it() {
    for (provider, url) in [
        (
            DatabaseProvider::Postgres,
            "mysql://ada:s3cret@localhost/app",
        ),
        (DatabaseProvider::Postgres, "./data.db"),
        (
            DatabaseProvider::MySql,
            "postgres://ada:s3cret@localhost/app",
        ),
        (DatabaseProvider::MySql, "mysql://ada:s3cret@localhost"),
        (
            DatabaseProvider::Sqlite,
            "postgres://ada:s3cret@localhost/app",
        ),
        (
            DatabaseProvider::Sqlite,
            "sqlite://ada:s3cret@localhost/app",
        ),
        (
            DatabaseProvider::Postgres,
            "postgres://ada:s3cret#1@localhost/app",
        ),
        (
            DatabaseProvider::Postgres,
            "postgres://ada:s3cret/1@localhost/app",
        ),
        (
            DatabaseProvider::MySql,
            "mysql://ada:12/s3cret@localhost/app",
        ),
    ] {
        let error = refused(&config(provider, url)).await;
        assert_eq!(error.code(), Code::DatabaseUnavailable);
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_given_up_within_ten_seconds() {
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().unwrap();
    // Nobody listens here any more.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();

    let attempts = [
        (
            DatabaseProvider::Postgres,
            format!("postgres://ada:s3cret@{silent}/app"),
        ),
        (
            DatabaseProvider::MySql,
            format!("mysql://ada:s3cret@{silent}/app"),
        ),
        (
            DatabaseProvider::Postgres,
            format!("postgres://ada:s3cret@{closed}/app"),
        ),
        (
            DatabaseProvider::MySql,
            format!("mysql://ada:s3cret@{closed}/app"),
        ),
    ];
    let attempts = attempts
        .map(|(provider, url)| tokio::spawn(async move { refused(&config(provider, &url)).await }));
    for attempt in attempts {
        let error = attempt.await.unwrap();
        assert_eq!(error.code(), Code::DatabaseUnavailable);
        assert!(error.cause().is_some());
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_shown() {
    on_every_database(async |database| {
        if !matches!(database.home, Home::Server { .. }) {
            return;
        }
        let mut url = Url::parse(&database.url).unwrap();
        url.set_password(Some("s3cret-and-wrong")).unwrap();
        let error = refused(&config(database.provider, url.as_str())).await;
        assert_eq!(error.code(), Code::DatabaseUnavailable);
        assert!(error.cause().is_some());
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    on_every_store(async |store| {
        store.close().await;
        assert_eq!(store.user("nobody").await.unwrap_err().code(), Code::Closed);
    })
    .await;
}
