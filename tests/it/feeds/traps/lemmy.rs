//! Lemmy: pinned posts, posts that vanish, flags of deletion.

use chrono::TimeDelta;
use wiremock::{Request, ResponseTemplate};

use super::super::kinds::row;
use super::super::servers::lemmy::{post_v3, v3};
use super::super::world::{Row, Told, World, assert_heard, hear};
use serde_json::{Value, json};

/// Changes the first page of posts of a stand-in.
fn first_page(request: &Request, posts: &[Told], change: fn(&mut Vec<Value>, &[Told])) -> ResponseTemplate {
    let is_first = request.url.path().ends_with("/post/list") && request.url.query().unwrap().contains("page=1");
    if !is_first {
        return v3(request, posts);
    }
    let newest = posts.iter().rev().take(50).filter(|post| !post.is_gone);
    let mut page = newest.map(post_v3).collect();
    change(&mut page, posts);
    ResponseTemplate::new(200).set_body_json(json!({"posts": page}))
}

#[tokio::test]
async fn a_pinned_post_does_not_end_the_way_back() {
    let answer = |request: &Request, posts: &[Told]| {
        first_page(request, posts, |page, posts| {
            let mut pinned = post_v3(&posts[0]);
            pinned["post"]["featured_local"] = json!(true);
            page.insert(0, pinned);
        })
    };
    let world = World::new(Row { answer, ..row("lemmy") }).await;
    world.write(1, TimeDelta::hours(9));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    world.write(200, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_heard(&heard, 2, 201, "behind a pinned post that is known");
}

#[tokio::test]
async fn posts_that_vanish_were_deleted() {
    let world = World::new(row("lemmy")).await;
    world.write(5, TimeDelta::minutes(9));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    assert!(first.texts[0].starts_with("Is WhatsApp down?\n"));
    world.change(3, |post| post.is_gone = true);
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(heard.deleted, ["https://lemmy.example/post/3"]);
    assert!(hear(&mut *feed, heard.cursor).await.unwrap().deleted.is_empty(), "told once");
}

/// A look at one missing post that fails costs neither the posts nor the looks at the others.
#[tokio::test]
async fn a_look_that_fails_costs_only_itself() {
    let answer = |request: &Request, posts: &[Told]| {
        let is_second = request.url.query_pairs().any(|(key, value)| key == "id" && value == "2");
        match request.url.path().ends_with("/post") && is_second {
            true => ResponseTemplate::new(500),
            false => v3(request, posts),
        }
    };
    let world = World::new(Row { answer, ..row("lemmy") }).await;
    world.write(5, TimeDelta::minutes(9));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    for number in [2, 4] {
        world.change(number, |post| post.is_gone = true);
    }
    world.write(1, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!((heard.texts.len(), heard.deleted), (1, vec!["https://lemmy.example/post/4".to_owned()]));
}

#[tokio::test]
async fn a_post_that_is_only_hidden_is_kept() {
    let answer = |request: &Request, posts: &[Told]| {
        first_page(request, posts, |page, posts| {
            if posts.len() > 3 {
                page.retain(|view| view["post"]["id"] != 2);
            }
        })
    };
    let world = World::new(Row { answer, ..row("lemmy") }).await;
    world.write(3, TimeDelta::minutes(9));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    world.write(1, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!((heard.texts.len(), heard.deleted.len()), (1, 0));
}

#[tokio::test]
async fn flags_of_deletion_are_deletions() {
    for flag in ["deleted", "removed"] {
        let answer = match flag {
            "deleted" => |request: &Request, posts: &[Told]| {
                first_page(request, posts, |page, posts| page[0]["post"]["deleted"] = json!(posts.len() > 2))
            },
            _ => |request: &Request, posts: &[Told]| {
                first_page(request, posts, |page, posts| page[1]["post"]["removed"] = json!(posts.len() > 2))
            },
        };
        let world = World::new(Row { answer, ..row("lemmy") }).await;
        world.write(2, TimeDelta::minutes(9));
        let mut feed = world.feed();
        let first = hear(&mut *feed, None).await.unwrap();
        assert_eq!(first.texts.len(), 2);
        world.write(1, TimeDelta::zero());
        let heard = hear(&mut *feed, first.cursor).await.unwrap();
        match flag {
            // A new post that is deleted already is counted, and an old one is taken back.
            "deleted" => assert_eq!((heard.texts.len(), heard.rejected["deleted"]), (0, 1)),
            _ => assert_eq!(heard.deleted, ["https://lemmy.example/post/2"]),
        }
    }
}

#[tokio::test]
async fn a_web_page_behind_unknown_paths_is_not_taken_for_version_4() {
    let answer = |request: &Request, posts: &[Told]| match request.url.path().starts_with("/api/v4") {
        true => ResponseTemplate::new(200).set_body_raw("<!DOCTYPE html><html></html>", "text/html"),
        false => v3(request, posts),
    };
    let world = World::new(Row { answer, ..row("lemmy") }).await;
    world.write(5, TimeDelta::minutes(9));
    assert_heard(&hear(&mut *world.feed(), None).await.unwrap(), 1, 5, "version 3 behind a catch-all");
}
