//! Combining against pictures worked out by hand and against a plain restatement of the rules.

use proptest::prelude::*;

use super::*;
use crate::raster::UNKNOWN;

const WIDTH: u32 = 24;
const HEIGHT: u32 = 10;
const SIZE: (u32, u32) = (WIDTH, HEIGHT);

fn plane(value: impl Fn(u32, u32) -> u8) -> Plane<u8> {
    Plane::from_fn(WIDTH, HEIGHT, value)
}

fn map(class: &Plane<u8>, probability: Plane<u8>) -> ModelAnswer {
    let said = Answered::Map { class: LabelMap::from_plane(class), probability };
    ModelAnswer { said, size: SIZE, engine: "one".into() }
}

fn scores(probability: Plane<u8>) -> ModelAnswer {
    ModelAnswer { said: Answered::Scores { probability }, size: SIZE, engine: "two".into() }
}

fn voice<'a>(name: &'a str, answer: &'a ModelAnswer) -> Voice<'a> {
    Voice { name, answer, threshold: None, roi: None }
}

fn inside(x: u32, y: u32, [x0, y0, x1, y1]: [u32; 4]) -> bool {
    (x0..x1).contains(&x) && (y0..y1).contains(&y)
}

#[test]
fn the_more_probable_defect_wins_its_pixel_and_says_who_it_comes_from() {
    let left = map(&plane(|x, y| u8::from(inside(x, y, [2, 2, 8, 6]))), plane(|x, _| if x < 12 { 200 } else { 90 }));
    let right = map(
        &plane(|x, y| 3 * u8::from(inside(x, y, [5, 2, 12, 6]))),
        plane(|x, y| if inside(x, y, [5, 2, 6, 6]) { 220 } else { 150 }),
    );
    let p = combine(SIZE, UNKNOWN, &[voice("left", &left), voice("right", &right)]);
    assert_eq!((p.models.as_slice(), p.engine.as_str()), (&["left".to_owned(), "right".to_owned()][..], "one"));
    for (x, class, probability, model) in [
        (3, 1, 200, Some("left")),
        (5, 3, 220, Some("right")),
        (7, 1, 200, Some("left")),
        (9, 3, 150, Some("right")),
        // Both see nothing: the doubt of the less sure one counts.
        (1, 0, 150, None),
        (20, 0, 90, None),
    ] {
        assert_eq!((p.class.get(x, 3), p.probability.at(x, 3), p.model_at(x, 3)), (class, probability, model), "column {x}");
    }
}

/// One scratch of 4 × 2 pixels; what the anomaly model sees differs.
fn with_anomaly(odd: impl Fn(u32, u32) -> u8) -> Prediction {
    let scratch = map(&plane(|x, y| 7 * u8::from(inside(x, y, [4, 4, 8, 6]))), plane(|_, _| 240));
    let anomaly = scores(plane(odd));
    combine(SIZE, UNKNOWN, &[voice("scratches", &scratch), voice("odd", &anomaly)])
}

#[test]
fn an_anomaly_with_a_class_on_its_worst_place_or_a_tenth_of_it_is_explained() {
    // 10 × 3 pixels, worst inside the scratch.
    let worst_inside = with_anomaly(|x, y| if (x, y) == (5, 4) { 255 } else { 200 * u8::from(inside(x, y, [4, 4, 14, 7])) });
    assert!(!worst_inside.class.to_plane().as_slice().contains(&UNKNOWN));
    let tenth = with_anomaly(|x, y| if (x, y) == (12, 9) { 255 } else { 200 * u8::from(inside(x, y, [4, 4, 18, 10])) });
    let area: u64 = 14 * 6;
    assert_eq!(tenth.class.histogram()[usize::from(UNKNOWN)], area - 8, "8 of 84 are less than a tenth");
    let exactly = with_anomaly(|x, y| if (x, y) == (12, 8) { 255 } else { 200 * u8::from(inside(x, y, [4, 4, 20, 9])) });
    assert_eq!(exactly.class.histogram()[usize::from(UNKNOWN)], 0, "8 of 80 are a tenth");
}

