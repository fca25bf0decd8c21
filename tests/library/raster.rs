//! Label maps against a plain array, components against a flood fill and against imageproc, hulls against closed forms.

use delimit::raster::components::Components;
use delimit::raster::pyramid::{Pyramid, Window, label_level, level_size};
use delimit::raster::{LabelMap, Photo, PixelRect, Plane, hull, runs};
use proptest::prelude::*;

/// A map of blocks, big enough to cross tiles, with runs of equal values and noise.
fn any_plane() -> impl Strategy<Value = Plane<u8>> {
    (1_u32..600, 1_u32..300, any::<u64>(), 0_u32..4).prop_map(|(w, h, seed, kind)| {
        let mut state = seed | 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let cell = [1, 3, 17, 64][kind as usize];
        let columns = w.div_ceil(cell);
        let blocks: Vec<u8> = (0..columns * h.div_ceil(cell)).map(|_| [0, 0, 0, 1, 2, 255][(next() % 6) as usize]).collect();
        Plane::from_fn(w, h, |x, y| blocks[((y / cell) * columns + x / cell) as usize])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_map_holds_what_was_put_in(plane in any_plane()) {
        let map = LabelMap::from_plane(&plane);
        prop_assert_eq!(map.to_plane(), plane.clone());
        let mut counts = [0_u64; 256];
        for &v in plane.as_slice() {
            counts[v as usize] += 1;
        }
        prop_assert_eq!(map.histogram(), counts);
        for (x, y) in [(0, 0), (plane.width() - 1, plane.height() - 1), (plane.width() / 2, plane.height() / 3)] {
            prop_assert_eq!(map.get(x, y), plane.at(x, y));
        }
        prop_assert_eq!(map.get(plane.width(), 0), 0);
    }

    #[test]
    fn writing_a_snapshot_leaves_the_original(plane in any_plane(), y in 0_u32..300, a in 0_u32..600, b in 0_u32..600, v in 0_u8..4) {
        let original = LabelMap::from_plane(&plane);
        let mut copy = original.clone();
        let (x0, x1) = (a.min(b), a.max(b));
        copy.fill_span(y, x0, x1, v);
        let mut expected = plane.clone();
        if y < plane.height() {
            for x in x0..x1.min(plane.width()) {
                expected.set(x, y, v);
            }
        }
        prop_assert_eq!(copy.to_plane(), expected);
        prop_assert_eq!(original.to_plane(), plane);
        for index in 0..copy.tile_count() {
            let before = copy.tile_rect(index);
            copy.compact_tile(index);
            prop_assert_eq!(copy.tile_rect(index), before);
        }
    }

    #[test]
    fn runs_cover_every_pixel_once(plane in any_plane()) {
        let map = LabelMap::from_plane(&plane);
        let mut painted = Plane::filled(plane.width(), plane.height(), 0_u8);
        let mut last = None;
        for run in runs::runs(&map) {
            prop_assert!(!run.is_empty());
            for x in run.x0..run.x1 {
                prop_assert_eq!(painted.at(x, run.y), 0);
                painted.set(x, run.y, run.value);
            }
            // As long as possible: the neighbour on the left is no run of the same value.
            if let Some((y, x1, value)) = last {
                prop_assert!((y, x1) <= (run.y, run.x0));
                prop_assert!(!(y == run.y && x1 == run.x0 && value == run.value));
            }
            last = Some((run.y, run.x1, run.value));
        }
        prop_assert_eq!(painted, plane);
    }

    #[test]
    fn components_equal_a_flood_fill(plane in any_plane()) {
        let found = numbered(&plane, &Components::of(&LabelMap::from_plane(&plane)));
        prop_assert_eq!(found, flood_fill(&plane));
    }

    #[test]
    fn a_crop_of_runs_equals_runs_of_a_crop(plane in any_plane(), a in (0_u32..500, 0_u32..300), b in (1_u32..300, 1_u32..200)) {
        let map = LabelMap::from_plane(&plane);
        let rect = PixelRect::new(a.0, a.1, a.0 + b.0, a.1 + b.1).intersection(map.rect());
        prop_assume!(!rect.is_empty());
        let direct: Vec<_> = runs::runs_in(&map, rect);
        let cropped: Vec<_> = runs::runs(&LabelMap::from_plane(&map.crop(rect)))
            .into_iter()
            .map(|r| runs::Run { y: r.y + rect.y0, x0: r.x0 + rect.x0, x1: r.x1 + rect.x0, ..r })
            .collect();
        prop_assert_eq!(direct, cropped);
    }

    #[test]
    fn a_labelled_pixel_is_seen_at_every_level(w in 1_u32..700, h in 1_u32..700, x in 0.0..1.0_f64, y in 0.0..1.0_f64, level in 0_u32..6) {
        let (x, y) = ((x * f64::from(w)) as u32, (y * f64::from(h)) as u32);
        let mut map = LabelMap::new(w, h);
        map.fill_span(y, x, x + 1, 3);
        let (lw, lh) = level_size(w, h, level);
        let seen = label_level(&map, level, PixelRect::of_size(lw, lh));
        prop_assert_eq!((seen.width(), seen.height()), (lw, lh));
        for yy in 0..lh {
            for xx in 0..lw {
                prop_assert_eq!(seen.at(xx, yy), if (xx, yy) == (x >> level, y >> level) { 3 } else { 0 });
            }
        }
    }
}

/// Component number of every pixel, numbered by first pixel from top left; 0 = none.
fn numbered(plane: &Plane<u8>, components: &Components) -> Vec<u32> {
    let mut out = vec![0; plane.as_slice().len()];
    for i in 0..components.len() {
        for r in components.runs(i) {
            for x in r.x0..r.x1 {
                out[(r.y * plane.width() + x) as usize] = i as u32 + 1;
            }
        }
    }
    out
}

fn flood_fill(plane: &Plane<u8>) -> Vec<u32> {
    let (w, h) = (i64::from(plane.width()), i64::from(plane.height()));
    let mut out = vec![0; plane.as_slice().len()];
    let mut count = 0;
    for start in 0..out.len() {
        let value = plane.as_slice()[start];
        if out[start] != 0 || value == 0 || value == 255 {
            continue;
        }
        count += 1;
        out[start] = count;
        let mut queue = vec![start as i64];
        while let Some(i) = queue.pop() {
            let (x, y) = (i % w, i / w);
            for (dx, dy) in [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] {
                let (nx, ny) = (x + dx, y + dy);
                if (0..w).contains(&nx) && (0..h).contains(&ny) {
                    let n = (ny * w + nx) as usize;
                    if out[n] == 0 && plane.as_slice()[n] == value {
                        out[n] = count;
                        queue.push(n as i64);
                    }
                }
            }
        }
    }
    out
}

#[test]
fn components_equal_imageproc_on_a_binary_map() {
    let plane = Plane::from_fn(900, 500, |x, y| u8::from((x * x / 7 + y * y / 11 + x * y / 5) % 13 < 4));
    let image = image::GrayImage::from_raw(900, 500, plane.as_slice().to_vec()).unwrap();
    let oracle = imageproc::region_labelling::connected_components(
        &image,
        imageproc::region_labelling::Connectivity::Eight,
        image::Luma([0_u8]),
    );
    let ours = numbered(&plane, &Components::of(&LabelMap::from_plane(&plane)));
    let mut pairs = std::collections::BTreeMap::new();
    let mut back = std::collections::BTreeMap::new();
    for (theirs, ours) in oracle.pixels().map(|p| p.0[0]).zip(ours) {
        assert_eq!(*pairs.entry(theirs).or_insert(ours), ours);
        assert_eq!(*back.entry(ours).or_insert(theirs), theirs);
    }
    assert!(pairs.len() > 50);
}

#[test]
fn an_empty_map_of_100_mp_costs_kilobytes() {
    let map = LabelMap::new(10_000, 10_000);
    assert!(map.heap_bytes() < 64 << 10, "{}", map.heap_bytes());
    assert!(map.is_blank());
}

fn hull_of(plane: &Plane<u8>, scale: (f64, f64)) -> Vec<delimit::raster::Point> {
    let components = Components::of(&LabelMap::from_plane(plane));
    assert_eq!(components.len(), 1);
    hull::of_runs(components.runs(0), scale)
}

/// Shapes and figures of `methods.md` A.6 (column "MAR corner"), made there with shapely on pixel corners.
#[test]
fn smallest_rectangles_agree_with_the_published_table() {
    let at = |x: u32, y: u32| (f64::from(x) - 30.0, f64::from(y) - 30.0);
    let shape = |inside: &dyn Fn(f64, f64) -> bool| {
        Plane::from_fn(61, 61, |x, y| {
            let (dx, dy) = at(x, y);
            u8::from(inside(dx, dy))
        })
    };
    let (c, s) = (30_f64.to_radians().cos(), 30_f64.to_radians().sin());
    let ellipse = shape(&|dx, dy| ((dx * c + dy * s) / 20.0).powi(2) + ((dy * c - dx * s) / 8.0).powi(2) <= 1.0);
    let bar = shape(&|dx, dy| (dx * c + dy * s).abs() <= 20.0 && (dy * c - dx * s).abs() <= 5.0);
    let disk = shape(&|dx, dy| dx * dx + dy * dy <= 100.0);
    let diamond = shape(&|dx, dy| dx.abs() + dy.abs() <= 8.0);
    let diagonal = Plane::from_fn(20, 20, |x, y| u8::from(x == y));
    let rect = Plane::from_fn(30, 30, |x, y| u8::from((3..13).contains(&x) && (5..9).contains(&y)));
    let pixel = Plane::from_fn(3, 3, |x, y| u8::from(x == 1 && y == 1));
    for (name, plane, length, width) in [
        ("ellipse", &ellipse, 40.8167, 17.1499),
        ("bar", &bar, 41.3036, 11.2872),
        ("disk", &disk, 20.6155, 20.6155),
        ("diamond", &diamond, 12.7279, 12.7279),
        ("diagonal", &diagonal, 800_f64.sqrt(), 2_f64.sqrt()),
        ("rectangle", &rect, 10.0, 4.0),
        ("pixel", &pixel, 1.0, 1.0),
    ] {
        let found = hull::min_area_rect(&hull_of(plane, (1.0, 1.0))).unwrap();
        assert!((found.length - length).abs() < 1e-3, "{name}: length {} instead of {length}", found.length);
        assert!((found.width - width).abs() < 1e-3, "{name}: width {} instead of {width}", found.width);
    }
}

proptest! {
    /// The rotating calipers against every direction tried for itself.
    #[test]
    fn the_smallest_rectangle_is_the_smallest(points in proptest::collection::vec((0_u32..40, 0_u32..40), 1..40), sx in 0.2..3.0_f64, sy in 0.2..3.0_f64) {
        // Bars from the first row down to each point keep it one component per row set.
        let mut plane = Plane::filled(42, 42, 0_u8);
        for (x, y) in points {
            for yy in 0..=y {
                plane.set(x, yy, 1);
            }
            for xx in 0..=x {
                plane.set(xx, 0, 1);
            }
        }
        let hull = hull_of(&plane, (sx, sy));
        let found = hull::min_area_rect(&hull).unwrap();
        let mut best = f64::INFINITY;
        for i in 0..hull.len() {
            let (a, b) = (hull[i], hull[(i + 1) % hull.len()]);
            let angle = (b.y - a.y).atan2(b.x - a.x);
            let (c, s) = (angle.cos(), angle.sin());
            let us: Vec<f64> = hull.iter().map(|p| p.x * c + p.y * s).collect();
            let vs: Vec<f64> = hull.iter().map(|p| p.y * c - p.x * s).collect();
            let span = |v: &[f64]| v.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x)) - v.iter().fold(f64::INFINITY, |m, x| m.min(*x));
            best = best.min(span(&us) * span(&vs));
        }
        prop_assert!((found.length * found.width - best).abs() < 1e-6 * best.max(1.0), "{} instead of {}", found.length * found.width, best);
        prop_assert!(found.length >= found.width);
        // Every pixel corner lies inside the hull.
        for y in 0..42_u32 {
            for x in 0..42_u32 {
                if plane.at(x, y) == 1 {
                    for (cx, cy) in [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)] {
                        let (px, py) = (f64::from(cx) * sx, f64::from(cy) * sy);
                        for i in 0..hull.len() {
                            let (a, b) = (hull[i], hull[(i + 1) % hull.len()]);
                            prop_assert!((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x) >= -1e-9);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_pyramid_keeps_the_mean_and_sizes_round_up() {
    let photo = Photo::Gray8(Plane::from_fn(1001, 517, |x, y| ((x / 16 + y / 16) % 2 * 200) as u8));
    let pyramid = Pyramid::build(photo);
    assert_eq!(pyramid.last_level(), 2);
    for level in 0..=pyramid.last_level() {
        let (w, h) = pyramid.level_size(level);
        assert_eq!((w, h), (1001_u32.div_ceil(1 << level), 517_u32.div_ceil(1 << level)));
        let rgba = pyramid.rgba(level, PixelRect::of_size(w, h), Window { black: 0.0, white: 255.0 });
        assert_eq!((rgba.width(), rgba.height()), (w, h));
        let mean = rgba.as_slice().iter().map(|p| f64::from(p[0])).sum::<f64>() / f64::from(w * h);
        assert!((mean - 100.0).abs() < 2.0, "level {level}: {mean}");
        assert!(rgba.as_slice().iter().all(|p| p[3] == 255));
    }
}
