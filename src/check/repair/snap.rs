//! Snapping: the boundary of a label moves onto the edge in the photo.

use std::cmp::Ordering;
use std::ops::Range;

use super::coverage;
use super::moving::{self, Course};
use super::shape::Shape;
use crate::check::analysis::{Scene, check_region};
use crate::check::boundary::{BoundaryCheck, BoundaryKind, BoundaryResult, Reason, Soundness};
use crate::check::decompose::weighted_quantile;
use crate::raster::runs::Run;
use crate::raster::{Area, PixelRect, Span};

/// A region is measured anew and moved again at most so often.
const ROUNDS: usize = 3;
/// Area of the new region ÷ area of the old one.
const AREA_RATIO: Range<f64> = 0.3..3.0;
/// Share of the new area that may have run inside out at sharp bends.
const MOST_INVERTED: f64 = 0.1;
/// Points that move by less than this, px, do not count as moved.
const MOVED: f64 = 0.5;
/// The moves of an arc fade in and out over so many points.
const FADE: usize = 3;

/// A stretch of a contour of [`BoundaryResult`]: `len` points from `start` on, over the seam where it reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// Index into [`BoundaryResult::contours`].
    pub contour: usize,
    /// Point of the contour, counted from its first one.
    pub start: usize,
    pub len: usize,
}

impl Arc {
    /// Indices into [`BoundaryResult::points`] in the order of the contour; None when the contour has no such points.
    #[must_use]
    pub fn points(&self, result: &BoundaryResult) -> Option<Vec<usize>> {
        let c = result.contours.get(self.contour)?;
        let is_sound = self.start < c.len() && self.len > 0 && self.len <= c.len();
        is_sound.then(|| (self.start..self.start + self.len).map(|k| c.start + k % c.len()).collect())
    }
}

/// The region as it would be after snapping. Nothing is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Snap {
    /// Value of the region's pixels.
    pub class: u8,
    /// All pixels of the region afterwards.
    pub area: Area,
    /// Background pixels that become the region's.
    pub added: Area,
    /// Pixels of the region that become background.
    pub removed: Area,
    /// The boundary as it is.
    pub before: BoundaryResult,
    /// The boundary after snapping, measured anew.
    pub after: BoundaryResult,
    /// What nine tenths of the contour that was asked for are displaced less than, before and after, px. For a whole region the figures of
    /// the two results.
    pub p90_px: (f64, f64),
    /// Length of the contour that moves by half a pixel or more, px.
    pub moved_length_px: f64,
    /// The farthest move, px.
    pub farthest_px: f64,
    /// Pixels in both ÷ pixels in either, of the region before and after, 0..=1.
    pub iou: f64,
}

/// Why a region is not snapped. Nothing is proposed then.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SnapRefusal {
    #[error("the photo does not tell where the boundary is: {}", join(.0))]
    Unmeasurable(Vec<Reason>),
    #[error("the contour has no such points; check the region again")]
    NoSuchArc,
    #[error("the label already follows the edge in the photo")]
    OnTheEdge,
    #[error("the edge in the photo turns the label inside out; paint it anew")]
    InsideOut,
    #[error("the region would get {ratio:.2} times its area: that is another thing than what was labelled; paint it anew")]
    AreaRatio { ratio: f64 },
    #[error("the region would fall into {pieces} pieces; paint over its thin places first")]
    Splits { pieces: usize },
    #[error("a hole of the region would close; fill it first if it is none")]
    ClosesHole,
    #[error("the boundary would be {after_px:.2} px off instead of {before_px:.2} px: no gain")]
    NotBetter { before_px: f64, after_px: f64 },
}