#[test]
fn what_nothing_explains_becomes_unknown_around_the_painted_pixels() {
    let p = with_anomaly(|x, y| if inside(x, y, [15, 1, 20, 4]) { 130 } else { 100 });
    assert_eq!((p.class.get(16, 2), p.probability.at(16, 2), p.model_at(16, 2)), (UNKNOWN, 130, Some("odd")));
    assert_eq!((p.class.get(5, 5), p.model_at(5, 5), p.engine.as_str()), (7, Some("scratches"), "one, two"));
    // Below the threshold nothing is odd.
    assert_eq!((p.class.get(0, 0), p.probability.at(0, 0)), (0, 240));
    // Alone, an anomaly model doubts its background too.
    let alone = scores(plane(|x, _| x as u8 * 4));
    let alone = combine(SIZE, UNKNOWN, &[voice("odd", &alone)]);
    assert_eq!((alone.class.get(10, 0), alone.probability.at(10, 0)), (0, 255 - 40));
}

#[test]
fn a_statement_stands_beside_the_map() {
    let answer = ModelAnswer { said: Answered::Statement { class: 4, probability: 204 }, size: SIZE, engine: "c".into() };
    let fine = ModelAnswer { said: Answered::Statement { class: 0, probability: 250 }, ..answer.clone() };
    let p = combine(SIZE, UNKNOWN, &[voice("fine", &fine), voice("sorter", &answer)]);
    assert!(p.class.is_blank());
    let bounds = PixelRect::of_size(WIDTH, HEIGHT);
    assert_eq!(p.statements, [Statement { class: 4, probability: 0.8, bounds, model: 1 }]);
    assert_eq!(p.model_of(4, (0, 0), bounds), Some("sorter"));
    assert_eq!(p.model_of(5, (0, 0), bounds), None);
}

#[test]
fn outside_its_zones_a_model_says_nothing() {
    let mut zones = LabelMap::new(200, 100);
    for y in 40..60 {
        zones.fill_span(y, 100, 130, 2);
        zones.fill_span(y, 130, 140, 3);
    }
    let roi = Roi::of(&zones, &[2, 9]).unwrap();
    assert_eq!((roi.bounds(), roi.view()), (PixelRect::new(100, 40, 130, 60), PixelRect::new(64, 0, 192, 96)));
    assert!(Roi::of(&zones, &[9]).is_none());
    // The model sees a defect everywhere.
    let view = roi.view();
    let said = Answered::Map {
        class: LabelMap::from_plane(&Plane::filled(view.width(), view.height(), 5)),
        probability: Plane::from_fn(view.width(), view.height(), |x, y| (x + y) as u8),
    };
    let answer = ModelAnswer { said, size: (view.width(), view.height()), engine: String::new() };
    let p = combine((200, 100), UNKNOWN, &[Voice { roi: Some(&roi), ..voice("zoned", &answer) }]);
    for (x, y) in (0..200).flat_map(|x| (0..100).map(move |y| (x, y))) {
        let expected = if zones.get(x, y) == 2 { (5, (x - 64 + y) as u8) } else { (0, 255) };
        assert_eq!((p.class.get(x, y), p.probability.at(x, y)), expected, "at {x}, {y}");
    }
}

