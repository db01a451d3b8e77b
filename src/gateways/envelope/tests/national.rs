//! `sm` against openssl: keys made by it; what we seal is taken apart with nothing but its commands, by the table at
//! the head of `sm.rs`.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const SM: &[Layer] = &[Layer::Sm];

fn openssl(words: &[&str]) -> Output {
    run(Command::new("openssl").args(words))
}

fn keys() -> Case {
    let mut case = Case::new();
    for name in ["own", "bank", "stranger"] {
        let (key, public) = (case.path(name), case.path(&format!("{name}.pub")));
        let (key, public) = (key.to_str().unwrap(), public.to_str().unwrap());
        openssl(&["genpkey", "-algorithm", "SM2", "-out", key]);
        openssl(&["pkey", "-in", key, "-pubout", "-out", public]);
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    case.keys = Keys { own: vec![case.path("own")], passphrase_file: None, bank: vec![case.path("bank.pub")] };
    case
}

/// The same folder seen from the bank: its own key, and ours.
fn other_side(case: &Case) -> Keys {
    Keys { own: vec![case.path("bank")], passphrase_file: None, bank: vec![case.path("own.pub")] }
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap();
    let mut value = bytes[start..].to_vec();
    if value[0] >= 0x80 {
        value.insert(0, 0);
    }
    [vec![2, u8::try_from(value.len()).unwrap()], value].concat()
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    [vec![4, u8::try_from(bytes.len()).unwrap()], bytes.to_vec()].concat()
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    let inside = parts.concat();
    let length = u8::try_from(inside.len()).unwrap();
    let head = if length < 128 { vec![0x30, length] } else { vec![0x30, 0x81, length] };
    [head, inside].concat()
}

#[test]
fn openssl_takes_apart_what_we_seal() {
    let case = keys();
    let put = |name: &str, bytes: &[u8]| {
        fs::write(case.path(name), bytes).unwrap();
        case.path(name).to_str().unwrap().to_owned()
    };
    let sealed = case.seal(SM, "a", &text());
    assert_eq!(&sealed[..6], b"YCSM\x01\x00");
    let n = usize::from(u16::from_be_bytes([sealed[6], sealed[7]]));
    assert_eq!((n, sealed[8]), (65 + 32 + 48, 4), "C1 uncompressed, C3, C2");
    let wrapped = &sealed[8..8 + n];
    let der = sequence(&[
        integer(&wrapped[1..33]),
        integer(&wrapped[33..65]),
        octets(&wrapped[65..97]),
        octets(&wrapped[97..]),
    ]);
    let bank = case.path("bank");
    let wrapped = put("wrapped", &der);
    let keys = openssl(&["pkeyutl", "-decrypt", "-inkey", bank.to_str().unwrap(), "-in", &wrapped]).stdout;
    assert_eq!(keys.len(), 48);
    let end = sealed.len();
    let body = put("body", &sealed[24 + n..end - 96]);
    let (key, iv) = (hex::encode(&keys[..16]), hex::encode(&sealed[8 + n..24 + n]));
    let clear = openssl(&["enc", "-d", "-sm4-cbc", "-K", &key, "-iv", &iv, "-in", &body]).stdout;
    assert!(clear == text());
    let before = put("before", &sealed[..end - 96]);
    let check = format!("hexkey:{}", hex::encode(&keys[16..]));
    let sum = openssl(&["dgst", "-sm3", "-mac", "HMAC", "-macopt", &check, "-binary", &before]).stdout;
    assert_eq!(sum, &sealed[end - 96..end - 64]);
    let all = put("all", &sealed[..end - 64]);
    let digest = put("digest", &openssl(&["dgst", "-sm3", "-binary", &all]).stdout);
    let signature = put("signature", &sequence(&[integer(&sealed[end - 64..end - 32]), integer(&sealed[end - 32..])]));
    let own = case.path("own.pub");
    let how = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"];
    let files = ["-pubin", "-inkey", own.to_str().unwrap(), "-in", &digest, "-sigfile", &signature];
    openssl(&[&["pkeyutl", "-verify"][..], &files, &how].concat());
}

#[test]
fn lengths_around_a_block_come_back_and_every_change_is_refused() {
    let mut case = keys();
    let ours = case.keys.clone();
    let theirs = other_side(&case);
    for length in [0, 1, 15, 16, 17, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1] {
        let clear: Vec<u8> = text().into_iter().cycle().take(length).collect();
        case.keys = theirs.clone();
        let sealed = case.seal(SM, "a", &clear);
        case.keys = ours.clone();
        assert!(case.open(SM, &sealed).unwrap() == clear, "{length}");
        if length != 17 {
            continue;
        }
        for at in 0..sealed.len() {
            let mut wrong = sealed.clone();
            wrong[at] ^= 1;
            assert!(case.open(SM, &wrong).is_err(), "byte {at}");
        }
        assert!(
            case.open(SM, &sealed[..sealed.len() - 16]).is_err()
                && case.open(SM, &[sealed, vec![0; 16]].concat()).is_err()
        );
    }
    case.keys = Keys { own: vec![case.path("stranger")], ..theirs };
    let strange = case.seal(SM, "a", b"abc");
    case.keys = ours;
    assert!(case.open(SM, &strange).is_err());
}
