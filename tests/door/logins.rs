//! Ways in that need a server set up for them: a password, and algorithms of old servers, which are refused unless a
//! bank's `legacy` lists them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::Command;

use yichong::gateways::archive::measure;
use yichong::gateways::clock::Clock;
use yichong::gateways::door::{Door, DoorError, Fault, Legacy};

use super::server::Server;

/// A user of this machine, thrown away after the test.
struct User {
    name: String,
    id: u32,
}

impl User {
    /// None where nobody may make users here.
    fn with_password(password: &str) -> Option<User> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root makes the user whose password a server takes");
            return None;
        }
        let name = format!("yichong{}", std::process::id());
        let hash = Command::new("openssl").args(["passwd", "-6", password]).output().unwrap();
        let hash = String::from_utf8(hash.stdout).unwrap();
        let words = ["--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", "--password", hash.trim(), &name];
        let made = Command::new("/usr/sbin/useradd").args(words).output();
        if !made.as_ref().is_ok_and(|said| said.status.success()) {
            eprintln!("skipped: no user can be made here: {made:?}");
            return None;
        }
        let id = Command::new("id").args(["-u", &name]).output().unwrap();
        let id = String::from_utf8(id.stdout).unwrap().trim().parse().unwrap();
        Some(User { name, id })
    }
}

impl Drop for User {
    fn drop(&mut self) {
        // A session of its that still ends does not keep it.
        let _ = Command::new("/usr/sbin/userdel").args(["--force", &self.name]).output();
    }
}

/// A file goes out and comes back.
fn works(server: &Server, door: &Door) {
    let bytes = b"a file";
    let kept = measure(&bytes[..]).unwrap();
    let points = ["send.temp.after_write", "send.temp.after_fsync"];
    door.stage("A.txt", &kept, || Ok(&bytes[..]), points).unwrap();
    door.publish("A.txt", &kept).unwrap();
    assert_eq!(fs::read(server.path("out/A.txt")).unwrap(), bytes);
    fs::write(server.path("in/B.txt"), bytes).unwrap();
    assert_eq!(door.look().unwrap().files, ["B.txt"]);
    assert_eq!(measure(door.open("B.txt").unwrap()).unwrap(), kept);
    let found = door.check(Clock::System.now());
    assert!(found.iter().all(|finding| finding.right != Some(false)), "{found:#?}");
}

#[test]
fn a_right_password_opens_and_a_wrong_one_does_not() {
    let Some(user) = User::with_password("a phrase 易充") else { return };
    let server = Server::with("PasswordAuthentication yes\nPermitEmptyPasswords no\n");
    fs::set_permissions(server.folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
    for name in ["out", "in"] {
        chown(server.path(name), Some(user.id), None).unwrap();
    }
    let door = |phrase: &str| {
        let file = server.path("phrase");
        fs::write(&file, phrase).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        server.door(server.port, |settings| {
            settings.user = user.name.clone();
            settings.key_file = None;
            settings.password_file = Some(file);
        })
    };
    works(&server, &door("a phrase 易充\n"));
    let error = door("another phrase").look().unwrap_err();
    assert_eq!(error.fault(), Some(Fault::Authentication), "{error}");
    assert!(!error.to_string().contains("another phrase"), "{error}");
}

#[test]
fn old_algorithms_are_used_only_where_they_are_listed() {
    use Legacy::*;
    for (lines, legacy) in [
        ("HostKey {dir}/old\nHostKeyAlgorithms ssh-rsa\n", vec![SshRsa]),
        ("KexAlgorithms diffie-hellman-group14-sha1\n", vec![Group14Sha1]),
        ("KexAlgorithms diffie-hellman-group1-sha1\n", vec![Group1Sha1]),
        ("KexAlgorithms diffie-hellman-group-exchange-sha1\n", vec![GexSha1]),
        ("Ciphers aes128-cbc\nMACs hmac-sha2-256\n", vec![Aes128Cbc]),
        ("Ciphers aes256-cbc\nMACs hmac-sha2-256\n", vec![Aes256Cbc]),
        ("Ciphers aes128-ctr\nMACs hmac-sha1\n", vec![HmacSha1]),
        // A server of the nineties has nothing else at all.
        (
            "HostKey {dir}/old\nHostKeyAlgorithms ssh-rsa\nKexAlgorithms diffie-hellman-group1-sha1\n\
             Ciphers aes128-cbc\nMACs hmac-sha1\n",
            vec![SshRsa, Group1Sha1, Aes128Cbc, HmacSha1],
        ),
    ] {
        let server = Server::with(lines);
        let host = if lines.contains("/old") { "old" } else { "host" };
        let door = |legacy: &[Legacy]| {
            server.door(server.port, |settings| {
                settings.host_keys = vec![server.fingerprint(host)];
                settings.legacy = legacy.to_vec();
                // A group of 8192 bits takes an unoptimised build its time.
                settings.connect_seconds = 60;
            })
        };
        // All but one is as little as none.
        for few in [&legacy[1..], &legacy[..legacy.len() - 1]] {
            let error = door(few).look().unwrap_err();
            assert_eq!(error.fault(), Some(Fault::Algorithms), "{lines}: {few:?}: {error}");
            assert!(
                matches!(error, DoorError::Shut { .. }) && error.to_string().contains("legacy"),
                "{lines}: {error}"
            );
        }
        works(&server, &door(&legacy));
    }
}
