//! Suggested limits against a published example and against trying every choice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use delimit::judge::suggest::{
    Goal, Ground, Least, Method, RegionEditError, Request, Subject, SuggestError, Target, accept_region, effect, pixel_flips,
    reject_region, size_alarms,
};
use delimit::judge::{
    Aggregate, Bounds, Cell, CellKey, CompiledRuleset, CostSettings, Disposition, Limit, Ruleset, RulesetError, Score, Verdict,
    cost_per_day, judge_row, judge_table, suggest,
};
use delimit::measure::{Feature, RegionTable};
use proptest::prelude::*;

/// Area, length, NG: the worked example of the literature notes.
const EXAMPLE: [(f32, f32, bool); 14] = [
    (0.10, 0.4, false),
    (0.15, 0.8, false),
    (0.22, 0.5, false),
    (0.30, 1.6, false),
    (0.35, 0.9, false),
    (0.42, 2.2, false),
    (0.55, 1.1, false),
    (0.80, 1.0, false),
    (0.28, 3.1, true),
    (0.60, 1.9, true),
    (0.95, 1.2, true),
    (1.2, 2.8, true),
    (2.1, 1.5, true),
    (0.45, 4.0, true),
];

#[derive(Debug)]
struct Set {
    table: RegionTable,
    truth: Vec<Disposition>,
    ruleset: Ruleset,
    groups: Option<Vec<u32>>,
}

impl Set {
    /// Parts of rows (class, area, length, width).
    fn new(parts: &[Vec<(u8, [f32; 3])>], truth: Vec<Disposition>) -> Self {
        let mut columns = [const { Vec::new() }; Feature::COUNT];
        let (mut class, mut starts) = (Vec::new(), vec![0]);
        for rows in parts {
            for (c, values) in rows {
                class.push(*c);
                for (feature, value) in [Feature::Area, Feature::Length, Feature::Width].into_iter().zip(values) {
                    columns[feature.index()].push(*value);
                }
            }
            starts.push(class.len() as u32);
        }
        let zone = vec![0; class.len()];
        let table = RegionTable::from_columns(starts, class, zone, columns);
        let limits = vec![Limit::new(Feature::Area, Some(1.0), Some(1.0)), Limit::new(Feature::Length, Some(2.0), Some(2.0))];
        let scratch = Cell { class: "scratch".into(), limits, ..Cell::default() };
        let pit = Cell { class: "pit".into(), limits: vec![Limit::new(Feature::Area, Some(1.0), Some(2.0))], ..Cell::default() };
        let ruleset = Ruleset { cells: vec![scratch, pit], ..Ruleset::new("set") };
        Self { table, truth, ruleset, groups: None }
    }

    fn example() -> Self {
        let parts: Vec<_> = EXAMPLE.iter().map(|&(area, length, _)| vec![(1, [area, length, 0.1])]).collect();
        Self::new(&parts, EXAMPLE.iter().map(|e| disposition(e.2)).collect())
    }

    fn ground(&self) -> Ground<'_> {
        let (table, ruleset, truth, groups) = (&self.table, &self.ruleset, &self.truth, self.groups.as_deref());
        Ground { table, ruleset, compile: &compile, truth, groups }
    }

    fn score(&self, ruleset: &Ruleset) -> Score {
        Score::of(&judge_table(&self.table, &ruleset.compile(&classes(), &[]).unwrap()), &self.truth)
    }
}

fn classes() -> Vec<(u8, String)> {
    vec![(1, "scratch".into()), (2, "pit".into())]
}

fn compile(ruleset: &Ruleset) -> Result<CompiledRuleset, RulesetError> {
    ruleset.compile(&classes(), &[])
}

fn disposition(is_ng: bool) -> Disposition {
    if is_ng { Disposition::Ng } else { Disposition::Ok }
}

fn scratch() -> CellKey {
    CellKey::new("scratch", "*")
}

fn on(feature: Feature) -> Target {
    Target { cell: scratch(), subject: Subject::Region(feature) }
}

fn request(features: &[Feature]) -> Request {
    Request { folds: 0, ..Request::new(features.iter().map(|&f| on(f)).collect()) }
}

// ---------------------------------------------------------------------------------------------------------- the published example

