//! Judges the certificate that a node shows: by its pinned SHA-256, or by a certificate authority.

use std::sync::{Arc, Mutex};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};

use super::routes::{Routes, Trust, host};

/// The SHA-256 of a certificate in colon form, as Proxmox shows it.
#[must_use]
pub(super) fn fingerprint(certificate: &[u8]) -> String {
    let pairs: Vec<String> = Sha256::digest(certificate)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    pairs.join(":")
}

/// A certificate that was refused.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) pinned: String,
    pub(super) actual: String,
}

/// The judge of one node's certificates; the pin is looked up anew for each connection.
#[derive(Debug)]
pub(super) struct Verifier {
    authority: String,
    routes: Routes,
    provider: Arc<CryptoProvider>,
    refused: Mutex<Option<Refused>>,
}

impl Verifier {
    pub(super) fn new(authority: &str, routes: Routes) -> Self {
        Self {
            authority: authority.to_owned(),
            routes,
            provider: Arc::new(ring::default_provider()),
            refused: Mutex::new(None),
        }
    }

    /// Takes the certificate that was refused last.
    pub(super) fn take_refused(&self) -> Option<Refused> {
        self.refused.lock().ok()?.take()
    }

    /// The TLS settings of connections that this judges.
    ///
    /// Resumption is off: a resumed session shows no certificate, and a changed one would go unseen.
    pub(super) fn config(self: &Arc<Self>) -> Result<rustls::ClientConfig, Error> {
        let mut config = rustls::ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(self.clone())
            .with_no_client_auth();
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }

    fn refuse(&self, pinned: &str, actual: String) -> Error {
        if let Ok(mut refused) = self.refused.lock() {
            *refused = Some(Refused {
                pinned: pinned.to_owned(),
                actual,
            });
        }
        Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let actual = fingerprint(end_entity);
        match self.routes.get(&self.authority).trust {
            Trust::Fingerprint(pin) if pin.eq_ignore_ascii_case(&actual) => {
                Ok(ServerCertVerified::assertion())
            }
            Trust::Fingerprint(pin) => Err(self.refuse(&pin, actual)),
            Trust::Nothing => Err(self.refuse("none", actual)),
            Trust::Authority(roots) => {
                // The node's own address counts, not the one that a route leads to.
                let name = ServerName::try_from(host(&self.authority)).map_err(|_| {
                    self.refuse("a name that can stand in a certificate", actual.clone())
                })?;
                WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone())
                    .build()
                    .map_err(|error| Error::General(error.to_string()))?
                    .verify_server_cert(end_entity, intermediates, &name, ocsp_response, now)
                    .map_err(|error| {
                        self.refuse(&format!("one of the given authority ({error})"), actual)
                    })
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
