//! `sm`: the same as `openpgp` with the national algorithms (国密): SM2 (GB/T 32918), SM3 (GB/T 32905), SM4 (GB/T 32907).
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 5 | `YCSM` and the version, 1 |
//! | 5 | 1 | 0 |
//! | 6 | 2 | n, big endian |
//! | 8 | n | SM2 encryption to the receiver, C1‖C3‖C2, C1 uncompressed: SM4 key (16 bytes), HMAC key (32 bytes) |
//! | 8+n | 16 | IV |
//! | 24+n | 16·k | SM4-CBC with PKCS#7 padding |
//! | end−96 | 32 | HMAC-SM3 over everything before it |
//! | end−64 | 64 | the sender's SM2 signature r‖s over the 32 bytes of SM3 over everything before it |
//!
//! The signer's identity is the usual `1234567812345678`.
//!
//! Signature and checksum are checked over the whole file before the first byte is decrypted.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write};

use hmac::{Hmac, Mac as _};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::common::getrandom::SysRng;
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use sm2::pke::{DecryptingKey, EncryptingKey};
use sm2::{PublicKey, SecretKey};
use sm3::{Digest as _, Sm3};
use sm4::Sm4;
use sm4::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

use super::check::{Tried, there_and_back};
use super::{Envelope, EnvelopeError, Layer, SecretFile};

type Own = (String, SecretKey);
type Bank = (String, PublicKey);

const MAGIC: &[u8; 6] = b"YCSM\x01\x00";
const IDENTITY: &str = "1234567812345678";
const BLOCK: usize = 16;
/// SM4 key and HMAC key.
const SECRET: usize = 16 + 32;
/// Checksum and signature.
const TAIL: u64 = 32 + 64;
/// A multiple of a block.
const CHUNK: usize = 64 * 1024;

fn wrong(problem: impl ToString) -> EnvelopeError {
    EnvelopeError::wrong(Layer::Sm, problem)
}

fn unusable(file: &str, problem: impl ToString) -> EnvelopeError {
    EnvelopeError::Key { layer: Layer::Sm.word(), file: file.to_owned(), problem: problem.to_string() }
}

/// Bytes that go out and into checksum and signature.
struct Out<'a> {
    to: &'a mut dyn Write,
    mac: Hmac<Sm3>,
    hash: Sm3,
}

impl Out<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), EnvelopeError> {
        self.mac.update(bytes);
        self.hash.update(bytes);
        Ok(self.to.write_all(bytes)?)
    }
}

/// Encrypts and signs.
pub fn seal(envelope: &Envelope<'_>, from: &mut dyn Read, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    seal_with(&own(envelope)?, &bank(envelope)?, from, to)
}

fn seal_with(own: &[Own], bank: &[Bank], from: &mut dyn Read, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    let (file, signer) = own.first().ok_or_else(|| unusable("[bank.door.keys] own", "no key of ours to sign with"))?;
    let signer = SigningKey::new(IDENTITY, signer).map_err(|e| unusable(file, e))?;
    let (file, receiver) = bank.first().ok_or_else(|| unusable("[bank.door.keys] bank", "no key of the bank's"))?;
    let mut chance = Zeroizing::new([0_u8; SECRET + BLOCK]);
    rand::Rng::fill_bytes(&mut rand::rng(), &mut *chance);
    let (secret, iv) = chance.split_at(SECRET);
    let wrapped = EncryptingKey::new(*receiver).encrypt(&mut SysRng, secret).map_err(|e| unusable(file, e))?;
    let length = u16::try_from(wrapped.len()).map_err(wrong)?;
    let mut out = Out { to, mac: mac(&secret[16..])?, hash: Sm3::new() };
    out.put(MAGIC)?;
    out.put(&length.to_be_bytes())?;
    out.put(&wrapped)?;
    out.put(iv)?;
    let cipher = cipher(&secret[..16])?;
    let mut chain: [u8; BLOCK] = iv.try_into().map_err(wrong)?;
    let mut block = vec![0_u8; CHUNK];
    loop {
        let mut length = filled(from, &mut block)?;
        let last = length < CHUNK;
        if last {
            let pad = BLOCK - length % BLOCK;
            block[length..length + pad].fill(u8::try_from(pad).unwrap_or_default());
            length += pad;
        }
        for piece in block[..length].chunks_exact_mut(BLOCK) {
            piece.iter_mut().zip(chain).for_each(|(byte, chained)| *byte ^= chained);
            let mut unit = Block::<Sm4>::default();
            unit.copy_from_slice(piece);
            cipher.encrypt_block(&mut unit);
            piece.copy_from_slice(&unit);
            chain.copy_from_slice(&unit);
        }
        out.put(&block[..length])?;
        if last {
            break;
        }
    }
    let Out { to, mac, mut hash } = out;
    let sum = mac.finalize().into_bytes();
    to.write_all(&sum)?;
    hash.update(sum);
    let signature = signer.try_sign(&hash.finalize()).map_err(|e| wrong(format!("it cannot be signed: {e}")))?;
    Ok(to.write_all(&signature.to_bytes())?)
}