/// The example has one limit only: the other is taken away.
fn alone(feature: Feature) -> Set {
    let mut set = Set::example();
    set.ruleset.cells[0].limits.retain(|l| l.feature == feature);
    set
}

#[test]
fn one_limit_with_review_between() {
    let table = [
        (Feature::Area, 0, 0, [0.28, 0.95], 8),
        (Feature::Area, 1, 0, [0.45, 0.95], 4),
        (Feature::Area, 0, 1, [0.28, 0.60], 6),
        (Feature::Length, 0, 0, [1.2, 2.8], 5),
    ];
    for (feature, escapes, overkill, highest, review) in table {
        let set = alone(feature);
        let request = Request {
            goal: Goal::AtMost(escapes),
            at_most_overkill: Some(overkill),
            least: Least::OverkillAndReview { review_weight: 1.0 },
            ..request(&[feature])
        };
        let got = suggest(&set.ground(), &request).unwrap();
        assert_eq!(got.edits[0].farthest.map(|h| h.unwrap() as f32), highest.map(|h: f64| h as f32), "{feature:?}");
        assert_eq!(got.after.review_load().count, review);
        assert_eq!((got.after.escapes().count, got.after.overkill().count), (escapes, overkill));
        assert_eq!((got.method, got.is_goal_met), (Method::Exact, true));
        let mut ruleset = set.ruleset.clone();
        got.apply(&mut ruleset).unwrap();
        assert_eq!(set.score(&ruleset), got.after);
    }
    // The middle of 0.22 … 0.28 and of 0.80 … 0.95, on round numbers at or below it.
    let all = Request { at_most_overkill: Some(0), ..request(&[Feature::Area]) };
    let got = suggest(&alone(Feature::Area).ground(), &all).unwrap();
    assert_eq!(got.edits[0].after, Some(Bounds::new(Some(0.25), Some(0.85))));
}

#[test]
fn two_limits_without_review() {
    let set = Set::example();
    for (escapes, overkill, choices) in
        [(0, 1, &[[0.6, 2.8], [0.6, 3.1], [0.95, 1.9]][..]), (1, 0, &[[0.95, 2.8], [0.95, 3.1]][..])]
    {
        let request = Request { goal: Goal::AtMost(escapes), has_review: false, ..request(&[Feature::Area, Feature::Length]) };
        let got = suggest(&set.ground(), &request).unwrap();
        assert_eq!((got.after.escapes().count, got.after.overkill().count), (escapes, overkill));
        let at = [0, 1].map(|i| got.edits[i].farthest[1].unwrap() as f32);
        assert!(choices.iter().any(|c| c.map(|v: f64| v as f32) == at), "{at:?}");
        assert_eq!(got.after.review_load().count, 0);
    }
    let one = Request { has_review: false, ..request(&[Feature::Area]) };
    assert_eq!(suggest(&alone(Feature::Area).ground(), &one).unwrap().after.overkill().count, 5);
    // Length alone, then a second limit that is not there yet.
    let set = alone(Feature::Length);
    let both = Request { has_review: false, ..request(&[Feature::Length, Feature::Area]) };
    let got = suggest(&set.ground(), &both).unwrap();
    assert_eq!((got.after.escapes().count, got.after.overkill().count), (0, 1));
    assert_eq!(got.edits[1].before, None);
    let mut ruleset = set.ruleset.clone();
    got.apply(&mut ruleset).unwrap();
    assert_eq!(ruleset.cells[0].limits.len(), 2);
    assert_eq!(set.score(&ruleset), got.after);
}

