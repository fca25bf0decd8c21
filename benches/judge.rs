//! How long judging takes: 1 M and 10 M regions of 10 000 and of 1 000 000 parts, 7 classes × 4 zones, limits on area, length and width in
//! each cell; strict limits that few regions reach, and permissive ones that cut most groups.
//!
//! `cargo bench --bench judge` (`-- 1` for 1 M rows only). All figures are CPU time of one thread where the system tells it, else wall
//! time; every result is checked against the plain scan.
//!
//! With `DELIMIT_PEERS_PYTHON` set to a Python that has numpy, polars and duckdb, the same tables are judged and swept there in the same
//! run (one thread each), with the same counts, and ratios are printed.

mod judge_peers;

use std::time::Instant;

use delimit::judge::sweep::{even_places, sweep};
use delimit::judge::{
    Board, Bound, Bounds, Cell, CellKey, CompiledRuleset, Disposition, Limit, LimitAt, Ruleset, Score, Tally, Verdict, judge_table,
};
use delimit::measure::{Feature, RegionTable};

const CLASSES: u8 = 7;
const ZONES: u8 = 4;
const FEATURES: [Feature; 3] = [Feature::Area, Feature::Length, Feature::Width];

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let millions = if numbers.is_empty() { vec![1, 10] } else { numbers };
    println!("| rows | parts | limits | what | CPU ms | M rows/s | plain scan ÷ this |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for million in millions {
        for parts in [10_000, million * 100_000] {
            let table = table(million * 1_000_000, parts);
            run(&table, "strict", [3000.0, 300.0, 55.0]);
            run(&table, "permissive", [100.0, 22.0, 8.0]);
            run_rules(&table);
        }
    }
}

fn run(table: &RegionTable, limits: &str, reject: [f64; 3]) {
    let (rows, parts) = (table.rows(), table.parts());
    let mut plain_ms = 0.0;
    let mut line = |what: &str, ms: f64| {
        if plain_ms == 0.0 {
            plain_ms = ms;
        }
        println!("| {rows} | {parts} | {limits} | {what} | {ms:.4} | {:.0} | {:.2} |", rows as f64 / 1e3 / ms, plain_ms / ms);
    };
    let rules = compiled(reject, false);
    let (flat, mut expected) = (Flat::new(table, &rules), Vec::new());
    line("plain scan in row order, limits looked up per class × zone", time(3, || expected = flat.scan(table)));
    line("judge_table", time(1, || assert_eq!(judge_table(table, &rules), expected)));
    let mut made = None;
    line("Board::new: order the rows and judge them", time(1, || made = Some(Board::new(table, &rules))));
    let Some(mut board) = made else { return };
    assert_eq!(board.verdicts(), expected);
    let full = time(9, || assert_eq!(board.rejudge(table, &rules), []));
    line("full judge of ordered rows", full);
    let tally = board.tally();
    let rows_tally = board.rows_tallies().map(|(_, _, t)| t).fold(Tally::default(), |mut sum, t| {
        sum += t;
        sum
    });
    let of_cell = swept(table, &mut board, &CellKey::new("class 3", "zone 2"), reject[1], "one cell", &mut line);
    drag(table, &mut board, &CellKey::new("class 3", "zone 2"), reject[1], "one cell", &mut line);
    let mut board = Board::new(table, &compiled(reject, true));
    let wide = CellKey::new("class 3", "*");
    swept(table, &mut board, &wide, reject[1], "one class in all zones", &mut line);
    drag(table, &mut board, &wide, reject[1], "one class in all zones", &mut line);
    println!("<!-- {limits}: parts {tally:?}, rows {rows_tally:?} -->");
    let places = even_places(reject[1] * 0.5, reject[1] * 1.5, PLACES);
    judge_peers::run(table, &rules, &places, &judge_peers::Ours { full_ms: full, sweep_ms: of_cell.0, tally, swept: &of_cell.1 });
}

/// Places of a sweep.
const PLACES: usize = 200;

/// Sweeps the length limit of a cell; returns the milliseconds and the tally at each place.
fn swept(
    table: &RegionTable,
    board: &mut Board,
    key: &CellKey,
    reject: f64,
    what: &str,
    line: &mut impl FnMut(&str, f64),
) -> (f64, Vec<Tally>) {
    let places = even_places(reject * 0.5, reject * 1.5, PLACES);
    let truth: Vec<Disposition> = (0..table.parts()).map(|p| [Disposition::Ok, Disposition::Ng][p % 3 / 2]).collect();
    let go = |board: &Board| sweep(board, key, LimitAt::Region(1), Bound::Reject, &places, &truth).map(|s| s.points);
    let mut points = Vec::new();
    let ms = time(9, || points = go(board).unwrap_or_default());
    line(&format!("sweep of {PLACES} places, {what}"), ms);
    assert_eq!(points.len(), PLACES);
    let was = board.rules().find(key).map(|c| board.rules().cells()[c].limits[1].bounds);
    for point in points.iter().step_by(33) {
        assert!(board.set_limit(key, LimitAt::Region(1), point.bounds).is_ok());
        assert_eq!(point.score, Score::of(board.verdicts(), &truth), "judging at {} says the same", point.at);
    }
    // As it was, with no index made yet.
    assert!(board.set_limit(key, LimitAt::Region(1), was.unwrap_or_default()).is_ok());
    let rules = board.rules().clone();
    *board = Board::new(table, &rules);
    (ms, points.iter().map(|p| p.score.all()).collect())
}

