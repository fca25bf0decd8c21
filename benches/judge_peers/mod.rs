//! numpy, polars and `DuckDB` on the same table, in the same run.

use std::fs;
use std::path::Path;
use std::process::Command;

use delimit::judge::{CompiledRuleset, Tally};
use delimit::measure::{Feature, RegionTable};

/// What this program found, and how fast.
pub struct Ours<'a> {
    pub full_ms: f64,
    pub sweep_ms: f64,
    pub tally: Tally,
    /// By place.
    pub swept: &'a [Tally],
}

/// Writes the table for the peers, lets them judge it and sweep the length limit of class 3 in zone 2, and prints how many times as long
/// they take. Counts that differ end the run. Does nothing without `DELIMIT_PEERS_PYTHON`.
pub fn run(table: &RegionTable, rules: &CompiledRuleset, places: &[f64], ours: &Ours<'_>) {
    let Some(python) = std::env::var_os("DELIMIT_PEERS_PYTHON") else {
        println!("<!-- peers SKIPPED: DELIMIT_PEERS_PYTHON is not set -->");
        return;
    };
    let folder = std::env::temp_dir().join(format!("delimit-judge-peers-{}", std::process::id()));
    let out = write(&folder, table, rules, places).and_then(|()| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/judge_peers/peers.py");
        let script = if script.exists() { script } else { Path::new(file!()).with_file_name("peers.py") };
        Command::new(python).arg(script).arg(&folder).env("POLARS_MAX_THREADS", "1").env("OMP_NUM_THREADS", "1").output()
    });
    let removed = fs::remove_dir_all(&folder);
    let out = out.unwrap_or_else(|e| panic!("the peers could not run: {e}"));
    assert!(removed.is_ok() && out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    for text in String::from_utf8_lossy(&out.stdout).lines() {
        compare(text, places, ours);
    }
}

/// `peer what ms place ok review ng`, a place of −1 for the limits as they are.
fn compare(text: &str, places: &[f64], ours: &Ours<'_>) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [peer, what, ms, place, ok, review, ng] = words[..] else { panic!("not understood: {text}") };
    let number = |word: &str| word.parse::<f64>().unwrap_or_else(|_| panic!("not a number in: {text}"));
    let tally = Tally { ok: number(ok) as usize, review: number(review) as usize, ng: number(ng) as usize };
    let expected = if number(place) < 0.0 { ours.tally } else { ours.swept[number(place) as usize] };
    assert_eq!(tally, expected, "{peer} counts otherwise: {text}");
    let (own, of) = if what == "full" { (ours.full_ms, "full judge") } else { (ours.sweep_ms, "sweep") };
    let count = if what == "full" { String::new() } else { format!(" of {} places", places.len()) };
    println!("| | | | {of}{count}, {peer} | {} | | {:.1} × ours |", number(ms), number(ms) / own);
}

fn write(folder: &Path, table: &RegionTable, rules: &CompiledRuleset, places: &[f64]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let floats = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let part: Vec<u8> =
        (0..table.parts()).flat_map(|p| table.rows_of_part(p).flat_map(move |_| (p as u32).to_le_bytes())).collect();
    fs::write(folder.join("part"), part)?;
    fs::write(folder.join("class"), table.class())?;
    fs::write(folder.join("zone"), table.zone())?;
    for feature in [Feature::Area, Feature::Length, Feature::Width] {
        fs::write(folder.join(feature.name()), floats(table.column(feature)))?;
    }
    // 7 × 4 cells, three limits each, accept then reject.
    let mut limits = Vec::new();
    for (class, zone) in (1..=7).flat_map(|c| (1..=4).map(move |z| (c, z))) {
        let cell = rules.cell(class, zone).map(|c| &c.limits[..]).unwrap_or_default();
        limits.extend(cell.iter().flat_map(|l| [l.thresholds.accept, l.thresholds.reject]));
    }
    fs::write(folder.join("limits"), floats(&limits))?;
    fs::write(folder.join("places"), floats(&places.iter().map(|&p| p as f32).collect::<Vec<f32>>()))
}
