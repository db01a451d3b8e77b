//! A throwaway OpenSSH server on 127.0.0.1: own host keys, own configuration, only file transfer, not a daemon.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use yichong::gateways::door::{Door, Settings};

/// A running server. Its folder holds keys, `out` and `in`.
#[derive(Debug)]
pub struct Server {
    /// Its folder; gone with it.
    pub folder: TempDir,
    /// Its port.
    pub port: u16,
    child: Child,
}

impl Server {
    /// Starts one.
    pub fn start() -> Server {
        Server::with("")
    }

    /// Starts one with more lines of configuration; `{dir}` is its folder, `{dir}/old` an RSA key.
    pub fn with(more: &str) -> Server {
        let mut log = String::new();
        // Whether a port is free is only known by taking it.
        for _ in 0..5 {
            let mut server = Server::on(free_port(), more);
            if server.answers() {
                return server;
            }
            log = fs::read_to_string(server.path("log")).unwrap_or_default();
        }
        panic!("sshd does not start: {log}");
    }

    fn on(port: u16, more: &str) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for name in ["out", "in", "done"] {
            fs::create_dir(path.join(name)).unwrap();
        }
        for name in ["host", "other", "user", "stranger"] {
            key(&path.join(name));
        }
        fs::copy(path.join("user.pub"), path.join("authorized")).unwrap();
        if more.contains("{dir}/old") {
            made(&path.join("old"), &["-t", "rsa", "-b", "2048"]);
        }
        let more = more.replace("{dir}", path.to_str().unwrap());
        let config = path.join("sshd_config");
        let text = format!(
            "{more}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {dir}/host\nPidFile none\nUsePAM no\n\
             StrictModes no\nPermitRootLogin prohibit-password\nPubkeyAuthentication yes\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nAuthorizedKeysFile {dir}/authorized\nSubsystem sftp internal-sftp\n\
             ForceCommand internal-sftp\nX11Forwarding no\nAllowTcpForwarding no\nLogLevel ERROR\nUseDNS no\n",
            dir = path.display()
        );
        fs::write(&config, text).unwrap();
        let child = spawn(&config, &path.join("log"));
        Server { folder, port, child }
    }

    fn answers(&mut self) -> bool {
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        false
    }

    /// A file or folder of it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The fingerprint of one of its keys.
    pub fn fingerprint(&self, name: &str) -> String {
        let said = Command::new("ssh-keygen").arg("-lf").arg(self.path(&format!("{name}.pub"))).output().unwrap();
        String::from_utf8(said.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
    }

    /// `[bank.door]` towards it, over a port (its own, or a line's).
    pub fn toml(&self, port: u16) -> String {
        format!(
            "kind = \"sftp\"\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{}\"\nkey_file = \"{}\"\n\
             host_keys = [\"{}\"]\ntries = 2\nbackoff_seconds = 0\noperation_seconds = 5\nconnect_seconds = 5\n",
            user(),
            self.path("user").display(),
            self.fingerprint("host")
        )
    }

    /// A door to it with changed settings.
    pub fn door(&self, port: u16, change: impl FnOnce(&mut Settings)) -> Door {
        let mut settings: Settings = toml::from_str(&self.toml(port)).unwrap();
        change(&mut settings);
        settings.check().unwrap();
        Door::new(self.path("out"), self.path("in"), settings)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Run by root it separates privileges, for which it wants a folder that belongs to nobody else.
fn spawn(config: &Path, log: &Path) -> Child {
    if rustix::process::geteuid().is_root() {
        fs::create_dir_all("/run/sshd").unwrap();
        fs::set_permissions("/run/sshd", fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new("/usr/sbin/sshd");
    command.args(["-D", "-e", "-f"]).arg(config).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(fs::File::create(log).unwrap()).spawn().expect("openssh-server is missing: ./check installs it")
}

fn key(path: &Path) {
    made(path, &["-t", "ed25519"]);
}

fn made(path: &Path, kind: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-N", "", "-C", "test"]).args(kind).arg("-f").arg(path);
    assert!(command.status().expect("ssh-keygen is missing: ./check installs it").success());
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Who this test runs as: the server lets nobody else in.
fn user() -> String {
    let said = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}
