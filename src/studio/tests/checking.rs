//! Findings settled by hand: snapped, accepted with a reason, judged by another tolerance, put into the defect book; each undone again.

use delimit::check::Severity;
use delimit::raster::LabelMap;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, PARTS, shifted};

/// A window on Check, on a sample whose labels lie three pixels beside the defects.
fn desk() -> Desk {
    let mut desk = Desk::open_changed(|project| {
        for image in 0..PARTS as usize {
            let label = project.read_label(image).unwrap();
            project.write_label(image, &shifted(&label, 3)).unwrap();
        }
    });
    desk.show("Check");
    desk
}

fn listed(desk: &Desk) -> usize {
    desk.studio().checking.findings.len()
}

/// Goes down the list until a finding can be snapped and shows the proposal.
fn propose(desk: &mut Desk) -> usize {
    for _ in 0..listed(desk) {
        desk.key(Key::N);
        desk.key(Key::J);
        if desk.studio().has_repair() {
            return desk.studio().view.selected_finding.unwrap().image;
        }
    }
    panic!("no finding of the sample can be snapped");
}

#[test]
fn a_snapped_label_is_shown_first_taken_by_enter_and_undone() {
    let mut desk = desk();
    let count = listed(&desk);
    let image = propose(&mut desk);
    let before = desk.label_map(image);
    assert!(desk.has("Snap to edge"), "the card over the canvas");
    assert!(desk.has_part("90 % within"));
    // Escape leaves everything as it was.
    desk.key(Key::Escape);
    assert!(!desk.studio().has_repair());
    assert_eq!(desk.label_map(image), before);

    desk.key(Key::J);
    desk.key(Key::Enter);
    assert!(listed(&desk) < count, "the finding is settled");
    assert_ne!(desk.label_map(image), before);
    let progress = desk.studio().checking.findings.progress(desk.studio().session.project(), 0);
    assert!(progress.mended > 0, "{progress:?}");
    // The next finding may be on another image: undo belongs to the image at hand.
    desk.studio_mut().go_to(image);
    desk.settle();
    desk.ctrl(Key::Z);
    assert_eq!(desk.label_map(image), before);
    assert_eq!(listed(&desk), count);
}

#[test]
fn many_labels_are_snapped_after_a_look_and_taken_back_at_once() {
    let mut desk = desk();
    let count = listed(&desk);
    let maps: Vec<LabelMap> = (0..PARTS as usize).map(|i| desk.studio().session.project().read_label(i).unwrap()).collect();
    desk.chord(Modifiers::SHIFT, Key::J);
    let rows = desk.buttons("Repair of ");
    assert!(rows.len() > 1, "{rows:?}");
    // One is left out.
    let left_out = rows[0].trim_start_matches("Repair of ").split(':').next().unwrap().to_owned();
    desk.click(&format!("Take {left_out}"));
    desk.click(&format!("Take {}", rows.len() - 1));
    assert!(listed(&desk) < count, "{} of {count} findings are left", listed(&desk));
    let repaired: Vec<usize> = (0..PARTS as usize)
        .filter(|&i| desk.studio().session.surface(delimit::session::SurfaceId::Label(i)).is_some_and(|s| *s.map() != maps[i]))
        .collect();
    assert!(!repaired.is_empty());
    if desk.has("Undo all") {
        desk.click("Undo all");
    } else {
        desk.studio_mut().go_to(repaired[0]);
        desk.settle();
        desk.ctrl(Key::Z);
    }
    for image in repaired {
        assert_eq!(desk.label_map(image), maps[image], "image {image}");
    }
    assert_eq!(listed(&desk), count);
}

#[test]
fn a_finding_is_accepted_with_a_reason_and_opened_again() {
    let mut desk = desk();
    let count = listed(&desk);
    desk.key(Key::N);
    let place = desk.studio().view.selected_finding.unwrap();
    desk.chord(Modifiers::ALT, Key::J);
    desk.h.event(egui::Event::Text("the edge is a reflection".into()));
    desk.settle();
    desk.key(Key::Enter);
    assert_eq!(listed(&desk), count - 1);
    assert_ne!(desk.studio().view.selected_finding, Some(place), "the next one is shown");
    let kept = &desk.studio().session.sidecar(place.image).accepted;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].reason, "the edge is a reflection");
    // It can be looked at, and opened again.
    desk.click("Accepted");
    assert_eq!(listed(&desk), count);
    assert!(desk.has_part("accepted: the edge is a reflection"));
    desk.studio_mut().go_to_finding(place);
    desk.settle();
    desk.click("Open it again");
    desk.click("Accepted");
    assert_eq!(listed(&desk), count);
    assert!(desk.studio().session.sidecar(place.image).accepted.is_empty());
}

#[test]
fn a_tolerance_is_judged_at_once_kept_in_the_project_and_undone() {
    let mut desk = desk();
    let errors = |desk: &Desk| desk.studio().checking.findings.listed().filter(|f| f.finding.severity == Severity::Error).count();
    let strict = errors(&desk);
    assert!(strict > 0);
    desk.h.get_by_role_and_label(egui::accesskit::Role::Slider, "Tolerance").set_value_accesskit(6.0);
    // A few frames, and no work: the photo is not looked at again.
    for _ in 0..4 {
        desk.h.step();
        assert!(desk.studio().long_work.is_none());
    }
    assert!(errors(&desk) < strict, "{} of {strict}", errors(&desk));
    assert_eq!(desk.studio().session.project().tolerance_px, 6.0);
    desk.click("Undo the change of tolerances and pages");
    assert_eq!(errors(&desk), strict);
}