#[test]
fn a_set_that_cannot_support_a_claim_says_so() {
    let set = Set::example();
    let got = suggest(&set.ground(), &Request { goal: Goal::RateBelow(0.01), ..request(&[Feature::Area]) }).unwrap();
    assert!(!got.is_goal_met && !got.claim.holds());
    assert_eq!(got.after.escapes().count, 0);
    assert!(got.sentences()[0].contains("299 NG parts"), "{:?}", got.sentences());
    // One in seven: the next NG part may lie below the smallest of six.
    assert!((got.next_ng.chance - 1.0 / 7.0).abs() < 1e-12);
    let no_truth = Set { truth: vec![Disposition::Unknown; 14], ..Set::example() };
    assert!(matches!(suggest(&no_truth.ground(), &request(&[Feature::Area])), Err(SuggestError::NoNgPart)));
    let all_ng = Set { truth: vec![Disposition::Ng; 14], ..Set::example() };
    assert!(matches!(suggest(&all_ng.ground(), &request(&[Feature::Area])), Err(SuggestError::NoOkPart)));
    assert!(matches!(suggest(&set.ground(), &request(&[Feature::Perimeter])), Err(SuggestError::NothingMeasured { .. })));
    assert!(matches!(suggest(&set.ground(), &request(&[])), Err(SuggestError::NoTarget)));
}

/// Limits chosen on one lot alone do not hold on the other; with the lots mixed one does not see it.
#[test]
fn validation_keeps_lots_together() {
    let lot = |good: f32, ng: f32| (0..20).map(move |i| if i % 2 == 0 { (good, false) } else { (ng, true) });
    let all: Vec<(f32, bool)> = lot(0.5, 1.0).chain(lot(3.0, 5.0)).collect();
    let parts: Vec<_> = all.iter().map(|&(area, _)| vec![(1, [area, 0.1, 0.1])]).collect();
    let mut set = Set::new(&parts, all.iter().map(|a| disposition(a.1)).collect());
    set.ruleset.cells[0].limits.pop();
    let request = Request { folds: 10, ..request(&[Feature::Area]) };
    let mixed = suggest(&set.ground(), &request).unwrap().validation.unwrap();
    assert_eq!((mixed.folds, mixed.held_out.escapes().count, mixed.held_out.all().total()), (10, 0, 40));
    set.groups = Some((0..40).map(|i| i / 20).collect());
    let by_lot = suggest(&set.ground(), &request).unwrap().validation.unwrap();
    assert_eq!((by_lot.folds, by_lot.held_out.escapes().count), (2, 10));
    assert_eq!(by_lot.tuned_in.escapes().count, 0);
}

// ----------------------------------------------------------------------------------------------------------- against every choice

/// What a score costs: excess over what is allowed first.
fn badness(score: &Score, request: &Request, escapes: usize) -> (usize, f64) {
    let excess = score.truly_ng.ok.saturating_sub(escapes)
        + score.truly_ok.ng.saturating_sub(request.at_most_overkill.unwrap_or(usize::MAX));
    let cost = match &request.least {
        Least::OverkillAndReview { review_weight } => {
            score.truly_ok.ng as f64 + review_weight * (score.truly_ok.review + score.truly_ng.review) as f64
        }
        Least::Cost(settings) => cost_per_day(score, settings).unwrap().total.value.unwrap(),
    };
    (excess, cost)
}

/// The least badness over all bounds at values of the table, ∞ included.
fn best_by_trying(set: &Set, features: &[Feature], request: &Request, escapes: usize) -> (usize, f64) {
    let mut choices: Vec<Vec<Bounds>> = vec![Vec::new()];
    for &feature in features {
        let mut values: Vec<f32> = set.table.column(feature).iter().copied().filter(|v| v.is_finite()).collect();
        values.push(1e9);
        values.sort_by(f32::total_cmp);
        values.dedup();
        let tiers = |i: usize| if request.has_review { i..values.len() } else { i..i + 1 };
        let own: Vec<Bounds> = (0..values.len())
            .flat_map(|i| tiers(i).map(move |j| (i, j)))
            .map(|(i, j)| Bounds::new(Some(f64::from(values[i])), Some(f64::from(values[j]))))
            .collect();
        choices = choices.iter().flat_map(|c| own.iter().map(move |&b| c.iter().copied().chain([b]).collect())).collect();
    }
    let mut best = (usize::MAX, f64::INFINITY);
    for choice in choices {
        let mut ruleset = set.ruleset.clone();
        for (&feature, bounds) in features.iter().zip(choice) {
            ruleset.set_limit(&scratch(), feature, Some(bounds)).unwrap();
        }
        let got = badness(&set.score(&ruleset), request, escapes);
        if got.0 < best.0 || (got.0 == best.0 && got.1 < best.1) {
            best = got;
        }
    }
    best
}

