//! A program that is killed and starts again: nothing is lost, and what comes twice has the id that it had.

use std::fs;
use std::time::Duration;

use caiu::alert::{Desk, Outbox};
use tempfile::TempDir;
use wiremock::ResponseTemplate;

use super::world::{World, close, entry, header, receiver, told};

#[tokio::test]
async fn a_kill_between_the_message_and_the_answer() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    // The message arrives, and the program is gone before it hears so.
    world.answer([ResponseTemplate::new(200).set_delay(Duration::from_secs(60))]);
    let settings = format!("url = '{}'", world.server.uri());
    let open = |journal: &[_]| Desk::open(vec![receiver("webhook", &settings)], folder.path(), journal).unwrap();
    let mut journal = vec![entry(1, "opened", "whatsapp")];
    let desk = open(&[]);
    desk.teller()(&journal);
    let first = world.got(1).await.remove(0);
    drop(desk);
    // Before the next start it is over, and something else began.
    journal.extend([entry(2, "revised", "whatsapp"), entry(3, "ended", "whatsapp"), entry(4, "opened", "instagram")]);
    let desk = open(&journal);
    let got = world.got(4).await;
    assert_eq!(
        header(&got[1], "webhook-id"),
        header(&first, "webhook-id"),
        "the same message, for the receiver to drop"
    );
    assert_eq!(got[1].body, first.body);
    let later: Vec<_> = got[2..].iter().map(told).collect();
    let expected = [("incident.ended", "whatsapp-1"), ("incident.opened", "instagram-1")];
    assert_eq!(later, expected.map(|(event, id)| (event.to_owned(), id.to_owned())));
    close(desk).await;
    // Everything is told: a third start says nothing.
    let desk = open(&journal);
    tokio::time::sleep(Duration::from_millis(300)).await;
    close(desk).await;
    assert_eq!(world.got(4).await.len(), 4);
}

#[tokio::test]
async fn what_happened_before_a_receiver_was_there() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let journal = [
        entry(1, "opened", "instagram"),
        entry(2, "ended", "instagram"),
        entry(3, "opened", "whatsapp"),
        entry(4, "opened", "facebook"),
        entry(5, "withdrawn", "facebook"),
    ];
    let settings = format!("url = '{}'", world.server.uri());
    let desk = Desk::open(vec![receiver("webhook", &settings)], folder.path(), &journal).unwrap();
    close(desk).await;
    let got = world.got(1).await;
    assert_eq!(got.iter().map(told).collect::<Vec<_>>(), [("incident.opened".to_owned(), "whatsapp-1".to_owned())]);
    // An outbox that was spoiled costs a repetition and no start.
    let path = folder.path().join(Outbox::FILE);
    let spoiled = fs::read_to_string(&path).unwrap().replace("\"told\"", "\"tol\"");
    fs::write(&path, spoiled).unwrap();
    let desk = Desk::open(vec![receiver("webhook", &settings)], folder.path(), &journal).unwrap();
    let again = world.got(2).await;
    assert_eq!(header(&again[1], "webhook-id"), header(&got[0], "webhook-id"));
    close(desk).await;
}

#[tokio::test]
async fn a_feed_of_incidents_is_there_from_the_start_and_follows() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("incidents.atom");
    let settings = format!("path = '{}'\nself_url = 'https://example.org/incidents.atom'", path.display());
    let open = |journal: &[_]| Desk::open(vec![receiver("atom", &settings)], folder.path(), journal).unwrap();
    let titles = || {
        let feed = feed_rs::parser::parse(fs::read(&path).unwrap().as_slice()).unwrap();
        feed.entries.into_iter().map(|entry| entry.title.unwrap().content).collect::<Vec<_>>()
    };
    close(open(&[])).await;
    assert!(titles().is_empty());
    let journal = [entry(1, "opened", "instagram"), entry(2, "ended", "instagram"), entry(3, "opened", "whatsapp")];
    let desk = open(&journal[..1]);
    desk.teller()(&journal[1..]);
    close(desk).await;
    let titles = titles();
    assert!(
        titles[0].starts_with("whatsapp: down since") && titles[1].starts_with("instagram: was down"),
        "{titles:?}"
    );
}
