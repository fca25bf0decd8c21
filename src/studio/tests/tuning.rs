//! The figures of the window against those of the library, and a limit that is moved.

use delimit::judge::{Bounds, CellKey, Ruleset, Verdict};
use delimit::session::Session;
use delimit::workflow::Evaluation;
use delimit::workflow::judging::{evaluate, images_of, measure_labels};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, PARTS};

/// What the library says about the folder under `ruleset`, in a session of its own.
fn library(desk: &Desk, ruleset: &Ruleset) -> Evaluation {
    let session = Session::open_read_only(&desk.root).unwrap();
    let snapshot = session.snapshot();
    let measured = measure_labels(&snapshot, &images_of(&snapshot, 0), &|| false, &|| {}).unwrap();
    assert!(measured.problems.is_empty());
    evaluate(&snapshot, 0, ruleset, &session.dispositions(), &measured).unwrap()
}

fn saved_rules(desk: &Desk) -> Ruleset {
    Ruleset::read(&desk.studio().session.project().ruleset_path(0)).unwrap()
}

/// Counts and rates as the panel prints them must be those of `expected`.
fn assert_shown(desk: &Desk, expected: &Evaluation) {
    let (tally, score) = (expected.tally(), expected.score());
    assert_eq!(tally.total(), PARTS as usize);
    for (count, word) in [(tally.ok, "OK"), (tally.ng, "NG"), (tally.review, "review")] {
        let label = format!("Labels: {count} {word}");
        assert!(desk.has(&label), "{label} is not shown");
    }
    assert!(desk.has(&format!("of {} parts", tally.total())));
    for (name, rate) in [("Escapes", score.escapes()), ("Overkill", score.overkill()), ("Review", score.review_load())] {
        let share = rate.share().map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
        let value = format!("{} of {}   {share}", rate.count, rate.of);
        assert!(desk.has(name) && desk.has(&format!("Labels: {name} {value}")), "{name} {value} is not shown");
    }
}

#[test]
fn the_tally_is_that_of_the_library() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let expected = library(&desk, &saved_rules(&desk));
    assert_shown(&desk, &expected);
    // The cells of the matrix count the same regions.
    let project = desk.studio().session.project();
    let zones = project.part_numbers[0].zone_names();
    let mut regions = 0;
    for (class, class_name) in project.class_names() {
        for (zone, zone_name) in zones.iter().filter(|(zone, _)| *zone != 0) {
            let t = expected.board().rows_tally(class, *zone);
            let start = format!("{class_name} × {zone_name}: {} OK, {} review, {} NG; ", t.ok, t.review, t.ng);
            assert_eq!(desk.buttons(&start).len(), 1, "{start}");
            regions += t.total();
        }
    }
    assert!(regions > 0, "the sample has defects");
    // The badges at the top as well.
    let tally = expected.tally();
    for label in [format!("{} OK", tally.ok), format!("{} NG", tally.ng), format!("{} review", tally.review)] {
        assert!(desk.has(&label), "{label}");
    }
}

/// A cell with a limit whose regions decide the verdict of a part by themselves: when all of them become NG, a part flips.
fn cell_that_flips(desk: &Desk, rules: &Ruleset) -> (CellKey, delimit::measure::Feature) {
    let before = library(desk, rules).verdicts().to_vec();
    let project = desk.studio().session.project();
    for (_, class) in project.class_names() {
        for (_, zone) in project.part_numbers[0].zone_names() {
            let Some(limit) = rules.resolve(&class, &zone).and_then(|c| c.limits.first().copied()) else { continue };
            let key = CellKey::new(class.as_str(), zone.as_str());
            let mut strict = rules.clone();
            strict.set_limit(&key, limit.feature, Some(Bounds::new(Some(0.0), Some(0.0)))).unwrap();
            if library(desk, &strict).verdicts() != before.as_slice() {
                return (key, limit.feature);
            }
        }
    }
    panic!("no limit of the sample decides alone: take another seed");
}

