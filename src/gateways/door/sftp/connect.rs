//! Reaching a server: address, host key, login, subsystem; each failure by its kind.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{Algorithm, HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use russh::{MethodKind, Preferred, cipher, kex, mac};
use russh_sftp::client::SftpSession;
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::super::{DoorError, Fault, Legacy, Settings};

/// What answers the server's questions: only a pinned key is spoken to.
#[derive(Debug)]
pub struct Client {
    pinned: Vec<String>,
    shown: Arc<Mutex<String>>,
}

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let shown = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256).to_string(),
            PublicKeyOrCertificate::Certificate(_) => "a certificate".to_owned(),
        };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown.clone();
        Ok(self.pinned.contains(&shown))
    }
}

/// Connects, compares the host key, logs in, opens the file transfer.
pub async fn connect(settings: Settings, at: String) -> Result<(Handle<Client>, SftpSession), DoorError> {
    let shut = |fault, said: String| DoorError::Shut { at: at.clone(), fault, said };
    let mut ssh = shake_hands(&settings, &at).await?;
    let patience = Duration::from_secs(settings.operation_seconds);
    let late = || shut(Fault::Timeout, format!("no login within {} s", settings.operation_seconds));
    timeout(patience, login(&settings, &at, &mut ssh)).await.map_err(|_| late())??;
    let opened = async {
        let channel = ssh.channel_open_session().await.map_err(|e| shut(Fault::Cut, e.to_string()))?;
        let no = |e: russh::Error| shut(Fault::Permission, format!("no sftp subsystem: {e}"));
        channel.request_subsystem(true, "sftp").await.map_err(no)?;
        let limits = russh_sftp::client::Config {
            max_concurrent_reads: 2,
            max_concurrent_writes: 8,
            request_timeout_secs: settings.operation_seconds,
            ..Default::default()
        };
        SftpSession::new_with_config(channel.into_stream(), limits)
            .await
            .map_err(|e| shut(Fault::Permission, format!("no sftp subsystem: {e}")))
    };
    let sftp = timeout(patience, opened).await.map_err(|_| late())??;
    Ok((ssh, sftp))
}

async fn shake_hands(settings: &Settings, at: &str) -> Result<Handle<Client>, DoorError> {
    let shut = |fault, said: String| DoorError::Shut { at: at.to_owned(), fault, said };
    let patience = Duration::from_secs(settings.connect_seconds);
    let late = || format!("no connection within {} s", settings.connect_seconds);
    let stream = timeout(patience, TcpStream::connect((settings.host.as_str(), settings.port)))
        .await
        .map_err(|_| shut(Fault::Unreachable, late()))?
        .map_err(|e| shut(Fault::Unreachable, e.to_string()))?;
    let shown = Arc::new(Mutex::new(String::new()));
    let client = Client { pinned: settings.host_keys.clone(), shown: shown.clone() };
    let reached = timeout(patience, client::connect_stream(Arc::new(config(settings)), stream, client)).await;
    reached.map_err(|_| shut(Fault::Timeout, format!("no SSH handshake: {}", late())))?.map_err(|e| match e {
        russh::Error::UnknownKey => {
            let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
            shut(Fault::HostKey, format!("the server shows {shown}, host_keys has {}", settings.host_keys.join(", ")))
        }
        russh::Error::NoCommonAlgo { kind, ours, theirs } => {
            let said = format!("{kind:?}: it offers {}; we take {}", theirs.join(", "), ours.join(", "));
            shut(Fault::Algorithms, said)
        }
        other => shut(Fault::Cut, format!("in the SSH handshake: {other}")),
    })
}

