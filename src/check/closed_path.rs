//! The cheapest closed path through a band: one column per row, neighbours at most [`MAX_JUMP`] columns apart, last row next to first.

/// Largest change of the column between neighbouring rows.
pub(super) const MAX_JUMP: usize = 2;

const BLOCK: usize = 64;

/// A band of `rows × columns` costs, cut open between the last row and the first.
pub(super) struct Band<'a> {
    costs: &'a [f32],
    columns: usize,
    rows: usize,
    /// Cost of a change by 0, 1, … columns.
    jump: [f32; MAX_JUMP + 1],
}

/// Rows of accumulated costs with [`MAX_JUMP`] columns of infinity on both sides, so that the inner loop needs no limits.
struct Sums {
    stride: usize,
    cells: Vec<f32>,
}

impl Sums {
    fn new(rows: usize, columns: usize) -> Self {
        let stride = columns + 2 * MAX_JUMP;
        Self { stride, cells: vec![f32::INFINITY; rows * stride] }
    }

    fn row(&self, i: usize) -> &[f32] {
        &self.cells[i * self.stride..(i + 1) * self.stride]
    }

    /// Row `from` for reading and row `to` for writing; they differ.
    fn row_pair(&mut self, from: usize, to: usize) -> (&[f32], &mut [f32]) {
        let s = self.stride;
        if from < to {
            let (a, b) = self.cells.split_at_mut(to * s);
            (&a[from * s..(from + 1) * s], &mut b[..s])
        } else {
            let (a, b) = self.cells.split_at_mut(from * s);
            (&b[..s], &mut a[to * s..(to + 1) * s])
        }
    }
}

fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

impl<'a> Band<'a> {
    /// `costs` row by row, finite; a change by d columns costs `stiffness · d²`.
    pub fn new(costs: &'a [f32], columns: usize, stiffness: f32) -> Self {
        let rows = costs.len().checked_div(columns).unwrap_or(0);
        Self { costs, columns, rows, jump: std::array::from_fn(|d| stiffness * (d * d) as f32) }
    }

    fn cost_row(&self, i: usize) -> &[f32] {
        &self.costs[i * self.columns..(i + 1) * self.columns]
    }

    /// The cheapest closed path: the column in every row.
    ///
    /// Exact. A path is fixed by its column in the first row; every such start is either tried or shown to be no better:
    /// a lap with a free end bounds each start from below, and because the price of a change is convex two cheapest paths need not
    /// cross, so a path from a start on one side of a solved one can be sought on that side of it only.
    pub fn cheapest(&self) -> Vec<usize> {
        if self.rows == 0 || self.columns == 0 {
            return Vec::new();
        }
        let bounds = self.bounds_of_starts();
        let mut search = Search {
            band: self,
            bounds: &bounds,
            sums: Sums::new(self.rows, self.columns),
            best: f64::INFINITY,
            path: vec![0; self.rows],
        };
        let free_low = vec![0_usize; self.rows];
        let free_high = vec![self.columns - 1; self.rows];
        search.divide(0, self.columns, &free_low, &free_high);
        search.path
    }

    /// For every column of the first row, the cost of the cheapest path from there with a free end: no closed one is cheaper.
    fn bounds_of_starts(&self) -> Vec<f64> {
        let mut sums = Sums::new(self.rows, self.columns);
        let last = self.rows - 1;
        sums.cells[last * sums.stride + MAX_JUMP..][..self.columns].copy_from_slice(self.cost_row(last));
        let mut taken = 0.0;
        for i in (0..last).rev() {
            let (from, to) = sums.row_pair(i + 1, i);
            self.advance(i, 0, self.columns, from, to);
            if i % BLOCK == 0 {
                taken += rebase(to);
            }
        }
        sums.row(0)[MAX_JUMP..][..self.columns].iter().map(|&v| f64::from(v) + taken).collect()
    }

    /// One step of the recursion for columns `low..high` of row `i`.
    fn advance(&self, i: usize, low: usize, high: usize, from: &[f32], to: &mut [f32]) {
        let n = high - low;
        let [stay, one, two] = self.jump;
        let costs = &self.cost_row(i)[low..high];
        let (l2, l1, c, r1, r2) =
            (&from[low..low + n], &from[low + 1..][..n], &from[low + 2..][..n], &from[low + 3..][..n], &from[low + 4..][..n]);
        let target = &mut to[low + MAX_JUMP..][..n];
        for k in 0..n {
            let near = least(l1[k], r1[k]) + one;
            let far = least(l2[k], r2[k]) + two;
            target[k] = costs[k] + least(c[k] + stay, least(near, far));
        }
    }
}

/// Takes the least value out of a row of sums, so that f32 stays exact enough over thousands of rows.
fn rebase(row: &mut [f32]) -> f64 {
    let floor = row.iter().copied().fold(f32::INFINITY, least);
    if !floor.is_finite() {
        return 0.0;
    }
    for v in row.iter_mut() {
        *v -= floor;
    }
    f64::from(floor)
}

struct Search<'a> {
    band: &'a Band<'a>,
    bounds: &'a [f64],
    sums: Sums,
    best: f64,
    path: Vec<usize>,
}

