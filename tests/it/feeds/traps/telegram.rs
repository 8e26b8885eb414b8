//! Telegram: what of a message is text, holes in the numbers, previews that are off.

use caiu::feed::FeedError;
use chrono::TimeDelta;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::kinds::row;
use super::super::world::{World, fixture, hear, open};

#[tokio::test]
async fn only_the_words_of_a_message_are_read() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw(fixture("telegram/page.html"), "text/html");
    Mock::given(path("/s/canal")).respond_with(page).mount(&server).await;
    for channel in ["canal", "@canal", "https://t.me/s/canal"] {
        let settings = format!("channel = '{channel}'\nsite_url = '{}'", server.uri());
        let heard = hear(&mut *open("telegram", &settings).unwrap(), None).await.unwrap();
        let post = &heard.last.as_ref().unwrap().posts[0].post;
        assert_eq!(post.text, "o zap caiu\nde novo 🔥 & nada");
        assert_eq!((post.id.as_str(), post.repost_of.as_deref()), ("canal/101", Some("outro/77")));
        assert_eq!(heard.rejected["no text"], 1, "a video without words");
    }
    let error = open("telegram", "channel = 'a b'").unwrap_err();
    assert!(error.contains("no name of a channel"), "{error}");
}

#[tokio::test]
async fn holes_are_deletions_and_changes_are_told() {
    let world = World::new(row("telegram")).await;
    world.write(30, TimeDelta::minutes(9));
    let mut feed = world.feed();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!(first.texts.len(), 20, "the newest page");
    world.change(22, |post| post.is_gone = true);
    world.change(25, |post| post.text = "voltou 25".to_owned());
    world.write(1, TimeDelta::zero());
    let heard = hear(&mut *feed, first.cursor).await.unwrap();
    assert_eq!(heard.deleted, ["canal/22"]);
    assert_eq!(heard.texts, ["voltou 25", "zap caiu 31"]);
    let again = hear(&mut *feed, heard.cursor).await.unwrap();
    assert!(again.deleted.is_empty() && again.texts.is_empty());
}

#[tokio::test]
async fn a_preview_that_is_off_is_told() {
    let server = MockServer::start().await;
    let away = ResponseTemplate::new(302).insert_header("location", "/canal");
    Mock::given(path("/s/canal")).respond_with(away).mount(&server).await;
    Mock::given(path("/canal")).respond_with(ResponseTemplate::new(200).set_body_string("<html>")).mount(&server).await;
    let mut feed = open("telegram", &format!("channel = 'canal'\nsite_url = '{}'", server.uri())).unwrap();
    let error = feed.next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Fatal(said) if said.contains("canal shows no preview")), "{error:?}");
}

#[tokio::test]
async fn a_page_of_another_channel_and_deep_markup_are_survived() {
    let server = MockServer::start().await;
    let other = fixture("telegram/page.html").replace("canal/", "outro/");
    Mock::given(path("/s/canal"))
        .respond_with(ResponseTemplate::new(200).set_body_string(other))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let deep = format!("<div class=tgme_channel_history>{}", "<div>".repeat(1_000_000));
    Mock::given(path("/s/canal")).respond_with(ResponseTemplate::new(200).set_body_string(deep)).mount(&server).await;
    let mut feed = open("telegram", &format!("channel = 'canal'\nsite_url = '{}'", server.uri())).unwrap();
    let first = hear(&mut *feed, None).await.unwrap();
    assert_eq!((first.texts.len(), first.rejected["unknown form"]), (0, 2));
    assert!(matches!(feed.next_batch(None).await, Err(FeedError::Transient(_))));
}
