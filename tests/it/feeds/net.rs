//! What the client refuses and how often it asks, whatever feed it serves.

use std::num::NonZeroU32;
use std::time::Duration;

use caiu::feed::FeedError;
use caiu::feed::http::{Net, NetOptions, Url};
use tokio::time::timeout;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn url(link: &str) -> Url {
    Url::parse(link).unwrap()
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let net = Net::new(NetOptions::default()).unwrap();
    for link in [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://[::ffff:10.0.0.1]:9/",
        "http://2130706433:9/",
        "http://0x7f.1:9/",
        "https://169.254.169.254/latest/meta-data/",
    ] {
        let error = net.get(&url(link), &[]).await.unwrap_err().to_string();
        assert!(error.contains("net.allow_private"), "{link}: {error}");
    }
}

#[tokio::test]
async fn nothing_but_http_is_read_and_a_redirect_does_not_change_that() {
    let net = super::world::net();
    for link in ["ftp://example.org/", "file:///etc/passwd", "gopher://example.org/"] {
        let server = MockServer::start().await;
        let away = ResponseTemplate::new(302).insert_header("location", link);
        Mock::given(any()).respond_with(away).mount(&server).await;
        for from in [link, &server.uri()] {
            let error = net.get(&url(from), &[]).await.unwrap_err();
            assert!(
                matches!(&error, FeedError::Fatal(said) if said.contains("only http and https")),
                "{link}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_host_is_asked_no_more_often_than_the_configuration_says() {
    let (one, other) = (MockServer::start().await, MockServer::start().await);
    for server in [&one, &other] {
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(server).await;
    }
    let requests_per_min = NonZeroU32::new(2).unwrap();
    let net = Net::new(NetOptions { allow_private: true, requests_per_min, ..NetOptions::default() }).unwrap();
    let soon = Duration::from_secs(3);
    for _ in 0..2 {
        timeout(soon, net.get(&url(&one.uri()), &[])).await.unwrap().unwrap();
    }
    assert!(timeout(soon, net.clone().get(&url(&one.uri()), &[])).await.is_err(), "the third waits for its turn");
    timeout(soon, net.get(&url(&other.uri()), &[])).await.expect("another host has a pace of its own").unwrap();
    assert_eq!(one.received_requests().await.unwrap().len(), 2);
}
