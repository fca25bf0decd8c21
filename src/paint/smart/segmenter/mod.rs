//! Two-stroke segmenter: a stroke on the defect, a stroke on the ground (or a box around it), and a graph cut between them
//! (`GrabCut`; Rother, Kolmogorov & Blake 2004), with histograms as models.

mod border;
mod max_flow;
mod model;

use thiserror::Error;

use super::minimax::{Connectivity, MinimaxField};
use crate::raster::{Area, Photo, PixelRect, Plane};
use max_flow::{GridFlow, STEPS};
use model::Bins;

/// Settings of the segmenter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segmenter {
    /// Cost of one unit of border where the photo is flat, against the logarithm of likelihoods. Larger = smoother.
    pub smoothness: f32,
    /// Rounds of cutting and learning the models anew; 1..=10.
    pub iterations: u32,
    /// Larger windows are solved at half size and then refined in a band along the border. Twice the side is the limit.
    pub max_pixels: u64,
}

impl Default for Segmenter {
    fn default() -> Self {
        Self { smoothness: 8.0, iterations: 3, max_pixels: 1 << 20 }
    }
}

/// What the user marked.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a> {
    /// Pixels that belong to the defect; may be empty when there is a box. A pixel in both areas belongs to the defect.
    pub foreground: &'a Area,
    /// Pixels that do not; may be empty.
    pub background: &'a Area,
    /// The defect lies inside this box.
    pub bounds: Option<PixelRect>,
}

/// Why there is no segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SegmentError {
    #[error("nothing inside the photo is marked; draw a stroke on the defect or a box around it")]
    NoMarks,
    #[error(
        "the marked part of {width} × {height} px is too large, at most {limit} px can be segmented at once; mark a smaller part"
    )]
    TooLarge { width: u32, height: u32, limit: u64 },
}

/// Whole-number capacities: hundredths of a unit.
const UNIT: f32 = 100.0;
/// A mark cannot be cut off: more than all eight edges of a pixel.
const CERTAIN: i32 = 1 << 28;
/// One pixel's evidence is bounded.
const EVIDENCE: f32 = 8.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Open,
    Foreground,
    Background,
}

/// The pixels that belong with the foreground marks rather than with the background.
///
/// Works inside the box with a margin of its surroundings, or, without a box, inside the bounds of all marks grown by half their size
/// (at least 16 px). Without background marks and box the border of that window counts as background. With foreground marks the result
/// is what hangs together with one of them. All foreground marks inside the box are in it, and no background mark is.
pub fn segment(photo: &Photo, marks: &Marks<'_>, settings: &Segmenter) -> Result<Area, SegmentError> {
    let all = photo.rect();
    let inside = marks.bounds.map(|b| b.intersection(all));
    let marked = marks.foreground.cut_to(all).bounds();
    if inside.unwrap_or(marked).is_empty() {
        return Err(SegmentError::NoMarks);
    }
    let frame = inside.unwrap_or_else(|| marked.union(marks.background.cut_to(all).bounds()));
    let side = frame.width().max(frame.height());
    let margin = if inside.is_some() { (side / 8).max(8) } else { (side / 2).max(16) };
    let window = frame.grown(margin, photo.width(), photo.height());
    let limit = settings.max_pixels.max(256) * 4;
    if window.area() > limit {
        return Err(SegmentError::TooLarge { width: window.width(), height: window.height(), limit });
    }
    let full = Problem::new(photo, marks, inside, window);
    let labels = if window.area() > limit / 4 {
        let coarse = full.halved().solved(settings);
        full.near_border_of(&coarse).solved_once_from(&coarse, settings)
    } else {
        full.solved(settings)
    };
    let area = Area::of_mask(&labels, (window.x0, window.y0));
    let foreground = marks.foreground.cut_to(window);
    let found = if foreground.is_empty() { area } else { touching(&labels, &foreground, window) };
    Ok(border::at_half_contrast(photo, &found, marks, window))
}

