//! Work on many images: the filter and its order, states and who said them, notes pinned on the image, views of a part, duplicates,
//! what somebody else changed meanwhile, and a project of a hundred thousand images.

use std::time::Instant;

use delimit::judge::Disposition;
use delimit::paint::{Brush, Gate};
use delimit::project::{ImageEntry, LabelState, PartNumber, Project};
use delimit::raster::{LabelMap, Point};
use delimit::session::{Pen, SurfaceId};
use delimit::workflow::film::SortKey;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, PARTS};

const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;

/// Types into whatever has the keyboard.
fn type_text(desk: &mut Desk, text: &str) {
    desk.h.event(Event::Text(text.into()));
    desk.settle();
}

fn with(desk: &mut Desk, modifiers: Modifiers, key: Key) {
    desk.h.key_press_modifiers(modifiers, key);
    desk.settle();
}

fn images(desk: &Desk) -> Vec<String> {
    desk.studio().session.project().images().iter().map(|i| i.id.clone()).collect()
}

fn state(desk: &Desk, image: usize) -> LabelState {
    desk.studio().session.sidecar(image).state
}

fn listed(desk: &Desk) -> Vec<usize> {
    desk.studio().film().to_vec()
}

/// Sets the filter by key, as a person does.
fn filter(desk: &mut Desk, text: &str) {
    if desk.has("Clear the filter") {
        desk.click("Clear the filter");
    }
    desk.key(Key::Slash);
    type_text(desk, text);
    desk.key(Key::Escape);
}

#[test]
fn the_filter_lists_what_it_is_asked_for_and_the_keys_step_through_that() {
    let mut desk = Desk::open();
    let ids = images(&desk);
    assert!(desk.has(&format!("{PARTS} images")));
    for (image, state) in [(1, LabelState::Flagged), (3, LabelState::Flagged)] {
        desk.studio_mut().try_session(|s| s.set_state(image, state));
    }
    filter(&mut desk, "state:flagged");
    assert_eq!(listed(&desk), [1, 3]);
    assert!(desk.has(&format!("2 of {PARTS}")));
    // The current image is not one of them and stays on the canvas; it is not in the strip.
    assert!(desk.has(&format!("Canvas, {}", ids[0])));
    assert!(desk.buttons(&ids[0]).is_empty());
    assert_eq!(desk.buttons(&ids[1]).len(), 1);
    desk.key(Key::D);
    assert_eq!(desk.studio().view.image, 1);
    desk.key(Key::D);
    assert_eq!(desk.studio().view.image, 3);
    desk.key(Key::D);
    assert_eq!(desk.studio().view.image, 3, "the last one has no next");
    desk.key(Key::A);
    assert_eq!(desk.studio().view.image, 1);
    // Done lets it go from the list; the next one is the one that stood after it.
    desk.ctrl(Key::Enter);
    assert_eq!((state(&desk, 1), desk.studio().view.image), (LabelState::Done, 3));
    assert_eq!(listed(&desk), [3]);
    desk.click("Clear the filter");
    assert_eq!(listed(&desk), [0, 1, 2, 3]);
}

#[test]
fn letters_in_the_filter_are_no_commands_and_a_mistake_is_told_in_words() {
    let mut desk = Desk::open();
    desk.key(Key::Slash);
    desk.h.event(Event::Text("e".into()));
    desk.key(Key::E);
    assert!(desk.is_on("Brush"), "E is a letter here");
    desk.click("Clear the filter");
    filter(&mut desk, "clas:scratch");
    assert!(desk.has("no field 'clas'; did you mean class?"));
    assert_eq!(listed(&desk).len(), PARTS as usize, "the list stays as it was");
    // Escape has left the field: a letter is a command again, and the marked regions stayed marked.
    desk.key(Key::E);
    assert!(desk.is_on("Eraser"));
    filter(&mut desk, "class:scratch area:>100000");
    assert!(!desk.has_part("did you mean"));
    assert!(listed(&desk).is_empty());
    assert!(desk.has("No image is like this; clear the filter to see all"));
    desk.key(Key::D);
    assert_eq!(desk.studio().view.image, 0);
}

