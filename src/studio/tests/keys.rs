//! Keys that a person changes, what goes with the person from window to window, and the names of controls.

use delimit::session::command::Shortcut;
use delimit::session::{Command, Tool};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, ThemePreference};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, sample_folder};

fn key(text: &str) -> Shortcut {
    text.parse().unwrap()
}

fn keys_of(desk: &Desk, command: Command) -> Vec<String> {
    desk.studio().person.keymap.shortcuts(command).iter().map(|s| s.text()).collect()
}

/// Opens the sheet and looks for a command: its row is the only one.
fn look_for(desk: &mut Desk, words: &str) {
    if desk.studio().view.shows_keys {
        desk.key(Key::F1);
    }
    desk.key(Key::F1);
    assert!(desk.h.get_by_role_and_label(Role::TextInput, "Find a key").accesskit_node().is_focused());
    desk.h.event(Event::Text(words.into()));
    desk.settle();
}

#[test]
fn a_key_is_changed_by_a_click_and_a_press_and_counts_at_once() {
    let mut desk = Desk::open();
    look_for(&mut desk, "fit image");
    desk.click("F, key of Fit image");
    assert!(desk.has_part("Press the new key"));
    desk.key(Key::F3);
    assert_eq!(keys_of(&desk, Command::FitView), ["F3"]);
    assert!(desk.has("F3, key of Fit image"));
    // Nothing but the question heard the key.
    assert!(desk.studio().view.shows_keys);
    desk.key(Key::Escape);
    assert!(!desk.studio().view.shows_keys);

    desk.ctrl(Key::Num1);
    let near = desk.studio().canvas.view().unwrap().zoom();
    desk.key(Key::F);
    assert_eq!(desk.studio().canvas.view().unwrap().zoom(), near, "the old key is nobody's");
    desk.key(Key::F3);
    assert_ne!(desk.studio().canvas.view().unwrap().zoom(), near);

    let text = std::fs::read_to_string(desk.settings.join("keys.ron")).unwrap();
    assert!(text.contains("\"fit-view\"") && text.contains("\"F3\"") && !text.contains("undo"), "{text}");
    look_for(&mut desk, "fit image");
    desk.click("Reset the keys of Fit image");
    assert_eq!(keys_of(&desk, Command::FitView), ["F"]);
}

#[test]
fn a_conflict_is_told_and_settled_either_way() {
    let mut desk = Desk::open();
    look_for(&mut desk, "ruler");
    desk.click("R, key of Ruler");
    desk.key(Key::G);
    assert!(desk.has_part("G is the key of “Bucket fill”"));
    desk.click("Leave it");
    assert_eq!((keys_of(&desk, Command::Ruler), keys_of(&desk, Command::Use(Tool::Fill))), (vec!["R".into()], vec!["G".into()]));

    desk.click("R, key of Ruler");
    desk.key(Key::G);
    desk.click("Take it from “Bucket fill”");
    assert_eq!(keys_of(&desk, Command::Ruler), ["G"]);
    assert!(keys_of(&desk, Command::Use(Tool::Fill)).is_empty());
    look_for(&mut desk, "bucket");
    assert!(desk.has("No key for Bucket fill"));
    // Its own key is the ruler's now: the reset asks.
    desk.click("Reset the keys of Bucket fill");
    assert!(desk.has_part("G is the key of “Ruler”"));
    desk.click("Take it from “Ruler”");
    assert_eq!(keys_of(&desk, Command::Use(Tool::Fill)), ["G"]);
    desk.click("Reset all keys");
    assert!(desk.studio().person.keymap.changed().is_empty());
    assert!(desk.is_disabled("Reset all keys"));
}

#[test]
fn escape_leaves_a_key_and_backspace_takes_it_away() {
    let mut desk = Desk::open();
    look_for(&mut desk, "loupe");
    desk.click("Q, key of Loupe");
    desk.key(Key::Escape);
    assert_eq!(keys_of(&desk, Command::Loupe), ["Q"]);
    assert!(desk.studio().view.shows_keys, "Escape was the answer");
    desk.click("Q, key of Loupe");
    desk.key(Key::Backspace);
    assert!(keys_of(&desk, Command::Loupe).is_empty());
    desk.click("No key for Loupe");
    desk.chord(Modifiers { ctrl: true, command: true, alt: true, ..Modifiers::NONE }, Key::L);
    assert_eq!(keys_of(&desk, Command::Loupe), ["Ctrl+Alt+L"]);
    desk.click("Another key for Loupe");
    desk.key(Key::Tab);
    assert!(desk.has_part("the window needs it"), "Tab moves the focus");
    desk.click("Another key for Loupe");
    desk.key(Key::PageDown);
    assert_eq!(keys_of(&desk, Command::Loupe), ["Ctrl+Alt+L", "PageDown"]);
}

