//! Passwords and tickets: what proves that a browser is a person. Nothing here is kept; the store keeps hashes.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::{Rng as _, RngExt as _};
use sha2::{Digest, Sha256};

/// Letters of a one-time password that nobody confuses on paper.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The hash of a password nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$ESEyOpKf7gHrPTPGCZbcFMsLOvhMGcExUmkp+x2MfSg";

/// Argon2id with 19 MiB, two passes, one lane: the least OWASP recommends, some 40 ms.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Hashes a password for the table. Slow on purpose: call it where blocking is allowed.
pub fn hash(password: &str) -> Result<String, String> {
    argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// Whether a password belongs to a hash of the table. As slow as [`hash`]. Without a hash the same work is done and the
/// answer is no: whether a name exists cannot be told by the time.
pub fn fits(password: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    argon2().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

/// A password for one sign-in: four groups of five letters, some 99 bits.
pub fn one_time() -> String {
    let mut chance = rand::rng();
    let mut letter = || char::from(LETTERS[chance.random_range(0..LETTERS.len())]);
    let mut group = || (0..5).map(|_| letter()).collect::<String>();
    [group(), group(), group(), group()].join("-")
}

/// A ticket for a cookie or a script: 256 bits, hex.
pub fn ticket() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// What the table keeps of a ticket: SHA-256, hex.
pub fn ticket_hash(ticket: &str) -> String {
    hex::encode(Sha256::digest(ticket.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let kept = hash("correct horse").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(fits("correct horse", Some(&kept)));
        assert!(!fits("correct horse ", Some(&kept)) && !fits("correct horse", None) && !fits("x", Some("rubbish")));
        assert_ne!(kept, hash("correct horse").unwrap(), "each has salt of its own");
        assert!(PasswordHash::new(NOBODY).is_ok(), "for nobody the same work is done");
    }

    #[test]
    fn tickets_and_passwords_are_not_repeated() {
        assert_ne!(ticket(), ticket());
        assert_eq!(ticket().len(), 64);
        let one = one_time();
        assert!(one != one_time() && one.len() == 23 && one.split('-').all(|group| group.len() == 5), "{one}");
    }
}
