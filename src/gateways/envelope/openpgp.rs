//! `openpgp`: signed with our key, encrypted to the bank's; what comes must be encrypted to ours and signed by the
//! bank. A message that is not both is refused, whoever sent it.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};

use chrono::{DateTime, Utc};
use pgp::composed::{
    DecryptionOptions, Deserializable as _, Message, MessageBuilder, SignedPublicKey, SignedSecretKey, TheRing,
};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::Signature;
use pgp::types::{KeyDetails, Password, Seipdv1ReadMode, SigningKey, VerifyingKey};
use rand_core_06::OsRng;

use super::check::{Tried, there_and_back};
use super::{Envelope, EnvelopeError, Layer, SecretFile};

type Own = (String, SignedSecretKey);
type Bank = (String, SignedPublicKey);
type Done = Result<(), EnvelopeError>;

fn wrong(problem: impl ToString) -> EnvelopeError {
    EnvelopeError::wrong(Layer::Openpgp, problem)
}

fn unusable(file: &str, problem: impl ToString) -> EnvelopeError {
    EnvelopeError::Key { layer: Layer::Openpgp.word(), file: file.to_owned(), problem: problem.to_string() }
}

/// Signs and encrypts.
pub fn seal(envelope: &Envelope<'_>, from: &File, to: &mut dyn Write) -> Done {
    seal_with(envelope, &own(envelope)?, &bank(envelope)?, from, to)
}

fn seal_with(envelope: &Envelope<'_>, own: &[Own], bank: &[Bank], from: &File, to: &mut dyn Write) -> Done {
    let password = password(envelope)?;
    let (file, signer) = own.first().ok_or_else(|| unusable("[bank.door.keys] own", "no key of ours to sign with"))?;
    let signer = signing(signer, envelope.now).ok_or_else(|| unusable(file, "it holds no key that may sign today"))?;
    let (file, receiver) = bank.first().ok_or_else(|| unusable("[bank.door.keys] bank", "no key of the bank's"))?;
    let receiver = receiver
        .public_subkeys
        .iter()
        .rev()
        .filter(|_| alive(&receiver.details, &receiver.primary_key, envelope.now))
        .find(|sub| sub.algorithm().can_encrypt() && valid(&sub.signatures, &sub.key, envelope.now, may_encrypt))
        .ok_or_else(|| unusable(file, "it holds no key one may encrypt to today; ask the bank for a new one"))?;
    let mut builder = MessageBuilder::from_reader("", from).seipd_v1(OsRng, SymmetricKeyAlgorithm::AES256);
    builder.encrypt_to_key(OsRng, &receiver).map_err(|e| unusable(file, e))?;
    builder.sign(signer, password, HashAlgorithm::Sha256);
    builder.to_writer(OsRng, to).map_err(|e| match e {
        pgp::errors::Error::IO { source, .. } => EnvelopeError::Io(source),
        other => wrong(format!("it cannot be made: {other}")),
    })
}

/// Decrypts, and believes it only once everything is read and the bank's signature is right.
pub fn open(envelope: &Envelope<'_>, from: &File, to: &mut dyn Write) -> Done {
    open_with(envelope, &own(envelope)?, &bank(envelope)?, from, to)
}

fn open_with(envelope: &Envelope<'_>, own: &[Own], bank: &[Bank], from: &File, to: &mut dyn Write) -> Done {
    let password = password(envelope)?;
    let (message, _) = Message::from_reader(BufReader::new(from.try_clone()?)).map_err(wrong)?;
    if !message.is_encrypted() {
        return Err(wrong("it is not encrypted; ask the bank to encrypt to our key"));
    }
    // What is released before its end is checked goes into a nameless file that is dropped if the check fails.
    let options = DecryptionOptions::new().enable_gnupg_aead().set_seipdv1_read_mode(Seipdv1ReadMode::Streaming);
    let ring = TheRing {
        secret_keys: own.iter().map(|(_, key)| key).collect(),
        key_passwords: vec![&password],
        decrypt_options: options,
        ..Default::default()
    };
    let (mut message, _) = message
        .decrypt_the_ring(ring, true)
        .map_err(|e| wrong(format!("it does not open with our keys ({e}); has the bank our present key?")))?;
    if message.is_compressed() {
        message = message.decompress().map_err(wrong)?;
    }
    if !message.is_signed() {
        return Err(wrong("it is not signed; ask the bank to sign with its key"));
    }
    let mut block = vec![0_u8; 64 * 1024];
    loop {
        match message.read(&mut block).map_err(|e| wrong(format!("it is damaged: {e}")))? {
            0 => break,
            length => to.write_all(&block[..length])?,
        }
    }
    let signers = bank.iter().flat_map(|(_, key)| verifying(key, envelope.now));
    if signers.into_iter().any(|key| message.verify(key).is_ok()) {
        return Ok(());
    }
    let names: Vec<&str> = bank.iter().map(|(file, _)| file.as_str()).collect();
    Err(wrong(format!("its signature is by none of the bank's keys ({}) that are good today", names.join(", "))))
}

/// Each of our keys with its end: what is encrypted to it opens.
pub fn own_keys(envelope: &Envelope<'_>) -> Result<Vec<Tried>, EnvelopeError> {
    let tried = own(envelope)?.into_iter().map(|(file, key)| {
        let until = end(&key.details, &key.primary_key);
        let bank = [(file.clone(), SignedPublicKey::from(key.clone()))];
        let own = [(file.clone(), key)];
        let said = there_and_back(
            envelope,
            |from, to| seal_with(envelope, &own, &bank, from, to),
            |from, to| open_with(envelope, &own, &bank, from, to),
        );
        Tried { file, until, said }
    });
    Ok(tried.collect())
}

