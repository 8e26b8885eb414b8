//! Whom websockets trust: the certificates of the system, and those that the configuration names.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::FeedError;

/// Trusts the system and the certificates in these PEM files; `None` where there are none, because the system alone is
/// what a websocket trusts without being told.
///
/// # Errors
/// `Fatal` where a file holds no certificate.
pub(super) fn trusting(extra: &[Vec<u8>]) -> Result<Option<Arc<ClientConfig>>, FeedError> {
    if extra.is_empty() {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    // A machine without certificates of its own may still have those of the configuration.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for pem in extra {
        let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem).flatten().collect();
        let (num_added, _) = roots.add_parsable_certificates(certificates);
        if num_added == 0 {
            return Err(FeedError::Fatal("net.extra_roots: a file without a certificate in PEM form".to_owned()));
        }
    }
    Ok(Some(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())))
}
