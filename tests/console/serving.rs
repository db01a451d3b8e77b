//! `yichong serve`: the first start shows two passwords, pages are answered, a word to stop is heard, and the second
//! start shows nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::{Place, Site, block_on, household};

/// A server, and what it said until it served.
struct Serving {
    child: Child,
    said: Vec<String>,
    address: String,
}

fn serve(site: &Site) -> Serving {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yichong"));
    command.arg("--config").arg(site.config()).arg("serve").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((_, address)) = line.split_once("console: http://") {
            let address = address.trim_end_matches('/').to_owned();
            return Serving { child, said, address };
        }
        said.push(line);
    }
    let ended = child.wait().unwrap();
    panic!("it ended ({ended}): {said:?}");
}

impl Serving {
    fn get(&self, path: &str, host: &str) -> String {
        let mut line = TcpStream::connect(&self.address).unwrap();
        write!(line, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        line.read_to_string(&mut text).unwrap();
        text
    }

    /// As a service manager stops it.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "a stop that was asked for is no failure");
    }
}

#[test]
fn the_console_comes_and_goes_with_the_scheduler() {
    block_on(async {
        let site = Site::with(Place::sqlite(), "[console]\nlisten = \"127.0.0.1:0\"", &["PLAIN"]).await;
        site.enrol(&[household(1)]).await;
        let first = serve(&site);
        let shown = |name: &str| first.said.iter().filter(|line| line.contains(name)).count();
        assert_eq!((shown("administrator admin1"), shown("administrator admin2")), (1, 1), "{:?}", first.said);
        let page = first.get("/sign-in", "127.0.0.1");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("登录"), "{page}");
        let (_, style) = page.split_once("href=\"/assets/style").unwrap();
        let style = first.get(&format!("/assets/style{}", style.split('"').next().unwrap()), "localhost");
        assert!(style.starts_with("HTTP/1.1 200") && style.contains("immutable"), "{style}");
        assert!(first.get("/sign-in", "evil.example").starts_with("HTTP/1.1 403"));
        assert!(first.get("/", "localhost").starts_with("HTTP/1.1 303"));
        first.stop();
        let second = serve(&site);
        assert_eq!(second.said, Vec::<String>::new(), "passwords are shown once");
        second.stop();
    });
}
