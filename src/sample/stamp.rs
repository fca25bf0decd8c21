//! What the die left on the floor of the pocket: the part number, the dial of the casting date and the ejector marks.

use super::layout::smoothstep;

type Segment = [(f32, f32); 2];

/// Upper left corner of the part number, size of a letter and step to the next one, in pixels.
const TEXT_ORIGIN: (f32, f32) = (325.0, 126.0);
const LETTER: (f32, f32) = (10.0, 17.0);
const ADVANCE: f32 = 15.6;
const TEXT: &[u8] = b"HC-2040";
const STROKE_HALF_WIDTH: f32 = 1.5;

const DIAL: (f32, f32) = (376.0, 204.0);
const DIAL_RADIUS: f32 = 22.0;
const EJECTORS: [(f32, f32); 2] = [(336.0, 262.0), (418.0, 262.0)];
const EJECTOR_RADIUS: f32 = 13.0;

/// Strokes of a letter in a box of 1 × 1, y downwards.
const fn glyph(letter: u8) -> &'static [Segment] {
    match letter {
        b'H' => &[[(0.0, 0.0), (0.0, 1.0)], [(1.0, 0.0), (1.0, 1.0)], [(0.0, 0.5), (1.0, 0.5)]],
        b'C' => &[
            [(1.0, 0.14), (0.75, 0.0)],
            [(0.75, 0.0), (0.25, 0.0)],
            [(0.25, 0.0), (0.0, 0.18)],
            [(0.0, 0.18), (0.0, 0.82)],
            [(0.0, 0.82), (0.25, 1.0)],
            [(0.25, 1.0), (0.75, 1.0)],
            [(0.75, 1.0), (1.0, 0.86)],
        ],
        b'-' => &[[(0.2, 0.5), (0.8, 0.5)]],
        b'2' => &[
            [(0.0, 0.18), (0.25, 0.0)],
            [(0.25, 0.0), (0.75, 0.0)],
            [(0.75, 0.0), (1.0, 0.18)],
            [(1.0, 0.18), (1.0, 0.36)],
            [(1.0, 0.36), (0.0, 1.0)],
            [(0.0, 1.0), (1.0, 1.0)],
        ],
        b'0' => &[
            [(0.25, 0.0), (0.75, 0.0)],
            [(0.75, 0.0), (1.0, 0.18)],
            [(1.0, 0.18), (1.0, 0.82)],
            [(1.0, 0.82), (0.75, 1.0)],
            [(0.75, 1.0), (0.25, 1.0)],
            [(0.25, 1.0), (0.0, 0.82)],
            [(0.0, 0.82), (0.0, 0.18)],
            [(0.0, 0.18), (0.25, 0.0)],
        ],
        b'4' => &[[(0.75, 1.0), (0.75, 0.0)], [(0.75, 0.0), (0.0, 0.68)], [(0.0, 0.68), (1.0, 0.68)]],
        _ => &[],
    }
}

/// Distance from `p` to the segment `a`–`b`.
fn segment_distance(p: (f32, f32), a: (f32, f32), b: (f32, f32)) -> f32 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (px, py) = (p.0 - a.0, p.1 - a.1);
    let t = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    let (ex, ey) = (px - t * dx, py - t * dy);
    (ex * ex + ey * ey).sqrt()
}

/// Distance to the nearest stroke of the part number; large away from it.
fn text_distance(x: f32, y: f32) -> f32 {
    let (tx, ty) = (x - TEXT_ORIGIN.0, y - TEXT_ORIGIN.1);
    if ty < -6.0 || ty > LETTER.1 + 6.0 {
        return f32::MAX;
    }
    let mut best = f32::MAX;
    for (i, &letter) in TEXT.iter().enumerate() {
        let left = i as f32 * ADVANCE;
        if tx < left - 6.0 || tx > left + LETTER.0 + 6.0 {
            continue;
        }
        for &[a, b] in glyph(letter) {
            let at = |p: (f32, f32)| (left + p.0 * LETTER.0, p.1 * LETTER.1);
            best = best.min(segment_distance((tx, ty), at(a), at(b)));
        }
    }
    best
}

/// Distance to the nearest line of the date dial: two rings, twelve ticks and an arrow.
fn dial_distance(x: f32, y: f32) -> f32 {
    let (dx, dy) = (x - DIAL.0, y - DIAL.1);
    let r = (dx * dx + dy * dy).sqrt();
    if r > DIAL_RADIUS + 6.0 {
        return f32::MAX;
    }
    let mut best = (r - DIAL_RADIUS).abs().min((r - 9.0).abs());
    // Cosine and sine of 0°, 30° and 60° give all twelve ticks by symmetry.
    for (c, s) in [(1.0, 0.0), (0.866_025_4, 0.5), (0.5, 0.866_025_4), (0.0, 1.0)] {
        for (cx, cy) in [(c, s), (-s, c), (-c, -s), (s, -c)] {
            best = best.min(segment_distance((dx, dy), (14.0 * cx, 14.0 * cy), (18.5 * cx, 18.5 * cy)));
        }
    }
    for end in [(4.6, -3.2), (-3.8, 2.6)] {
        best = best.min(segment_distance((dx, dy), (0.0, 0.0), end));
    }
    best
}

/// Height over the pocket floor in pixels: the part number and the dial are raised, the ejector marks lie in a shallow ring.
pub(super) fn relief(x: f32, y: f32) -> f32 {
    let mut h = 2.3 * smoothstep(STROKE_HALF_WIDTH + 0.9, STROKE_HALF_WIDTH - 0.7, text_distance(x, y));
    h += 1.4 * smoothstep(1.7, 0.3, dial_distance(x, y));
    for (cx, cy) in EJECTORS {
        let (dx, dy) = (x - cx, y - cy);
        let r = (dx * dx + dy * dy).sqrt();
        h -= 0.9 * smoothstep(2.0, 0.0, (r - EJECTOR_RADIUS).abs());
        h -= 0.35 * smoothstep(EJECTOR_RADIUS + 0.5, EJECTOR_RADIUS - 1.5, r);
    }
    h
}
