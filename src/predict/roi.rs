//! The part of a photo that a model looks at: the zones that it is used for.

use crate::raster::{LabelMap, Photo, PixelRect, Run, runs};

/// What a model sees around its zones, px: context for the borders of what it is asked about.
pub const ROI_MARGIN: u32 = 32;

/// The zones that a model looks at, on one zone map.
#[derive(Clone, Debug)]
pub struct Roi {
    zones: LabelMap,
    ids: Vec<u8>,
    bounds: PixelRect,
}

impl Roi {
    /// The zones of these ids; None when no pixel has one of them.
    #[must_use]
    pub fn of(zones: &LabelMap, ids: &[u8]) -> Option<Self> {
        let own = runs::runs(zones).into_iter().filter(|run| ids.contains(&run.value));
        let bounds = own.map(|run| PixelRect::new(run.x0, run.y, run.x1, run.y + 1)).reduce(PixelRect::union)?;
        Some(Self { zones: zones.clone(), ids: ids.to_vec(), bounds })
    }

    /// Bounding box of the zones, px.
    #[must_use]
    pub const fn bounds(&self) -> PixelRect {
        self.bounds
    }

    /// Size of the zone map, which is the size of the photos that it fits.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (self.zones.width(), self.zones.height())
    }

    /// What the model sees: the bounding box with [`ROI_MARGIN`] around it, its corners at multiples of that where the photo allows.
    #[must_use]
    pub fn view(&self) -> PixelRect {
        let PixelRect { x0, y0, x1, y1 } = self.bounds;
        let (width, height) = self.size();
        let low = |at: u32| at.saturating_sub(ROI_MARGIN) / ROI_MARGIN * ROI_MARGIN;
        let high = |at: u32, end: u32| at.saturating_add(ROI_MARGIN).next_multiple_of(ROI_MARGIN).min(end);
        PixelRect::new(low(x0), low(y0), high(x1, width), high(y1, height))
    }

    /// The pixels of the zones, as runs from top to bottom and left to right.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        runs::runs_in(&self.zones, self.bounds).into_iter().filter(|run| self.ids.contains(&run.value)).collect()
    }
}

/// The pixels of a photo inside a rectangle.
pub(super) fn crop(photo: &Photo, rect: PixelRect) -> Photo {
    match photo {
        Photo::Gray8(p) => Photo::Gray8(p.crop(rect)),
        Photo::Gray16(p) => Photo::Gray16(p.crop(rect)),
        Photo::GrayF32(p) => Photo::GrayF32(p.crop(rect)),
        Photo::Rgb8(p) => Photo::Rgb8(p.crop(rect)),
        Photo::Rgb16(p) => Photo::Rgb16(p.crop(rect)),
    }
}