#[test]
fn tooltips_menus_and_hints_show_the_changed_key() {
    let mut desk = Desk::open();
    desk.studio_mut().change_keys(|k| {
        k.replace(Command::BrushLarger, key("]"), key("F11")).unwrap();
        k.take(Command::Use(Tool::Fill), Some(key("G")), key("F3")).unwrap();
    });
    desk.settle();
    assert!(desk.has_part("F11 = larger"), "the hint of the brush");
    desk.ctrl(Key::K);
    desk.h.event(Event::Text("bucket".into()));
    desk.settle();
    let palette = desk.h.get_by_label_contains("Bucket fill F3").accesskit_node().label();
    assert!(palette.is_some());
    desk.key(Key::F11);
    desk.studio_mut().view.shows_palette = false;
    desk.settle();
    let size = desk.figure("Size");
    desk.key(Key::F11);
    assert!(desk.figure("Size") > size);
}

#[test]
fn a_held_key_that_was_changed_peeks_too() {
    let mut desk = Desk::open();
    desk.studio_mut().change_keys(|k| k.replace(Command::HideLabels, key("H"), key("F3")).unwrap());
    desk.settle();
    desk.h.key_down(Key::F3);
    desk.h.run_steps(30);
    assert!(desk.studio().view.are_labels_hidden);
    desk.h.key_up(Key::F3);
    desk.settle();
    assert!(!desk.studio().view.are_labels_hidden, "held, it only peeks");
}

#[test]
fn keys_and_settings_come_back_in_the_next_window() {
    let (project, person) = (sample_folder(), tempfile::tempdir().unwrap());
    {
        let mut desk = Desk::of_person(project.path(), person.path());
        desk.click("Close the first steps");
        desk.studio_mut().change_keys(|k| k.bind(Command::FitView, key("Home")).unwrap());
        desk.key(Key::CloseBracket);
        desk.key(Key::Comma);
        desk.key(Key::Q);
        desk.ctrl(Key::T);
        let ctx = desk.h.ctx.clone();
        desk.studio_mut().set_author(" Ada ", &ctx);
        // A rest long enough for the settings to be written.
        desk.key(Key::O);
        desk.h.run_steps(150);
        for _ in 0..200 {
            std::thread::sleep(std::time::Duration::from_millis(5));
            desk.h.step();
            if std::fs::read_to_string(person.path().join("settings.ron")).is_ok_and(|t| t.contains("outline")) {
                break;
            }
        }
    }
    let text = std::fs::read_to_string(person.path().join("settings.ron")).unwrap();
    assert!(text.contains("outline"), "{text}");
    let desk = Desk::of_person(project.path(), person.path());
    let view = &desk.studio().view;
    assert!(!view.shows_hints);
    assert!(view.viewing.has_loupe);
    assert!((view.opacity - 0.45).abs() < 1e-6);
    assert_eq!(view.settings.brush_px, 14.0, "a fifth more than 12");
    assert_eq!(desk.studio().session.author(), "Ada");
    assert_eq!(keys_of(&desk, Command::FitView), ["F", "Home"]);
    assert_ne!(desk.h.ctx.options(|o| o.theme_preference), ThemePreference::System);
}

#[test]
fn what_was_just_set_is_written_when_the_window_closes() {
    let mut desk = Desk::open();
    desk.key(Key::Period);
    let ctx = desk.h.ctx.clone();
    desk.studio_mut().keep_settings_now(&ctx).unwrap();
    let text = std::fs::read_to_string(desk.settings.join("settings.ron")).unwrap();
    assert!(text.contains("opacity: 0.65") && text.contains("are_first_steps_closed: true"), "{text}");
    // A folder that cannot be made is told, once.
    desk.key(Key::Comma);
    std::fs::remove_file(desk.settings.join("settings.ron")).unwrap();
    std::fs::remove_dir_all(&desk.settings).unwrap();
    std::fs::write(&desk.settings, "a file").unwrap();
    assert!(desk.studio_mut().keep_settings_now(&ctx).unwrap_err().contains("settings.ron"));
    assert!(desk.studio_mut().keep_settings_now(&ctx).is_ok());
    std::fs::remove_file(&desk.settings).unwrap();
}

