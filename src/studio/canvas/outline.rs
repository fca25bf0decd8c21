//! Borders of labels: the rim pixels of a level, and, where pixels are large, lines along the very borders of pixels.

use delimit::raster::pyramid::{label_level, level_size};
use delimit::raster::{LabelMap, PixelRect, Plane, Point};
use egui::{Color32, Mesh, Rect, Shape, pos2};

use super::palette::Palette;
use super::view::CanvasView;

/// From this zoom on outlines are lines, below it they are the pixels of the rim.
pub const LINES_FROM_ZOOM: f64 = 4.0;

/// More pieces of outline than this are not drawn as lines: a map full of noise must not hold up a frame.
const MOST_PIECES: usize = 40_000;

/// Width of the line inside of an area (more where pixels are large), and of the dark line outside of it, in screen pixels.
const LINE: f32 = 2.0;
const RIM: f32 = 1.0;

/// Colours of the pixels `rect` of `level`: an id is seen only where one of its four neighbours, or the border of the image, is not
/// of it.
pub fn rims(map: &LabelMap, level: u32, rect: PixelRect, palette: &Palette) -> Vec<Color32> {
    let (width, height) = level_size(map.width(), map.height(), level);
    let ids = label_level(map, level, rect.grown(1, width, height));
    let around = rect.grown(1, width, height);
    let mut out = Vec::with_capacity(rect.area() as usize);
    for y in rect.y0..rect.y1 {
        let row = ids.row(y - around.y0);
        let above = (y > 0).then(|| ids.row(y - 1 - around.y0));
        let below = (y + 1 < height).then(|| ids.row(y + 1 - around.y0));
        for x in rect.x0..rect.x1 {
            let i = (x - around.x0) as usize;
            let id = row[i];
            let colour = palette.0[id as usize];
            // Most pixels are clear: nothing to ask.
            let is_rim = colour != Color32::TRANSPARENT
                && (x == 0
                    || x + 1 == width
                    || row[i - 1] != id
                    || row[i + 1] != id
                    || above.is_none_or(|r| r[i] != id)
                    || below.is_none_or(|r| r[i] != id));
            out.push(if is_rim { colour } else { Color32::TRANSPARENT });
        }
    }
    out
}

/// A straight piece of border of an area, on the side of the area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    id: u8,
    /// Along a row: the border `at` = y from x = `from` to `to`; along a column the other way round.
    is_row: bool,
    at: u32,
    from: u32,
    to: u32,
    /// The area lies on the side of larger coordinates.
    is_after: bool,
    /// The border turns towards the area at this end: the line has to reach as far as it is wide.
    turns: (bool, bool),
}

/// The border pieces of all visible ids of `palette` inside `visible`, None when there are too many.
fn pieces(map: &LabelMap, palette: &Palette, visible: PixelRect) -> Option<Vec<Piece>> {
    let around = visible.grown(1, map.width(), map.height());
    let ids = map.crop(around);
    // Outside of the image there is no id at all.
    let at = |x: i64, y: i64| -> Option<u8> {
        let inside = x >= i64::from(around.x0) && y >= i64::from(around.y0) && x < i64::from(around.x1) && y < i64::from(around.y1);
        inside.then(|| ids.at((x - i64::from(around.x0)) as u32, (y - i64::from(around.y0)) as u32))
    };
    let mut out = Vec::new();
    for is_row in [true, false] {
        // Along rows first; for columns the roles of x and y are swapped.
        let (lines, along) = if is_row {
            (visible.y0..visible.y1, visible.x0..visible.x1)
        } else {
            (visible.x0..visible.x1, visible.y0..visible.y1)
        };
        let get = |u: i64, v: i64| if is_row { at(u, v) } else { at(v, u) };
        for v in lines {
            if is_row && is_plain(&ids, v - around.y0, palette) {
                continue;
            }
            for is_after in [true, false] {
                let across = if is_after { -1 } else { 1 };
                let mut open: Option<(u8, u32)> = None;
                for u in along.start..=along.end {
                    let (u64, v64) = (i64::from(u), i64::from(v));
                    let here = (u < along.end).then(|| get(u64, v64)).flatten();
                    let id =
                        here.filter(|&id| palette.0[id as usize] != Color32::TRANSPARENT && get(u64, v64 + across) != Some(id));
                    if open.map(|(id, _)| id) == id {
                        continue;
                    }
                    if let Some((id, from)) = open {
                        // It turns towards the area where the area goes on on both sides of the border's prolongation.
                        let goes_on = |u: i64| get(u, v64) == Some(id) && get(u, v64 + across) == Some(id);
                        let turns = (goes_on(i64::from(from) - 1), goes_on(u64));
                        out.push(Piece { id, is_row, at: v + u32::from(!is_after), from, to: u, is_after, turns });
                        if out.len() > MOST_PIECES {
                            return None;
                        }
                    }
                    open = id.map(|id| (id, u));
                }
            }
        }
    }
    Some(out)
}