fn any_set(parts: std::ops::Range<usize>) -> impl Strategy<Value = Set> {
    let value = || prop::sample::select(&[0.0_f32, 0.5, 1.0, 1.5, 2.0, 3.0, f32::NAN, f32::INFINITY][..]);
    let row = (prop::sample::select(&[1_u8, 1, 1, 1, 2, 9][..]), [value(), value(), value()]);
    let truth =
        prop::sample::select(&[Disposition::Ok, Disposition::Ng, Disposition::Ok, Disposition::Ng, Disposition::Unknown][..]);
    let part = (prop::collection::vec(row, 0..3), truth);
    prop::collection::vec(part, parts).prop_map(|mut parts| {
        // One of each that the limits look at.
        parts.push((vec![(1, [1.0, 1.0, 1.0])], Disposition::Ng));
        parts.push((vec![(1, [0.5, 0.5, 0.5])], Disposition::Ok));
        let (rows, truth): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        Set::new(&rows, truth)
    })
}

fn any_request(features: &'static [Feature]) -> impl Strategy<Value = (Request, usize)> {
    let costs = CostSettings { ng_share: Some(0.1), ..CostSettings::default() };
    let least = prop::sample::select(vec![
        Least::OverkillAndReview { review_weight: 0.25 },
        Least::OverkillAndReview { review_weight: 1.0 },
        Least::OverkillAndReview { review_weight: 2.0 },
        Least::Cost(costs),
    ]);
    (least, 0..3_usize, any::<bool>(), prop::option::of(0..3_usize)).prop_map(|(least, escapes, has_review, at_most_overkill)| {
        let goal = if escapes == 0 { Goal::NoEscape } else { Goal::AtMost(escapes) };
        (Request { goal, at_most_overkill, least, has_review, ..request(features) }, escapes)
    })
}