fn join(reasons: &[Reason]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Snaps a whole region: each point of its contours goes along its normal to where the check found the edge, what the contours then cover
/// by half or more is the new region, and it is measured anew, up to three times while that helps.
///
/// `runs`: the pixels of the region in the scene's label map. Other labels, what lies off the part, and pixels that would join the
/// region to another of its class are never taken; points that the check could not look from stay; a region at the border of the image
/// stays at it; holes and fragments too small for a contour stay as they are.
pub fn snap(scene: &Scene<'_>, runs: &[Run], kind: BoundaryKind, settings: &BoundaryCheck) -> Result<Snap, SnapRefusal> {
    snap_with(scene, runs, kind, settings, None)
}

/// As [`snap`] for a stretch of a contour, as counted in what [`check_region`] says about the region now; the rest stays.
pub fn snap_arc(
    scene: &Scene<'_>,
    runs: &[Run],
    kind: BoundaryKind,
    settings: &BoundaryCheck,
    arc: Arc,
) -> Result<Snap, SnapRefusal> {
    snap_with(scene, runs, kind, settings, Some(arc))
}

fn snap_with(
    scene: &Scene<'_>,
    runs: &[Run],
    kind: BoundaryKind,
    settings: &BoundaryCheck,
    arc: Option<Arc>,
) -> Result<Snap, SnapRefusal> {
    let settings = settings.in_range();
    let before = check_region(scene, runs, kind, &settings);
    if before.verdict == Soundness::Unmeasurable {
        return Err(SnapRefusal::Unmeasurable(before.reasons));
    }
    let Some(class) = runs.first().map(|r| r.value) else { return Err(SnapRefusal::NoSuchArc) };
    let reach = match arc {
        Some(arc) => {
            let points = arc.points(&before).ok_or(SnapRefusal::NoSuchArc)?;
            Some(corridor(&before, &points, settings.search_px, scene.map().rect()))
        }
        None => None,
    };
    let job = Job { scene, kind, settings, shape: Shape::new(scene, runs), class, reach };
    let p90_before = job.p90(&before);
    let start = State { area: Area::of_runs(runs), result: before.clone() };
    // Where the fine course of the edge leads astray, its mean place may still be right.
    let found = job.follow(&start, Course::Fine).or_else(|why| match why {
        SnapRefusal::OnTheEdge => Err(why),
        _ => job.follow(&start, Course::Trend).map_err(|_| why),
    })?;
    let Found { state: State { area, result: after }, moved_length_px, farthest_px } = found;
    let old = Area::of_runs(runs);
    let (added, removed) = (area.minus(&old), old.minus(&area));
    let common = (old.pixels() - removed.pixels()) as f64;
    Ok(Snap {
        class,
        iou: common / (old.pixels() + added.pixels()) as f64,
        p90_px: (p90_before, job.p90(&after)),
        area,
        added,
        removed,
        before,
        after,
        moved_length_px,
        farthest_px,
    })
}

/// A region on its way, and what the check says about it.
#[derive(Clone)]
struct State {
    area: Area,
    result: BoundaryResult,
}

/// The best of several rounds.
struct Found {
    state: State,
    /// Of the first round.
    moved_length_px: f64,
    farthest_px: f64,
}

struct Job<'a> {
    scene: &'a Scene<'a>,
    kind: BoundaryKind,
    settings: BoundaryCheck,
    shape: Shape,
    class: u8,
    /// Where a contour may move; None = everywhere.
    reach: Option<Area>,
}