/// The same with rules beside the cells: a ratio of each region, a count and a sum on each part.
fn run_rules(table: &RegionTable) {
    let rules = r#"[
        (name: "ratio", classes: ["class 3"], scope: region("length / width"), accept: "< 20", reject: ">= 30"),
        (name: "count", classes: ["class 3"], where: "area > 20", scope: total(of: count), reject: "> 30"),
        (name: "sum", zones: ["zone 2"], scope: total(of: sum("area")), reject: "> 9000"),
    ]"#;
    let text = format!("(format: 3, otherwise: ok, rules: {rules}, cells: [])");
    let parsed = Ruleset::from_ron(&text, std::path::Path::new("bench")).unwrap_or_else(|e| panic!("{e}"));
    let mut ruleset = cells([3000.0, 300.0, 55.0], false);
    (ruleset.rules, ruleset.otherwise) = (parsed.rules, parsed.otherwise);
    let (classes, zones) = (names("class", CLASSES), names("zone", ZONES));
    let rules = ruleset.compile(&classes, &zones).unwrap_or_else(|e| panic!("{e}"));
    let rows = table.rows();
    let parts = table.parts();
    let line =
        |what: &str, ms: f64| println!("| {rows} | {parts} | three rules | {what} | {ms:.4} | {:.0} | |", rows as f64 / 1e3 / ms);
    let mut made = None;
    line("Board::new", time(1, || made = Some(Board::new(table, &rules))));
    let Some(mut board) = made else { return };
    line("values and verdicts anew", time(3, || assert_eq!(board.rejudge(table, &rules), [])));
    for (name, from, to) in [("ratio", 24.0, 36.0), ("count", 24.0, 36.0), ("sum", 7200.0, 10_800.0)] {
        const STEPS: u32 = 200;
        let at = |step: u32| from + (to - from) * f64::from(step) / f64::from(STEPS);
        let mut set = |step: u32| board.set_rule_limit(name, Bound::Reject, at(step)).map_or(0, |c| c.len());
        line(&format!("first step of a new limit, {name}"), time(1, || set(STEPS / 2)));
        let ms = time(20, || (0..STEPS).map(&mut set).sum::<usize>()) / f64::from(STEPS);
        line(&format!("each further step, ±20 % in {STEPS} steps, {name}"), ms);
    }
    assert_eq!(judge_table(table, board.rules()), board.verdicts(), "after all these steps a judgement row by row agrees");
}

/// Moves the length limit of a cell by ±20 % around `reject`.
fn drag(table: &RegionTable, board: &mut Board, key: &CellKey, reject: f64, what: &str, line: &mut impl FnMut(&str, f64)) {
    const STEPS: usize = 200;
    let bounds = |step: usize| {
        let at = reject * (0.8 + 0.4 * step as f64 / STEPS as f64);
        Bounds::new(Some(at * 0.7), Some(at))
    };
    let set = |board: &mut Board, step: usize| board.set_limit(key, LimitAt::Region(1), bounds(step)).map_or(0, |c| c.len());
    line(&format!("first step of a new limit, {what}"), time(1, || set(board, STEPS / 2)));
    let sweep = |board: &mut Board| (0..STEPS).map(|step| set(board, step)).sum::<usize>();
    line(&format!("each further step, ±20 % in {STEPS} steps, {what}"), time(20, || sweep(board)) / STEPS as f64);
    line(&format!("a jump of 40 %, {what}"), time(10, || set(board, 0) + set(board, STEPS)) / 2.0);
    set(board, STEPS / 3);
    assert_eq!(Flat::new(table, board.rules()).scan(table), board.verdicts(), "after all these steps the plain scan agrees");
}

/// Milliseconds per call, all calls timed together.
fn time<T>(calls: u32, mut f: impl FnMut() -> T) -> f64 {
    let (wall, cpu) = (Instant::now(), cpu_ns());
    for _ in 0..calls {
        std::hint::black_box(f());
    }
    let wall = wall.elapsed().as_secs_f64() * 1e3;
    let ms = match (cpu, cpu_ns()) {
        (Some(from), Some(to)) if to > from => (to - from) as f64 / 1e6,
        _ => wall,
    };
    ms / f64::from(calls)
}

