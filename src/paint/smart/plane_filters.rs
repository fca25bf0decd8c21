//! The little filtering that the tools share: finite gray values of a window, Gaussian blur, medians, holes of a mask.

use crate::raster::{Area, Photo, PixelRect, Plane};

/// Gray values of `rect`, with pixels that are no number set to the median of the others (0 when there is none).
pub(super) fn finite_gray(photo: &Photo, rect: PixelRect) -> Plane<f32> {
    let mut plane = photo.gray_plane(rect);
    if plane.as_slice().iter().all(|v| v.is_finite()) {
        return plane;
    }
    let mut finite: Vec<f32> = plane.as_slice().iter().copied().filter(|v| v.is_finite()).collect();
    let fill = median(&mut finite).unwrap_or(0.0);
    for v in plane.as_mut_slice().iter_mut().filter(|v| !v.is_finite()) {
        *v = fill;
    }
    plane
}

/// The middle value (upper one of two); None of nothing. The order of `values` is lost.
pub(super) fn median(values: &mut [f32]) -> Option<f32> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// Weights of a Gaussian or of its first or second derivative at −radius..=radius, by `order` 0, 1 or 2. A step of 1 px in a ramp gives 1
/// for the first derivative, and x²/2 gives 1 for the second.
pub(super) fn gaussian_weights(sigma: f32, order: u32) -> Vec<f32> {
    let radius = (3.5 * sigma).ceil().max(1.0) as i32;
    let at = |x: i32| f64::from(x);
    let s2 = f64::from(sigma) * f64::from(sigma);
    let bell: Vec<f64> = (-radius..=radius).map(|x| (-at(x) * at(x) / (2.0 * s2)).exp()).collect();
    let raw: Vec<f64> = (-radius..=radius)
        .zip(&bell)
        .map(|(x, g)| match order {
            0 => *g,
            1 => at(x) * g,
            _ => (at(x) * at(x) / s2 - 1.0) * g,
        })
        .collect();
    let raw = if order == 2 {
        // Without the rest of truncation, so that a constant gives exactly nothing.
        let rest = raw.iter().sum::<f64>() / bell.iter().sum::<f64>();
        raw.iter().zip(&bell).map(|(r, g)| r - rest * g).collect()
    } else {
        raw
    };
    let moment = |power: i32| (-radius..=radius).zip(&raw).map(|(x, r)| r * at(x).powi(power)).sum::<f64>();
    let unit = match order {
        0 => moment(0),
        1 => moment(1),
        _ => moment(2) / 2.0,
    };
    raw.iter().map(|r| (r / unit) as f32).collect()
}

/// Correlation with `along_x` in every row and `along_y` in every column; the border value continues outwards.
pub(super) fn separable(plane: &Plane<f32>, along_x: &[f32], along_y: &[f32]) -> Plane<f32> {
    let (w, h) = (plane.width() as usize, plane.height() as usize);
    if w == 0 || h == 0 {
        return plane.clone();
    }
    let (rx, ry) = (along_x.len() / 2, along_y.len() / 2);
    let mut rows = Plane::filled(plane.width(), plane.height(), 0.0_f32);
    let mut padded = vec![0.0_f32; w + 2 * rx];
    for y in 0..plane.height() {
        let row = plane.row(y);
        padded[..rx].fill(row[0]);
        padded[rx..rx + w].copy_from_slice(row);
        padded[rx + w..].fill(row[w - 1]);
        let out = rows.row_mut(y);
        for (k, &weight) in along_x.iter().enumerate() {
            for (o, v) in out.iter_mut().zip(&padded[k..k + w]) {
                *o += weight * v;
            }
        }
    }
    let mut out = Plane::filled(plane.width(), plane.height(), 0.0_f32);
    for y in 0..h {
        let target = out.row_mut(y as u32);
        for (k, &weight) in along_y.iter().enumerate() {
            let source = (y + k).saturating_sub(ry).min(h - 1);
            for (o, v) in target.iter_mut().zip(rows.row(source as u32)) {
                *o += weight * v;
            }
        }
    }
    out
}

/// The area with every background pixel that cannot reach its outside by steps to side neighbours.
pub(super) fn without_holes(area: &Area) -> Area {
    let bounds = area.bounds();
    if bounds.is_empty() {
        return Area::new();
    }
    let (w, h) = (bounds.width() as usize, bounds.height() as usize);
    let mut mask = area.mask(bounds);
    let mut is_outside = vec![false; w * h];
    let mut stack: Vec<usize> = Vec::new();
    for y in 0..h {
        for x in 0..w {
            if (y == 0 || y + 1 == h || x == 0 || x + 1 == w) && !mask.as_slice()[y * w + x] {
                is_outside[y * w + x] = true;
                stack.push(y * w + x);
            }
        }
    }
    while let Some(i) = stack.pop() {
        let (x, y) = (i % w, i / w);
        let near = [(x > 0).then(|| i - 1), (x + 1 < w).then_some(i + 1), (y > 0).then(|| i - w), (y + 1 < h).then_some(i + w)];
        for n in near.into_iter().flatten() {
            if !is_outside[n] && !mask.as_slice()[n] {
                is_outside[n] = true;
                stack.push(n);
            }
        }
    }
    for (pixel, outside) in mask.as_mut_slice().iter_mut().zip(is_outside) {
        *pixel = !outside;
    }
    Area::of_mask(&mask, (bounds.x0, bounds.y0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_of_a_parabola_are_exact() {
        let plane = Plane::from_fn(41, 41, |x, y| {
            let (x, y) = (x as f32 - 20.0, y as f32 - 20.0);
            3.0 + 2.0 * x - y + 0.5 * x * x + 0.25 * x * y
        });
        let (g0, g1, g2) = (gaussian_weights(1.3, 0), gaussian_weights(1.3, 1), gaussian_weights(1.3, 2));
        let at = |p: &Plane<f32>| p.at(20, 20);
        assert!((at(&separable(&plane, &g1, &g0)) - 2.0).abs() < 1e-3);
        assert!((at(&separable(&plane, &g2, &g0)) - 1.0).abs() < 1e-3);
        assert!((at(&separable(&plane, &g1, &g1)) - 0.25).abs() < 1e-3);
        assert!(at(&separable(&plane, &g0, &g2)).abs() < 1e-3);
    }

    #[test]
    fn no_number_is_filled_with_the_median() {
        let photo = Photo::GrayF32(Plane::from_vec(3, 1, vec![1.0, f32::NAN, 7.0]));
        assert_eq!(finite_gray(&photo, photo.rect()).as_slice(), [1.0, 7.0, 7.0]);
        let none = Photo::GrayF32(Plane::filled(2, 2, f32::NAN));
        assert_eq!(finite_gray(&none, none.rect()).as_slice(), [0.0; 4]);
    }

    #[test]
    fn a_ring_is_filled_and_a_bay_is_not() {
        let rows = ["####.", "#..#.", "####.", "#..#."];
        let mask = Plane::from_fn(5, 4, |x, y| rows[y as usize].as_bytes()[x as usize] == b'#');
        let full = without_holes(&Area::of_mask(&mask, (10, 20)));
        assert_eq!(full.pixels(), 14);
        assert!(full.contains(11, 21) && !full.contains(11, 23));
    }
}