/// The parts of the mask that hang together with a mark.
fn touching(mask: &Plane<bool>, marks: &Area, window: PixelRect) -> Area {
    let size = (mask.width(), mask.height());
    let mut kept = Area::new();
    for span in marks.spans() {
        // Within one span neighbours hang together.
        let (x, y) = (span.x0 - window.x0, span.y - window.y0);
        if kept.contains(x, y) || !mask.at(x, y) {
            continue;
        }
        let mut field = MinimaxField::new(size, (x, y), 0.0, Connectivity::Eight, u64::MAX);
        field.grow(0.0, |x, y| if mask.at(x, y) { 0.0 } else { f32::INFINITY });
        kept = kept.union(&field.area(0.0));
    }
    let moved = kept.spans().iter().map(|s| crate::raster::Span::new(s.y + window.y0, s.x0 + window.x0, s.x1 + window.x0));
    Area::from_spans(moved.collect())
}

struct Problem {
    width: u32,
    height: u32,
    values: Vec<[f32; 3]>,
    /// The values without the noise of single pixels: what neighbours are compared by.
    smooth: Vec<[f32; 3]>,
    known: Vec<Known>,
    /// The first guess where nothing is known.
    guess: Guess,
    is_gray: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Guess {
    /// Everything open inside a box is foreground.
    Foreground,
    /// Open pixels teach no model at first.
    Nothing,
}

impl Problem {
    fn new(photo: &Photo, marks: &Marks<'_>, inside: Option<PixelRect>, window: PixelRect) -> Self {
        let (width, height) = (window.width(), window.height());
        let mut values = Vec::with_capacity(window.area() as usize);
        let mut known = vec![Known::Open; window.area() as usize];
        let is_gray = photo.channels() == 1;
        let is_framed = inside.is_none() && marks.background.is_empty();
        for y in window.y0..window.y1 {
            for x in window.x0..window.x1 {
                let v = photo.rgb_at(x, y);
                let is_border = x == window.x0 || y == window.y0 || x + 1 == window.x1 || y + 1 == window.y1;
                let is_outside = inside.is_some_and(|r| !r.contains(x, y)) || (is_framed && is_border);
                if is_outside || !v.iter().all(|c| c.is_finite()) {
                    known[values.len()] = Known::Background;
                }
                values.push(v);
            }
        }
        for (area, what) in [(marks.background, Known::Background), (marks.foreground, Known::Foreground)] {
            // A box is the last word on where the defect can be.
            for span in area.cut_to(inside.filter(|_| what == Known::Foreground).unwrap_or(window)).cut_to(window).spans() {
                let row = (span.y - window.y0) as usize * width as usize;
                known[row + (span.x0 - window.x0) as usize..row + (span.x1 - window.x0) as usize].fill(what);
            }
        }
        let guess = if marks.foreground.is_empty() { Guess::Foreground } else { Guess::Nothing };
        Self { width, height, smooth: smoothed(&values, width, height), values, known, guess, is_gray }
    }

    /// Half the size: mean values, and a mark where any of the four pixels is one.
    fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let (mut values, mut known) = (Vec::new(), Vec::new());
        for y in 0..height {
            for x in 0..width {
                let (x1, y1) = ((2 * x + 1).min(self.width - 1), (2 * y + 1).min(self.height - 1));
                let four = [(2 * x, 2 * y), (x1, 2 * y), (2 * x, y1), (x1, y1)].map(|(x, y)| (y * self.width + x) as usize);
                values.push(std::array::from_fn(|c| four.iter().map(|&i| self.values[i][c]).sum::<f32>() / 4.0));
                let has = |what| four.iter().any(|&i| self.known[i] == what);
                known.push(if has(Known::Foreground) {
                    Known::Foreground
                } else if has(Known::Background) {
                    Known::Background
                } else {
                    Known::Open
                });
            }
        }
        Self { width, height, smooth: smoothed(&values, width, height), values, known, guess: self.guess, is_gray: self.is_gray }
    }

