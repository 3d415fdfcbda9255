use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_spent_once_however_many_try() {
    on_every_store(async |store| {
        let spent = at_once(50, |_| {
            let store = store.clone();
            Box::pin(async move { store.spend_state(&hash(7), later(600)).await.unwrap() })
        })
        .await;
        assert_eq!(spent.iter().filter(|spent| **spent).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_is_found_again_by_everything_it_wrote() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("github", "1"), 1).await;
        let user = store.user(&id).await.unwrap().unwrap();
        assert_eq!(user.email.as_deref(), Some("ada@example.com"));
        assert!(user.email_verified);
        assert_eq!((user.created_at, user.updated_at), (NOW, NOW));
        assert_eq!(
            store.user_by_email("ada@example.com").await.unwrap(),
            Some(user.clone())
        );
        assert_eq!(
            store.account_owner("github", "1").await.unwrap(),
            Some(id.clone())
        );

        let stored = store.session_by_hash(&hash(1)).await.unwrap().unwrap();
        assert_eq!(stored.user, user);
        assert_eq!(stored.session.user_id, id);

        let accounts = store.accounts_of(&id).await.unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].scopes, ["account", "email"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_sign_ups_of_one_account_leave_one_user() {
    for user in [ada as fn() -> NewUser, nameless] {
        on_every_store(async |store| {
            let outcomes = at_once(8, |number| {
                let store = store.clone();
                Box::pin(async move {
                    store
                        .sign_in(
                            &account("github", "1"),
                            Some(&user()),
                            &session(number),
                            NOW,
                        )
                        .await
                        .unwrap()
                })
            })
            .await;
            let owner = store.account_owner("github", "1").await.unwrap().unwrap();
            let (done, rest): (Vec<_>, Vec<_>) = outcomes
                .into_iter()
                .partition(|outcome| matches!(outcome, Arrival::Created { .. }));
            let user_id = owner.clone();
            assert_eq!(done, [Arrival::Created { user_id }]);
            let known = Arrival::Known {
                user_id: owner.clone(),
            };
            let (known, rest): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|outcome| *outcome == known);
            assert!(
                rest.iter()
                    .all(|outcome| *outcome == Arrival::AccountExists),
                "{rest:?}"
            );
            let sessions = store.sessions_of(&owner, NOW).await.unwrap();
            assert_eq!(sessions.len(), 1 + known.len());
        })
        .await;
    }
}

#[tokio::test]
async fn a_sign_up_whose_address_is_taken_writes_nothing() {
    on_every_store(async |store| {
        signed_up(&store, ada(), &account("github", "1"), 1).await;
        let outcome = store
            .sign_in(&account("gitlab", "2"), Some(&ada()), &session(2), NOW)
            .await
            .unwrap();
        assert_eq!(outcome, Arrival::EmailTaken);
        assert_eq!(store.account_owner("gitlab", "2").await.unwrap(), None);
        assert!(store.session_by_hash(&hash(2)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn any_number_of_users_may_have_no_address() {
    on_every_store(async |store| {
        signed_up(&store, nameless(), &account("x", "1"), 1).await;
        signed_up(&store, nameless(), &account("x", "2"), 2).await;
    })
    .await;
}

#[tokio::test]
async fn account_ids_are_compared_byte_for_byte() {
    on_every_store(async |store| {
        for (number, id) in (1..).zip(["abc", "ABC", "abc ", "äbc", "a\u{308}bc"]) {
            let user_id = signed_up(&store, nameless(), &account("x", id), number).await;
            assert_eq!(
                store.account_owner("x", id).await.unwrap(),
                Some(user_id.clone())
            );
            assert_eq!(
                store.accounts_of(&user_id).await.unwrap()[0].provider_account_id,
                id
            );
            let tokens = store.tokens_of(&user_id, "x").await.unwrap().unwrap();
            assert_eq!(tokens.provider_account_id, id);
        }
        assert_eq!(store.account_owner("x", "abc  ").await.unwrap(), None);
        assert_eq!(store.account_owner("X", "abc").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_long_for_its_column_is_refused_and_never_cut() {
    on_every_store(async |store| {
        let long = account("x", &"1".repeat(2_000));
        match store
            .sign_in(&long, Some(&nameless()), &session(1), NOW)
            .await
        {
            Ok(_) => assert!(
                store
                    .account_owner("x", &long.provider_account_id)
                    .await
                    .unwrap()
                    .is_some()
            ),
            Err(error) => assert_eq!(error.code(), Code::DatabaseUnavailable),
        }
        assert_eq!(
            store.account_owner("x", &"1".repeat(1_020)).await.unwrap(),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn a_nul_is_kept_or_refused_and_never_ends_a_text() {
    on_every_store(async |store| {
        let user = NewUser {
            name: Some("a\0b".to_owned()),
            ..nameless()
        };
        match store
            .sign_in(&account("x", "1"), Some(&user), &session(1), NOW)
            .await
        {
            Ok(Arrival::Created { user_id }) => {
                assert_eq!(
                    store.user(&user_id).await.unwrap().unwrap().name.as_deref(),
                    Some("a\0b")
                );
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => assert_eq!(error.code(), Code::DatabaseUnavailable),
        }
    })
    .await;
}

#[tokio::test]
async fn long_tokens_and_names_of_any_script_survive() {
    on_every_store(async |store| {
        let name = "Ἀδα 爱达 🦀 آدا";
        for (number, length) in [(1, 3_000), (2, 1_000_000)] {
            let user = NewUser {
                name: Some(name.to_owned()),
                image: Some("i".repeat(100_000)),
                ..nameless()
            };
            let record = AccountRecord {
                tokens: Some("t".repeat(length)),
                profile: format!("{{\"name\":\"{name}\"}}"),
                ..account("bitbucket", &number.to_string())
            };
            let id = signed_up(&store, user, &record, number).await;
            assert_eq!(
                store.user(&id).await.unwrap().unwrap().name.as_deref(),
                Some(name)
            );
            let tokens = store.tokens_of(&id, "bitbucket").await.unwrap().unwrap();
            assert_eq!(tokens.tokens, record.tokens);
        }
    })
    .await;
}

#[tokio::test]
async fn a_known_account_signs_in_with_one_verb() {
    on_every_store(async |store| {
        let known = account("github", "1");
        let sign_in = async |account: &AccountRecord, number, now| {
            let session = session(number);
            store.sign_in(account, None, &session, now).await.unwrap()
        };
        assert_eq!(sign_in(&known, 1, NOW).await, Arrival::NotLetIn);
        let id = signed_up(&store, ada(), &known, 2).await;
        let again = AccountRecord {
            tokens: None,
            ..account("github", "1")
        };
        let user_id = id.clone();
        assert_eq!(
            sign_in(&again, 3, later(5)).await,
            Arrival::Known { user_id }
        );
        let found = store.session_by_hash(&hash(3)).await.unwrap().unwrap();
        assert_eq!(found.user.id, id);
        let tokens = store.tokens_of(&id, "github").await.unwrap().unwrap();
        assert_eq!((tokens.tokens, tokens.version), (None, 2));

        store
            .disable_user(&id, later(500), None, NOW)
            .await
            .unwrap();
        assert_eq!(sign_in(&known, 4, later(6)).await, Arrival::NotLetIn);
        assert!(store.session_by_hash(&hash(4)).await.unwrap().is_none());
        let tokens = store.tokens_of(&id, "github").await.unwrap().unwrap();
        assert_eq!(tokens.version, 2, "nothing was written");
    })
    .await;
}

#[tokio::test]
async fn a_known_account_is_written_over_and_names_its_user() {
    on_every_store(async |store| {
        assert_eq!(
            store
                .known_account(&account("github", "1"), NOW)
                .await
                .unwrap(),
            None
        );
        let id = signed_up(&store, ada(), &account("github", "1"), 1).await;
        let again = AccountRecord {
            tokens: None,
            scopes: vec!["repo".to_owned()],
            ..account("github", "1")
        };
        assert_eq!(
            store.known_account(&again, later(5)).await.unwrap(),
            Some(id.clone())
        );

        let tokens = store.tokens_of(&id, "github").await.unwrap().unwrap();
        assert_eq!((tokens.tokens, tokens.version), (None, 2));
        assert_eq!(tokens.scopes, ["repo"]);
        let account = &store.accounts_of(&id).await.unwrap()[0];
        assert_eq!((account.created_at, account.updated_at), (NOW, later(5)));
        // The same again, within the same millisecond.
        assert_eq!(
            store.known_account(&again, later(5)).await.unwrap(),
            Some(id)
        );
    })
    .await;
}

#[tokio::test]
async fn an_account_is_linked_once_and_only_to_a_user_who_is_there() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("github", "1"), 1).await;
        let gitlab = account("gitlab", "2");
        let done = Linking::Done;
        assert_eq!(
            store
                .link(&id, &gitlab, NOW, Some(&session(2)))
                .await
                .unwrap(),
            done
        );
        assert!(store.session_by_hash(&hash(2)).await.unwrap().is_some());

        let again = store
            .link(&id, &gitlab, NOW, Some(&session(3)))
            .await
            .unwrap();
        assert_eq!(again, Linking::AccountExists);
        assert!(store.session_by_hash(&hash(3)).await.unwrap().is_none());

        let gone = store
            .link("nobody", &account("x", "3"), NOW, None)
            .await
            .unwrap();
        assert_eq!(gone, Linking::UserGone);
        assert_eq!(store.account_owner("x", "3").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_takes_sessions_and_accounts_along() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("github", "1"), 1).await;
        assert!(store.delete_user(&id).await.unwrap());
        assert!(!store.delete_user(&id).await.unwrap());
        assert!(store.session_by_hash(&hash(1)).await.unwrap().is_none());
        assert_eq!(store.account_owner("github", "1").await.unwrap(), None);
        assert!(!store.insert_session(&id, &session(2)).await.unwrap());
        signed_up(&store, ada(), &account("github", "1"), 1).await;
    })
    .await;
}

#[tokio::test]
async fn the_last_account_stays() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("github", "1"), 1).await;
        store
            .link(&id, &account("github", "2"), later(1), None)
            .await
            .unwrap();
        assert_eq!(
            store.unlink(&id, "github", None).await.unwrap(),
            Unlink::LastAccount
        );
        assert_eq!(
            store.unlink(&id, "gitlab", None).await.unwrap(),
            Unlink::NotFound
        );
        assert_eq!(
            store.unlink("nobody", "github", None).await.unwrap(),
            Unlink::NotFound
        );

        let accounts = store.accounts_of(&id).await.unwrap();
        let first = Some(&*accounts[0].id);
        let kept = store
            .tokens_of_account("github", &accounts[0].provider_account_id)
            .await
            .unwrap()
            .unwrap();
        let sealed = kept.tokens;
        assert_eq!(
            store.unlink(&id, "gitlab", first).await.unwrap(),
            Unlink::NotFound
        );
        assert_eq!(
            store.unlink(&id, "github", first).await.unwrap(),
            Unlink::Done(vec![(accounts[0].clone(), sealed)])
        );
        assert_eq!(
            store.unlink(&id, "github", None).await.unwrap(),
            Unlink::LastAccount
        );
        assert_eq!(store.accounts_of(&id).await.unwrap(), accounts[1..]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_unlinks_of_the_last_two_accounts_leave_one() {
    on_every_store(async |store| {
        for round in 0..10 {
            let id = signed_up(&store, nameless(), &account("a", &round.to_string()), round).await;
            store
                .link(&id, &account("b", &round.to_string()), NOW, None)
                .await
                .unwrap();
            let outcomes = at_once(2, |number| {
                let (store, id) = (store.clone(), id.clone());
                let provider = ["a", "b"][number as usize];
                Box::pin(async move { store.unlink(&id, provider, None).await.unwrap() })
            })
            .await;
            assert_eq!(
                outcomes
                    .iter()
                    .filter(|outcome| **outcome == Unlink::LastAccount)
                    .count(),
                1
            );
            assert_eq!(store.accounts_of(&id).await.unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_takes_the_right_to_refresh() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 1).await;
        let tokens = store.tokens_of(&id, "x").await.unwrap().unwrap();
        let account_id = tokens.account_id.clone();
        let taken = at_once(20, |_| {
            let (store, id) = (store.clone(), account_id.clone());
            Box::pin(async move { store.lease_refresh(&id, 1, NOW, later(15)).await.unwrap() })
        })
        .await;
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);

        let account_id = &*account_id;
        let scopes = ["a".to_owned()];
        // Sealing anew does not take from the one who refreshes what it is about to write.
        assert!(
            store
                .replace_tokens(account_id, 1, "sealed anew")
                .await
                .unwrap()
        );
        assert!(
            store
                .store_refreshed(account_id, 1, "fresh", &scopes, later(1))
                .await
                .unwrap()
        );
        assert!(
            !store
                .store_refreshed(account_id, 1, "late", &scopes, later(1))
                .await
                .unwrap()
        );
        assert!(!store.replace_tokens(account_id, 1, "late").await.unwrap());
        assert!(
            !store
                .lease_refresh(account_id, 1, later(1), later(15))
                .await
                .unwrap()
        );

        let tokens = store.tokens_of(&id, "x").await.unwrap().unwrap();
        assert_eq!(
            (tokens.tokens.as_deref(), tokens.version),
            (Some("fresh"), 2)
        );
        assert_eq!(tokens.scopes, scopes);
    })
    .await;
}

#[tokio::test]
async fn a_lease_ends_by_time_by_release_and_by_a_new_sign_in() {
    on_every_store(async |store| {
        let id = signed_up(&store, ada(), &account("x", "1"), 1).await;
        let account_id = &*store.tokens_of(&id, "x").await.unwrap().unwrap().account_id;
        assert!(
            store
                .lease_refresh(account_id, 1, NOW, later(15))
                .await
                .unwrap()
        );
        assert!(
            !store
                .lease_refresh(account_id, 1, later(14), later(30))
                .await
                .unwrap()
        );
        assert!(
            store
                .lease_refresh(account_id, 1, later(15), later(30))
                .await
                .unwrap()
        );
        store.release_lease(account_id, 1).await.unwrap();
        assert!(
            store
                .lease_refresh(account_id, 1, later(16), later(30))
                .await
                .unwrap()
        );
        store
            .known_account(&account("x", "1"), later(17))
            .await
            .unwrap();
        assert!(
            store
                .lease_refresh(account_id, 2, later(17), later(30))
                .await
                .unwrap()
        );
    })
    .await;
}
