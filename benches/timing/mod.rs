//! CPU time of the whole process, for benches of code that may use several threads.

use std::time::Instant;

/// Time of one call in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// All threads together where the system tells it (Linux), else wall time, as for calls too short for the system's clock.
    pub cpu_ms: f64,
    pub wall_ms: f64,
}

/// Median over `rounds` of the time of a call; one round before them does not count. `prepare` makes the input of each call and is
/// not timed, nor is the dropping of what the call returns. What reading the clock costs is taken off.
pub fn median<A, B>(rounds: usize, mut prepare: impl FnMut() -> A, mut call: impl FnMut(A) -> B) -> Time {
    let reading = middle((0..9).filter_map(|_| Some(-(cpu_ns()? as f64 - cpu_ns()? as f64) / 1e6)).collect());
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let input = prepare();
        let (from, start) = (cpu_ns(), Instant::now());
        let output = std::hint::black_box(call(input));
        let wall_ms = start.elapsed().as_secs_f64() * 1e3;
        let to = cpu_ns();
        drop(output);
        if round > 0 {
            wall.push(wall_ms);
            cpu.push(match (from, to) {
                (Some(from), Some(to)) if (to - from) as f64 / 1e6 > reading => (to - from) as f64 / 1e6 - reading,
                _ => wall_ms,
            });
        }
    }
    Time { cpu_ms: middle(cpu), wall_ms: middle(wall) }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Nanoseconds on a CPU of all threads that live now. The system brings the figure of a thread up to date when it yields.
fn cpu_ns() -> Option<u64> {
    std::thread::yield_now();
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        sum += text.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(sum)
}
