//! Which cipher is offered first: the one that this machine's processor does fastest.

use russh::{
    Preferred,
    cipher::{AES_256_GCM, Name},
};

/// The ciphers that are offered, the fastest first: AES-GCM where the processor has instructions for it, else
/// ChaCha20, which needs none. The client's order decides
/// ([RFC 4253, 7.1](https://www.rfc-editor.org/rfc/rfc4253#section-7.1)).
pub(super) fn by_speed(aes: bool) -> Vec<Name> {
    let mut ciphers = Preferred::DEFAULT.cipher.to_vec();
    if aes {
        ciphers.sort_by_key(|name| *name != AES_256_GCM);
    }
    ciphers
}

/// Whether this processor has instructions for both parts of AES-GCM.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_aes() -> bool {
    std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq")
}

/// Whether this processor has instructions for both parts of AES-GCM.
#[cfg(target_arch = "aarch64")]
pub(super) fn has_aes() -> bool {
    std::arch::is_aarch64_feature_detected!("aes")
        && std::arch::is_aarch64_feature_detected!("pmull")
}

/// Whether this processor has instructions for both parts of AES-GCM.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn has_aes() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use russh::cipher::CHACHA20_POLY1305;

    use super::*;

    #[test]
    fn the_processor_decides_which_cipher_comes_first() {
        let (with, without) = (by_speed(true), by_speed(false));
        assert_eq!(with.first(), Some(&AES_256_GCM));
        assert_eq!(without.first(), Some(&CHACHA20_POLY1305));
        assert!(without.iter().all(|name| with.contains(name)));
        assert_eq!(with.len(), without.len());
    }
}
