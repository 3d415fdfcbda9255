use super::*;

#[tokio::test]
async fn a_session_keeps_what_it_was_given() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 1).await;
        let stored = store.session_by_hash(&hash(1)).await.unwrap().unwrap();
        assert_eq!(stored.extended_at, later(1));
        assert_eq!(
            (stored.session.created_at, stored.session.expires_at),
            (later(1), later(1_001))
        );
        assert_eq!(stored.session.ip_address.as_deref(), Some("2001:db8::1"));
        assert_eq!(stored.session.user_agent.as_deref(), Some("Firefox"));
        assert_eq!(
            stored.session.metadata,
            Some(serde_json::json!({ "device": "phone" }))
        );

        let bare = NewSession {
            ip_address: None,
            user_agent: None,
            metadata: None,
            ..session(2)
        };
        assert!(store.insert_session(&id, &bare).await.unwrap());
        let stored = store.session_by_hash(&hash(2)).await.unwrap().unwrap();
        assert_eq!(stored.session.id, bare.id);
        assert_eq!(stored.session.metadata, None);
        assert!(store.session_by_hash(&hash(3)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn extending_moves_the_end_and_remembers_when() {
    on_every_store(async |store| {
        signed_up(&store, ada(), &account("x", "1"), 1).await;
        let extend = async |token, expires_at, extended_at| {
            store
                .extend_session(&token, expires_at, extended_at, later(1))
                .await
                .unwrap()
        };
        assert!(extend(hash(1), later(9_000), later(500)).await);
        assert!(!extend(hash(2), later(9_000), later(500)).await, "unknown");
        assert!(!extend(hash(1), later(8_000), later(499)).await, "too late");
        let stored = store.session_by_hash(&hash(1)).await.unwrap().unwrap();
        assert_eq!(
            (stored.session.expires_at, stored.extended_at),
            (later(9_000), later(500))
        );
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_while_they_last_the_newest_first() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 1).await;
        for number in [3, 2] {
            assert!(store.insert_session(&id, &session(number)).await.unwrap());
        }
        let sessions = store.sessions_of(&id, later(1_001)).await.unwrap();
        let began: Vec<_> = sessions.iter().map(|session| session.created_at).collect();
        assert_eq!(began, [later(3), later(2)]);
    })
    .await;
}

#[tokio::test]
async fn a_session_is_ended_by_token_by_id_and_by_its_owner_only() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 1).await;
        let other = signed_up(&store, nameless(), &account("x", "2"), 2).await;
        let theirs = store
            .session_by_hash(&hash(2))
            .await
            .unwrap()
            .unwrap()
            .session
            .id;
        assert!(!store.delete_session(&theirs, Some(&id)).await.unwrap());
        assert!(store.delete_session(&theirs, Some(&other)).await.unwrap());
        store.insert_session(&id, &session(3)).await.unwrap();
        let mine = store
            .session_by_hash(&hash(3))
            .await
            .unwrap()
            .unwrap()
            .session
            .id;
        assert!(store.delete_session(&mine, None).await.unwrap());
        assert!(!store.delete_session(&mine, None).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn all_sessions_of_a_user_end_but_the_one_to_spare() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 1).await;
        signed_up(&store, nameless(), &account("x", "2"), 2).await;
        store.insert_session(&id, &session(3)).await.unwrap();
        store.insert_session(&id, &session(4)).await.unwrap();
        let spared = store
            .session_by_hash(&hash(3))
            .await
            .unwrap()
            .unwrap()
            .session
            .id;
        assert_eq!(
            store.delete_sessions_of(&id, Some(&spared)).await.unwrap(),
            2
        );
        assert!(store.session_by_hash(&hash(3)).await.unwrap().is_some());
        assert_eq!(store.delete_sessions_of(&id, None).await.unwrap(), 1);
        assert!(store.session_by_hash(&hash(2)).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_writers_never_meet_a_busy_database() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "0"), 0).await;
        at_once(32, |number| {
            let (store, id) = (store.clone(), id.clone());
            Box::pin(async move {
                for turn in 1..=10 {
                    let number = number * 100 + turn;
                    store.insert_session(&id, &session(number)).await.unwrap();
                    store.session_by_hash(&hash(number)).await.unwrap().unwrap();
                    store
                        .sign_in(
                            &account("y", &number.to_string()),
                            Some(&nameless()),
                            &session(number + 10_000),
                            NOW,
                        )
                        .await
                        .unwrap();
                }
            })
        })
        .await;
        assert_eq!(store.sessions_of(&id, NOW).await.unwrap().len(), 321);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_may_write_to_one_sqlite_file() {
    let database = Database::in_file();
    let one = Store::open(&database.config(), None).await.unwrap();
    let other = Store::open(&database.config(), None).await.unwrap();
    let id = signed_up(&one, ada(), &account("x", "0"), 0).await;
    at_once(16, |number| {
        let (store, id) = (
            if number % 2 == 0 {
                one.clone()
            } else {
                other.clone()
            },
            id.clone(),
        );
        Box::pin(async move {
            for turn in 1..=20 {
                store
                    .insert_session(&id, &session(number * 100 + turn))
                    .await
                    .unwrap();
            }
        })
    })
    .await;
    assert_eq!(one.sessions_of(&id, NOW).await.unwrap().len(), 321);
    one.close().await;
    other.close().await;
    database.remove().await;
}

