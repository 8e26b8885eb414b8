//! Hacker News: the ceiling of a query, what was deleted, dates from nowhere.

use chrono::TimeDelta;
use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::kinds::row;
use super::super::world::{World, fixture, hear, open};
use caiu::model::GapCause;

#[tokio::test]
async fn more_than_a_query_reaches_in_one_second_is_a_gap() {
    let world = World::new(row("hackernews")).await;
    world.write(1, TimeDelta::minutes(30));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    world.write(1, TimeDelta::minutes(20));
    world.write(1_200, TimeDelta::zero());
    let at = chrono::Utc::now() - TimeDelta::minutes(10);
    for number in 3..=1_202 {
        world.change(number, |post| post.at = at);
    }
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(heard.texts.len(), 1_001, "the lone post and what a query reaches");
    assert_eq!(heard.gaps.len(), 1);
    assert_eq!(heard.gaps[0].cause, GapCause::Overrun);
    assert_eq!((heard.gaps[0].gap.to - heard.gaps[0].gap.from).num_seconds(), 1);
}

#[tokio::test]
async fn deleted_dead_and_edited_posts_are_noticed() {
    let server = MockServer::start().await;
    let hit = |id: u64| {
        let mut hit: serde_json::Value = serde_json::from_str(&fixture("hackernews/hit.json")).unwrap();
        hit["objectID"] = json!(id.to_string());
        hit
    };
    let hits = json!({"hits": [hit(1), hit(2), hit(3), hit(4)], "nbHits": 4});
    let item = |changes: serde_json::Value| {
        let mut item: serde_json::Value = serde_json::from_str(&fixture("hackernews/item.json")).unwrap();
        for (key, value) in changes.as_object().unwrap() {
            item[key] = value.clone();
        }
        ResponseTemplate::new(200).set_body_json(item)
    };
    for (at, answer) in [
        ("/api/v1/search_by_date", ResponseTemplate::new(200).set_body_json(&hits)),
        (
            "/v0/updates.json",
            ResponseTemplate::new(200).set_body_json(json!({"items": [1, 2, 3, 99], "profiles": ["a"]})),
        ),
        (
            "/v0/item/1.json",
            ResponseTemplate::new(200).set_body_json(json!({"id": 1, "deleted": true, "type": "comment", "time": 1})),
        ),
        ("/v0/item/2.json", item(json!({"id": 2, "dead": true}))),
        ("/v0/item/3.json", item(json!({"id": 3, "text": "never mind, it is back"}))),
    ] {
        Mock::given(path(at)).respond_with(answer).mount(&server).await;
    }
    let mut feed = open("hackernews", &format!("search_url = '{0}'\nitems_url = '{0}'", server.uri())).unwrap();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!(first.texts.len(), 4);
    assert_eq!(first.texts[0], "Slack is down for us too,\nsince 14:00 & still 'connecting'");
    let second = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(second.deleted, ["1", "2"]);
    assert_eq!((second.ids, second.texts), (vec!["3".to_owned()], vec!["never mind, it is back".to_owned()]));
}

#[tokio::test]
async fn a_date_in_the_far_future_does_not_move_the_place() {
    let world = World::new(row("hackernews")).await;
    world.write(3, TimeDelta::minutes(5));
    world.change(3, |post| post.at += TimeDelta::days(3_650));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!((first.texts.len(), first.rejected.values().sum::<u64>()), (2, 1));
    world.write(2, TimeDelta::zero());
    assert_eq!(hear(&mut *feed, first.cursor).await.unwrap().texts.len(), 2);
}

/// The clock of the search may be some hours ahead: the place must not pass over what is written until then.
#[tokio::test]
async fn a_date_some_hours_ahead_does_not_move_the_place_either() {
    let world = World::new(row("hackernews")).await;
    world.write(3, TimeDelta::minutes(5));
    world.change(3, |post| post.at += TimeDelta::hours(20));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!(first.texts.len(), 3);
    world.write(2, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(heard.texts, ["zap caiu 4", "zap caiu 5"]);
}
