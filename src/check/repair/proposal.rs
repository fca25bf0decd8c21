//! The value that every repair gives: which pixels would change, of which regions, and what was left as it is.

use super::snap::{Snap, SnapRefusal};
use crate::check::boundary::{BoundaryResult, Soundness};
use crate::paint::Gate;
use crate::raster::runs::Run;
use crate::raster::{Area, BACKGROUND, LabelMap, PixelRect};

/// What a repair does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RepairKind {
    /// Boundaries move onto the edges in the photo.
    Snap,
    /// Specks are deleted or joined to their neighbours.
    Specks,
    /// Small holes are filled.
    Pinholes,
    /// Thin background between labels of one class is closed.
    Gaps,
    /// Pixels off the part become background.
    Clip,
    /// Stairs and jags of the outline are smoothed.
    Smooth,
    /// Every region of a class grows (+) or shrinks (−) by so many px.
    Offset { by_px: f64 },
    /// Every label of a map moves by so many px.
    Shift { dx_px: f64, dy_px: f64 },
}

impl RepairKind {
    /// The words on the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Snap => "snap to edge",
            Self::Specks => "remove specks",
            Self::Pinholes => "fill pinholes",
            Self::Gaps => "close gaps",
            Self::Clip => "clip to part",
            Self::Smooth => "smooth outline",
            Self::Offset { .. } => "grow or shrink",
            Self::Shift { .. } => "shift labels",
        }
    }
}

/// How well a boundary fits the photo, in short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Mean displacement, px; + = too large.
    pub bias_px: f64,
    /// Nine tenths of the contour are displaced by less than this, px.
    pub p90_px: f64,
    pub verdict: Soundness,
}

impl From<&BoundaryResult> for Fit {
    fn from(result: &BoundaryResult) -> Self {
        Self { bias_px: result.bias_px, p90_px: result.p90_px, verdict: result.verdict }
    }
}

/// One region that a repair changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RepairedRegion {
    /// Number of the region in the components that the repair was asked for.
    pub region: usize,
    /// Its class before.
    pub class: u8,
    /// Bounding box of its pixels before.
    pub bounds: PixelRect,
    /// Pixels before.
    pub pixels: u64,
    /// The fit of its boundary before and after, where the repair measured it.
    pub fit: Option<(Fit, Fit)>,
}

/// Why a region is left as it is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Left {
    #[error(transparent)]
    Refused(#[from] SnapRefusal),
    #[error("no region lies within 2 px of it")]
    NoNeighbour,
    #[error("nothing would be left of it")]
    Vanishes,
    #[error("it would fall into {pieces} pieces")]
    Splits { pieces: usize },
    #[error("a hole of it would close or open")]
    Holes,
    #[error("its area would change by {percent:.1} %")]
    Area { percent: f64 },
}

/// A proposal: nothing is written until somebody paints its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    pub kind: RepairKind,
    /// The regions that change.
    pub regions: Vec<RepairedRegion>,
    /// Pixels and the value they get; no pixel is in two of them. [`BACKGROUND`] takes pixels away.
    pub changes: Vec<(Area, u8)>,
    /// Regions that were asked for and stay as they are, and why.
    pub left: Vec<(usize, Left)>,
}

impl Repair {
    /// A repair of this kind that changes nothing.
    #[must_use]
    pub const fn nothing(kind: RepairKind) -> Self {
        Self { kind, regions: Vec::new(), changes: Vec::new(), left: Vec::new() }
    }

    /// Adds a region and its changes; pixels that were given a value before keep that.
    pub(super) fn add(&mut self, region: usize, runs: &[Run], changes: Vec<(Area, u8)>) {
        self.add_with_fit(region, runs, changes, None);
    }

    pub(super) fn add_with_fit(&mut self, region: usize, runs: &[Run], changes: Vec<(Area, u8)>, fit: Option<(Fit, Fit)>) {
        for (area, value) in changes {
            self.change(area, value);
        }
        self.note(region, runs);
        if let Some(last) = self.regions.last_mut() {
            last.fit = fit;
        }
    }

    /// Lists a region as changed.
    pub(super) fn note(&mut self, region: usize, runs: &[Run]) {
        let area = Area::of_runs(runs);
        let class = runs.first().map_or(BACKGROUND, |r| r.value);
        self.regions.push(RepairedRegion { region, class, bounds: area.bounds(), pixels: area.pixels(), fit: None });
    }

    /// Adds a change; pixels that were given a value before keep that.
    pub(super) fn change(&mut self, area: Area, value: u8) {
        let bounds = area.bounds();
        let meets = |other: &Area| !other.bounds().intersection(bounds).is_empty();
        let area = self.changes.iter().filter(|(other, _)| meets(other)).fold(area, |area, (other, _)| area.minus(other));
        if !area.is_empty() {
            self.changes.push((area, value));
        }
    }

    /// Nothing would change.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Number of pixels that change.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.changes.iter().map(|(area, _)| area.pixels()).sum()
    }

    /// The smallest rectangle around all changes.
    #[must_use]
    pub fn bounds(&self) -> PixelRect {
        self.changes.iter().fold(PixelRect::EMPTY, |all, (area, _)| all.union(area.bounds()))
    }

    /// Pixels that become background, and pixels that get a class.
    #[must_use]
    pub fn removed_and_added(&self) -> (Area, Area) {
        let joined = |is_wanted: &dyn Fn(u8) -> bool| {
            let wanted = self.changes.iter().filter(|(_, value)| is_wanted(*value));
            Area::from_spans(wanted.flat_map(|(area, _)| area.spans().to_vec()).collect())
        };
        (joined(&|v| v == BACKGROUND), joined(&|v| v != BACKGROUND))
    }

    /// A copy of the map as it would be: for a preview, and to check it again.
    #[must_use]
    pub fn applied_to(&self, map: &LabelMap) -> LabelMap {
        let mut out = map.clone();
        for (area, value) in &self.changes {
            for s in area.cut_to(map.rect()).spans() {
                out.fill_span(s.y, s.x0, s.x1, *value);
            }
        }
        out
    }

    /// The changes, each with the same gate: what [`crate::paint`] writes as one step.
    #[must_use]
    pub fn through(&self, gate: &Gate) -> Vec<(Area, u8, Gate)> {
        self.changes.iter().map(|(area, value)| (area.clone(), *value, gate.clone())).collect()
    }
}

impl Snap {
    /// The changes of this snap alone.
    #[must_use]
    pub fn repair(&self, region: usize) -> Repair {
        let mut out = Repair::nothing(RepairKind::Snap);
        self.add_to(&mut out, region);
        out
    }

    pub(super) fn add_to(&self, repair: &mut Repair, region: usize) {
        let before = self.area.minus(&self.added).union(&self.removed);
        let fit = (Fit::from(&self.before), Fit::from(&self.after));
        let changes = vec![(self.removed.clone(), BACKGROUND), (self.added.clone(), self.class)];
        repair.add_with_fit(region, &before.runs(self.class), changes, Some(fit));
    }
}
