use std::collections::HashSet;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::session::Tool;

fn key(text: &str) -> Shortcut {
    text.parse().unwrap()
}

fn parse(keys: &str) -> (Keymap, Vec<String>) {
    let text = format!("(\n    format: 1,\n    keys: {{\n{keys}\n    }},\n)\n");
    let (keymap, problems) = Keymap::parse(&text, Path::new("keys.ron")).unwrap();
    (keymap, problems.iter().map(ToString::to_string).collect())
}

/// The two directions say the same, and nobody has a key of the window.
fn assert_sound(keymap: &Keymap) {
    let pairs: Vec<(Command, Shortcut)> =
        Command::all().into_iter().flat_map(|c| keymap.shortcuts(c).iter().map(move |&s| (c, s))).collect();
    let keys: HashSet<Shortcut> = pairs.iter().map(|(_, s)| *s).collect();
    assert_eq!(keys.len(), pairs.len(), "a key has two commands");
    for (command, shortcut) in &pairs {
        assert_eq!(keymap.command(*shortcut), Some(*command));
        assert_eq!(keymap.owner(*shortcut), Some(Owner::Command(*command)), "{}", shortcut.text());
    }
    assert_eq!(keymap.by_shortcut.len(), pairs.len());
}

#[test]
fn names_and_commands_belong_together_both_ways() {
    let mut names = HashSet::new();
    for command in Command::all() {
        let name = command.name();
        assert_eq!(Command::from_name(&name), Some(command));
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-')), "{name}");
        assert!(names.insert(name.clone()), "{name}");
    }
    // Files of others hang on these.
    for name in ["use.brush", "use.threshold-brush", "pick.3", "show.check", "undo", "done-and-next", "show-only.9", "reclass.1"] {
        assert!(names.contains(name), "{name}");
    }
    assert_eq!(Command::from_name("use.hammer"), None);
}

#[test]
fn defaults_are_the_keys_of_the_commands_and_sound() {
    let keymap = Keymap::default();
    assert_sound(&keymap);
    for command in Command::all() {
        assert_eq!(keymap.shortcuts(command), command.shortcuts());
    }
    assert!(keymap.changed().is_empty());
    assert_eq!(keymap.text(Command::Undo), "Ctrl+Z");
}

#[test]
fn every_key_is_read_as_it_is_written() {
    for k in Key::all() {
        for bits in 0..8 {
            let shortcut = Shortcut { command: bits & 1 != 0, shift: bits & 2 != 0, alt: bits & 4 != 0, key: k };
            assert_eq!(shortcut.text().parse(), Ok(shortcut), "{}", shortcut.text());
        }
    }
    assert_eq!(Key::all().len(), Key::all().into_iter().collect::<HashSet<_>>().len());
}

#[test]
fn people_write_keys_in_their_own_way() {
    let ctrl_d = Shortcut { command: true, shift: true, alt: false, key: Key::Char('D') };
    for text in ["Ctrl+Shift+D", "shift+ctrl+d", " Cmd + Shift + d ", "CONTROL+SHIFT+D"] {
        assert_eq!(text.parse(), Ok(ctrl_d), "{text}");
    }
    assert_eq!(key("Ctrl++").key, Key::Char('+'));
    assert_eq!(key("+").key, Key::Char('+'));
    assert_eq!(key("Left"), key("←"));
    assert_eq!(key("option+f12").key, Key::F(12));
    for text in ["", "  ", "Ctrl+", "F0", "F13", "F1x", "Hyper+Q", "Ctrl+Spam", "ä", "Ctrl+Shift", "F999999999999"] {
        assert!(text.parse::<Shortcut>().is_err(), "{text}");
    }
}

#[test]
fn a_key_that_is_taken_is_refused_with_its_owner() {
    let mut keymap = Keymap::default();
    let before = keymap.clone();
    let fill = Command::Use(Tool::Fill);
    let conflict = keymap.bind(Command::FitView, key("G")).unwrap_err();
    assert_eq!(conflict.owner, Owner::Command(fill));
    assert_eq!(conflict.to_string(), "G is the key of “Bucket fill”");
    assert_eq!(keymap, before);

    keymap.take(Command::FitView, None, key("G")).unwrap();
    assert_eq!(keymap.shortcuts(Command::FitView), [key("F"), key("G")]);
    assert!(keymap.shortcuts(fill).is_empty());
    assert_eq!(keymap.command(key("G")), Some(Command::FitView));
    assert_sound(&keymap);

    // The key that Bucket fill came with is somebody else's now.
    assert_eq!(keymap.reset(fill), [Conflict { shortcut: key("G"), owner: Owner::Command(Command::FitView) }]);
    assert!(keymap.reset(Command::FitView).is_empty());
    assert!(keymap.reset(fill).is_empty());
    assert_eq!(keymap, before);
}

#[test]
fn a_key_takes_the_place_of_another() {
    let mut keymap = Keymap::default();
    keymap.replace(Command::NextImage, key("D"), key("PageDown")).unwrap();
    assert_eq!(keymap.shortcuts(Command::NextImage), [key("PageDown"), key("Right")]);
    assert_eq!(keymap.command(key("D")), None);
    // The other one of its own keys: one place is left.
    keymap.replace(Command::NextImage, key("PageDown"), key("Right")).unwrap();
    assert_eq!(keymap.shortcuts(Command::NextImage), [key("Right")]);
    keymap.replace(Command::NextImage, key("Right"), key("Right")).unwrap();
    assert_eq!(keymap.shortcuts(Command::NextImage), [key("Right")]);
    assert_eq!(keymap.replace(Command::NextImage, key("Right"), key("B")).unwrap_err().shortcut, key("B"));
    assert_eq!(keymap.shortcuts(Command::NextImage), [key("Right")]);
    assert_sound(&keymap);
}