/// CPU time of this thread in ns (Linux). The system brings the figure up to date when the thread yields.
fn cpu_ns() -> Option<u64> {
    std::thread::yield_now();
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

// ------------------------------------------------------------------------------------------------------------------ the plain scan

/// Row order, one look-up of six numbers per row: what a scan without any index costs.
struct Flat {
    key: Vec<u8>,
    accept: [[f32; 3]; 64],
    reject: [[f32; 3]; 64],
}

impl Flat {
    fn new(table: &RegionTable, rules: &CompiledRuleset) -> Self {
        let mut flat = Self { key: Vec::new(), accept: [[0.0; 3]; 64], reject: [[0.0; 3]; 64] };
        for class in 0..CLASSES {
            for zone in 0..ZONES {
                let Some(cell) = rules.cell(class + 1, zone + 1) else { continue };
                for (i, limit) in cell.limits.iter().enumerate() {
                    flat.accept[usize::from(class * ZONES + zone)][i] = limit.thresholds.accept;
                    flat.reject[usize::from(class * ZONES + zone)][i] = limit.thresholds.reject;
                }
            }
        }
        flat.key = table.class().iter().zip(table.zone()).map(|(c, z)| (c - 1) * ZONES + z - 1).collect();
        flat
    }

    #[expect(clippy::needless_bitwise_bool, reason = "no branches: several rows at once")]
    fn scan(&self, table: &RegionTable) -> Vec<Verdict> {
        let [area, length, width] = FEATURES.map(|f| table.column(f));
        let part = |part| {
            let (mut is_ng, mut is_ok) = (false, true);
            let rows = table.rows_of_part(part);
            let columns = area[rows.clone()].iter().zip(&length[rows.clone()]).zip(&width[rows.clone()]);
            for (((&a, &l), &w), &key) in columns.zip(&self.key[rows]) {
                let (accept, reject) = (&self.accept[usize::from(key & 63)], &self.reject[usize::from(key & 63)]);
                is_ng |= (a >= reject[0]) | (l >= reject[1]) | (w >= reject[2]);
                is_ok &= (a < accept[0]) & (l < accept[1]) & (w < accept[2]);
            }
            if is_ng {
                Verdict::Ng
            } else if is_ok {
                Verdict::Ok
            } else {
                Verdict::Review
            }
        };
        (0..table.parts()).map(part).collect()
    }
}

// ----------------------------------------------------------------------------------------------------------------------- the input

fn names(word: &str, count: u8) -> Vec<(u8, String)> {
    (1..=count).map(|i| (i, format!("{word} {i}"))).collect()
}

fn compiled(reject: [f64; 3], is_wide: bool) -> CompiledRuleset {
    let (classes, zones) = (names("class", CLASSES), names("zone", ZONES));
    cells(reject, is_wide).compile(&classes, &zones).unwrap_or_else(|e| panic!("{e}"))
}

fn cells(reject: [f64; 3], is_wide: bool) -> Ruleset {
    let (classes, zones) = (names("class", CLASSES), names("zone", ZONES));
    let mut ruleset = Ruleset::new("bench");
    for (c, class) in &classes {
        for (z, zone) in &zones {
            // Each cell has its own limits, within 5 %.
            let own = 1.0 + f64::from(c * 7 + z * 3) % 11.0 / 220.0;
            let limit = |(feature, reject): (Feature, f64)| Limit::new(feature, Some(reject * own * 0.7), Some(reject * own));
            let limits: Vec<Limit> = FEATURES.into_iter().zip(reject).map(limit).collect();
            let zone = if is_wide { "*" } else { zone };
            if !is_wide || *z == 1 {
                ruleset.cells.push(Cell { class: class.clone(), zone: zone.into(), limits, ..Cell::default() });
            }
        }
    }
    ruleset
}

/// Log-normal areas (median e³), lengths of 1–6 times the root, widths to match; classes and zones evenly.
fn table(rows: usize, parts: usize) -> RegionTable {
    let mut random = Random(2024);
    let (mut class, mut zone) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut columns = [const { Vec::<f32>::new() }; Feature::COUNT];
    for _ in 0..rows {
        class.push(1 + (random.uniform() * f64::from(CLASSES)) as u8);
        zone.push(1 + (random.uniform() * f64::from(ZONES)) as u8);
        let normal = (-2.0 * (1.0 - random.uniform()).ln()).sqrt() * (std::f64::consts::TAU * random.uniform()).cos();
        let area = (3.0 + 1.2 * normal).exp();
        let length = area.sqrt() * (1.0 + 5.0 * random.uniform());
        columns[Feature::Area.index()].push(area as f32);
        columns[Feature::Length.index()].push(length as f32);
        columns[Feature::Width.index()].push((area / length) as f32);
    }
    let part_starts = (0..=parts).map(|p| (p * rows / parts) as u32).collect();
    RegionTable::from_columns(part_starts, class, zone, columns)
}

/// splitmix64
struct Random(u64);

impl Random {
    /// 0..1
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