    /// Everything farther than a few pixels from the border of a half-size solution is settled by it.
    fn near_border_of(mut self, coarse: &Plane<bool>) -> Self {
        const BAND: i64 = 2;
        for y in 0..coarse.height() {
            for x in 0..coarse.width() {
                let own = coarse.at(x, y);
                let is_deep = (-BAND..=BAND)
                    .all(|dy| (-BAND..=BAND).all(|dx| coarse.at_clamped(i64::from(x) + dx, i64::from(y) + dy) == own));
                if !is_deep {
                    continue;
                }
                for fy in 2 * y..(2 * y + 2).min(self.height) {
                    for fx in 2 * x..(2 * x + 2).min(self.width) {
                        let known = &mut self.known[(fy * self.width + fx) as usize];
                        if *known == Known::Open {
                            *known = if own { Known::Foreground } else { Known::Background };
                        }
                    }
                }
            }
        }
        self
    }

    fn solved_once_from(&self, coarse: &Plane<bool>, settings: &Segmenter) -> Plane<bool> {
        let bins = Bins::of(&self.values, self.is_gray);
        let labels: Vec<bool> = (0..self.values.len() as u32).map(|i| coarse.at(i % self.width / 2, i / self.width / 2)).collect();
        let of_bin: Vec<usize> = self.values.iter().map(|&v| bins.bin(v)).collect();
        let labels = self.cut(&self.evidence(&bins, &of_bin, |i| Some(labels[i])), settings, self.contrast());
        Plane::from_vec(self.width, self.height, labels)
    }

    fn solved(&self, settings: &Segmenter) -> Plane<bool> {
        let bins = Bins::of(&self.values, self.is_gray);
        let of_bin: Vec<usize> = self.values.iter().map(|&v| bins.bin(v)).collect();
        let beta = self.contrast();
        let first = |i: usize| match self.known[i] {
            Known::Foreground => Some(true),
            Known::Background => Some(false),
            Known::Open => (self.guess == Guess::Foreground).then_some(true),
        };
        let mut labels = self.cut(&self.evidence(&bins, &of_bin, first), settings, beta);
        for _ in 1..settings.iterations.clamp(1, 10) {
            let next = self.cut(&self.evidence(&bins, &of_bin, |i| Some(labels[i])), settings, beta);
            let changed = next.iter().zip(&labels).filter(|(a, b)| a != b).count();
            labels = next;
            // A few pixels do not change the models any more.
            if changed * 2000 < labels.len() {
                break;
            }
        }
        Plane::from_vec(self.width, self.height, labels)
    }

    /// Logarithm of "how much likelier foreground" for every bin, learnt from the pixels that `label` knows.
    fn evidence(&self, bins: &Bins, of_bin: &[usize], label: impl Fn(usize) -> Option<bool>) -> Vec<i32> {
        let of = |what: bool| {
            let chosen = (0..of_bin.len()).filter(|&i| label(i) == Some(what) && self.values[i][0].is_finite());
            bins.log_density(chosen.map(|i| of_bin[i]))
        };
        let (foreground, background) = (of(true), of(false));
        let per_bin: Vec<i32> =
            foreground.iter().zip(&background).map(|(f, b)| ((f - b).clamp(-EVIDENCE, EVIDENCE) * UNIT) as i32).collect();
        of_bin.iter().map(|&b| per_bin[b]).collect()
    }

    /// β of the contrast term: 1 / (2 · mean square difference of neighbours).
    fn contrast(&self) -> f32 {
        let (mut sum, mut n) = (0.0_f64, 0_u64);
        let w = self.width as usize;
        for i in 0..self.values.len() {
            let right = (i % w + 1 < w).then_some(i + 1);
            let below = Some(i + w).filter(|&k| k < self.values.len());
            for k in [right, below].into_iter().flatten() {
                let d = f64::from(squared(self.smooth[i], self.smooth[k]));
                if d.is_finite() {
                    sum += d;
                    n += 1;
                }
            }
        }
        if sum > 0.0 { (n as f64 / (2.0 * sum)) as f32 } else { 0.0 }
    }