impl Search<'_> {
    /// Tries the starts `from..to`, whose paths lie between `low` and `high` in every row.
    fn divide(&mut self, from: usize, to: usize, low: &[usize], high: &[usize]) {
        // Rounding of the f32 sums must not discard a start that is as good as the best.
        let slack = 1e-6 * self.best.abs().min(1e12);
        let promising = (from..to).filter(|&s| self.bounds[s] < self.best - slack);
        let Some(start) = promising.min_by(|&a, &b| self.bounds[a].total_cmp(&self.bounds[b])) else { return };
        let Some(path) = self.lap(start, low, high) else {
            // No closed path from here inside the limits; the other starts still may have one.
            self.divide(from, start, low, high);
            self.divide(start + 1, to, low, high);
            return;
        };
        self.divide(from, start, low, &path);
        self.divide(start + 1, to, &path, high);
    }

    /// The cheapest path that starts in column `start`, stays between `low` and `high` and can step back to `start` after the last row.
    fn lap(&mut self, start: usize, low: &[usize], high: &[usize]) -> Option<Vec<usize>> {
        let (band, sums) = (self.band, &mut self.sums);
        let last = band.rows - 1;
        let mut taken = 0.0;
        sums.cells.fill(f32::INFINITY);
        sums.cells[start + MAX_JUMP] = band.cost_row(0)[start];
        for i in 1..=last {
            let (from, to) = sums.row_pair(i - 1, i);
            // No path is further from the start than the jumps so far, or than those that lead back.
            let reach = MAX_JUMP * i.min(last + 1 - i);
            let a = low[i].max(start.saturating_sub(reach));
            let b = (high[i] + 1).min(start + reach + 1);
            if a >= b {
                return None;
            }
            band.advance(i, a, b, from, to);
            if i % BLOCK == 0 {
                taken += rebase(to);
            }
        }
        let price = |k: usize, l: usize| band.jump.get(k.abs_diff(l)).copied().unwrap_or(f32::INFINITY);
        let reachable = |k: usize| k.saturating_sub(MAX_JUMP)..(k + MAX_JUMP + 1).min(band.columns);
        let total = |k: usize| sums.row(last)[k + MAX_JUMP] + price(k, start);
        let end = if last == 0 { start } else { reachable(start).min_by(|&a, &b| total(a).total_cmp(&total(b)))? };
        let cost = f64::from(total(end)) + taken;
        if !cost.is_finite() {
            return None;
        }
        let mut path = vec![start; band.rows];
        path[last] = end;
        for i in (0..last).rev() {
            let next = path[i + 1];
            let via = |k: usize| sums.row(i)[k + MAX_JUMP] + price(k, next);
            path[i] = reachable(next).min_by(|&a, &b| via(a).total_cmp(&via(b)))?;
        }
        if cost < self.best {
            self.best = cost;
            self.path.copy_from_slice(&path);
        }
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cost_of(costs: &[f32], columns: usize, stiffness: f32, path: &[usize]) -> f64 {
        (0..path.len())
            .map(|i| {
                let jump = path[i].abs_diff(path[(i + 1) % path.len()]);
                assert!(jump <= MAX_JUMP, "a jump of {jump} columns");
                f64::from(costs[i * columns + path[i]]) + f64::from(stiffness) * (jump * jump) as f64
            })
            .sum()
    }

    /// Every closed path there is, one after the other.
    fn brute_force(costs: &[f32], columns: usize, stiffness: f32) -> f64 {
        let rows = costs.len() / columns;
        let mut best = f64::INFINITY;
        for code in 0..columns.pow(rows as u32) {
            let path: Vec<usize> = (0..rows).map(|i| code / columns.pow(i as u32) % columns).collect();
            let is_closed = (0..rows).all(|i| path[i].abs_diff(path[(i + 1) % rows]) <= MAX_JUMP);
            if is_closed {
                best = best.min(cost_of(costs, columns, stiffness, &path));
            }
        }
        best
    }

    /// One ordinary lap per start column: slow, plain and exact.
    fn all_starts(costs: &[f32], columns: usize, stiffness: f32) -> f64 {
        let rows = costs.len() / columns;
        let mut best = f64::INFINITY;
        for start in 0..columns {
            let mut sums = vec![f64::INFINITY; columns];
            sums[start] = f64::from(costs[start]);
            for i in 1..=rows {
                sums = (0..columns)
                    .map(|k| {
                        let own = if i < rows { f64::from(costs[i * columns + k]) } else { 0.0 };
                        (0..columns)
                            .filter(|l| l.abs_diff(k) <= MAX_JUMP)
                            .map(|l| sums[l] + f64::from(stiffness) * (l.abs_diff(k) * l.abs_diff(k)) as f64)
                            .fold(f64::INFINITY, f64::min)
                            + own
                    })
                    .collect();
            }
            best = best.min(sums[start]);
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn equals_the_best_of_all_closed_paths(
            rows in 1_usize..6, columns in 1_usize..7, stiffness in 0.0_f32..0.4, seed in proptest::collection::vec(-1.0_f32..1.0, 30)
        ) {
            let costs = &seed[..rows * columns.min(30 / rows)];
            let columns = costs.len() / rows;
            let path = Band::new(costs, columns, stiffness).cheapest();
            let found = cost_of(costs, columns, stiffness, &path);
            let best = brute_force(costs, columns, stiffness);
            prop_assert!((found - best).abs() < 1e-5, "found {found}, best {best}");
        }

        #[test]
        fn equals_one_lap_per_start_on_longer_bands(
            columns in 3_usize..14, stiffness in 0.0_f32..0.3, seed in proptest::collection::vec(-1.5_f32..0.0, 14 * 90)
        ) {
            let costs = &seed[..90 * columns];
            let path = Band::new(costs, columns, stiffness).cheapest();
            let found = cost_of(costs, columns, stiffness, &path);
            let best = all_starts(costs, columns, stiffness);
            prop_assert!((found - best).abs() < 2e-4, "found {found}, best {best}");
        }
    }

    #[test]
    fn nothing_in_nothing_out() {
        assert!(Band::new(&[], 0, 0.1).cheapest().is_empty());
        assert_eq!(Band::new(&[3.0, 1.0, 2.0], 3, 0.1).cheapest(), [1]);
    }
}