/// The rules once more, pixel by pixel and with a flood fill.
fn restated(maps: &[(Plane<u8>, Plane<u8>)], odd: &Plane<u8>, from: u8) -> Plane<u8> {
    let class = plane(|x, y| {
        let defects = maps.iter().filter(|m| m.0.at(x, y) != 0);
        // `max_by_key` takes the last of equals, so the order is turned round.
        defects.rev().max_by_key(|m| m.1.at(x, y)).map_or(0, |m| m.0.at(x, y))
    });
    let mut result = class.clone();
    let mut seen = plane(|_, _| 0);
    for (x, y) in (0..WIDTH).flat_map(|x| (0..HEIGHT).map(move |y| (x, y))) {
        if seen.at(x, y) == 1 || odd.at(x, y) < from {
            continue;
        }
        let (mut stack, mut blob) = (vec![(x, y)], Vec::new());
        seen.set(x, y, 1);
        while let Some((x, y)) = stack.pop() {
            blob.push((x, y));
            for (nx, ny) in (x.saturating_sub(1)..WIDTH.min(x + 2))
                .flat_map(|nx| (y.saturating_sub(1)..HEIGHT.min(y + 2)).map(move |ny| (nx, ny)))
            {
                if seen.at(nx, ny) == 0 && odd.at(nx, ny) >= from {
                    seen.set(nx, ny, 1);
                    stack.push((nx, ny));
                }
            }
        }
        let worst = blob.iter().map(|&(x, y)| odd.at(x, y)).max().unwrap();
        let is_painted = |&&(x, y): &&(u32, u32)| class.at(x, y) != 0;
        let top: Vec<_> = blob.iter().filter(|&&(x, y)| odd.at(x, y) == worst).collect();
        let on_top = top.iter().filter(|&p| is_painted(p)).count();
        let covered = blob.iter().filter(is_painted).count() as f64 / blob.len() as f64;
        if on_top as f64 >= top.len() as f64 / 2.0 || covered >= 0.1 {
            continue;
        }
        for (x, y) in blob {
            if class.at(x, y) == 0 {
                result.set(x, y, UNKNOWN);
            }
        }
    }
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn combining_follows_its_rules(values in prop::collection::vec(any::<u8>(), 5 * (WIDTH * HEIGHT) as usize), share in 1_u8..40) {
        let part = |i: u32| plane(|x, y| values[(i * WIDTH * HEIGHT + y * WIDTH + x) as usize]);
        // Few painted pixels, so that there are anomalies with and without an explanation.
        let class = |i: u32| part(i).map(|v| if v < share { 1 + v % 3 } else { 0 });
        let maps = [(class(0), part(1)), (class(2), part(3))];
        let odd = part(4).map(|v| v / 2 + 66);
        let answers = [map(&maps[0].0, maps[0].1.clone()), map(&maps[1].0, maps[1].1.clone()), scores(odd.clone())];
        let mut voices: Vec<_> = answers.iter().map(|answer| voice("m", answer)).collect();
        voices[2].threshold = Some(180.0 / 255.0);
        let p = combine(SIZE, UNKNOWN, &voices);
        let expected = restated(&maps, &odd, 180);
        // The short way of one model gives what the long way gives beside a classifier that has nothing to say.
        let silent = ModelAnswer { said: Answered::Statement { class: 0, probability: 255 }, size: SIZE, engine: "one".into() };
        let short = combine(SIZE, UNKNOWN, &voices[..1]);
        let long = combine(SIZE, UNKNOWN, &[voices[0], voice("silent", &silent)]);
        prop_assert_eq!((&short.class, &short.probability, &short.origin), (&long.class, &long.probability, &long.origin));
        prop_assert_eq!(p.class.to_plane(), expected.clone());
        for (x, y) in (0..WIDTH).flat_map(|x| (0..HEIGHT).map(move |y| (x, y))) {
            let origin = p.origin.get(x, y);
            match expected.at(x, y) {
                0 => prop_assert_eq!(origin, 0),
                UNKNOWN => prop_assert_eq!((origin, p.probability.at(x, y)), (3, odd.at(x, y))),
                c => {
                    let (map, own) = &maps[usize::from(origin) - 1];
                    prop_assert_eq!((map.at(x, y), own.at(x, y)), (c, p.probability.at(x, y)));
                }
            }
        }
        // Where the anomaly model finds something odd that no class lies on, something is told.
        let blobs = Components::of(&LabelMap::from_plane(&odd.map(|v| u8::from(v >= 180))));
        for blob in blobs.iter() {
            prop_assert!(pixels(blob).any(|(x, y)| p.class.get(x, y) != 0), "an anomaly was lost");
        }
    }
}