#[test]
fn the_filter_asks_what_was_measured_and_judged() {
    let mut desk = Desk::open();
    let studio = desk.studio();
    let has_scratch: Vec<usize> = (0..PARTS as usize)
        .filter(|&i| {
            let regions = &studio.analysis.labels[i].as_ref().unwrap().regions;
            let name = |r: &delimit::measure::Region| studio.session.project().class_name(r.class);
            regions.iter().any(|r| name(r) == "scratch")
        })
        .collect();
    let counts: Vec<usize> = (0..PARTS as usize).map(|i| studio.analysis.labels[i].as_ref().unwrap().regions.len()).collect();
    filter(&mut desk, "class:scratch");
    assert_eq!(listed(&desk), has_scratch);
    filter(&mut desk, "-class:scratch");
    assert_eq!(listed(&desk).len(), PARTS as usize - has_scratch.len());
    let most = *counts.iter().max().unwrap();
    filter(&mut desk, &format!("regions:{most}"));
    assert_eq!(listed(&desk), (0..PARTS as usize).filter(|&i| counts[i] == most).collect::<Vec<_>>());
    for (verdict, mark) in [("ok", "OK"), ("ng", "NG"), ("review", "review")] {
        filter(&mut desk, &format!("verdict:{verdict}"));
        let shown = listed(&desk);
        let ids = images(&desk);
        for image in shown {
            let cell = desk.buttons(&ids[image]);
            assert!(cell[0].ends_with(mark), "{cell:?}");
        }
    }
}

#[test]
fn the_order_is_chosen_by_its_name_and_turned_round() {
    let mut desk = Desk::open();
    desk.studio_mut().try_session(|s| s.set_state(2, LabelState::Approved));
    desk.studio_mut().try_session(|s| s.set_state(1, LabelState::Todo));
    desk.click("Order of the images");
    desk.click_as(Role::Button, "State");
    let order = listed(&desk);
    let rank = |i: &usize| LabelState::ALL.iter().position(|s| *s == state(&desk, *i)).unwrap();
    assert!(order.is_sorted_by_key(rank), "{order:?}");
    assert_eq!(order.last(), Some(&2));
    desk.click("Ascending order");
    assert_eq!(listed(&desk).first(), Some(&2));
    desk.studio_mut().film_state.list.sort.key = SortKey::Project;
    desk.settle();
    assert_eq!(listed(&desk), [3, 2, 1, 0]);
}

#[test]
fn a_state_says_who_and_when_and_has_six_values() {
    let mut desk = Desk::open();
    desk.click("Your name");
    desk.ctrl(Key::A);
    let was = desk.studio().session.author().to_owned();
    for _ in 0..was.len() {
        desk.key(Key::Backspace);
        desk.key(Key::Delete);
    }
    type_text(&mut desk, "Kim");
    desk.key(Key::Enter);
    assert_eq!(desk.studio().session.author(), "Kim");
    with(&mut desk, ALT, Key::R);
    assert_eq!(state(&desk, 0), LabelState::Reviewed);
    assert!(desk.has_part("reviewed by Kim, today "));
    with(&mut desk, ALT, Key::A);
    assert_eq!(state(&desk, 0), LabelState::Approved);
    assert!(desk.has_part("1 approved"));
    let ids = images(&desk);
    assert!(desk.buttons(&ids[0])[0].contains("approved"));
    desk.ctrl(Key::Z);
    assert_eq!(state(&desk, 0), LabelState::Reviewed, "a state is a step of undo");
    desk.click("State of the label");
    for s in LabelState::ALL {
        assert!(desk.has(s.label()), "{}", s.label());
    }
    desk.click_as(Role::Button, "flagged");
    assert_eq!(state(&desk, 0), LabelState::Flagged);
    with(&mut desk, ALT, Key::N);
    assert_eq!(desk.studio().session.sidecar(0).disposition, Disposition::Ng);
    assert!(desk.has("Alt+N"), "the key is shown");
    filter(&mut desk, "by:kim truth:ng");
    assert_eq!(listed(&desk), [0]);
}