/// Checks signature and checksum of all of it, then decrypts.
pub fn open(envelope: &Envelope<'_>, from: &mut File, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    open_with(&own(envelope)?, &bank(envelope)?, from, to)
}

fn open_with(own: &[Own], bank: &[Bank], from: &mut File, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    let whole = from.seek(SeekFrom::End(0))?;
    from.rewind()?;
    let mut head = [0_u8; 8];
    from.read_exact(&mut head).map_err(|_| wrong("it is cut short"))?;
    if &head[..6] != MAGIC {
        return Err(wrong("it does not begin with YCSM and version 1"));
    }
    let wrapped = u64::from(u16::from_be_bytes([head[6], head[7]]));
    let begins = 8 + wrapped + BLOCK as u64;
    let body = whole.checked_sub(begins + TAIL).filter(|body| *body > 0 && body % BLOCK as u64 == 0);
    let body = body.ok_or_else(|| wrong("its length is none that can be: it is cut short or longer than it was"))?;
    let mut key = vec![0_u8; usize::try_from(wrapped).map_err(wrong)?];
    from.read_exact(&mut key)?;
    signed(from, whole, bank)?;
    let opened = own.iter().find_map(|(_, own)| DecryptingKey::new(own.clone()).decrypt(&key).ok());
    let secret =
        Zeroizing::new(opened.ok_or_else(|| wrong("it does not open with our keys: has the bank our present one?"))?);
    if secret.len() != SECRET {
        return Err(wrong(format!("it wraps {} bytes of keys, {SECRET} belong there", secret.len())));
    }
    let mut check = mac(&secret[16..])?;
    pass(from, whole - TAIL, |bytes| check.update(bytes))?;
    let mut sum = [0_u8; 32];
    from.read_exact(&mut sum)?;
    check.verify_slice(&sum).map_err(|_| wrong("its checksum is wrong: it is damaged"))?;
    from.seek(SeekFrom::Start(8 + wrapped))?;
    let mut chain = [0_u8; BLOCK];
    from.read_exact(&mut chain)?;
    decrypt(&cipher(&secret[..16])?, chain, &mut from.take(body), to)
}

fn decrypt(cipher: &Sm4, mut chain: [u8; BLOCK], from: &mut dyn Read, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    let mut block = vec![0_u8; CHUNK];
    // The last block is held back: its end is padding.
    let mut held: Option<[u8; BLOCK]> = None;
    loop {
        let length = filled(from, &mut block)?;
        for piece in block[..length].chunks_exact(BLOCK) {
            let mut unit = Block::<Sm4>::default();
            unit.copy_from_slice(piece);
            cipher.decrypt_block(&mut unit);
            unit.iter_mut().zip(chain).for_each(|(byte, chained)| *byte ^= chained);
            chain.copy_from_slice(piece);
            let mut clear = [0_u8; BLOCK];
            clear.copy_from_slice(&unit);
            if let Some(earlier) = held.replace(clear) {
                to.write_all(&earlier)?;
            }
        }
        if length < CHUNK {
            break;
        }
    }
    let last = held.ok_or_else(|| wrong("it is empty"))?;
    let pad = usize::from(last[BLOCK - 1]);
    if !(1..=BLOCK).contains(&pad) || last[BLOCK - pad..].iter().any(|byte| usize::from(*byte) != pad) {
        return Err(wrong("its padding is wrong"));
    }
    Ok(to.write_all(&last[..BLOCK - pad])?)
}

