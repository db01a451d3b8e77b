//! The door that is folders; the one over SFTP is tested against a real server in `tests/door`.

use std::fs;
use std::path::Path;

use super::names::Template;
use super::*;

const POINTS: [&str; 3] = ["send.temp.after_write", "send.temp.after_fsync", "send.after_rename"];

fn door(folder: &Path, change: impl FnOnce(&mut Settings)) -> Door {
    let mut settings = Settings::default();
    change(&mut settings);
    let door = Door::new(folder.join("out"), folder.join("in"), settings);
    fs::create_dir_all(&door.out).unwrap();
    fs::create_dir_all(&door.into).unwrap();
    door
}

fn kept(bytes: &[u8]) -> Kept {
    measure(bytes).unwrap()
}

fn body(bytes: &'static [u8]) -> impl FnMut() -> io::Result<&'static [u8]> {
    move || Ok(bytes)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_sent_once_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |_| {});
    door.send("a.txt", &kept(b"abc"), body(b"abc"), POINTS).unwrap();
    door.send("a.txt", &kept(b"abc"), body(b"abc"), POINTS).unwrap();
    assert_eq!(fs::read(door.out.join("a.txt")).unwrap(), b"abc");
    let other = door.send("a.txt", &kept(b"abd"), body(b"abd"), POINTS);
    assert!(matches!(other, Err(DoorError::Occupied { .. })));
    assert!(matches!(door.send("b.txt", &kept(b"abc"), body(b"abd"), POINTS), Err(DoorError::ReadBack { .. })));
    assert!(matches!(door.send("c.txt", &kept(b"abc"), body(b"ab"), POINTS), Err(DoorError::ReadBack { .. })));
    assert_eq!(names(&door.out), [".b.txt.tmp", ".c.txt.tmp", "a.txt"]);
}

#[test]
fn publishing_again_knows_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |_| {});
    let abc = kept(b"abc");
    door.stage("a", &abc, body(b"abc"), [POINTS[0], POINTS[1]]).unwrap();
    assert!(!door.out.join("a").exists(), "staged is not shown");
    door.publish("a", &abc).unwrap();
    assert_eq!(fs::read(door.out.join("a")).unwrap(), b"abc");
    door.publish("a", &abc).unwrap();
    fs::remove_file(door.out.join("a")).unwrap();
    door.publish("a", &abc).unwrap();
    assert!(!door.out.join("a").exists(), "the partner took it: nothing is shown twice");
}

#[test]
fn a_marker_comes_after_its_file_and_is_made_up_for_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |settings| {
        settings.marker_out = Some(Template::parse("{stem}.CHK").unwrap());
        settings.marker_text = "{name} {bytes} {sha256}".to_owned();
    });
    let abc = kept(b"abc");
    door.stage("a.txt", &abc, body(b"abc"), [POINTS[0], POINTS[1]]).unwrap();
    assert!(!door.out.join("a.CHK").exists());
    // Killed between the file's name and the marker's.
    fs::rename(door.out.join(".a.txt.tmp"), door.out.join("a.txt")).unwrap();
    door.publish("a.txt", &abc).unwrap();
    // sha256 of "abc", FIPS 180-2.
    let said = "a.txt 3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(fs::read_to_string(door.out.join("a.CHK")).unwrap(), said);
}

#[test]
fn only_complete_files_wait_and_a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |_| {});
    for name in ["b", "a", "c.tmp", ".d"] {
        fs::write(door.into.join(name), "x").unwrap();
    }
    assert_eq!(door.waiting().unwrap(), ["a", "b"]);
    door.remove("a").unwrap();
    door.remove("a").unwrap();
    fs::remove_dir_all(&door.into).unwrap();
    assert!(matches!(door.waiting(), Err(DoorError::Missing(_))));
}

#[test]
fn what_is_not_complete_or_not_ours_stays_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |settings| {
        settings.names = vec!["DK*".to_owned()];
        settings.marker_in = Some(Template::parse("{name}.ok").unwrap());
        settings.receipt = Some(Template::parse("{name}.ack").unwrap());
        settings.done = Some(folder.path().join("done"));
    });
    for name in ["DK1", "DK1.ok", "DK2", "NEWS.pdf", "NEWS.pdf.ok", "out.txt.ack", "DK3.ok"] {
        fs::write(door.into.join(name), "x").unwrap();
    }
    let found = door.look().unwrap();
    let wanted = Waiting {
        files: vec!["DK1".into()],
        unmarked: vec!["DK2".into()],
        growing: vec![],
        ignored: vec!["NEWS.pdf".into()],
        receipts: vec![("out.txt.ack".into(), "out.txt".into())],
    };
    assert_eq!(found, wanted);
    assert!(matches!(door.remove("DK1"), Err(DoorError::Missing(_))), "nowhere to move it: it stays");
    fs::create_dir(folder.path().join("done")).unwrap();
    door.remove("DK1").unwrap();
    assert!(!door.into.join("DK1.ok").exists(), "the marker goes with its file");
    fs::write(door.into.join("DK1"), "y").unwrap();
    door.remove("DK1").unwrap();
    assert_eq!(names(&folder.path().join("done")), ["DK1", "DK1.2"]);
}

#[test]
fn a_file_that_changes_between_two_looks_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |settings| settings.settle_seconds = 1);
    fs::write(door.into.join("still"), "x").unwrap();
    let growing = door.into.join("growing");
    fs::write(&growing, "x").unwrap();
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        fs::write(growing, "xx").unwrap();
    });
    let found = door.look().unwrap();
    writer.join().unwrap();
    assert_eq!((found.files, found.growing), (vec!["still".to_owned()], vec!["growing".to_owned()]));
}

#[test]
fn a_check_says_what_is_wrong_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let door = door(folder.path(), |_| {});
    let now = "2026-11-20T14:00:00Z".parse().unwrap();
    let found = door.check(now);
    assert!(found.iter().all(|finding| finding.right != Some(false)), "{found:?}");
    assert!(found.iter().any(|finding| finding.what.contains("no overwriting")));
    assert!(names(&door.out).is_empty() && names(&door.into).is_empty());
    fs::remove_dir(&door.into).unwrap();
    let wrong: Vec<String> =
        door.check(now).into_iter().filter(|finding| finding.right == Some(false)).map(|found| found.said).collect();
    assert!(wrong.len() == 1 && wrong[0].contains("mounted"), "{wrong:?}");
}