fn is_plain(ids: &Plane<u8>, row: u32, palette: &Palette) -> bool {
    ids.row(row).iter().all(|&id| palette.0[id as usize] == Color32::TRANSPARENT)
}

/// Lines along the borders of all visible ids in view; None when there are so many that pixels do as well.
pub fn lines(map: &LabelMap, palette: &Palette, view: &CanvasView) -> Option<Shape> {
    let pieces = pieces(map, palette, view.visible_pixels())?;
    let pixel = (1.0 / view.pixels_per_point()) as f32;
    let line = if view.zoom() >= 16.0 { 1.5 * LINE } else { LINE };
    let halo = Color32::from_black_alpha(130);
    let mut mesh = Mesh::default();
    for is_rim in [true, false] {
        for piece in &pieces {
            let (from, to, at) = (f64::from(piece.from), f64::from(piece.to), f64::from(piece.at));
            let (a, b) =
                if piece.is_row { (Point::new(from, at), Point::new(to, at)) } else { (Point::new(at, from), Point::new(at, to)) };
            let (a, b) = (view.screen_from_image(a), view.screen_from_image(b));
            let width = if is_rim { RIM } else { line } * pixel;
            let (start, end) =
                if is_rim { (0.0, 0.0) } else { (f32::from(u8::from(piece.turns.0)), f32::from(u8::from(piece.turns.1))) };
            // The line lies in the area, the dark one beside it.
            let is_after = piece.is_after != is_rim;
            let (low, high) = if is_after { (0.0, width) } else { (-width, 0.0) };
            let rect = if piece.is_row {
                Rect::from_min_max(pos2(a.x - start * width, a.y + low), pos2(b.x + end * width, a.y + high))
            } else {
                Rect::from_min_max(pos2(a.x + low, a.y - start * width), pos2(a.x + high, b.y + end * width))
            };
            mesh.add_colored_rect(rect, if is_rim { halo } else { palette.0[piece.id as usize] });
        }
    }
    Some(Shape::mesh(mesh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    fn map(rows: &[&str]) -> LabelMap {
        let mut map = LabelMap::new(rows[0].len() as u32, rows.len() as u32);
        for (y, row) in rows.iter().enumerate() {
            for (x, c) in row.bytes().enumerate().filter(|(_, c)| *c != b'.') {
                map.fill_span(y as u32, x as u32, x as u32 + 1, c - b'0');
            }
        }
        map
    }

    fn palette() -> Palette {
        Palette::of_classes([(1, Color32::RED), (2, Color32::GREEN)])
    }

    #[test]
    fn the_rim_of_areas_is_kept_and_their_inside_is_clear() {
        let map = map(&["111122..", "111122..", "111122.3", "111122..", "11112222"]);
        let seen = rims(&map, 0, map.rect(), &palette());
        let text: Vec<String> = seen
            .chunks(8)
            .map(|row| {
                row.iter()
                    .map(|c| {
                        if *c == Color32::RED {
                            'r'
                        } else if *c == Color32::GREEN {
                            'g'
                        } else {
                            '.'
                        }
                    })
                    .collect()
            })
            .collect();
        // Class 3 has no colour. The border of the image closes an area.
        assert_eq!(text, ["rrrrgg..", "r..rgg..", "r..rgg..", "r..rgg..", "rrrrgggg"]);
    }

    #[test]
    fn a_part_is_read_as_the_whole_is() {
        let mut map = LabelMap::new(300, 200);
        for k in 0..60_u32 {
            map.fill_span((k * 37) % 200, (k * 53) % 250, (k * 53) % 250 + 40, (k % 3) as u8);
        }
        for level in 0..3 {
            let (w, h) = level_size(300, 200, level);
            let whole = rims(&map, level, PixelRect::of_size(w, h), &palette());
            let part = PixelRect::new(w / 4, h / 4, w / 2, h - 1);
            let seen = rims(&map, level, part, &palette());
            for (i, colour) in seen.iter().enumerate() {
                let (x, y) = (part.x0 + i as u32 % part.width(), part.y0 + i as u32 / part.width());
                assert_eq!(*colour, whole[(y * w + x) as usize], "level {level}, pixel {x}, {y}");
            }
        }
    }

    /// Unit borders between a pixel and its neighbours of another id, found one by one.
    fn borders(map: &LabelMap) -> Vec<(u8, bool, u32, u32, bool)> {
        let get = |x: i64, y: i64| {
            let inside = x >= 0 && y >= 0 && x < i64::from(map.width()) && y < i64::from(map.height());
            inside.then(|| map.get(x as u32, y as u32))
        };
        let mut all = Vec::new();
        for y in 0..map.height() {
            for x in 0..map.width() {
                let id = map.get(x, y);
                if id != 1 && id != 2 {
                    continue;
                }
                let (u, v) = (i64::from(x), i64::from(y));
                for (du, dv, border) in [
                    (0, -1, (id, true, y, x, true)),
                    (0, 1, (id, true, y + 1, x, false)),
                    (-1, 0, (id, false, x, y, true)),
                    (1, 0, (id, false, x + 1, y, false)),
                ] {
                    if get(u + du, v + dv) != Some(id) {
                        all.push(border);
                    }
                }
            }
        }
        all.sort_unstable();
        all
    }

    #[test]
    fn lines_run_along_every_border_of_a_pixel_and_nowhere_else() {
        let mut noise = LabelMap::new(40, 30);
        let mut state = 7_u32;
        for y in 0..30 {
            for x in 0..40 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.fill_span(y, x, x + 1, ((state >> 24) % 4) as u8);
            }
        }
        for map in [noise, map(&["1111", "1..1", "1221", "1111"]), map(&["."]), map(&["1"])] {
            let found = pieces(&map, &palette(), map.rect()).unwrap();
            let mut units: Vec<_> =
                found.iter().flat_map(|p| (p.from..p.to).map(|u| (p.id, p.is_row, p.at, u, p.is_after))).collect();
            units.sort_unstable();
            assert_eq!(units, borders(&map));
        }
    }

    #[test]
    fn a_line_reaches_round_an_inner_corner() {
        // The inner corner of the L is at (2, 1); the border along y = 1 over pixel (2, 1) turns up there.
        let found = pieces(&map(&["11...", "11111"]), &palette(), PixelRect::of_size(5, 2)).unwrap();
        let piece = found.iter().find(|p| p.is_row && p.at == 1 && p.is_after).unwrap();
        assert_eq!((piece.from, piece.to, piece.turns), (2, 5, (true, false)));
    }

    #[test]
    fn lines_lie_on_whole_screen_pixels_and_a_map_of_noise_has_none() {
        let map = map(&["....", ".11.", ".11.", "...."]);
        let mut view = CanvasView::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 400.0)), 1.0, 4, 4);
        view.set_zoom(8.0);
        let Some(Shape::Mesh(mesh)) = lines(&map, &palette(), &view) else { panic!("a mesh") };
        let inside = view.screen_rect(PixelRect::new(1, 1, 3, 3));
        let red: Vec<_> = mesh.vertices.iter().filter(|v| v.color == Color32::RED).collect();
        assert_eq!(red.len(), 16, "four sides of four corners");
        assert!(red.iter().all(|v| inside.contains(v.pos) && v.pos == v.pos.round()));

        let mut board = LabelMap::new(300, 300);
        for y in 0..300 {
            for x in (y % 2..300).step_by(2) {
                board.fill_span(y, x, x + 1, 1);
            }
        }
        assert!(pieces(&board, &palette(), board.rect()).is_none());
    }
}