    fn cut(&self, evidence: &[i32], settings: &Segmenter, beta: f32) -> Vec<bool> {
        let (w, h) = (self.width as usize, self.height as usize);
        let mut flow = GridFlow::new(w, h);
        let smoothness = if settings.smoothness.is_finite() { settings.smoothness.clamp(0.0, 1e4) } else { 8.0 };
        let straight = smoothness * UNIT;
        for y in 0..h {
            for x in 0..w {
                let i = y * w + x;
                match self.known[i] {
                    Known::Foreground => flow.add_terminal(x, y, CERTAIN, 0),
                    Known::Background => flow.add_terminal(x, y, 0, CERTAIN),
                    Known::Open => flow.add_terminal(x, y, evidence[i].max(0), (-evidence[i]).max(0)),
                }
                for k in [0, 2, 4, 6] {
                    let (nx, ny) = (x.wrapping_add_signed(STEPS[k].0 as isize), y.wrapping_add_signed(STEPS[k].1 as isize));
                    if nx >= w || ny >= h {
                        continue;
                    }
                    let n = ny * w + nx;
                    // Between two known pixels nothing is to be decided.
                    if self.known[i] != Known::Open && self.known[n] != Known::Open {
                        continue;
                    }
                    let base = if k < 4 { straight } else { straight * std::f32::consts::FRAC_1_SQRT_2 };
                    let weight = base * (-beta * squared(self.smooth[i], self.smooth[n])).exp();
                    if weight.is_finite() {
                        flow.set_edge(x, y, k, weight as i32 + 1);
                    }
                }
            }
        }
        flow.solve();
        (0..w * h).map(|i| flow.is_source(i % w, i / w)).collect()
    }
}

/// [1 2 1] / 4 along both axes; what is no number stays so with its neighbours.
fn smoothed(values: &[[f32; 3]], width: u32, height: u32) -> Vec<[f32; 3]> {
    let (w, h) = (width as usize, height as usize);
    let mean = |a: [f32; 3], b: [f32; 3], c: [f32; 3]| std::array::from_fn(|k| (a[k] + 2.0 * b[k] + c[k]) / 4.0);
    let mut rows = Vec::with_capacity(values.len());
    for row in values.chunks(w.max(1)) {
        rows.extend((0..row.len()).map(|x| mean(row[x.saturating_sub(1)], row[x], row[(x + 1).min(row.len() - 1)])));
    }
    let at = |x: usize, y: usize| -> [f32; 3] { rows[y * w + x] };
    let mut out = Vec::with_capacity(values.len());
    for y in 0..h {
        out.extend((0..w).map(|x| mean(at(x, y.saturating_sub(1)), at(x, y), at(x, (y + 1).min(h - 1)))));
    }
    out
}