#[test]
fn a_limit_that_is_moved_is_judged_as_the_library_does_and_undo_brings_it_back() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let rules = saved_rules(&desk);
    let (key, feature) = cell_that_flips(&desk, &rules);
    let start = format!("{} × {}: ", key.class, key.zone);
    let cell = desk.buttons(&start);
    desk.click_as(Role::Button, &cell[0]);
    assert!(desk.has(&format!("{} in {}", key.class, key.zone)));
    let before = library(&desk, &rules).verdicts().to_vec();
    assert!(desk.has("Flipped since saved") && desk.has("as saved"));

    // Both handles by the arrow keys down to zero, and the window against the library at every step.
    let (accept, reject) = (format!("{}, accept below", feature.label()), format!("{}, reject from", feature.label()));
    let mut steps = 0;
    for handle in [&accept, &reject] {
        desk.h.get_by_label(handle).focus();
        desk.settle();
        let mut last = f64::INFINITY;
        while desk.figure(handle) > 0.0 {
            assert!(desk.figure(handle) < last, "the arrow moves {handle}");
            last = desk.figure(handle);
            desk.h.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
            desk.settle();
            let mut moved = rules.clone();
            let bounds = Bounds::new(Some(desk.figure(&accept)), Some(desk.figure(&reject)));
            moved.set_limit(&key, feature, Some(bounds)).unwrap();
            assert_shown(&desk, &library(&desk, &moved));
            steps += 1;
        }
    }
    assert!(steps >= 2);
    assert!(desk.has_part("changed since it was saved"));
    assert_eq!(desk.studio().view.image, 0, "arrows that move a limit do not change the image");

    // The flips are the parts whose verdicts differ, in words.
    let mut strict = rules.clone();
    strict.set_limit(&key, feature, Some(Bounds::new(Some(0.0), Some(0.0)))).unwrap();
    let after = library(&desk, &strict);
    let flipped: Vec<(usize, Verdict, Verdict)> = before
        .iter()
        .zip(after.verdicts())
        .zip(after.parts())
        .filter_map(|((b, a), part)| (a != b).then_some((*part, *b, *a)))
        .collect();
    assert!(!flipped.is_empty());
    let serial = |part: usize| desk.studio().session.project().parts()[part].serial.clone();
    for &(part, before, after) in &flipped {
        let start = format!("{}: {} to {}, ", serial(part), before.word(), after.word());
        assert_eq!(desk.buttons(&start).len(), 1, "{start}");
    }
    let flips =
        |desk: &Desk| -> usize { (0..PARTS as usize).map(|p| desk.buttons(&format!("{}: ", serial_of(desk, p))).len()).sum() };
    assert_eq!(flips(&desk), flipped.len());

    for _ in 0..steps {
        desk.ctrl(Key::Z);
    }
    assert!(desk.has("as saved"));
    assert_eq!(flips(&desk), 0);
    assert_shown(&desk, &library(&desk, &rules));
    assert_eq!(desk.studio().session.ruleset(0).current(), &rules);
}

fn serial_of(desk: &Desk, part: usize) -> String {
    desk.studio().session.project().parts()[part].serial.clone()
}

#[test]
fn a_dragged_handle_judges_on_the_way_and_is_one_step_of_undo() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let rules = saved_rules(&desk);
    let (key, feature) = cell_that_flips(&desk, &rules);
    let cell = desk.buttons(&format!("{} × {}: ", key.class, key.zone));
    desk.click_as(Role::Button, &cell[0]);
    let (accept, reject) = (format!("{}, accept below", feature.label()), format!("{}, reject from", feature.label()));
    let grip = desk.h.get_by_label(&accept).rect();
    let from = egui::pos2(grip.center().x, grip.max.y - 8.0);
    desk.h.hover_at(from);
    desk.h.drag_at(from);
    desk.h.step();
    let mut figures = vec![desk.figure(&accept)];
    for k in 1..=6 {
        desk.h.hover_at(egui::pos2(from.x - (grip.center().x - 640.0).min(300.0) * k as f32 / 6.0, from.y));
        desk.h.step();
        desk.h.step();
        let mut moved = rules.clone();
        let bounds = Bounds::new(Some(desk.figure(&accept)), Some(desk.figure(&reject)));
        moved.set_limit(&key, feature, Some(bounds)).unwrap();
        assert_shown(&desk, &library(&desk, &moved));
        figures.push(desk.figure(&accept));
    }
    assert!(figures.windows(2).any(|w| w[1] < w[0]), "{figures:?}");
    let last = egui::pos2(from.x - (grip.center().x - 640.0).min(300.0), from.y);
    desk.h.drop_at(last);
    desk.settle();
    assert_ne!(desk.studio().session.ruleset(0).current(), &rules);
    desk.ctrl(Key::Z);
    assert_eq!(desk.studio().session.ruleset(0).current(), &rules);
    assert_eq!(desk.figure(&accept), figures[0]);
}

#[test]
fn a_saved_ruleset_is_in_the_file_and_flips_start_anew() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let rules = saved_rules(&desk);
    let (key, feature) = cell_that_flips(&desk, &rules);
    let cell = desk.buttons(&format!("{} × {}: ", key.class, key.zone));
    desk.click_as(Role::Button, &cell[0]);
    desk.h.get_by_label(&format!("{}, accept below", feature.label())).set_value_accesskit(0.0);
    desk.settle();
    desk.h.get_by_label(&format!("{}, reject from", feature.label())).set_value_accesskit(0.0);
    desk.settle();
    desk.click_labelled("Save ruleset");
    let mut strict = rules;
    strict.set_limit(&key, feature, Some(Bounds::new(Some(0.0), Some(0.0)))).unwrap();
    assert_eq!(saved_rules(&desk).limit(&key.class, &key.zone, feature), strict.limit(&key.class, &key.zone, feature));
    assert!(desk.has("as saved"));
    assert_shown(&desk, &library(&desk, &strict));
    assert!((0..PARTS as usize).all(|p| desk.buttons(&format!("{}: ", serial_of(&desk, p))).is_empty()));
    assert!(desk.labelled("Save ruleset").accesskit_node().is_disabled());
}