#[test]
fn words_and_severity_narrow_the_list() {
    let mut desk = desk();
    let all = listed(&desk);
    let class = desk.studio().checking.findings.listed().find(|f| f.finding.region.is_some()).unwrap().finding.class;
    let name = desk.studio().session.project().class_name(class);
    desk.studio_mut().checking.findings.filter.words = name.to_uppercase();
    desk.settle();
    let narrowed = listed(&desk);
    assert!(narrowed > 0 && narrowed <= all);
    let has_name = |f: &crate::studio::check::FindingAt| f.finding.class == class || f.finding.message.contains(&name);
    assert!(desk.studio().checking.findings.listed().all(has_name));
    desk.studio_mut().checking.findings.filter.words = "no such thing".into();
    desk.settle();
    assert!(desk.has("Nothing listed"));
    desk.studio_mut().checking.findings.filter.words.clear();
    desk.click("Notes");
    assert!(listed(&desk) >= all);
    desk.click("Errors");
    assert!(listed(&desk) <= all);
}

#[test]
fn an_example_goes_into_the_defect_book() {
    let mut desk = desk();
    while desk.studio().view.selected_finding.is_none_or(|f| f.region.is_none()) {
        desk.key(Key::N);
    }
    let class = desk.studio().finding_in_hand().unwrap().finding.class;
    desk.click("Counter-example");
    assert!(desk.has("Guideline"), "the book is open");
    let project = desk.studio().session.project();
    let (page, image) = (project.class(class).unwrap(), &project.images()[desk.studio().view.image].id);
    assert_eq!((page.examples.len(), page.examples[0].is_good, &page.examples[0].image), (1, false, image));
    assert!(desk.has(&format!("Counter-example on {image}")));
    desk.click("Take it off the page");
    assert!(desk.studio().session.project().class(class).unwrap().examples.is_empty());
    // F2 closes it, and opens it again.
    desk.key(Key::F2);
    assert!(!desk.has("Guideline"));
    desk.key(Key::F2);
    assert!(desk.has("Guideline"));
}

#[test]
fn the_edge_fit_follows_the_pointer_while_painting() {
    let mut desk = desk();
    desk.show("Label");
    desk.chord(Modifiers::ALT, Key::E);
    let image = desk.studio().view.image;
    let map = desk.label_map(image);
    let pixel = (0..map.height()).flat_map(|y| (0..map.width()).map(move |x| (x, y))).find(|&(x, y)| map.get(x, y) != 0);
    let Some((x, y)) = pixel else { panic!("the first image of the sample has a label") };
    let at = desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5);
    desk.h.hover_at(at);
    desk.settle();
    let found = desk.studio().checking.live.region().unwrap();
    assert_eq!(found.class, map.get(x, y));
    assert!(found.bounds.contains(x, y));
}

#[test]
fn a_repair_of_a_label_that_was_changed_meanwhile_is_left_out() {
    let mut desk = desk();
    let image = propose(&mut desk);
    let bounds = desk.studio().view.selected_finding.unwrap().bounds;
    // Somebody paints on the label while the proposal is shown.
    let area = delimit::raster::Area::of_rect(bounds);
    let id = delimit::session::SurfaceId::Label(image);
    let gate = delimit::paint::Gate::over(delimit::paint::ValueSet::ALL);
    desk.studio_mut().session.paint_areas(id, &[(area, 1, gate)]).unwrap();
    let painted = desk.label_map(image);
    desk.key(Key::Enter);
    assert!(desk.has_part("changed meanwhile"));
    assert_eq!(desk.label_map(image), painted);
}

#[test]
fn what_an_undo_brings_back_is_open_again() {
    let mut desk = desk();
    let progress = |desk: &Desk| desk.studio().checking.findings.progress(desk.studio().session.project(), 0);
    let before = progress(&desk);
    let image = propose(&mut desk);
    desk.key(Key::Enter);
    assert_eq!(progress(&desk).mended, 1);
    desk.studio_mut().go_to(image);
    desk.settle();
    desk.ctrl(Key::Z);
    assert_eq!(progress(&desk), before);
}

#[test]
fn a_guideline_stays_however_the_book_is_closed() {
    let mut desk = desk();
    desk.key(Key::F2);
    desk.click("Page of pit");
    desk.h.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Guideline").focus();
    desk.settle();
    desk.h.event(egui::Event::Text("Out to the rim".into()));
    desk.settle();
    desk.studio_mut().push(delimit::session::Command::CancelStroke);
    desk.settle();
    desk.studio_mut().checking.book.is_open = false;
    desk.settle();
    let project = desk.studio().session.project();
    let pit = project.classes.iter().find(|c| c.name == "pit").unwrap();
    assert!(pit.note.contains("Out to the rim"), "{:?}", pit.note);
}