#[test]
fn a_note_is_pinned_where_the_pointer_is_and_answered_and_resolved() {
    let mut desk = Desk::open();
    let at = desk.on_screen(400.5, 300.5);
    desk.h.hover_at(at);
    desk.settle();
    with(&mut desk, SHIFT, Key::N);
    assert!(desk.has("New note at 400, 300"));
    type_text(&mut desk, "is this a scratch");
    desk.key(Key::Enter);
    let note = desk.studio().session.sidecar(0).notes[0].clone();
    assert_eq!((note.pin, note.text.as_str()), (Some((400, 300)), "is this a scratch"));
    assert_eq!(note.written.by, desk.studio().session.author());
    assert!(desk.has("1 open of 1"));
    let ids = images(&desk);
    assert!(desk.buttons(&ids[0])[0].contains("1 open note"));

    // The pin opens its card, and a click on it paints nothing.
    let before = desk.label_map(0);
    desk.click("Pin 1, open: is this a scratch");
    assert!(desk.label_map(0) == before);
    assert!(desk.has("Close the note"));
    desk.click("Reply");
    type_text(&mut desk, "no, dirt");
    desk.key(Key::Enter);
    assert_eq!(desk.studio().session.sidecar(0).notes[0].replies[0].text, "no, dirt");
    assert!(desk.has("no, dirt"));
    desk.click("Resolve");
    assert!(desk.has("0 open of 1") && desk.has_part("Resolved by"));
    assert!(desk.has("Pin 1, resolved: is this a scratch"));
    filter(&mut desk, "note:open");
    assert!(listed(&desk).is_empty());
    filter(&mut desk, "note");
    assert_eq!(listed(&desk), [0]);
    desk.click("Clear the filter");
    if !desk.has("Reopen") {
        desk.click("Note 1, resolved: is this a scratch");
    }
    desk.click("Reopen");
    assert!(desk.has("1 open of 1"));
    desk.click("Delete note");
    assert!(desk.studio().session.sidecar(0).notes.is_empty());
    desk.ctrl(Key::Z);
    assert_eq!(desk.studio().session.sidecar(0).notes.len(), 1, "undo brings it back");

    // Escape drops a new one.
    with(&mut desk, SHIFT, Key::N);
    type_text(&mut desk, "never");
    desk.key(Key::Escape);
    assert!(!desk.has_part("New note"));
    assert_eq!(desk.studio().session.sidecar(0).notes.len(), 1);
}

#[test]
fn the_next_open_note_is_gone_to_over_images() {
    let mut desk = Desk::open();
    desk.studio_mut().try_session(|s| s.add_note(1, Some((50, 60)), "first").map(drop));
    desk.studio_mut().try_session(|s| s.add_note(1, None, "second").map(drop));
    desk.studio_mut().try_session(|s| s.add_note(3, Some((70, 80)), "third").map(drop));
    let next = |desk: &mut Desk| {
        with(desk, Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::N);
        let Some(super::super::film::Card::Open { image, id, .. }) = &desk.studio().film_state.notes.card else {
            panic!("no note is open")
        };
        let text = desk.studio().session.sidecar(*image).notes.iter().find(|n| n.id == *id).unwrap().text.clone();
        (desk.studio().view.image, text)
    };
    assert_eq!(next(&mut desk), (1, "first".into()));
    assert_eq!(next(&mut desk), (1, "second".into()));
    assert_eq!(next(&mut desk), (3, "third".into()));
    assert_eq!(next(&mut desk), (1, "first".into()));
}

#[test]
fn a_pin_is_dragged_to_another_place_and_back_by_undo() {
    let mut desk = Desk::open();
    desk.studio_mut().try_session(|s| s.add_note(0, Some((300, 200)), "here").map(drop));
    desk.settle();
    let before = desk.label_map(0);
    let tip = desk.on_screen(300.5, 200.5);
    let to = desk.on_screen(360.5, 240.5);
    let head = egui::vec2(0.0, -17.0);
    let half = tip + (to - tip) / 2.0;
    desk.h.hover_at(tip + head);
    desk.settle();
    desk.stroke(egui::PointerButton::Primary, &[tip + head, half + head, to + head]);
    let pin = desk.studio().session.sidecar(0).notes[0].pin.unwrap();
    assert!(pin.0.abs_diff(360) <= 1 && pin.1.abs_diff(240) <= 1, "{pin:?}");
    assert!(desk.label_map(0) == before, "nothing was painted");
    desk.ctrl(Key::Z);
    assert_eq!(desk.studio().session.sidecar(0).notes[0].pin, Some((300, 200)));
}

/// The sample with all images on two parts.
fn as_views(project: &Project) {
    let mut text = String::from("id,image,part,part_number\n");
    for (k, entry) in project.images().iter().enumerate() {
        let line = [&entry.id, &entry.image, ["left", "right"][k % 2], &entry.part_number].join(",");
        text.push_str(&line);
        text.push('\n');
    }
    std::fs::write(project.root().join("parts.csv"), text).unwrap();
}