impl Job<'_> {
    /// Moves and measures, several times while that helps and the boundary does not pass.
    fn follow(&self, start: &State, course: Course) -> Result<Found, SnapRefusal> {
        let before_px = self.p90(&start.result);
        let (mut state, mut least) = (start.clone(), before_px);
        let mut found: Option<Found> = None;
        let mut refusal = SnapRefusal::OnTheEdge;
        for _ in 0..ROUNDS {
            let (next, moves) = match self.round(&state, course) {
                Ok(next) => next,
                Err(why) => {
                    refusal = why;
                    break;
                }
            };
            let after_px = self.p90(&next.result);
            if next.result.verdict == Soundness::Unmeasurable || after_px.partial_cmp(&least) != Some(Ordering::Less) {
                refusal = SnapRefusal::NotBetter { before_px, after_px };
                break;
            }
            least = after_px;
            let is_done = next.result.verdict == Soundness::Pass;
            state = next.clone();
            match &mut found {
                Some(found) => found.state = next,
                None => {
                    found = Some(Found {
                        state: next,
                        moved_length_px: moves.iter().filter(|m| m.abs() >= MOVED).count() as f64,
                        farthest_px: moves.iter().fold(0.0, |a: f64, m| a.max(m.abs())),
                    });
                }
            }
            if is_done {
                break;
            }
        }
        found.ok_or(refusal)
    }

    /// Moves the contours once and measures the result; gives the moves of the points, too, px.
    fn round(&self, state: &State, course: Course) -> Result<(State, Vec<f64>), SnapRefusal> {
        let map = self.scene.map();
        let (image, result) = (map.rect(), &state.result);
        let mut moves = moving::moves(result, image, self.settings.search_px, course);
        self.fade(result, &mut moves);
        let rings = moving::moved_rings(result, &moves, image);
        let (mut spans, mut inverted) = (Vec::new(), 0.0);
        coverage::for_each_stretch(&rings, image.x1, image.y1, |y, x0, x1, share| {
            if share >= coverage::HALF {
                spans.push(Span::new(y, x0, x1));
            }
            inverted += f64::from(x1 - x0) * (-share).max(0.0);
        });
        let mut area = Area::from_spans(spans);
        if inverted > MOST_INVERTED * area.pixels() as f64 {
            return Err(SnapRefusal::InsideOut);
        }
        if let Some(reach) = &self.reach {
            area = area.intersection(reach).union(&state.area.minus(reach));
        }
        let area = self.shape.settle(area, &state.area, result, image)?;
        if area == state.area {
            return Err(SnapRefusal::OnTheEdge);
        }
        let new = self.shape.on_map(map, &area, self.class);
        let result = check_region(&self.scene.on(&new), &area.runs(self.class), self.kind, &self.settings);
        // A thin line that was painted too wide loses most of its area; then the photo must say that this is right.
        let ratio = area.pixels() as f64 / self.shape.pixels() as f64;
        if !AREA_RATIO.contains(&ratio) && result.verdict != Soundness::Pass {
            return Err(SnapRefusal::AreaRatio { ratio });
        }
        Ok((State { area, result }, moves))
    }

    fn is_movable(&self, result: &BoundaryResult, i: usize) -> bool {
        let p = result.points[i].position;
        self.reach.as_ref().is_none_or(|reach| reach.contains(p.x.max(0.0) as u32, p.y.max(0.0) as u32))
    }

    /// Only points in reach move, those near its ends less.
    fn fade(&self, result: &BoundaryResult, moves: &mut [f64]) {
        if self.reach.is_none() {
            return;
        }
        for c in &result.contours {
            let (n, movable): (usize, Vec<bool>) = (c.len(), c.clone().map(|i| self.is_movable(result, i)).collect());
            for k in 0..n {
                let free = (0..=FADE).take_while(|d| movable[(k + d) % n] && movable[(k + n - d % n) % n]).count();
                moves[c.start + k] *= free as f64 / (FADE + 1) as f64;
            }
        }
    }

    /// What nine tenths of the contour that was asked for stay below, px.
    fn p90(&self, result: &BoundaryResult) -> f64 {
        if self.reach.is_none() {
            return result.p90_px;
        }
        let points = (0..result.points.len()).filter(|&i| !result.points[i].is_blocked && self.is_movable(result, i));
        let (sizes, weights): (Vec<f64>, Vec<f64>) =
            points.map(|i| (result.points[i].displacement_px.abs(), result.points[i].confidence + 1e-3)).unzip();
        if sizes.is_empty() { f64::INFINITY } else { weighted_quantile(&sizes, &weights, 0.9) }
    }
}

/// The pixels that these points can get to along their normals.
fn corridor(result: &BoundaryResult, points: &[usize], search_px: f64, image: PixelRect) -> Area {
    let mut spans = Vec::new();
    let steps = (2.0 * search_px).ceil() as i32;
    for &i in points {
        let p = &result.points[i];
        for k in -steps..=steps {
            let (x, y) = (p.position.x + 0.5 * f64::from(k) * p.normal.0, p.position.y + 0.5 * f64::from(k) * p.normal.1);
            for dy in [-0.75, 0.75] {
                let (y, x0, x1) = (y + dy, (x - 0.75).max(0.0), x + 0.75);
                if y >= 0.0 && y < f64::from(image.y1) && x1 >= 0.0 {
                    spans.push(Span::new(y as u32, x0 as u32, (x1 as u32 + 1).min(image.x1)));
                }
            }
        }
    }
    Area::from_spans(spans)
}