// --- the room ----------------------------------------------------------------------------------------------------------------

/// The cell with most regions, opened; with its limited feature.
fn open_cell(desk: &mut Desk) -> (CellKey, delimit::measure::Feature) {
    let rules = saved_rules(desk);
    let (key, feature) = cell_that_flips(desk, &rules);
    let cell = desk.buttons(&format!("{} × {}: ", key.class, key.zone));
    desk.click_as(Role::Button, &cell[0]);
    (key, feature)
}

/// Tiles of the strip: one for each region of the cell.
fn tiles(desk: &Desk) -> Vec<String> {
    desk.h
        .query_all_by_role(Role::Button)
        .filter_map(|n| n.accesskit_node().label())
        .filter(|l| {
            l.contains(" #")
                && l.contains(": ")
                && !l.contains('→')
                && (l.ends_with("OK") || l.ends_with("NG") || l.ends_with("review"))
        })
        .collect()
}

#[test]
fn pictures_of_the_cell_stand_in_order_and_a_click_explains_the_part() {
    let mut desk = Desk::open();
    desk.show("Tune");
    open_cell(&mut desk);
    let shown = tiles(&desk);
    assert!(!shown.is_empty());
    let values: Vec<f64> =
        shown.iter().map(|t| t.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()).collect();
    assert!(values.is_sorted(), "{values:?}");
    let serial = shown[0].split(" #").next().unwrap().to_owned();
    desk.click(&shown[0]);
    let selected = desk.studio().tune.selected.unwrap();
    let part = desk.studio().part_of_image(selected.image).unwrap();
    assert_eq!(desk.studio().session.project().parts()[part].serial, serial);
    desk.click_as(Role::Button, "Explain");
    assert!(desk.has(&serial) && desk.has("All its regions"));
}

#[test]
fn saying_that_a_region_is_acceptable_shows_the_effect_before_it_is_taken() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let (key, feature) = open_cell(&mut desk);
    let before = desk.studio().session.ruleset(0).current().clone();
    desk.click("List");
    let first = desk.buttons("").into_iter().find(|l| l.contains(" · #")).unwrap_or_else(|| panic!("no region in {key}"));
    // The other way than it is.
    let is_ok = first.ends_with(", OK");
    desk.click(&first);
    desk.click(if is_ok { "Not acceptable" } else { "Acceptable" });
    assert_eq!(desk.studio().session.ruleset(0).current(), &before, "nothing is moved before it is taken");
    assert!(desk.has_part(&format!("{key}, {}", feature.label().to_lowercase())), "the change is told");
    desk.click("Take");
    let after = desk.studio().session.ruleset(0).current().clone();
    assert_ne!(after, before);
    // It is so now, as the library judges it.
    let selected = desk.studio().tune.selected.unwrap();
    let evaluation = library(&desk, &after);
    let table = evaluation.table();
    let rows =
        (0..table.rows()).filter(|&r| table.image()[r] as usize == selected.image && table.region()[r] as usize == selected.region);
    let worst = rows.map(|row| delimit::judge::judge_row(table, row, evaluation.board().rules())).max().unwrap();
    assert_eq!(worst, if is_ok { Verdict::Ng } else { Verdict::Ok });
    assert_shown(&desk, &evaluation);
    desk.ctrl(Key::Z);
    assert_eq!(desk.studio().session.ruleset(0).current(), &before);
}

#[test]
fn suggested_limits_are_those_of_the_library_and_one_step_of_undo() {
    let mut desk = Desk::open();
    desk.show("Tune");
    open_cell(&mut desk);
    let before = desk.studio().session.ruleset(0).current().clone();
    desk.click_as(Role::Tab, "Suggest");
    desk.key(Key::F5);
    assert!(desk.has_part("the true rate may be up to"), "what the set can prove is said");
    if !desk.is_disabled("Take") {
        desk.click("Take");
        assert_ne!(desk.studio().session.ruleset(0).current(), &before);
        let now = library(&desk, desk.studio().session.ruleset(0).current());
        assert_shown(&desk, &now);
        assert!(now.score().escapes().count <= library(&desk, &before).score().escapes().count);
        desk.ctrl(Key::Z);
    }
    assert_eq!(desk.studio().session.ruleset(0).current(), &before);
}