#[tokio::test]
async fn pruning_takes_what_expired_in_bounded_batches() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 5_000).await;
        let last = verbs::PRUNE_BATCH + 1;
        for number in 1..=last {
            let long_ago = NOW - Duration::from_secs(86_400) + Duration::from_millis(number);
            store.spend_state(&hash(number), long_ago).await.unwrap();
        }
        store.insert_session(&id, &session(1)).await.unwrap();
        store.count_hit(&hash(1), later(900)).await.unwrap();

        assert!(!store.prune(later(1)).await.unwrap());
        let left = later(600);
        let spent = store.spend_state(&hash(last), left).await.unwrap();
        assert!(!spent, "a batch has an end");
        assert!(store.prune(later(1)).await.unwrap());
        assert!(store.spend_state(&hash(last), left).await.unwrap());

        assert!(store.session_by_hash(&hash(1)).await.unwrap().is_some());
        assert!(store.prune(later(1_001)).await.unwrap());
        assert!(store.session_by_hash(&hash(1)).await.unwrap().is_none());
        assert_eq!(store.count_hit(&hash(1), later(900)).await.unwrap(), 1);
        assert!(store.session_by_hash(&hash(5_000)).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_spent_state_is_remembered_should_the_clock_step_back() {
    on_every_store(async |store| {
        store.spend_state(&hash(1), later(600)).await.unwrap();
        store.prune(later(4_200)).await.unwrap();
        assert!(!store.spend_state(&hash(1), later(600)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_session_may_change_its_token_and_the_old_one_is_dead() {
    on_every_store(async |store| {
        signed_up(&store, ada(), &account("x", "1"), 1).await;
        let before = store.session_by_hash(&hash(1)).await.unwrap().unwrap();
        assert!(store.rotate_token(&hash(1), &hash(2)).await.unwrap());
        assert!(!store.rotate_token(&hash(1), &hash(3)).await.unwrap());
        assert!(store.session_by_hash(&hash(1)).await.unwrap().is_none());
        let after = store.session_by_hash(&hash(2)).await.unwrap().unwrap();
        assert_eq!(after.session, before.session);
    })
    .await;
}

#[tokio::test]
async fn a_disabled_user_loses_all_sessions_and_gets_no_new_one() {
    on_every_store(async |store| {
        let known = account("x", "1");
        let id = signed_up(&store, ada(), &known, 1).await;
        assert_eq!(
            store
                .disable_user(&id, later(500), Some("spam"), NOW)
                .await
                .unwrap(),
            Some(1)
        );
        assert_eq!(
            store
                .disable_user("nobody", later(500), None, NOW)
                .await
                .unwrap(),
            None
        );
        assert!(store.session_by_hash(&hash(1)).await.unwrap().is_none());
        assert!(!store.insert_session(&id, &session(2)).await.unwrap());
        assert_eq!(store.known_account(&known, later(499)).await.unwrap(), None);
        assert_eq!(
            store.user(&id).await.unwrap().unwrap().disabled_until,
            Some(later(500))
        );
    })
    .await;
}

#[tokio::test]
async fn a_user_is_let_in_again_when_the_time_is_over_or_by_being_enabled() {
    on_every_store(async |store| {
        let known = account("x", "1");
        let id = signed_up(&store, ada(), &known, 1).await;
        store
            .disable_user(&id, later(500), None, NOW)
            .await
            .unwrap();
        assert_eq!(
            store
                .known_account(&known, later(500))
                .await
                .unwrap()
                .as_ref(),
            Some(&id)
        );
        assert!(store.insert_session(&id, &session(500)).await.unwrap());

        store
            .disable_user(&id, Timestamp::FOR_EVER, None, NOW)
            .await
            .unwrap();
        assert!(!store.insert_session(&id, &session(600)).await.unwrap());
        assert!(store.enable_user(&id, NOW).await.unwrap());
        assert!(!store.enable_user("nobody", NOW).await.unwrap());
        assert!(store.insert_session(&id, &session(700)).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hit_is_counted_however_many_come_at_once() {
    on_every_store(async |store| {
        let mut counts = at_once(50, |_| {
            let store = store.clone();
            Box::pin(async move { store.count_hit(&hash(1), later(60)).await.unwrap() })
        })
        .await;
        counts.sort_unstable();
        assert_eq!(counts, (1..=50).collect::<Vec<_>>());
        assert_eq!(store.count_hit(&hash(2), later(60)).await.unwrap(), 1);
    })
    .await;
}