#[test]
fn the_views_of_a_part_are_shown_and_stepped_through() {
    let mut desk = Desk::open_changed(as_views);
    let ids = images(&desk);
    assert!(desk.has("1 of 2"));
    assert!(desk.has(&format!("View 1: {}", ids[0])) && desk.has(&format!("View 2: {}", ids[2])));
    desk.key(Key::Quote);
    assert_eq!(desk.studio().view.image, 2);
    desk.key(Key::Quote);
    assert_eq!(desk.studio().view.image, 0);
    desk.click(&format!("View 2: {}", ids[2]));
    assert_eq!(desk.studio().view.image, 2);
    assert!(desk.has("2 of 2"));
}

#[test]
fn of_two_versions_one_is_chosen_in_the_bar() {
    for (button, is_mine) in [("Keep mine", true), ("Take theirs", false)] {
        let mut desk = Desk::open();
        let before = desk.label_map(0);
        // A stroke here, another label on disk.
        let pen = Pen { brush: Brush::round(9.0), value: 1, gate: Gate::OPEN };
        desk.studio_mut().try_session(|s| {
            s.begin_stroke(SurfaceId::Label(0), pen, Point::new(30.0, 30.0))?;
            s.finish_stroke().map(drop)
        });
        let mine = desk.label_map(0);
        let mut theirs = before.clone();
        theirs.fill_span(5, 3, 40, 2);
        let project = Project::load(&desk.root).unwrap();
        project.write_label(0, &theirs).unwrap();
        // A visit elsewhere and back: it is noticed.
        desk.key(Key::D);
        assert!(!desk.has("Keep mine"));
        desk.key(Key::A);
        assert!(desk.has_part("was changed by somebody else while you worked on it"));
        filter(&mut desk, "conflict");
        assert_eq!(listed(&desk), [0]);
        desk.click(button);
        assert!(!desk.has("Keep mine") && !desk.has("Take theirs"));
        let (wanted, other): (&LabelMap, &LabelMap) = if is_mine { (&mine, &theirs) } else { (&theirs, &mine) };
        assert!(desk.label_map(0) == *wanted, "{button}");
        assert!(Project::load(&desk.root).unwrap().read_label(0).unwrap() == *wanted, "{button}");
        assert!(listed(&desk).is_empty());
        if !is_mine {
            desk.ctrl(Key::Z);
            assert!(desk.label_map(0) == *other, "the other version is one undo away");
        }
    }
}

#[test]
fn duplicates_are_found_filtered_and_named() {
    let mut desk = Desk::open_changed(|project| {
        std::fs::copy(project.image_path(1), project.image_path(3)).unwrap();
    });
    filter(&mut desk, "duplicate");
    assert!(listed(&desk).is_empty(), "before the search there are none");
    desk.click("Clear the filter");
    desk.key(Key::F9);
    assert!(desk.has_part("images are there more than once"));
    let shown = listed(&desk);
    assert_eq!(shown, [1, 3], "other parts of the kind look alike, and are no duplicates");
    desk.studio_mut().go_to(3);
    desk.settle();
    let part = desk.studio().session.project().images()[1].part.clone();
    assert!(desk.has(&format!("Same file as part {part}")));
}

/// A project of `count` images that are a few small files, each named many times.
fn many(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("images")).unwrap();
    for k in 0..24_u8 {
        let picture = image::GrayImage::from_fn(96, 72, |x, y| image::Luma([(x as u8).wrapping_mul(k) ^ (y as u8)]));
        picture.save(folder.path().join(format!("images/{k}.png"))).unwrap();
    }
    let mut project = Project::new(folder.path(), "Many");
    project.part_numbers = vec![PartNumber::new("A-1")];
    let entries = (0..count).map(|i| ImageEntry {
        id: format!("{i:06}"),
        image: format!("images/{}.png", i % 24),
        part: format!("{:06}", i / 2),
        part_number: "A-1".into(),
    });
    project.add_entries(entries).unwrap();
    project.save().unwrap();
    folder
}