#[test]
fn a_rule_that_is_added_is_judged_and_can_be_taken_back() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let before = desk.studio().session.ruleset(0).current().clone();
    desk.click("As text…");
    let text = before.to_ron().unwrap();
    let class = desk.studio().session.project().classes[0].name.clone();
    // A mistake is told with its place, and nothing is taken.
    desk.studio_mut().tune.write_ruleset(&text.replacen("cells", "cell", 1));
    desk.settle();
    desk.click("Take");
    assert!(desk.has_part("line"), "the place of the mistake is told");
    assert_eq!(desk.studio().session.ruleset(0).current(), &before);
    let mut wanted = before.clone();
    let rule = delimit::judge::Rule {
        classes: vec![class],
        reject: delimit::judge::Tier::parse(">= 1").ok(),
        ..delimit::judge::Rule::new(
            "none at all",
            delimit::judge::Scope::Total { of: delimit::judge::Figure::Count, per_zone: false, per: None },
        )
    };
    wanted.rules.push(rule);
    desk.studio_mut().tune.write_ruleset(&wanted.to_ron().unwrap());
    desk.settle();
    desk.click("Take");
    assert_eq!(desk.studio().session.ruleset(0).current().rules, wanted.rules);
    assert_shown(&desk, &library(&desk, &wanted));
    assert!(desk.has_part("none at all"));
    desk.ctrl(Key::Z);
    assert_eq!(desk.studio().session.ruleset(0).current(), &before);
}

#[test]
fn golden_parts_hold_up_a_release_until_a_reason_is_given() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let rules = saved_rules(&desk);
    let evaluation = library(&desk, &rules);
    let ok = evaluation.verdicts().iter().position(|v| *v == Verdict::Ok).unwrap();
    let serial = serial_of(&desk, evaluation.parts()[ok]);
    desk.studio_mut().session.set_golden(0, &serial, Some(Verdict::Ng)).unwrap();
    desk.studio_mut().tune.forget_releases();
    desk.settle();
    assert!(desk.has_part("0 of 1 golden parts hold"));
    assert!(desk.is_disabled("Release version 1"));
    desk.studio_mut().session.set_golden(0, &serial, Some(Verdict::Ok)).unwrap();
    desk.studio_mut().tune.forget_releases();
    desk.settle();
    desk.click("Release version 1");
    assert_eq!(desk.studio().session.releases(0).unwrap().len(), 1);
    assert!(desk.has("Release version 2") && desk.buttons("version 1 · ").len() == 1);
    // Another limit: the version tells what differs, and comes back.
    let (key, feature) = open_cell(&mut desk);
    desk.h.get_by_label(&format!("{}, accept below", feature.label())).set_value_accesskit(0.0);
    desk.settle();
    let version = desk.buttons("version 1 · ").remove(0);
    desk.click(&version);
    assert!(desk.has_part(&format!("{key}, {}", feature.label().to_lowercase())));
    desk.click("Bring back");
    assert_eq!(desk.studio().session.ruleset(0).current(), &rules);
}

#[test]
fn a_zone_whose_border_is_tried_counts_as_a_painted_one_would() {
    let mut desk = Desk::open();
    desk.show("Tune");
    desk.click("Map");
    let before = desk.studio().session.surface(delimit::session::SurfaceId::Zones(0)).unwrap().map().clone();
    let zone = desk.studio().session.project().part_numbers[0].zones[0].clone();
    desk.studio_mut().tune.try_border(zone.id, 12.0);
    desk.settle();
    assert!(desk.has(&format!("{} +12 px", zone.name)));
    assert_eq!(desk.studio().session.surface(delimit::session::SurfaceId::Zones(0)).unwrap().map().to_plane(), before.to_plane());
    desk.click("Keep");
    let after = desk.studio().session.surface(delimit::session::SurfaceId::Zones(0)).unwrap().map().clone();
    assert!(after.histogram()[usize::from(zone.id)] > before.histogram()[usize::from(zone.id)]);
    desk.ctrl(Key::S);
    assert_shown(&desk, &library(&desk, &saved_rules(&desk)));
}

#[test]
fn the_report_tells_the_tally_that_the_window_shows() {
    let mut desk = Desk::open();
    desk.show("Tune");
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    desk.studio_mut().write_report(page.clone());
    desk.settle();
    let text = std::fs::read_to_string(&page).unwrap();
    let project = desk.studio().session.project();
    assert!(text.contains(&project.part_numbers[0].name));
    let escapes = library(&desk, &saved_rules(&desk)).score().escapes();
    assert!(text.contains(&format!("{} of {}", escapes.count, escapes.of)), "{escapes:?}");
}
