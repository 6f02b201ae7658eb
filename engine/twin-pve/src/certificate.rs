//! Each node's certificate, a pure function of its name and of how often it was renewed, so that a fingerprint
//! is known without a listener.

use model::{
    Stop, Tx,
    transaction::{derive, unknown_node},
};
use rcgen::{
    CertificateParams, DnType, KeyPair, PKCS_ED25519, SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};

/// From when a certificate holds, in seconds: the beginning of 2024.
pub const NOT_BEFORE: u64 = 1_704_067_200;
/// Until when it holds: the beginning of 2124.
pub const NOT_AFTER: u64 = 4_859_740_800;

/// A node's certificate and its key.
pub struct Certificate {
    /// The certificate.
    pub chain: CertificateDer<'static>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

/// Makes the certificate of a node.
///
/// # Errors
/// What the library says of the key or the certificate.
pub fn make(seed: &str, node: &str, generation: u64) -> Result<Certificate, rcgen::Error> {
    let secret = derive(seed, &format!("certificate/{node}/{generation}"));
    // A PKCS #8 envelope around the 32 bytes of an Ed25519 key.
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend_from_slice(&secret);
    let pkcs8 = PrivatePkcs8KeyDer::from(der);
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_ED25519)?;
    let mut params = CertificateParams::new(vec![node.to_owned(), "localhost".to_owned()])?;
    params
        .subject_alt_names
        .push(SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()));
    params.distinguished_name.push(DnType::CommonName, node);
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2124, 1, 1);
    params.serial_number = Some(SerialNumber::from(generation + 1));
    let certificate = params.self_signed(&key)?;
    Ok(Certificate {
        chain: certificate.der().clone(),
        key: PrivateKeyDer::Pkcs8(pkcs8),
    })
}

/// A certificate's SHA-256 fingerprint, in colon form.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate);
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

/// The fingerprint of a node's present certificate.
///
/// # Errors
/// The rows' fault, or 500 for a node that isn't there.
pub fn fingerprint_of(tx: &mut Tx<'_>, node: &str) -> Result<String, Stop> {
    let row = tx.node_row(node)?.ok_or_else(|| unknown_node(node))?;
    if let Some(read) = row["fingerprint"].as_str() {
        // A preview knows the certificate of a real node by its fingerprint alone.
        return Ok(read.to_owned());
    }
    let generation = row["certificate"].as_u64().unwrap_or_default();
    let made = make(&tx.config.seed, node, generation)
        .map_err(|error| Stop::fail(format!("certificate of {node}: {error}")))?;
    Ok(fingerprint(&made.chain))
}