#[test]
fn damaged_files_cost_nobody_the_program() {
    let (project, person) = (sample_folder(), tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| std::fs::write(person.path().join(name), text).unwrap();
    write("settings.ron", "(format: 1, opacity: oops");
    write("keys.ron", "(format: 1, keys: {\n\"use.hammer\": [\"F3\"],\n\"fit-view\": [\"Home\"],\n})");
    {
        let mut desk = Desk::of_person(project.path(), person.path());
        assert!(desk.has_part("settings is damaged"));
        assert!(desk.has_part("line 2: no command is called `use.hammer`"));
        assert_eq!(keys_of(&desk, Command::FitView), ["Home"]);
        assert_eq!(desk.studio().view.opacity, 0.55);
        let kept = std::fs::read_to_string(person.path().join("settings.damaged-1.ron")).unwrap();
        assert!(kept.contains("oops"));
        // Before the keys are written, the file with the entry that was left out is kept.
        desk.studio_mut().change_keys(|k| k.bind(Command::FitView, key("F3")).unwrap());
        assert!(std::fs::read_to_string(person.path().join("keys.damaged-1.ron")).unwrap().contains("hammer"));
        assert!(!std::fs::read_to_string(person.path().join("keys.ron")).unwrap().contains("hammer"));
    }
    // Figures that no slider can set are brought into range; a file of a newer program is left alone.
    write("settings.ron", "(format: 1, opacity: 7.0, tools: (brush_px: -3.0, island_px: 100000))");
    write("keys.ron", "(format: 99, keys: {}, more: 1)");
    let mut desk = Desk::of_person(project.path(), person.path());
    assert_eq!(desk.studio().view.opacity, 1.0);
    assert_eq!((desk.studio().view.settings.brush_px, desk.studio().view.settings.island_px), (1.0, 400));
    assert!(desk.has_part("open it with a newer Delimit"));
    desk.studio_mut().change_keys(|k| k.bind(Command::FitView, key("F3")).unwrap());
    assert!(std::fs::read_to_string(person.path().join("keys.ron")).unwrap().contains("99"));
}

#[test]
fn every_control_of_the_label_workspace_has_a_name_in_words() {
    let mut desk = Desk::open();
    let roles = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::RadioButton,
        Role::Slider,
        Role::SpinButton,
        Role::TextInput,
        Role::Tab,
        Role::Canvas,
        Role::ColorWell,
    ];
    for tool in Tool::ALL.into_iter().filter(|t| *t != Tool::ModelRegion) {
        desk.click_as(Role::Button, tool.label());
        let mut count = 0;
        for role in roles {
            for node in desk.h.query_all_by_role(role) {
                let name = node.accesskit_node().label().unwrap_or_default();
                let has_words = name.chars().any(char::is_alphanumeric);
                // Icons are in the private use area.
                let has_icon = name.chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..));
                assert!(has_words && !has_icon, "{role:?} {name:?} with {tool:?}");
                count += 1;
            }
        }
        assert!(count > 40, "{count}");
    }
}

#[test]
fn tab_goes_through_the_window_from_the_top_and_reaches_the_canvas() {
    let mut desk = Desk::open();
    let mut order = Vec::new();
    for _ in 0..90 {
        desk.h.key_press(Key::Tab);
        desk.h.step();
        desk.h.step();
        let focused = desk.h.root().children_recursive().find(|n| n.accesskit_node().is_focused());
        order.extend(focused.map(|n| (n.accesskit_node().role(), n.accesskit_node().label().unwrap_or_default())));
    }
    let at = |name: &str| order.iter().position(|(_, n)| n == name).unwrap_or_else(|| panic!("{name} in {order:?}"));
    assert!(at("Label") < at("Check") && at("Check") < at("Brush"), "{order:?}");
    assert!(at("Brush") < at("Eraser"), "{order:?}");
    assert!(order.iter().any(|(role, _)| *role == Role::Canvas), "{order:?}");
}
