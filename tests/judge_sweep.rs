//! Sweeps against judging every place anew, on random rulesets and tables.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use delimit::judge::sweep::even_places;
use delimit::judge::{
    Aggregate, AtLimit, Board, Bound, Bounds, Cell, CellKey, Disposition, Limit, LimitAt, PartLimit, Ruleset, Score, Verdict,
    Worse, judge_table, sweep, sweep_distinct,
};
use delimit::measure::{Feature, RegionTable};
use proptest::prelude::*;

/// Few values, so that rows lie exactly at limits often.
const VALUES: [f32; 11] = [0.0, -0.0, 0.1, 0.13, 0.5, 1.999_999_9, 2.0, 3.5, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
const LIMITS: [f64; 10] = [-1e300, -1.0, 0.0, 0.1, 0.13, 0.5, 1.0, 2.0, 3.5, 1e300];

fn names(all: &[&str]) -> Vec<(u8, String)> {
    all.iter().zip(1..).map(|(n, i)| (i, (*n).to_owned())).collect()
}

/// Parts of rows (class, zone, area, length).
type Rows = Vec<Vec<(u8, u8, f32, f32)>>;

fn table_of(parts: &Rows) -> RegionTable {
    let mut columns = [const { Vec::new() }; Feature::COUNT];
    let (mut class, mut zone, mut starts) = (Vec::new(), Vec::new(), vec![0]);
    for rows in parts {
        for row in rows {
            class.push(row.0);
            zone.push(row.1);
            columns[Feature::Area.index()].push(row.2);
            columns[Feature::Length.index()].push(row.3);
        }
        starts.push(class.len() as u32);
    }
    RegionTable::from_columns(starts, class, zone, columns)
}

fn any_bounds() -> impl Strategy<Value = Bounds> {
    let limit = || prop::sample::select(&LIMITS[..]);
    (limit(), limit(), 0..3, 0..3).prop_map(|(a, b, kind, side)| {
        let (low, high) = (a.min(b), a.max(b));
        let pair = match (kind, side) {
            (0, 2) => (Some(high), Some(low)),
            (0, _) => (Some(low), Some(high)),
            (1, _) => (Some(a), None),
            _ => (None, Some(b)),
        };
        match side {
            0 => Bounds::new(pair.0, pair.1),
            1 => Bounds { at_limit: AtLimit::Better, ..Bounds::new(pair.0, pair.1) },
            _ => Bounds::at_least(pair.0, pair.1),
        }
    })
}

fn any_ruleset() -> impl Strategy<Value = Ruleset> {
    // Area twice at times, and a feature that nothing measured.
    let feature = || prop::sample::select(&[Feature::Area, Feature::Area, Feature::Length, Feature::Width][..]);
    let aggregate = prop_oneof![Just(Aggregate::Count), feature().prop_map(Aggregate::Total), feature().prop_map(Aggregate::Max)];
    let limits = prop::collection::vec((feature(), any_bounds()).prop_map(|(f, b)| Limit::of(f, b)), 0..6);
    let per_part = prop::collection::vec((aggregate, any_bounds()).prop_map(|(a, b)| PartLimit::of(a, b)), 0..3);
    let name = |all: &'static [&'static str]| prop::sample::select(all);
    let cell = (name(&["scratch", "pit", "*"]), name(&["seal", "unzoned", "*"]), any::<bool>(), limits, per_part);
    let cell = cell.prop_map(|(class, zone, accept, limits, per_part)| Cell {
        class: class.into(),
        zone: zone.into(),
        accept: accept && limits.is_empty(),
        limits,
        per_part,
    });
    prop::collection::vec(cell, 1..6).prop_map(|mut cells| {
        cells.sort_by_key(Cell::key);
        cells.dedup_by_key(|c| c.key());
        Ruleset { cells, ..Ruleset::new("dice") }
    })
}

fn any_rows(parts: std::ops::Range<usize>) -> impl Strategy<Value = Rows> {
    let value = || prop::sample::select(&VALUES[..]);
    // Class 9 and zone 99 are unknown to the part number.
    let row = (prop::sample::select(&[1_u8, 1, 2, 9][..]), prop::sample::select(&[0_u8, 1, 1, 99][..]), value(), value());
    prop::collection::vec(prop::collection::vec(row, 0..5), parts)
}

fn any_truth() -> impl Strategy<Value = Vec<Disposition>> {
    prop::collection::vec(prop::sample::select(&[Disposition::Ok, Disposition::Ng, Disposition::Unknown][..]), 0..12)
}

/// Every limit of the ruleset by its place and its bounds.
fn all_limits(ruleset: &Ruleset) -> Vec<(CellKey, LimitAt, Bounds)> {
    let of = |cell: &Cell| {
        let regions = cell.limits.iter().enumerate().map(|(i, l)| (LimitAt::Region(i), l.bounds()));
        let parts = cell.per_part.iter().enumerate().map(|(i, l)| (LimitAt::Part(i), l.bounds()));
        regions.chain(parts).map(|(which, bounds)| (cell.key(), which, bounds)).collect::<Vec<_>>()
    };
    ruleset.cells.iter().flat_map(of).collect()
}

fn with_bounds(ruleset: &Ruleset, key: &CellKey, which: LimitAt, bounds: Bounds) -> Ruleset {
    let mut ruleset = ruleset.clone();
    let cell = ruleset.cells.iter_mut().find(|c| c.key() == *key).unwrap();
    match which {
        LimitAt::Region(i) => cell.limits[i] = Limit::of(cell.limits[i].feature, bounds),
        LimitAt::Part(i) => cell.per_part[i] = PartLimit::of(cell.per_part[i].aggregate, bounds),
    }
    ruleset
}