async fn login(settings: &Settings, at: &str, ssh: &mut Handle<Client>) -> Result<(), DoorError> {
    let shut = |fault, said: String| DoorError::Shut { at: at.to_owned(), fault, said };
    let broken = |e: russh::Error| shut(Fault::Cut, format!("at the login: {e}"));
    let user = settings.user.as_str();
    let (how, answer) = if let Some(file) = &settings.key_file {
        let phrase = settings.passphrase_file.as_deref().map(|file| secret(at, file)).transpose()?;
        private(at, file)?;
        let key = load_secret_key(file, phrase.as_ref().map(|phrase| phrase.as_str()));
        let key = key.map_err(|e| shut(Fault::Secret, format!("{}: {e}", file.display())))?;
        let hash = match ssh.best_supported_rsa_hash().await.map_err(broken)? {
            Some(None) | None if !settings.legacy.contains(&Legacy::SshRsa) => Some(HashAlg::Sha256),
            known => known.flatten(),
        };
        let shown = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
        (format!("key {shown}"), ssh.authenticate_publickey(user, key).await.map_err(broken)?)
    } else {
        let file = settings.password_file.as_deref().unwrap_or(Path::new(""));
        let password = secret(at, file)?;
        let first = ssh.authenticate_password(user, password.as_str()).await.map_err(broken)?;
        ("password".to_owned(), asked(user, &password, ssh, first).await.map_err(broken)?)
    };
    match answer {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { remaining_methods, partial_success } => {
            // A server that refuses says what else it takes; the library shows a line that ended as a refusal too.
            if remaining_methods.is_empty() && !partial_success {
                return Err(shut(Fault::Cut, format!("the line ended while {how} of user {user} was shown")));
            }
            let ways: Vec<String> = remaining_methods.iter().map(|way| format!("{way:?}")).collect();
            let more = if partial_success { "it wants a second proof, which is not supported; " } else { "" };
            let said = format!("{how} of user {user} is refused; {more}it takes {}", ways.join(", "));
            Err(shut(Fault::Authentication, said))
        }
    }
}

/// Some servers take a password only as the answer to a question.
async fn asked(
    user: &str,
    password: &str,
    ssh: &mut Handle<Client>,
    first: AuthResult,
) -> Result<AuthResult, russh::Error> {
    let AuthResult::Failure { remaining_methods, .. } = &first else { return Ok(first) };
    if !remaining_methods.contains(&MethodKind::KeyboardInteractive) {
        return Ok(first);
    }
    let mut said = ssh.authenticate_keyboard_interactive_start(user, None).await?;
    // A server that goes on asking is not answered for ever.
    for _ in 0..3 {
        match said {
            KeyboardInteractiveAuthResponse::Success => return Ok(AuthResult::Success),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(first),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = prompts.iter().map(|_| password.to_owned()).collect();
                said = ssh.authenticate_keyboard_interactive_respond(answers).await?;
            }
        }
    }
    Ok(first)
}

/// A secret's file: readable by its owner only; its last line break does not belong to it.
fn secret(at: &str, file: &Path) -> Result<Zeroizing<String>, DoorError> {
    private(at, file)?;
    let no = |e: std::io::Error| shut_secret(at, file, &e.to_string());
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(no)?);
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn private(at: &str, file: &Path) -> Result<(), DoorError> {
    crate::secret::private(file).map_err(|e| shut_secret(at, file, &e.to_string()))
}

fn shut_secret(at: &str, file: &Path, said: &str) -> DoorError {
    DoorError::Shut { at: at.to_owned(), fault: Fault::Secret, said: format!("{}: {said}", file.display()) }
}

fn config(settings: &Settings) -> client::Config {
    let legacy = |wanted: Legacy| settings.legacy.contains(&wanted);
    let mut preferred = Preferred::DEFAULT;
    // Signatures over SHA-1 are on in the library's own list.
    let modern = preferred.key.iter().filter(|key| !matches!(key, Algorithm::Rsa { hash: None })).cloned();
    let old = legacy(Legacy::SshRsa).then_some(Algorithm::Rsa { hash: None });
    preferred.key = Cow::Owned(modern.chain(old).collect());
    let old = [
        (Legacy::GexSha1, kex::DH_GEX_SHA1),
        (Legacy::Group14Sha1, kex::DH_G14_SHA1),
        (Legacy::Group1Sha1, kex::DH_G1_SHA1),
    ];
    let exchanges = old.into_iter().filter(|(name, _)| legacy(*name)).map(|(_, kex)| kex);
    preferred.kex = Cow::Owned(preferred.kex.iter().copied().chain(exchanges).collect());
    let old = [(Legacy::Aes256Cbc, cipher::AES_256_CBC), (Legacy::Aes128Cbc, cipher::AES_128_CBC)];
    let ciphers = old.into_iter().filter(|(name, _)| legacy(*name)).map(|(_, cipher)| cipher);
    preferred.cipher = Cow::Owned(preferred.cipher.iter().copied().chain(ciphers).collect());
    let macs = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1].into_iter().filter(|_| legacy(Legacy::HmacSha1));
    preferred.mac = Cow::Owned(preferred.mac.iter().copied().chain(macs).collect());
    preferred.compression = Cow::Owned(vec![russh::compression::NONE]);
    client::Config {
        preferred,
        keepalive_interval: Some(Duration::from_secs(settings.idle_seconds)),
        keepalive_max: 2,
        nodelay: true,
        ..Default::default()
    }
}