#[test]
fn a_list_is_not_made_frame_by_frame_and_only_near_thumbnails_are() {
    let folder = many(3000);
    let mut desk = Desk::on(folder.path());
    desk.click("Close the first steps");
    desk.settle();
    assert_eq!(listed(&desk).len(), 3000);
    let made = desk.studio().film_state.list.makings;
    desk.h.run_steps(30);
    desk.key(Key::D);
    desk.key(Key::D);
    assert_eq!(desk.studio().film_state.list.makings, made, "nothing that it hangs on has changed");
    let few = desk.studio().film_state.thumbnails.len();
    assert!((10..200).contains(&few), "{few} thumbnails");
    assert!(desk.studio().analysis.labels.iter().all(Option::is_some), "all are measured in the end");
    // Far down the strip others are made, and the number kept stays bounded.
    for image in (0..3000).step_by(150) {
        desk.studio_mut().go_to(image);
        desk.settle();
    }
    let kept = desk.studio().film_state.thumbnails.len();
    assert!(kept <= 512, "{kept}");
    assert!(std::fs::read_dir(folder.path().join(".delimit/thumbnails")).unwrap().count() <= 24, "one for each file");
    filter(&mut desk, "part:0007");
    assert!(desk.studio().film_state.list.makings > made);
    let wanted: Vec<usize> = (0..3000).filter(|i| format!("{:06}", i / 2).contains("0007")).collect();
    assert_eq!(listed(&desk), wanted);
}

/// Prints figures; `cargo test --release --bin delimit hundred_thousand -- --ignored --nocapture`.
#[test]
#[ignore = "prints times, asserts none"]
fn hundred_thousand_images() {
    let folder = many(100_000);
    let start = Instant::now();
    let h = egui_kittest::Harness::builder().with_size([1600.0, 1000.0]).with_step_dt(1.0 / 60.0);
    let root = folder.path().to_owned();
    let mut h = h.build_eframe(move |cc| crate::studio::Window::new(&cc.egui_ctx, &root, None).unwrap());
    println!("open and first frame: {:?}", start.elapsed());
    let frames = |h: &mut egui_kittest::Harness<'static, crate::studio::Window>,
                  what: &str,
                  n: usize,
                  each: &dyn Fn(&mut crate::studio::Window, usize)| {
        let mut times = Vec::new();
        for k in 0..n {
            each(h.state_mut(), k);
            let frame = Instant::now();
            h.step();
            times.push(frame.elapsed());
        }
        times.sort();
        println!("{what}: median {:?}, worst {:?}", times[n / 2], times[n - 1]);
    };
    frames(&mut h, "frames while it is being measured", 120, &|_, _| {});
    let survey = Instant::now();
    while h.state().studio.is_busy() {
        h.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
        assert!(survey.elapsed().as_secs() < 600);
    }
    println!("everything measured after {:?}", start.elapsed());
    frames(&mut h, "frames at rest", 120, &|_, _| {});
    frames(&mut h, "frames while jumping through the strip", 200, &|w, k| w.studio.go_to(k * 490 % 100_000));
    frames(&mut h, "frames with a filter by word", 20, &|w, k| w.studio.film_state.list.text = format!("part:{k}"));
    frames(&mut h, "frames with a filter by regions", 20, &|w, k| w.studio.film_state.list.text = format!("regions:{k}"));
}

/// Prints how long the next image of 4K takes until it is drawn, when it was loaded ahead.
#[test]
#[ignore = "prints times, asserts none"]
fn next_image_at_4k() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("images")).unwrap();
    let mut project = Project::new(folder.path(), "4K");
    project.part_numbers = vec![PartNumber::new("A-1")];
    let mut paths = Vec::new();
    for k in 0..6_u32 {
        let path = folder.path().join(format!("images/{k}.png"));
        image::GrayImage::from_fn(3840, 2160, |x, y| image::Luma([((x * 31 + y * 17 + k * 40) % 256) as u8])).save(&path).unwrap();
        paths.push(path);
    }
    project.add_images(0, &paths).unwrap();
    project.save().unwrap();
    let mut desk = Desk::on(folder.path());
    desk.click("Close the first steps");
    desk.settle();
    for _ in 0..4 {
        desk.h.key_press(Key::D);
        let start = Instant::now();
        let mut frames = 0;
        let image = desk.studio().view.image + 1;
        loop {
            desk.h.step();
            frames += 1;
            let is_there = desk.h.query_all_by_label(&format!("Canvas, {image}")).next().is_some();
            if is_there || frames > 600 {
                break;
            }
        }
        println!("image {image}: drawn after {frames} frames, {:?}", start.elapsed());
        desk.settle();
    }
    assert!(desk.h.query_all_by_role(Role::Canvas).next().unwrap().accesskit_node().label().is_some());
}