/// Critical values are negated where small ones are bad.
fn unsigned(bounds: Bounds, value: f32) -> f32 {
    if bounds.worse == Worse::Smaller { -value } else { value }
}

fn run(parts: &Rows, ruleset: &Ruleset, truth: &[Disposition]) {
    let table = table_of(parts);
    let compile = |r: &Ruleset| r.compile(&names(&["scratch", "pit"]), &names(&["seal", "face"])).unwrap();
    let board = Board::new(&table, &compile(ruleset));
    for (key, which, bounds) in all_limits(ruleset) {
        for bound in [Bound::Accept, Bound::Reject] {
            let swept = sweep(&board, &key, which, bound, &LIMITS, truth).unwrap();
            assert_eq!(swept.points.len(), LIMITS.len());
            for point in &swept.points {
                let pushed = bounds.push(bound, point.at);
                assert_eq!(point.bounds, pushed);
                let verdicts = judge_table(&table, &compile(&with_bounds(ruleset, &key, which, pushed)));
                assert_eq!(point.score, Score::of(&verdicts, truth), "{key} {which:?} {bound:?} at {}", point.at);
            }
            let distinct = sweep_distinct(&board, &key, which, bound, 100, truth).unwrap();
            for pair in distinct.points.windows(2) {
                // Nothing changes on the way from one place to the next.
                let (between, same_as) = match (bounds.worse, bounds.at_limit) {
                    (Worse::Larger, AtLimit::Worse) => ((pair[0].at as f32).next_up(), &pair[1]),
                    (Worse::Larger, AtLimit::Better) => ((pair[1].at as f32).next_down(), &pair[0]),
                    (Worse::Smaller, _) => ((pair[1].at as f32).next_up(), &pair[0]),
                };
                assert_eq!(pair[0].at < pair[1].at, bounds.worse == Worse::Larger);
                let pushed = bounds.push(bound, f64::from(between));
                let verdicts = judge_table(&table, &compile(&with_bounds(ruleset, &key, which, pushed)));
                assert_eq!(same_as.score, Score::of(&verdicts, truth), "{key} {which:?} {bound:?} between {pair:?}");
            }
        }
        let critical = board.critical(&[(key.clone(), which)]).unwrap();
        let verdicts: Vec<Verdict> = critical
            .base
            .iter()
            .zip(&critical.values[0])
            .map(|(&base, &value)| base.max(bounds.thresholds().verdict(unsigned(bounds, value))))
            .collect();
        assert_eq!(verdicts, board.verdicts(), "the base and the limit give the verdict");
    }
    // All limits together: what remains is what cells without limits and unmeasured values say.
    let all: Vec<_> = all_limits(ruleset);
    let asked: Vec<_> = all.iter().map(|(key, which, _)| (key.clone(), *which)).collect();
    let critical = board.critical(&asked).unwrap();
    for part in 0..parts.len() {
        let limits = all
            .iter()
            .zip(&critical.values)
            .map(|((.., bounds), values)| bounds.thresholds().verdict(unsigned(*bounds, values[part])));
        assert_eq!(limits.fold(critical.base[part], Verdict::max), board.verdicts()[part]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sweep_equals_judging_at_every_place(parts in any_rows(0..12), ruleset in any_ruleset(), truth in any_truth()) {
        run(&parts, &ruleset, &truth);
    }
}

/// More parts than are worked on at a time, and many different values.
#[test]
fn many_parts() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut row = || {
        let r = random();
        (1 + (r % 2) as u8, (r / 2 % 2) as u8, (r / 4 % 5000) as f32 / 1000.0, (r / 20_000 % 5000) as f32 / 1000.0)
    };
    let parts: Rows = (0..10_000).map(|i| (0..i % 4).map(|_| row()).collect()).collect();
    let truth: Vec<Disposition> =
        (0..parts.len()).map(|i| [Disposition::Ok, Disposition::Ng, Disposition::Unknown][i * 7 % 3]).collect();
    let limits = vec![Limit::new(Feature::Area, Some(2.0), Some(4.0)), Limit::new(Feature::Length, Some(3.0), Some(4.5))];
    let cell = Cell { class: "scratch".into(), zone: "*".into(), limits, ..Cell::default() };
    let other = Cell { limits: vec![Limit::new(Feature::Area, Some(4.9), None)], ..Cell::default() };
    let ruleset = Ruleset { cells: vec![cell.clone(), other], ..Ruleset::new("many") };
    let table = table_of(&parts);
    let compile = |r: &Ruleset| r.compile(&names(&["scratch", "pit"]), &names(&["seal"])).unwrap();
    let mut board = Board::new(&table, &compile(&ruleset));
    let swept = sweep(&board, &cell.key(), LimitAt::Region(0), Bound::Reject, &even_places(0.0, 6.0, 61), &truth).unwrap();
    assert_eq!((swept.points[0].at, swept.points[60].at), (0.0, 6.0));
    for point in &swept.points {
        board.set_limit(&cell.key(), LimitAt::Region(0), point.bounds).unwrap();
        assert_eq!(point.score, Score::of(board.verdicts(), &truth), "{}", point.at);
    }
    let [escapes, overkill, _] = swept.curves();
    assert!(escapes.is_sorted_by(|a, b| a.1.count <= b.1.count) && overkill.is_sorted_by(|a, b| a.1.count >= b.1.count));
    assert!(sweep(&board, &CellKey::new("pit", "seal"), LimitAt::Region(0), Bound::Reject, &[1.0], &truth).is_err());
    assert!(sweep(&board, &cell.key(), LimitAt::Region(0), Bound::Reject, &[f64::NAN], &truth).is_err());
}
