//! Exact Euclidean distances between pixel centres.

use super::plane::Plane;

/// No pixel to measure to: larger than every distance within a raster.
pub const NO_DISTANCE: u32 = u32::MAX;

/// The **squared** distance from the centre of every pixel to that of the nearest `false` pixel, in px²; 0 on `false` pixels,
/// [`NO_DISTANCE`] everywhere when there is none. What lies outside the mask is not there: give the mask a margin of `false` when
/// the outside shall count. Sides up to 32 767 px.
///
/// Exact, in two passes of linear time: the distance within columns, then for each row the lower envelope of the parabolas over its
/// columns (Felzenszwalb and Huttenlocher, *Distance transforms of sampled functions*, 2012; in whole numbers as in Meijster,
/// Roerdink and Hesselink, 2000).
#[must_use]
pub fn squared_distances(mask: &Plane<bool>) -> Plane<u32> {
    let mut out = column_distances(mask);
    let mut envelope = Envelope::default();
    for y in 0..out.height() {
        envelope.replace(out.row_mut(y));
    }
    out
}

/// The distance of every pixel to the nearest `false` one in its column, in px.
fn column_distances(mask: &Plane<bool>) -> Plane<u32> {
    let (width, height) = (mask.width(), mask.height());
    let mut out = Plane::filled(width, height, NO_DISTANCE);
    sweep(mask, &mut out, 0..height);
    sweep(mask, &mut out, (0..height).rev());
    out
}

/// Counts the rows since the last `false` pixel of each column, in the order of `rows`, and keeps the smaller count.
fn sweep(mask: &Plane<bool>, out: &mut Plane<u32>, rows: impl Iterator<Item = u32>) {
    let mut since = vec![NO_DISTANCE; mask.width() as usize];
    for y in rows {
        for ((d, since), &is_in) in out.row_mut(y).iter_mut().zip(&mut since).zip(mask.row(y)) {
            *since = if is_in { since.saturating_add(1) } else { 0 };
            *d = (*d).min(*since);
        }
    }
}

/// The lower envelope of parabolas `(x − at)² + height²`.
#[derive(Default)]
struct Envelope {
    /// Where each parabola of the envelope stands, its squared height, and the first column where it is the lowest.
    parts: Vec<(i64, i64, i64)>,
}

impl Envelope {
    /// From distances within columns to squared distances in the plane.
    fn replace(&mut self, row: &mut [u32]) {
        self.parts.clear();
        let width = row.len() as i64;
        for (at, &height) in row.iter().enumerate() {
            if height == NO_DISTANCE {
                continue;
            }
            let (at, height) = (at as i64, i64::from(height).pow(2));
            let mut from = 0;
            while let Some(&(last, last_height, last_from)) = self.parts.last() {
                // The first column where the new one is strictly lower: 2 x (at − last) > at² + h² − last² − h_last².
                from = (at * at + height - last * last - last_height).div_euclid(2 * (at - last)) + 1;
                if from > last_from {
                    break;
                }
                self.parts.pop();
                from = 0;
            }
            if from < width {
                self.parts.push((at, height, from.max(0)));
            }
        }
        for (i, &(at, height, from)) in self.parts.iter().enumerate() {
            let end = self.parts.get(i + 1).map_or(width, |next| next.2);
            for x in from..end {
                row[x as usize] = ((x - at).pow(2) + height) as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn distances_are_those_of_a_search_over_all_pixels(
            width in 1_u32..24, height in 1_u32..24, share in 0.0..1.0_f64, seed in prop::collection::vec(0.0..1.0_f64, 24 * 24),
        ) {
            let mask = Plane::from_fn(width, height, |x, y| seed[(y * 24 + x) as usize] < share.sqrt());
            let found = squared_distances(&mask);
            for y in 0..height {
                for x in 0..width {
                    let all = (0..height).flat_map(|v| (0..width).map(move |u| (u, v)));
                    let nearest = all.filter(|&(u, v)| !mask.at(u, v)).map(|(u, v)| u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2)).min();
                    prop_assert_eq!(found.at(x, y), nearest.unwrap_or(NO_DISTANCE));
                }
            }
        }
    }

    #[test]
    fn an_empty_raster_has_no_distances() {
        assert!(squared_distances(&Plane::filled(0, 0, true)).as_slice().is_empty());
    }
}
