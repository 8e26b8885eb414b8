//! Receivers that fail, throttle, refuse and hang; Alertmanager that forgets.

use std::time::{Duration, Instant};

use caiu::alert::Desk;
use tempfile::TempDir;
use wiremock::ResponseTemplate;

use super::world::{World, close, entry, header, receiver, told};

fn status(code: u16) -> ResponseTemplate {
    ResponseTemplate::new(code)
}

#[tokio::test]
async fn a_message_is_tried_again_under_the_same_id() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    world.answer([status(500), status(429).insert_header("retry-after", "1"), status(404), status(302)]);
    let url = world.server.uri();
    let desk = Desk::open(vec![receiver("webhook", &format!("url = '{url}/hook'"))], folder.path(), &[]).unwrap();
    let began = Instant::now();
    desk.teller()(&[entry(1, "opened", "whatsapp")]);
    let got = world.got(5).await;
    assert!(began.elapsed() >= Duration::from_secs(1), "the wait that was asked for is kept");
    for request in &got {
        assert_eq!(told(request), ("incident.opened".to_owned(), "whatsapp-1".to_owned()));
        assert_eq!(header(request, "webhook-id"), header(&got[0], "webhook-id"));
        assert_eq!(request.body, got[0].body);
        assert!(header(request, "webhook-signature").is_empty(), "no key, no signature");
    }
    assert!(header(&got[0], "webhook-id").starts_with("msg_"));
    desk.teller()(&[entry(2, "ended", "whatsapp")]);
    let got = world.got(6).await;
    assert_eq!(told(&got[5]).0, "incident.ended");
    assert_ne!(header(&got[5], "webhook-id"), header(&got[0], "webhook-id"));
    close(desk).await;
    assert_eq!(world.got(6).await.len(), 6);
}

#[tokio::test]
async fn what_is_refused_does_not_hold_up_the_next() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    world.answer([status(400)]);
    let url = world.server.uri();
    let desk = Desk::open(vec![receiver("webhook", &format!("url = '{url}'"))], folder.path(), &[]).unwrap();
    desk.teller()(&[entry(1, "opened", "whatsapp"), entry(2, "opened", "instagram")]);
    let got = world.got(2).await;
    assert_eq!([told(&got[0]).1, told(&got[1]).1], ["whatsapp-1", "instagram-1"]);
    close(desk).await;
    assert_eq!(world.got(2).await.len(), 2);
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = format!("id = 'hangs'\nurl = 'http://{}'\ntimeout_secs = 600", silent.local_addr().unwrap());
    let good = format!("id = 'good'\nurl = '{}'", world.server.uri());
    let receivers = vec![receiver("webhook", &hanging), receiver("webhook", &good)];
    let desk = Desk::open(receivers, folder.path(), &[]).unwrap();
    let teller = desk.teller();
    let began = Instant::now();
    for seq in 0..5000 {
        teller(&[entry(seq * 2 + 1, "opened", &format!("s{}", seq % 50))]);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "whoever tells does not wait: {:?}", began.elapsed());
    let got = world.got(50).await;
    assert!(got.iter().all(|request| told(request).0 == "incident.opened"));
    let began = Instant::now();
    desk.close(Duration::from_millis(300)).await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn alertmanager_hears_again_of_what_goes_on() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let settings = format!("url = '{}'\nrepeat_secs = 1", world.server.uri());
    let desk = Desk::open(vec![receiver("alertmanager", &settings)], folder.path(), &[]).unwrap();
    desk.teller()(&[entry(1, "opened", "whatsapp")]);
    let alert = |request: &wiremock::Request| {
        assert_eq!(request.url.path(), "/api/v2/alerts");
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body.as_array().unwrap().len(), 1);
        body[0].clone()
    };
    let got = world.got(3).await;
    let (first, third) = (alert(&got[0]), alert(&got[2]));
    assert_eq!(first["labels"], third["labels"]);
    assert_eq!(first["startsAt"], third["startsAt"]);
    assert!(third["endsAt"].as_str().unwrap() > first["endsAt"].as_str().unwrap());
    drop(desk);
    // After a restart it goes on without being asked.
    let num = world.got(3).await.len();
    let journal = [entry(1, "opened", "whatsapp")];
    let desk = Desk::open(vec![receiver("alertmanager", &settings)], folder.path(), &journal).unwrap();
    world.got(num + 1).await;
    desk.teller()(&[entry(2, "ended", "whatsapp")]);
    let began = Instant::now();
    let is_over = |request: &wiremock::Request| {
        alert(request)["endsAt"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap()
            < chrono::Utc::now() - chrono::TimeDelta::minutes(1)
    };
    while !world.got(1).await.iter().any(is_over) {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let num = world.got(1).await.len();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.got(1).await.len(), num, "what is over is not told again");
    close(desk).await;
}

#[tokio::test]
async fn what_was_held_back_in_quiet_hours_comes_as_one_message_to_a_chat() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let ago = |mins: i64| chrono::Utc::now() - chrono::TimeDelta::minutes(mins);
    let clock = |mins: i64| ago(mins).format("%H:%M").to_string();
    // Quiet from three hours ago to one hour ago.
    let quiet = format!("quiet_hours = {{ from = '{}', to = '{}' }}", clock(180), clock(60));
    let url = world.server.uri();
    let held = |seq: u64, service: &str| caiu::model::Entry { at: ago(120), ..entry(seq, "opened", service) };
    let receivers = ["slack", "webhook"].map(|kind| receiver(kind, &format!("url = '{url}/{kind}'\n{quiet}")));
    let desk = Desk::open(receivers.into(), folder.path(), &[]).unwrap();
    desk.teller()(&[held(1, "whatsapp"), held(2, "instagram"), entry(3, "opened", "telegram")]);
    let got = world.got(5).await;
    let of = |path: &str| got.iter().filter(|request| request.url.path() == path).collect::<Vec<_>>();
    let texts: Vec<String> = of("/slack")
        .iter()
        .map(|request| serde_json::from_slice::<serde_json::Value>(&request.body).unwrap()["text"].to_string())
        .collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("2 incidents while it was quiet: whatsapp, instagram"), "{texts:?}");
    assert!(texts[0].contains(&format!("quiet hours {}–{} UTC", clock(180), clock(60))), "{texts:?}");
    assert!(texts[1].contains("telegram: down since"), "{texts:?}");
    let services: Vec<String> = of("/webhook").iter().map(|request| told(request).1).collect();
    assert_eq!(services, ["whatsapp-1", "instagram-1", "telegram-1"], "one each for a program");
    close(desk).await;
    assert_eq!(world.got(5).await.len(), 5);
}
