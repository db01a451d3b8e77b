//! This process, as others see it: who holds a run, and whether that holder is dead.

use std::fs;

/// `host/pid/start`: the start time tells a process from a later one with the same number.
pub fn me() -> String {
    let pid = std::process::id();
    format!("{}/{pid}/{}", host(), started(pid).unwrap_or_default())
}

/// Whether a holder ran on this machine and is gone. A holder elsewhere is never known to be dead: its lease decides.
pub fn is_dead(owner: &str) -> bool {
    let mut parts = owner.split('/');
    let (Some(name), Some(pid), Some(start)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let Ok(pid) = pid.parse::<u32>() else { return false };
    name == host() && !start.is_empty() && started(pid).as_deref() != Some(start)
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    // Two containers may share a host name; they do not share a process table, so the boot and the PID namespace
    // count too.
    let space = fs::read_link("/proc/self/ns/pid").map(|link| link.display().to_string()).unwrap_or_default();
    let digits = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    format!("{}-{}-{}", name.trim().replace('/', "-"), digits(boot.trim()).get(..8).unwrap_or(""), digits(&space))
}

/// Start time of a living process in clock ticks since boot; a zombie is not living.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name stands in parentheses and may hold blanks; fields are counted after it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    (*fields.first()? != "Z").then_some(())?;
    fields.get(19).map(|start| (*start).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_living_are_not_dead() {
        let me = me();
        assert!(!is_dead(&me));
        let mut parts: Vec<String> = me.split('/').map(str::to_owned).collect();
        parts[2] = "1".into();
        assert!(is_dead(&parts.join("/")), "another process with this number");
        parts[0] = "elsewhere".into();
        assert!(!is_dead(&parts.join("/")));
        assert!(!is_dead("") && !is_dead("scheduler"));
    }
}