#[test]
fn keys_of_the_window_stay_there() {
    let mut keymap = Keymap::default();
    for (shortcut, _) in OF_THE_WINDOW {
        assert!(matches!(keymap.bind(Command::FitView, shortcut).unwrap_err().owner, Owner::Window(_)));
        assert!(keymap.take(Command::FitView, None, shortcut).is_err());
    }
    assert_eq!(keymap, Keymap::default());
}

#[test]
fn the_file_holds_only_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.ron");
    let mut keymap = Keymap::default();
    keymap.take(Command::Use(Tool::Fill), None, key("B")).unwrap();
    keymap.clear(Command::Ruler);
    keymap.write(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text.split_whitespace().collect::<String>(),
        r#"(format:1,keys:{"ruler":[],"use.brush":[],"use.fill":["G","B",],},)"#,
    );
    let (back, problems) = Keymap::read(&path).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(back, keymap);
}

#[test]
fn what_cannot_be_read_is_left_out_and_named() {
    let (keymap, problems) = parse("\"use.hammer\": [\"N\"],\n\"ruler\": [\"Hyper+R\", \"Ctrl+R\"],\n\"loupe\": [\"Nonsense\"],");
    assert_eq!(problems.len(), 3, "{problems:?}");
    // Entries come by name.
    assert!(problems[0].contains("line 6") && problems[0].contains("loupe") && problems[0].contains("Nonsense"), "{problems:?}");
    assert!(problems[1].contains("line 5") && problems[1].contains("Hyper") && problems[1].contains("keys.ron"), "{problems:?}");
    assert!(problems[2].contains("line 4") && problems[2].contains("use.hammer"), "{problems:?}");
    assert_eq!(keymap.shortcuts(Command::Ruler), [key("Ctrl+R")]);
    assert_eq!(keymap.shortcuts(Command::Loupe), Command::Loupe.shortcuts());
}

#[test]
fn keys_may_change_places_but_not_be_given_twice() {
    let (swapped, problems) = parse("\"use.brush\": [\"E\"], \"use.eraser\": [\"B\"]");
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(swapped.command(key("B")), Some(Command::Use(Tool::Eraser)));
    assert_eq!(swapped.command(key("E")), Some(Command::Use(Tool::Brush)));

    let (keymap, problems) = parse("\"ruler\": [\"B\", \"Ctrl+R\", \"Tab\"]");
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("Brush"), "{problems:?}");
    assert_eq!(keymap.command(key("B")), Some(Command::Use(Tool::Brush)));
    assert_eq!(keymap.shortcuts(Command::Ruler), [key("Ctrl+R")]);
    assert_sound(&keymap);
}

#[test]
fn a_file_of_a_newer_program_or_no_ron_is_an_error_that_names_it() {
    for text in ["(format: 9, keys: {})", "", "(format: 1, keys: 3)", "((((", "\u{0}", "(format: 1, keys: {\"a\": [1]})"] {
        let error = Keymap::parse(text, Path::new("keys.ron")).unwrap_err().to_string();
        assert!(error.contains("keys.ron"), "{error}");
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    proptest::sample::select(Command::all())
}

fn any_shortcut() -> impl Strategy<Value = Shortcut> {
    (any::<[bool; 3]>(), proptest::sample::select(Key::all())).prop_map(|([command, shift, alt], key)| Shortcut {
        command,
        shift,
        alt,
        key,
    })
}

proptest! {
    #[test]
    fn whatever_is_done_no_key_has_two_commands_and_the_file_gives_it_back(
        steps in proptest::collection::vec((0..6_u8, any_command(), any_shortcut(), any_shortcut()), 0..40)
    ) {
        let mut keymap = Keymap::default();
        for (what, command, a, b) in steps {
            match what {
                0 => drop(keymap.bind(command, a)),
                1 => keymap.unbind(command, a),
                2 => drop(keymap.replace(command, a, b)),
                3 => drop(keymap.take(command, Some(a), b)),
                4 => keymap.clear(command),
                _ => drop(keymap.reset(command)),
            }
            assert_sound(&keymap);
        }
        let text = ron_text(&keymap.to_file());
        let (back, problems) = Keymap::parse(&text, Path::new("keys.ron")).unwrap();
        prop_assert!(problems.is_empty(), "{problems:?}");
        prop_assert_eq!(&back, &keymap);
        keymap.reset_all();
        prop_assert_eq!(keymap, Keymap::default());
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), name in "[a-z.0-9-]{0,12}", key in any::<String>()) {
        drop(text.parse::<Shortcut>());
        drop(key.parse::<Shortcut>());
        drop(Keymap::parse(&text, Path::new("keys.ron")));
        let file = KeymapFile { format: 1, keys: [(name, vec![key, text])].into() };
        let (keymap, _) = Keymap::parse(&ron_text(&file), Path::new("keys.ron")).unwrap();
        assert_sound(&keymap);
    }

    #[test]
    fn a_cut_or_scratched_file_never_panics(at in 0..200_usize, byte in any::<u8>()) {
        let mut keymap = Keymap::default();
        keymap.take(Command::Use(Tool::Fill), None, key("B")).unwrap();
        let mut bytes = ron_text(&keymap.to_file()).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok((keymap, _)) = Keymap::parse(&String::from_utf8_lossy(&bytes), Path::new("keys.ron")) {
            assert_sound(&keymap);
        }
        if let Ok((keymap, _)) = Keymap::parse(&String::from_utf8_lossy(&bytes[..at]), Path::new("keys.ron")) {
            assert_sound(&keymap);
        }
    }
}

fn ron_text(file: &KeymapFile) -> String {
    crate::files::ron_file::to_text(file, Path::new("keys.ron")).unwrap()
}
