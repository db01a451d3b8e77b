//! A line between a door and its server that can be cut after some bytes, be slow, or be dead.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// No limit.
pub const WHOLE: i64 = i64::MAX / 2;

/// A line. It lives as long as the test's process.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it listens.
    pub port: u16,
    /// So many bytes still go towards the server; then both ends are closed.
    up: Arc<AtomicI64>,
    /// So many bytes still come from the server.
    down: Arc<AtomicI64>,
    /// Milliseconds each block of up to 4 KiB takes.
    delay: Arc<AtomicI64>,
    /// Every connection ends at once.
    broken: Arc<AtomicBool>,
    /// Connections that were made.
    made: Arc<AtomicU32>,
}

impl Line {
    /// A line to a server's port.
    pub fn to(port: u16) -> Line {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let line = Line {
            port: listener.local_addr().unwrap().port(),
            up: Arc::new(AtomicI64::new(WHOLE)),
            down: Arc::new(AtomicI64::new(WHOLE)),
            delay: Arc::default(),
            broken: Arc::default(),
            made: Arc::default(),
        };
        let this = line.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", port))) else { continue };
                if this.broken.load(Ordering::SeqCst) {
                    continue;
                }
                this.made.fetch_add(1, Ordering::SeqCst);
                let (there, back) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (up, down) = (this.clone(), this.clone());
                thread::spawn(move || up.carry(there, server, &up.up));
                thread::spawn(move || down.carry(back, client, &down.down));
            }
        });
        line
    }

    /// Cuts once, after so many more bytes towards the server; a connection made after that is whole.
    pub fn cut_after(&self, bytes: i64) {
        self.up.store(bytes, Ordering::SeqCst);
    }

    /// Cuts once, after so many more bytes from the server.
    pub fn cut_answers_after(&self, bytes: i64) {
        self.down.store(bytes, Ordering::SeqCst);
    }

    /// Every 4 KiB take so long.
    pub fn slow(&self, milliseconds: i64) {
        self.delay.store(milliseconds, Ordering::SeqCst);
    }

    /// Every connection from now on ends at once, or lives again.
    pub fn broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Connections so far.
    pub fn made(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream, left: &AtomicI64) {
        let mut block = [0_u8; 4096];
        while let Ok(length) = from.read(&mut block) {
            if length == 0 {
                break;
            }
            let delay = self.delay.load(Ordering::SeqCst);
            thread::sleep(Duration::from_millis(u64::try_from(delay).unwrap()));
            let before = left.fetch_sub(i64::try_from(length).unwrap(), Ordering::SeqCst);
            let passes = usize::try_from(before.max(0)).unwrap().min(length);
            if to.write_all(&block[..passes]).is_err() {
                break;
            }
            if passes < length {
                left.store(WHOLE, Ordering::SeqCst);
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