/// Each of the bank's keys with its end: it may check signatures today.
pub fn bank_keys(envelope: &Envelope<'_>) -> Result<Vec<Tried>, EnvelopeError> {
    let tried = bank(envelope)?.into_iter().map(|(file, key)| {
        let until = end(&key.details, &key.primary_key);
        let said = if verifying(&key, envelope.now).is_empty() {
            Err(unusable(&file, "it holds no key that may check a signature today; ask the bank for a new one"))
        } else {
            Ok(())
        };
        Tried { file, until, said }
    });
    Ok(tried.collect())
}

/// When a key's main part ends.
fn end(details: &pgp::composed::SignedKeyDetails, key: &impl KeyDetails) -> Option<DateTime<Utc>> {
    ends(newest(&primary(details))?, key).and_then(|at| DateTime::from_timestamp(at, 0))
}

fn own(envelope: &Envelope<'_>) -> Result<Vec<Own>, EnvelopeError> {
    let read = |(file, bytes): &SecretFile| {
        let (key, _) =
            SignedSecretKey::from_reader_single(io::Cursor::new(bytes.to_vec())).map_err(|e| unusable(file, e))?;
        key.verify_bindings().map_err(|e| unusable(file, e))?;
        Ok((file.clone(), key))
    };
    envelope.keys.own(Layer::Openpgp)?.iter().map(read).collect()
}

fn bank(envelope: &Envelope<'_>) -> Result<Vec<Bank>, EnvelopeError> {
    let read = |(file, bytes): (String, Vec<u8>)| {
        let (key, _) = SignedPublicKey::from_reader_single(io::Cursor::new(bytes)).map_err(|e| unusable(&file, e))?;
        key.verify_bindings().map_err(|e| unusable(&file, e))?;
        Ok((file, key))
    };
    envelope.keys.bank(Layer::Openpgp)?.into_iter().map(read).collect()
}

fn password(envelope: &Envelope<'_>) -> Result<Password, EnvelopeError> {
    Ok(Password::from(envelope.keys.passphrase(Layer::Openpgp)?.as_str()))
}

fn may_encrypt(signature: &Signature) -> bool {
    signature.key_flags().encrypt_comms() || signature.key_flags().encrypt_storage()
}

fn may_sign(signature: &Signature) -> bool {
    signature.key_flags().sign()
}

fn newest(bindings: &[Signature]) -> Option<&Signature> {
    bindings.iter().max_by_key(|binding| binding.created().map(|at| at.as_secs()))
}

/// When a binding ends, seconds since 1970; none: never.
fn ends(binding: &Signature, key: &impl KeyDetails) -> Option<i64> {
    let length = binding.key_expiration_time().filter(|length| length.as_secs() > 0)?;
    Some(i64::from(key.created_at().as_secs()) + i64::from(length.as_secs()))
}

/// Whether a key's newest binding allows a use, and has not run out.
fn valid(bindings: &[Signature], key: &impl KeyDetails, now: DateTime<Utc>, allows: fn(&Signature) -> bool) -> bool {
    let Some(newest) = newest(bindings) else { return false };
    let ends = ends(newest, key);
    let revoked = bindings.iter().any(|binding| {
        matches!(
            binding.typ(),
            Some(pgp::packet::SignatureType::SubkeyRevocation | pgp::packet::SignatureType::KeyRevocation)
        )
    });
    !revoked && allows(newest) && ends.is_none_or(|ends| now.timestamp() < ends)
}

/// The certifications of a key's names carry what its primary part may do.
fn primary(details: &pgp::composed::SignedKeyDetails) -> Vec<Signature> {
    let named = details.users.iter().flat_map(|user| user.signatures.iter());
    named.chain(&details.direct_signatures).chain(&details.revocation_signatures).cloned().collect()
}

/// A subkey lives no longer than the primary key it hangs on.
fn alive(details: &pgp::composed::SignedKeyDetails, key: &impl KeyDetails, now: DateTime<Utc>) -> bool {
    valid(&primary(details), key, now, |_| true)
}

fn signing(key: &SignedSecretKey, now: DateTime<Utc>) -> Option<&dyn SigningKey> {
    if !alive(&key.details, &key.primary_key, now) {
        return None;
    }
    let subkey = key.secret_subkeys.iter().rev().find(|sub| valid(&sub.signatures, &sub.key, now, may_sign));
    if let Some(sub) = subkey {
        return Some(&sub.key);
    }
    valid(&primary(&key.details), &key.primary_key, now, may_sign).then_some(&key.primary_key as &dyn SigningKey)
}

fn verifying(key: &SignedPublicKey, now: DateTime<Utc>) -> Vec<&dyn VerifyingKey> {
    if !alive(&key.details, &key.primary_key, now) {
        return Vec::new();
    }
    let good = key.public_subkeys.iter().filter(|sub| valid(&sub.signatures, &sub.key, now, may_sign));
    let mut keys: Vec<&dyn VerifyingKey> = good.map(|sub| &sub.key as &dyn VerifyingKey).collect();
    if valid(&primary(&key.details), &key.primary_key, now, may_sign) {
        keys.push(&key.primary_key);
    }
    keys
}