fn squared(a: [f32; 3], b: [f32; 3]) -> f32 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::smart::plane_filters::{gaussian_weights, separable};

    fn normal(seed: &mut u64) -> f32 {
        let mut u = || {
            *seed ^= *seed << 13;
            *seed ^= *seed >> 7;
            *seed ^= *seed << 17;
            (*seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        ((-2.0 * (1.0 - u()).ln()).sqrt() * (std::f64::consts::TAU * u()).cos()) as f32
    }

    fn is_in_ellipse(x: f32, y: f32, side: u32) -> bool {
        let s = side as f32;
        let (dx, dy) = (x - s * 0.52, y - s * 0.47);
        let (u, v) = (0.8 * dx + 0.6 * dy, -0.6 * dx + 0.8 * dy);
        (u / (0.3 * s)).powi(2) + (v / (0.18 * s)).powi(2) <= 1.0
    }

    /// An ellipse of 60 raw units on ground of 100, blurred by 1.5 px, noise of 15.
    fn ellipse(side: u32, is_colour: bool) -> (Photo, Plane<bool>) {
        let truth = Plane::from_fn(side, side, |x, y| is_in_ellipse(x as f32 + 0.5, y as f32 + 0.5, side));
        let g = gaussian_weights(1.5, 0);
        let soft = separable(&truth.map(|t| if t { 1.0 } else { 0.0 }), &g, &g);
        let mut seed = 0xBAD5_EED5;
        let mut value = |c: f32, k: f32| (100.0 + k * c + 15.0 * normal(&mut seed)).round().clamp(0.0, 255.0) as u8;
        let photo = if is_colour {
            Photo::Rgb8(soft.map(|c| [value(c, 60.0), value(c, 0.0), value(c, -40.0)]))
        } else {
            Photo::Gray8(soft.map(|c| value(c, 60.0)))
        };
        (photo, truth)
    }

    fn iou(area: &Area, truth: &Plane<bool>) -> f64 {
        let truth = Area::of_mask(truth, (0, 0));
        area.intersection(&truth).pixels() as f64 / area.union(&truth).pixels() as f64
    }

    #[test]
    fn two_strokes_give_the_ellipse() {
        for is_colour in [false, true] {
            let (photo, truth) = ellipse(160, is_colour);
            let foreground = Area::of_rect(PixelRect::new(70, 72, 95, 77));
            let background =
                Area::of_rect(PixelRect::new(10, 10, 150, 14)).union(&Area::of_rect(PixelRect::new(10, 140, 150, 144)));
            let marks = Marks { foreground: &foreground, background: &background, bounds: None };
            let found = segment(&photo, &marks, &Segmenter::default()).unwrap();
            assert!(iou(&found, &truth) >= 0.97, "colour {is_colour}: {}", iou(&found, &truth));
            assert!(foreground.minus(&found).is_empty() && found.intersection(&background).is_empty());
        }
    }

    #[test]
    fn a_box_gives_the_ellipse_also_at_half_size() {
        let (photo, truth) = ellipse(160, false);
        let bounds = Area::of_mask(&truth, (0, 0)).bounds().grown(10, 160, 160);
        let none = Area::new();
        let marks = Marks { foreground: &none, background: &none, bounds: Some(bounds) };
        for max_pixels in [1 << 20, 10_000] {
            let found = segment(&photo, &marks, &Segmenter { max_pixels, ..Segmenter::default() }).unwrap();
            assert!(iou(&found, &truth) >= 0.97, "{max_pixels}: {}", iou(&found, &truth));
        }
        let small = Segmenter { max_pixels: 300, ..Segmenter::default() };
        assert!(matches!(segment(&photo, &marks, &small), Err(SegmentError::TooLarge { .. })));
    }

    #[test]
    fn marks_are_kept_even_against_the_photo() {
        let (photo, truth) = ellipse(120, false);
        // A wrong stroke on the ground and a wrong one inside.
        let foreground = Area::of_rect(PixelRect::new(55, 52, 70, 60)).union(&Area::of_rect(PixelRect::new(2, 2, 6, 6)));
        let background = Area::of_rect(PixelRect::new(64, 54, 68, 58)).union(&Area::of_rect(PixelRect::new(100, 100, 118, 104)));
        let marks = Marks { foreground: &foreground, background: &background, bounds: None };
        let found = segment(&photo, &marks, &Segmenter::default()).unwrap();
        assert!(foreground.minus(&found).is_empty());
        assert!(found.intersection(&background.minus(&foreground)).is_empty());
        assert!(found.pixels() > 0 && truth.width() == 120);
    }

    #[test]
    fn nothing_marked_and_photos_without_pixels_or_numbers() {
        let none = Area::new();
        let empty = Marks { foreground: &none, background: &none, bounds: None };
        let tiny = Photo::Gray8(Plane::filled(1, 1, 5));
        assert_eq!(segment(&tiny, &empty, &Segmenter::default()), Err(SegmentError::NoMarks));
        let one = Area::of_rect(PixelRect::new(0, 0, 1, 1));
        let marks = Marks { foreground: &one, background: &none, bounds: None };
        assert_eq!(segment(&tiny, &marks, &Segmenter::default()), Ok(one.clone()));
        assert_eq!(segment(&Photo::Gray8(Plane::filled(0, 0, 0)), &marks, &Segmenter::default()), Err(SegmentError::NoMarks));
        let nan = Photo::GrayF32(Plane::filled(20, 20, f32::NAN));
        assert_eq!(segment(&nan, &marks, &Segmenter::default()), Ok(one.clone()));
    }
}
