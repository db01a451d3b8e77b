//! Files that hold a secret: keys, passwords, passphrases. One that others may read is refused.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use zeroize::Zeroizing;

/// Refuses a file that anybody but its owner may read.
pub fn private(path: &Path) -> io::Result<()> {
    let mode = std::fs::metadata(path)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(io::Error::other(format!("mode {mode:03o}: others may read it; 600 is wanted")));
    }
    Ok(())
}

/// Reads a secret; its memory is cleared with it.
pub fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    private(path)?;
    Ok(Zeroizing::new(std::fs::read(path)?))
}
