//! Exact Euclidean distances inside one region, in memory that grows with the region and not with its bounding box.

use super::runs::Run;

/// For every pixel of a region, row by row and from left to right, the **squared** distance from its centre to that of the nearest pixel
/// outside, for pixels of `scale` = width and height. What lies beyond the image counts as outside. `runs` sorted from top to bottom and
/// left to right, as long as possible.
///
/// Two passes as in [`super::distance::squared_distances`], run by run: a pixel outside that lies in a column of the run is met through
/// that column, and every other is farther than one of the two ends of the run.
#[must_use]
pub fn squared_distances_inside(runs: &[Run], scale: (f64, f64)) -> Vec<f64> {
    let mut starts = Vec::with_capacity(runs.len());
    let mut total = 0_usize;
    for r in runs {
        starts.push(total);
        total += r.len() as usize;
    }
    let mut rows = since_above(runs, &starts, total);
    for (row, below) in rows.iter_mut().zip(since_below(runs, &starts, total)) {
        *row = below.min(*row);
    }
    let mut parts = Vec::new();
    let mut out = Vec::with_capacity(total);
    for (r, &start) in runs.iter().zip(&starts) {
        envelope(&rows[start..start + r.len() as usize], scale, &mut parts, &mut out);
    }
    out
}

/// Largest diameter of a disk that lies in the region, in the unit of the scale. Taken on a raster of half the pixel size, which takes away
/// the error between odd and even widths: bars of 1, 2, 3 and 4 px are 1, 2, 3 and 4 wide.
#[must_use]
pub fn largest_width(runs: &[Run], (sx, sy): (f64, f64)) -> f64 {
    let rows = runs.chunk_by(|a, b| a.y == b.y).flat_map(|row| [0, 1].map(|half| (row, half)));
    let fine: Vec<Run> = rows
        .flat_map(|(row, half)| row.iter().map(move |r| Run { y: 2 * r.y + half, x0: 2 * r.x0, x1: 2 * r.x1, value: r.value }))
        .collect();
    2.0 * squared_distances_inside(&fine, (sx / 2.0, sy / 2.0)).into_iter().fold(0.0, f64::max).sqrt()
}

/// Rows from each pixel up to the first that is outside.
fn since_above(runs: &[Run], starts: &[usize], total: usize) -> Vec<u32> {
    let mut rows = vec![1_u32; total];
    let mut first = 0;
    for (i, r) in runs.iter().enumerate() {
        while first < i && (runs[first].y + 1 < r.y || (runs[first].y + 1 == r.y && runs[first].x1 <= r.x0)) {
            first += 1;
        }
        for k in (first..i).take_while(|&k| runs[k].y < r.y && runs[k].x0 < r.x1) {
            carry(runs, starts, &mut rows, k, i);
        }
    }
    rows
}

/// Rows from each pixel down to the first that is outside.
fn since_below(runs: &[Run], starts: &[usize], total: usize) -> Vec<u32> {
    let mut rows = vec![1_u32; total];
    let mut end = runs.len();
    for (i, r) in runs.iter().enumerate().rev() {
        while end > i + 1 && (runs[end - 1].y > r.y + 1 || (runs[end - 1].y == r.y + 1 && runs[end - 1].x0 >= r.x1)) {
            end -= 1;
        }
        for k in (i + 1..end).rev().take_while(|&k| runs[k].y > r.y && runs[k].x1 > r.x0) {
            carry(runs, starts, &mut rows, k, i);
        }
    }
    rows
}

/// Counts on from run `from` to run `to` beside it, in the columns that both have.
fn carry(runs: &[Run], starts: &[usize], rows: &mut [u32], from: usize, to: usize) {
    let (a, b) = (runs[from], runs[to]);
    for x in a.x0.max(b.x0)..a.x1.min(b.x1) {
        rows[starts[to] + (x - b.x0) as usize] = rows[starts[from] + (x - a.x0) as usize] + 1;
    }
}

/// The lower envelope of the parabolas `sx² (x − at)² + (sy rows)²` over one run, with the pixels outside at both of its ends
/// (Felzenszwalb and Huttenlocher 2012). `parts` is room to work in: place, height, and from where on a parabola is the lowest.
fn envelope(rows: &[u32], (sx, sy): (f64, f64), parts: &mut Vec<(f64, f64, f64)>, out: &mut Vec<f64>) {
    parts.clear();
    let n = rows.len();
    let ends = |k: usize| if k == 0 || k > n { 0.0 } else { (sy * f64::from(rows[k - 1])).powi(2) };
    // Columns are counted from the pixel left of the run.
    for k in 0..n + 2 {
        let (at, height) = (k as f64, ends(k));
        let mut from = f64::NEG_INFINITY;
        while let Some(&(last, last_height, last_from)) = parts.last() {
            from = ((height - last_height) / (sx * sx) + at * at - last * last) / (2.0 * (at - last));
            if from > last_from {
                break;
            }
            parts.pop();
            from = f64::NEG_INFINITY;
        }
        parts.push((at, height, from));
    }
    let mut part = 0;
    for k in 1..=n {
        let x = k as f64;
        while parts.get(part + 1).is_some_and(|next| next.2 <= x) {
            part += 1;
        }
        let (at, height, _) = parts[part];
        out.push((sx * (x - at)).powi(2) + height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Components, LabelMap, Plane};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_are_those_of_a_search_over_all_pixels(
            bits in prop::collection::vec(0_u8..5, 14 * 12), sx in 0.3..3.0_f64, sy in 0.3..3.0_f64,
        ) {
            let plane = Plane::from_fn(14, 12, |x, y| u8::from(bits[(y * 14 + x) as usize] > 0));
            for runs in Components::of(&LabelMap::from_plane(&plane)).iter() {
                let is_in = |x: i64, y: i64| runs.iter().any(|r| i64::from(r.y) == y && (i64::from(r.x0)..i64::from(r.x1)).contains(&x));
                let outside: Vec<(i64, i64)> =
                    (-1..13).flat_map(|y| (-1..15).map(move |x| (x, y))).filter(|&(x, y)| !is_in(x, y)).collect();
                let found = squared_distances_inside(runs, (sx, sy));
                let pixels = runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (i64::from(x), i64::from(r.y))));
                for ((x, y), d) in pixels.zip(found) {
                    let distance = |p: &(i64, i64)| (sx * (p.0 - x) as f64).powi(2) + (sy * (p.1 - y) as f64).powi(2);
                    let nearest = outside.iter().map(distance).fold(f64::INFINITY, f64::min);
                    prop_assert!((d - nearest).abs() < 1e-9, "{} instead of {} at {}, {}", d, nearest, x, y);
                }
            }
        }
    }

    #[test]
    fn bars_are_as_wide_as_they_are() {
        for width in 1..6 {
            let bar: Vec<Run> = (0..width).map(|y| Run { y, x0: 3, x1: 30, value: 1 }).collect();
            assert_eq!(largest_width(&bar, (1.0, 1.0)), f64::from(width));
            assert!((largest_width(&bar, (0.02, 0.03)) - 0.03 * f64::from(width)).abs() < 1e-12);
        }
    }
}
