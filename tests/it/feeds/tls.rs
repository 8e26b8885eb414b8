//! Certificates: one that nobody vouches for is refused in clear words, and one that the configuration names is taken.

use std::sync::Arc;

use caiu::feed::FeedError;
use caiu::feed::http::{Net, NetOptions, Url};
use caiu::feed::socket::Socket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server with a certificate of its own making for a name; gives its port and the certificate in PEM.
async fn serve(name: &str) -> (u16, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config.unwrap())), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            }
        }
    });
    (port, made.cert.pem().into_bytes())
}

async fn get(port: u16, extra_roots: Vec<Vec<u8>>) -> Result<String, FeedError> {
    let net = Net::new(NetOptions { allow_private: true, extra_roots, ..NetOptions::default() })?;
    let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
    net.get(&url, &[]).await.map(|answer| answer.text())
}

#[tokio::test]
async fn certificates_are_checked() {
    let (port, pem) = serve("localhost").await;
    let error = get(port, Vec::new()).await.unwrap_err();
    assert!(matches!(&error, FeedError::Transient(said) if said.contains("certificate")), "{error:?}");
    assert_eq!(get(port, vec![pem.clone()]).await.unwrap(), "ok");
    let (port, pem) = serve("another.example").await;
    let error = get(port, vec![pem]).await.unwrap_err();
    assert!(matches!(&error, FeedError::Transient(said) if said.contains("certificate")), "{error:?}");
    let error = get(port, vec![b"no certificate".to_vec()]).await.unwrap_err();
    assert!(matches!(&error, FeedError::Fatal(said) if said.contains("net.extra_roots")), "{error:?}");
}

/// What a websocket comes to hear; the server is none, so one whose certificate is taken answers with a page.
async fn knock(port: u16, extra_roots: Vec<Vec<u8>>) -> FeedError {
    let options = NetOptions { allow_private: true, extra_roots, ..NetOptions::default() };
    Socket::connect(&Url::parse(&format!("wss://localhost:{port}/")).unwrap(), &[], &options).await.unwrap_err()
}

#[tokio::test]
async fn websockets_check_certificates_as_everybody_does() {
    let (port, pem) = serve("localhost").await;
    let error = knock(port, Vec::new()).await;
    assert!(matches!(&error, FeedError::Transient(said) if said.contains("certificate")), "{error:?}");
    let error = knock(port, vec![pem]).await;
    assert!(error.to_string().contains("HTTP 200"), "it was trusted: {error:?}");
    let (port, pem) = serve("another.example").await;
    let error = knock(port, vec![pem]).await;
    assert!(matches!(&error, FeedError::Transient(said) if said.contains("certificate")), "{error:?}");
    let error = knock(port, vec![b"no certificate".to_vec()]).await;
    assert!(matches!(&error, FeedError::Fatal(said) if said.contains("net.extra_roots")), "{error:?}");
}
