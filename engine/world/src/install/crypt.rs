//! Passwords as the installer takes them: hashed by SHA-512-crypt.

use sha_crypt::{PasswordHasher as _, PasswordVerifier as _, ShaCrypt};

use super::{InstallError, answer::Hashed};
use crate::Secret;

/// Hashes a password with a random salt.
///
/// # Errors
/// The system gives no random bytes.
pub fn hash(password: &Secret) -> Result<Hashed, InstallError> {
    let mut salt = [0_u8; 12];
    let provider = rustls::crypto::ring::default_provider();
    let random = provider.secure_random.fill(&mut salt);
    random.map_err(|_| InstallError::NoRandom)?;
    let hashed = ShaCrypt::SHA512
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .map_err(|_| InstallError::NoRandom)?;
    Ok(Hashed(hashed.to_string()))
}

/// Whether a password has a hash.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = sha_crypt::PasswordHash::new(hash) else {
        return false;
    };
    ShaCrypt::SHA512
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_its_own_hash_each_time_another_one() {
        let password = Secret::new("P", "correct horse");
        let (one, other) = (hash(&password).unwrap(), hash(&password).unwrap());
        assert_ne!(one, other, "the salt is random");
        assert!(one.0.starts_with("$6$"), "{}", one.0);
        assert!(verify("correct horse", &one.0) && verify("correct horse", &other.0));
        assert!(!verify("correct horsf", &one.0) && !verify("correct horse", "no hash"));
    }

    #[test]
    fn takes_a_hash_that_another_program_made() {
        let known = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";
        assert!(verify("Hello world!", known));
    }
}
