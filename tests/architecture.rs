//! The rooms import only from floors below their own; `ARCHITECTURE.md` has the same table.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

use std::fs;
use std::path::{Path, PathBuf};

/// (room, floor). A room may import from lower floors and from itself.
const ROOMS: [(&str, u32); 14] = [
    ("raster", 1),
    ("files", 2),
    ("measure", 2),
    ("paint", 2),
    ("project", 4),
    ("check", 3),
    ("predict", 3),
    ("judge", 3),
    ("compare", 3),
    ("exchange", 5),
    ("sample", 5),
    ("jobs", 1),
    ("session", 6),
    ("workflow", 7),
];

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The text without comments, so that a word in a comment is no import.
fn code_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap().lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The rooms named by `crate::room` anywhere in the code, groups like `crate::{a, b}` included.
fn rooms_named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut is_first_segment = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        is_first_segment = true;
                        names.push(std::mem::take(&mut word));
                    }
                    ':' => is_first_segment = depth > 0,
                    c if depth == 0 && is_first_segment && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ => {}
                }
            }
            names.push(word);
        } else {
            names.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

fn floor(room: &str) -> Option<u32> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

#[test]
fn a_room_imports_only_from_floors_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    let mut imports = 0;
    for path in files {
        let inside = path.strip_prefix(&src).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some(own) = floor(&room) else { continue };
        let code = code_of(&path);
        for other in rooms_named(&code) {
            if let Some(theirs) = floor(&other)
                && other != room
            {
                imports += 1;
                if theirs >= own {
                    wrong.push(format!("{}: {room} (floor {own}) imports {other} (floor {theirs})", inside.display()));
                }
            }
        }
        for widget in ["egui", "eframe", "rfd"] {
            if code.contains(&format!("{widget}::")) {
                wrong.push(format!("{}: the library knows no widget, but names {widget}", inside.display()));
            }
        }
    }
    assert!(imports > 20, "the search found only {imports} imports between rooms: it is looking in the wrong place");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_library_room_stands_in_the_table_and_in_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let rooms: Vec<&str> = library.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(rooms.len() > 8);
    for room in rooms {
        assert!(floor(room).is_some(), "{room} has no floor in this test");
        assert!(page.contains(&format!("`{room}/`")), "ARCHITECTURE.md does not speak of {room}/");
    }
}

#[test]
fn imports_in_groups_are_seen() {
    assert_eq!(rooms_named("use crate::{judge, raster::{Plane, Run}, check::x};"), ["judge", "raster", "check"]);
    assert_eq!(rooms_named("let a = crate::measure::regions(m);"), ["measure"]);
}