/// The sender's signature over everything before it, by one of the bank's keys.
fn signed(from: &mut File, whole: u64, bank: &[(String, PublicKey)]) -> Result<(), EnvelopeError> {
    let mut hash = Sm3::new();
    pass(from, whole - 64, |bytes| hash.update(bytes))?;
    let mut bytes = [0_u8; 64];
    from.read_exact(&mut bytes)?;
    let signature = Signature::from_slice(&bytes).map_err(|e| wrong(format!("its signature is none: {e}")))?;
    let digest = hash.finalize();
    for (file, key) in bank {
        let key = VerifyingKey::new(IDENTITY, *key).map_err(|e| unusable(file, e))?;
        if key.verify(&digest, &signature).is_ok() {
            return Ok(());
        }
    }
    let names: Vec<&str> = bank.iter().map(|(file, _)| file.as_str()).collect();
    Err(wrong(format!("its signature is by none of the bank's keys ({})", names.join(", "))))
}

/// Everything from the beginning to a place.
fn pass(from: &mut File, until: u64, mut take: impl FnMut(&[u8])) -> Result<(), EnvelopeError> {
    from.rewind()?;
    let mut block = vec![0_u8; CHUNK];
    let mut left = until;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        from.read_exact(&mut block[..most])?;
        take(&block[..most]);
        left -= most as u64;
    }
    Ok(())
}

fn filled(from: &mut dyn Read, block: &mut [u8]) -> Result<usize, EnvelopeError> {
    let mut length = 0;
    while length < block.len() {
        match from.read(&mut block[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

fn mac(key: &[u8]) -> Result<Hmac<Sm3>, EnvelopeError> {
    Hmac::<Sm3>::new_from_slice(key).map_err(wrong)
}

fn cipher(key: &[u8]) -> Result<Sm4, EnvelopeError> {
    Sm4::new_from_slice(key).map_err(wrong)
}

/// Each of our keys: what is encrypted to it opens. Bare keys have no end.
pub fn own_keys(envelope: &Envelope<'_>) -> Result<Vec<Tried>, EnvelopeError> {
    let tried = own(envelope)?.into_iter().map(|(file, key)| {
        let bank = [(file.clone(), key.public_key())];
        let own = [(file.clone(), key)];
        let said = there_and_back(
            envelope,
            |from, to| seal_with(&own, &bank, &mut from.try_clone()?, to),
            |from, to| open_with(&own, &bank, &mut from.try_clone()?, to),
        );
        Tried { file, until: None, said }
    });
    Ok(tried.collect())
}

/// Each of the bank's keys: it can be read.
pub fn bank_keys(envelope: &Envelope<'_>) -> Result<Vec<Tried>, EnvelopeError> {
    Ok(bank(envelope)?.into_iter().map(|(file, _)| Tried { file, until: None, said: Ok(()) }).collect())
}

fn own(envelope: &Envelope<'_>) -> Result<Vec<Own>, EnvelopeError> {
    let read = |(file, bytes): SecretFile| {
        let text = std::str::from_utf8(&bytes).map_err(|e| unusable(&file, e))?;
        let key = SecretKey::from_pkcs8_pem(text).map_err(|e| unusable(&file, format!("no SM2 key in PKCS#8: {e}")))?;
        Ok((file, key))
    };
    envelope.keys.own(Layer::Sm)?.into_iter().map(read).collect()
}

fn bank(envelope: &Envelope<'_>) -> Result<Vec<Bank>, EnvelopeError> {
    let read = |(file, bytes): (String, Vec<u8>)| {
        let text = std::str::from_utf8(&bytes).map_err(|e| unusable(&file, e))?;
        let key =
            PublicKey::from_public_key_pem(text).map_err(|e| unusable(&file, format!("no SM2 public key: {e}")))?;
        Ok((file, key))
    };
    envelope.keys.bank(Layer::Sm)?.into_iter().map(read).collect()
}