fn assert_best(set: &Set, features: &[Feature], request: &Request, escapes: usize) {
    let got = suggest(&set.ground(), request).unwrap();
    let mut ruleset = set.ruleset.clone();
    got.apply(&mut ruleset).unwrap();
    assert_eq!(set.score(&ruleset), got.after, "applied it does what was told");
    assert_eq!(set.score(&set.ruleset), got.before);
    let (found, best) = (badness(&got.after, request, escapes), best_by_trying(set, features, request, escapes));
    assert_eq!(found.0, best.0, "{got:?}");
    assert!((found.1 - best.1).abs() < 1e-6 * best.1.max(1.0), "{found:?} {best:?} {got:?}");
    assert_eq!(got.is_goal_met, found.0 == 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_better_than_the_one_limit(set in any_set(0..10), (request, escapes) in any_request(&[Feature::Area])) {
        assert_best(&set, &[Feature::Area], &request, escapes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_better_than_the_two(set in any_set(0..8), (request, escapes) in any_request(&[Feature::Area, Feature::Length])) {
        assert_best(&set, &[Feature::Area, Feature::Length], &request, escapes);
    }
}

/// Three limits are a search: it never beats the truth, and on small sets nearly always reaches it.
#[test]
fn three_limits_by_search() {
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let features = [Feature::Area, Feature::Length, Feature::Width];
    let (mut reached, runs) = (0, 60);
    for _ in 0..runs {
        let mut parts: Vec<_> = (0..14).map(|_| vec![(1, [0; 3].map(|_| next(6) as f32))]).collect();
        let mut truth: Vec<_> = (0..14).map(|_| disposition(next(2) == 0)).collect();
        parts.extend([vec![(1, [1.0; 3])], vec![(1, [3.0; 3])]]);
        truth.extend([Disposition::Ok, Disposition::Ng]);
        let set = Set::new(&parts, truth);
        let request = Request { has_review: false, ..request(&features) };
        let got = suggest(&set.ground(), &request).unwrap();
        assert_eq!(got.method, Method::Search);
        let (found, best) = (badness(&got.after, &request, 0), best_by_trying(&set, &features, &request, 0));
        assert!(found >= best);
        reached += usize::from(found == best);
    }
    assert!(reached * 20 >= runs * 19, "{reached} of {runs}");
}

#[test]
fn a_limit_on_the_sum_of_a_part() {
    // Each region is small; their total tells.
    let part = |count: usize| vec![(1, [0.1, 0.1, 0.1]); count];
    let parts: Vec<_> = [1, 2, 3, 8, 9].map(part).into();
    let mut set = Set::new(&parts, [false, false, false, true, true].map(disposition).into());
    let target = Target { cell: scratch(), subject: Subject::Part(Aggregate::Total(Feature::Area)) };
    let got = suggest(&set.ground(), &Request { folds: 0, ..Request::new(vec![target]) }).unwrap();
    assert_eq!((got.after.escapes().count, got.after.overkill().count, got.after.review_load().count), (0, 0, 0));
    got.apply(&mut set.ruleset).unwrap();
    let bounds = set.ruleset.cells[0].per_part[0].bounds();
    assert_eq!((bounds.accept_below, bounds.reject_from), (Some(0.5), Some(0.5)));
}

// --------------------------------------------------------------------------------------------------- regions, alarms, and a pixel

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_region_that_is_acceptable_is_accepted_and_one_that_is_not_is_rejected(set in any_set(0..8), row in 0..20_usize) {
        let rules = set.ruleset.compile(&classes(), &[]).unwrap();
        let row = row % set.table.rows();
        let wanted = [
            (Verdict::Ok, accept_region(&set.table, &rules, row)),
            (Verdict::Ng, reject_region(&set.table, &rules, row)),
        ];
        for (verdict, edits) in wanted {
            let edits = match edits {
                Ok(edits) => edits,
                Err(why) => {
                    let values = [Feature::Area, Feature::Length].map(|f| set.table.value(row, f));
                    match why {
                        RegionEditError::NoRule => prop_assert_eq!(set.table.class()[row], 9),
                        RegionEditError::Unmeasured(f) => prop_assert!(set.table.value(row, f).is_nan()),
                        // There is nothing above the infinite.
                        why => prop_assert!(values.contains(&f32::INFINITY), "{why}"),
                    }
                    continue;
                }
            };
            prop_assert_eq!(edits.is_empty(), judge_row(&set.table, row, &rules) == verdict);
            let edit = effect(&set.ground(), edits).unwrap();
            let mut ruleset = set.ruleset.clone();
            edit.apply(&mut ruleset).unwrap();
            prop_assert_eq!(judge_row(&set.table, row, &ruleset.compile(&classes(), &[]).unwrap()), verdict);
            prop_assert_eq!(set.score(&ruleset), edit.after);
        }
    }
}

#[test]
fn the_nearest_limit_moves_no_farther_than_it_must() {
    let set = Set::example();
    let rules = set.ruleset.compile(&classes(), &[]).unwrap();
    // 0.95 mm², 1.2 mm: 5 % below the limit on area, 40 % below that on length; the next smaller area is 0.80.
    let edits = reject_region(&set.table, &rules, 10).unwrap();
    assert_eq!((edits.len(), edits[0].target.subject), (1, Subject::Region(Feature::Area)));
    assert_eq!(edits[0].after, Some(Bounds::new(Some(0.85), Some(0.85))));
    // 1.2 mm², 2.8 mm: both limits must move, up to the next larger ones.
    let edits = accept_region(&set.table, &rules, 11).unwrap();
    let after: Vec<f64> = edits.iter().map(|e| e.after.unwrap().reject_from.unwrap()).collect();
    assert!(after[0] > 1.2 && after[0] <= 1.5 && after[1] > 2.8 && after[1] <= 3.1, "{after:?}");
    let edit = effect(&set.ground(), edits).unwrap();
    // The good part of 2.2 mm is no overkill any more.
    assert_eq!(edit.flips.iter().map(|f| f.part).collect::<Vec<_>>(), [5, 11]);
}

#[test]
fn a_size_limit_above_a_true_defect_raises_an_alarm() {
    let mut set = Set::example();
    let rules = |set: &Set| set.ruleset.compile(&classes(), &[]).unwrap();
    // NG parts with both area below 1.0 and length below 2.0: 0.60 × 1.9 and 0.95 × 1.2.
    let alarms = size_alarms(&set.table, &rules(&set), &set.truth);
    assert_eq!(alarms.len(), 2);
    let area = alarms.iter().find(|a| a.feature == Feature::Area).unwrap();
    assert_eq!((area.smallest, area.accept_below, area.accepted, area.escapes, area.part), (0.60, 1.0, 2, 2, 9));
    let length = alarms.iter().find(|a| a.feature == Feature::Length).unwrap();
    assert_eq!((length.smallest, length.part), (1.2, 10));
    set.ruleset.cells[0].limits[0] = Limit::new(Feature::Area, Some(0.5), Some(1.0));
    assert!(size_alarms(&set.table, &rules(&set), &set.truth).is_empty());
}

/// A scratch of 60 × 3 px at 0.05 mm: a pixel makes 0.4675 mm² to 0.79 mm² or 0.14 mm², but 3.158 mm to 3.258 mm or 3.058 mm.
#[test]
fn areas_of_scratches_hang_on_a_pixel_and_lengths_do_not() {
    let mut columns = [const { Vec::new() }; Feature::COUNT];
    let values = [
        (Feature::Area, 0.4675),
        (Feature::AreaPx, 187.0),
        (Feature::Length, 3.158),
        (Feature::Width, 0.16),
        (Feature::Perimeter, 6.485),
    ];
    for (feature, value) in values {
        columns[feature.index()].push(value);
    }
    let table = RegionTable::from_columns(vec![0, 1], vec![1], vec![0], columns);
    let flips = |feature, reject| {
        let limits = vec![Limit::new(feature, None, Some(reject))];
        let ruleset = Ruleset { cells: vec![Cell { limits, ..Cell::default() }], ..Ruleset::new("one") };
        let flips = pixel_flips(&table, &ruleset.compile(&[(1, "scratch".into())], &[]).unwrap()).unwrap();
        (flips.smaller.count, flips.larger.count, flips.either.count)
    };
    assert_eq!(flips(Feature::Area, 0.5), (0, 1, 1));
    assert_eq!(flips(Feature::Area, 0.79), (0, 1, 1));
    assert_eq!(flips(Feature::Area, 0.795), (0, 0, 0));
    assert_eq!(flips(Feature::Area, 0.145), (1, 0, 1));
    assert_eq!(flips(Feature::Length, 3.0), (0, 0, 0));
    assert_eq!(flips(Feature::Length, 3.06), (1, 0, 1));
}

/// Distances: small ones are bad. The mirror image of the one limit with review between.
#[test]
fn limits_where_small_is_bad() {
    let mut set = alone(Feature::Length);
    // As if a length of 5 were a distance of 0.
    let mut columns = [const { Vec::new() }; Feature::COUNT];
    columns[Feature::Length.index()] = EXAMPLE.iter().map(|e| 5.0 - e.1).collect();
    let rows = set.table.rows();
    set.table = RegionTable::from_columns(set.table.part_starts().to_vec(), vec![1; rows], vec![0; rows], columns);
    set.ruleset.cells[0].limits[0] = Limit::of(Feature::Length, Bounds::at_least(Some(3.0), Some(3.0)));
    let request = Request { at_most_overkill: Some(0), ..request(&[Feature::Length]) };
    let got = suggest(&set.ground(), &request).unwrap();
    let farthest = got.edits[0].farthest.map(|f| f.unwrap() as f32);
    assert_eq!(farthest, [5.0 - 1.2, 5.0 - 2.8]);
    assert_eq!((got.after.escapes().count, got.after.overkill().count, got.after.review_load().count), (0, 0, 5));
    // Stricter than the middle is higher now.
    let after = got.edits[0].after.unwrap();
    assert_eq!((after.accept_below, after.reject_from), (Some(3.85), Some(2.5)));
    let rules = compile(&set.ruleset).unwrap();
    for row in 0..rows {
        for (verdict, edits) in
            [(Verdict::Ok, accept_region(&set.table, &rules, row)), (Verdict::Ng, reject_region(&set.table, &rules, row))]
        {
            let mut ruleset = set.ruleset.clone();
            effect(&set.ground(), edits.unwrap()).unwrap().apply(&mut ruleset).unwrap();
            assert_eq!(judge_row(&set.table, row, &compile(&ruleset).unwrap()), verdict);
        }
    }
}
