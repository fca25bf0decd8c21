//! The names of findings outside the program: stable, because reports and CI baselines keep them.

use delimit::check::{Cause, FindingKind};

/// Id and a sentence about each kind; the sentence is for the list of rules in a report.
#[must_use]
pub const fn kind(kind: FindingKind) -> (&'static str, &'static str) {
    match kind {
        FindingKind::Boundary(cause) => match cause {
            Cause::Inflated => ("boundary-inflated", "The label is larger than what the photo shows."),
            Cause::Deflated => ("boundary-deflated", "The label is smaller than what the photo shows."),
            Cause::Shifted => ("boundary-shifted", "The label has the right size and sits in the wrong place."),
            Cause::Sloppy => ("boundary-sloppy", "The boundary wanders to both sides of the edge in the photo."),
            Cause::Local | Cause::None => ("boundary-local", "The boundary is right for the most part and far off in one stretch."),
        },
        FindingKind::Unmeasurable => ("boundary-unmeasurable", "The photo does not tell where the boundary is."),
        FindingKind::Speck => ("speck", "A region of a few pixels, mostly a slip of the brush."),
        FindingKind::Pinhole => ("pinhole", "A tiny hole inside a region."),
        FindingKind::EmptyLabel => ("empty-label", "An image with a label in which nothing is marked."),
    }
}
