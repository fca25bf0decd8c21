//! The kinds of finding: what each is called, how much it matters, what to do about it and which repair is offered.

use serde::{Deserialize, Serialize};

use super::boundary::Cause;
use super::finding::Severity;

/// What was flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The boundary of a label does not follow the photo.
    Boundary(Cause),
    /// The photo does not tell where the boundary is.
    Unmeasurable,
    /// The photo shows nothing at all where the label is.
    NoContrast,
    /// A region of a few pixels, mostly a slip of the brush.
    Speck,
    /// A few pixels of one class inside a region of another.
    Island,
    /// A tiny hole inside a region.
    Pinhole,
    /// A few pixels of background between two labels.
    UnlabelledGap,
    /// The label was painted at a lower resolution and enlarged.
    UpscaledMask,
    /// A compact region with too few corners for its length: a polygon with long chords.
    CoarsePolygon,
    /// The boundary goes in steps of several pixels.
    Jagged,
    /// The region is cut off by the border of the image.
    TouchesBorder,
    /// The label ends a pixel or two before the border of the image.
    BorderGap,
    /// Pixels beside the part.
    OffPart,
    /// Most of the region lies where nothing is measured.
    InIgnoreZone,
    /// Too small or too thin to be measured with these pixels.
    BelowResolution,
    /// Size, shape or brightness that no other region of the class has.
    ImplausibleShape,
    /// An image with a label in which nothing is marked.
    EmptyLabel,
    /// The rules reject what is marked, but the part is said to be OK.
    RejectedGoodPart,
    /// Label and image have different sizes.
    SizeMismatch,
    /// Blended values along the boundaries, as smoothing, resizing or a lossy format leave them.
    BlendedValues,
    /// Values that are no class of the project.
    UnknownClass,
    /// Colours or gray steps where class ids belong.
    NotClassIds,
    /// The same picture is in the project with another label.
    DuplicateDiffers,
    /// Fragments of this class are joined here and kept apart elsewhere.
    InconsistentInstances,
    /// A sure model and the photo speak against the label.
    Model(Doubted),
}

/// What a model contradicts about a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubted {
    /// A defect that nobody labelled.
    MissingLabel,
    /// A label where the photo shows no defect.
    ExtraLabel,
    WrongClass,
    /// The model's outline follows the photo, the label's does not.
    Boundary,
}

impl Doubted {
    pub const ALL: [Self; 4] = [Self::MissingLabel, Self::ExtraLabel, Self::WrongClass, Self::Boundary];

    /// Words for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::MissingLabel => "missing label",
            Self::ExtraLabel => "extra label",
            Self::WrongClass => "wrong class",
            Self::Boundary => "boundary off",
        }
    }

    /// The word in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingLabel => "missing_label",
            Self::ExtraLabel => "extra_label",
            Self::WrongClass => "wrong_class",
            Self::Boundary => "boundary",
        }
    }
}

/// An automatic repair that is offered for a kind of finding; always previewed and undoable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// Move the boundary to the edge in the photo.
    Snap,
    /// Take the region away.
    Delete,
    /// Give the pixels the class of the region around them.
    TakeSurroundingClass,
    /// Fill the hole.
    Fill,
    /// Give the gap between two labels to them.
    CloseGap,
    /// Let the label go on to the border of the image.
    ExtendToBorder,
    /// Take away what lies beside the part.
    ClipToPart,
    /// Round off the steps of the boundary.
    Smooth,
    /// Bring the label to the size of the image.
    Rescale,
    /// Give each value of the file the class that it stands for.
    MapValues,
    /// Say that the part is OK.
    MarkGood,
    /// Take over the label of the other image.
    CopyLabel,
}

impl Fix {
    /// The words on a button.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Snap => "Snap to edge",
            Self::Delete => "Delete",
            Self::TakeSurroundingClass => "Take class around it",
            Self::Fill => "Fill",
            Self::CloseGap => "Close gap",
            Self::ExtendToBorder => "Extend to border",
            Self::ClipToPart => "Clip to part",
            Self::Smooth => "Smooth",
            Self::Rescale => "Rescale label",
            Self::MapValues => "Map values",
            Self::MarkGood => "Mark as good",
            Self::CopyLabel => "Take other label",
        }
    }
}

impl FindingKind {
    /// Every kind that needs no model, in the order of lists for people: the boundary, the pixels, the shape, the set, the file.
    pub const ALL: [Self; 28] = [
        Self::Boundary(Cause::Inflated),
        Self::Boundary(Cause::Deflated),
        Self::Boundary(Cause::Shifted),
        Self::Boundary(Cause::Sloppy),
        Self::Boundary(Cause::Local),
        Self::Unmeasurable,
        Self::NoContrast,
        Self::Speck,
        Self::Island,
        Self::Pinhole,
        Self::UnlabelledGap,
        Self::UpscaledMask,
        Self::CoarsePolygon,
        Self::Jagged,
        Self::TouchesBorder,
        Self::BorderGap,
        Self::OffPart,
        Self::InIgnoreZone,
        Self::BelowResolution,
        Self::ImplausibleShape,
        Self::EmptyLabel,
        Self::RejectedGoodPart,
        Self::DuplicateDiffers,
        Self::InconsistentInstances,
        Self::SizeMismatch,
        Self::BlendedValues,
        Self::UnknownClass,
        Self::NotClassIds,
    ];

    /// The name in files, lists of accepted findings and on the command line. Never changes.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Boundary(Cause::None) => "boundary-off",
            Self::Boundary(Cause::Inflated) => "boundary-inflated",
            Self::Boundary(Cause::Deflated) => "boundary-deflated",
            Self::Boundary(Cause::Shifted) => "boundary-shifted",
            Self::Boundary(Cause::Sloppy) => "boundary-sloppy",
            Self::Boundary(Cause::Local) => "boundary-local",
            Self::Unmeasurable => "boundary-unmeasurable",
            Self::NoContrast => "no-contrast",
            Self::Speck => "speck",
            Self::Island => "class-island",
            Self::Pinhole => "pinhole",
            Self::UnlabelledGap => "unlabelled-gap",
            Self::UpscaledMask => "upscaled-mask",
            Self::CoarsePolygon => "coarse-polygon",
            Self::Jagged => "jagged",
            Self::TouchesBorder => "touches-border",
            Self::BorderGap => "border-gap",
            Self::OffPart => "off-part",
            Self::InIgnoreZone => "in-ignore-zone",
            Self::BelowResolution => "below-resolution",
            Self::ImplausibleShape => "implausible-shape",
            Self::EmptyLabel => "empty-label",
            Self::RejectedGoodPart => "rejected-good-part",
            Self::SizeMismatch => "size-mismatch",
            Self::BlendedValues => "blended-values",
            Self::UnknownClass => "unknown-class",
            Self::NotClassIds => "not-class-ids",
            Self::DuplicateDiffers => "duplicate-differs",
            Self::InconsistentInstances => "inconsistent-instances",
            Self::Model(Doubted::MissingLabel) => "model-missing-label",
            Self::Model(Doubted::ExtraLabel) => "model-extra-label",
            Self::Model(Doubted::WrongClass) => "model-wrong-class",
            Self::Model(Doubted::Boundary) => "model-boundary",
        }
    }

    /// The kind that [`Self::id`] calls so.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let others = Doubted::ALL.map(Self::Model).into_iter().chain([Self::Boundary(Cause::None)]);
        Self::ALL.into_iter().chain(others).find(|k| k.id() == id)
    }

    /// A few words for the head of a list.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Boundary(Cause::None) => "Boundary off",
            Self::Boundary(Cause::Inflated) => "Label too large",
            Self::Boundary(Cause::Deflated) => "Label too small",
            Self::Boundary(Cause::Shifted) => "Label shifted",
            Self::Boundary(Cause::Sloppy) => "Boundary wanders",
            Self::Boundary(Cause::Local) => "Boundary off in one stretch",
            Self::Unmeasurable => "Boundary cannot be checked",
            Self::NoContrast => "Nothing to be seen",
            Self::Speck => "Speck",
            Self::Island => "Island of another class",
            Self::Pinhole => "Pinhole",
            Self::UnlabelledGap => "Unlabelled gap",
            Self::UpscaledMask => "Enlarged label",
            Self::CoarsePolygon => "Coarse polygon",
            Self::Jagged => "Steps in the boundary",
            Self::TouchesBorder => "Cut off by the border",
            Self::BorderGap => "Stops short of the border",
            Self::OffPart => "Beside the part",
            Self::InIgnoreZone => "In an ignored zone",
            Self::BelowResolution => "Below resolution",
            Self::ImplausibleShape => "Unlike others of its class",
            Self::EmptyLabel => "Nothing marked",
            Self::RejectedGoodPart => "Good part is rejected",
            Self::SizeMismatch => "Size of label and image differ",
            Self::BlendedValues => "Blended values",
            Self::UnknownClass => "Unknown class",
            Self::NotClassIds => "No class ids",
            Self::DuplicateDiffers => "Same picture, another label",
            Self::InconsistentInstances => "One defect or two?",
            Self::Model(Doubted::MissingLabel) => "Defect without a label?",
            Self::Model(Doubted::ExtraLabel) => "Label without a defect?",
            Self::Model(Doubted::WrongClass) => "Another class?",
            Self::Model(Doubted::Boundary) => "The model's outline fits better",
        }
    }

    /// What to do about it, one sentence.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Boundary(Cause::Inflated) => "Shrink the label to the edge in the photo, or snap it.",
            Self::Boundary(Cause::Deflated) => "Grow the label to the edge in the photo, or snap it.",
            Self::Boundary(Cause::Shifted) => {
                "Move the label onto the defect, or snap it; many shifted the same way point to the import."
            }
            Self::Boundary(Cause::None | Cause::Sloppy | Cause::Local) => {
                "Draw the boundary again where it leaves the edge, or snap it."
            }
            Self::Unmeasurable => "Look at it; where the class fades out, set its boundary to diffuse.",
            Self::NoContrast => "Look whether the defect is in the photo at all; delete the label if it is not.",
            Self::Speck => {
                "Delete it, or join it to its neighbour; if such small defects are meant, lower the least area of the class."
            }
            Self::Island => "Give it the class around it, unless two defects lie in one another.",
            Self::Pinhole => "Fill it.",
            Self::UnlabelledGap => "Close the gap, or merge the two regions if they are one defect.",
            Self::UpscaledMask => {
                "Export the label at the size of the image or draw it again: its boundary is no finer than the steps."
            }
            Self::CoarsePolygon => "Add corners where the boundary bends, or snap it.",
            Self::Jagged => "Smooth the boundary, or snap it.",
            Self::TouchesBorder => "Nothing to correct: its size is a lower bound.",
            Self::BorderGap => "Let the label go on to the border if the defect does.",
            Self::OffPart => "Clip the label to the part, or correct the zones.",
            Self::InIgnoreZone => "It will not be measured: delete it, or correct the zones.",
            Self::BelowResolution => "Do not judge by its width; if such defects matter, the camera must resolve them better.",
            Self::ImplausibleShape => "Look whether it has the right class.",
            Self::EmptyLabel => "Mark the defect, or mark the part as good.",
            Self::RejectedGoodPart => "Correct the label, the limit or what was said about the part.",
            Self::SizeMismatch => {
                "Export the label again at the size of the image, or rescale it if the size differs by a whole factor."
            }
            Self::BlendedValues => "Export the label again as PNG without smoothing, or take each value to its class.",
            Self::UnknownClass => "Add the class to the project, or say which class the value stands for.",
            Self::NotClassIds => "Say which class each colour or value stands for.",
            Self::DuplicateDiffers => "Decide which label is right and take it for both, or remove one of the images.",
            Self::InconsistentInstances => {
                "Write down in the note of the class when fragments are one defect, and label them all so."
            }
            Self::Model(Doubted::MissingLabel) => "Take the model's region if there is a defect.",
            Self::Model(Doubted::ExtraLabel) => "Delete the label if the photo shows no defect.",
            Self::Model(Doubted::WrongClass) => "Give the label the model's class if that is what it is.",
            Self::Model(Doubted::Boundary) => "Take the model's outline if it follows the edge better.",
        }
    }

    /// How much it matters if nothing else is known. The boundary check tells warnings from errors by its tolerance.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Boundary(_)
            | Self::UpscaledMask
            | Self::SizeMismatch
            | Self::BlendedValues
            | Self::UnknownClass
            | Self::NotClassIds
            | Self::DuplicateDiffers => Severity::Error,
            Self::NoContrast
            | Self::Speck
            | Self::Island
            | Self::Pinhole
            | Self::UnlabelledGap
            | Self::BorderGap
            | Self::OffPart
            | Self::ImplausibleShape
            | Self::EmptyLabel
            | Self::RejectedGoodPart
            | Self::Model(_) => Severity::Warning,
            Self::Unmeasurable
            | Self::CoarsePolygon
            | Self::Jagged
            | Self::TouchesBorder
            | Self::InIgnoreZone
            | Self::BelowResolution
            | Self::InconsistentInstances => Severity::Info,
        }
    }

    /// The repair that is offered first; None where a person has to decide.
    #[must_use]
    pub const fn fix(self) -> Option<Fix> {
        Some(match self {
            Self::Boundary(_) | Self::CoarsePolygon => Fix::Snap,
            Self::Speck | Self::InIgnoreZone => Fix::Delete,
            Self::Island => Fix::TakeSurroundingClass,
            Self::Pinhole => Fix::Fill,
            Self::UnlabelledGap => Fix::CloseGap,
            Self::UpscaledMask | Self::Jagged => Fix::Smooth,
            Self::BorderGap => Fix::ExtendToBorder,
            Self::OffPart => Fix::ClipToPart,
            Self::EmptyLabel => Fix::MarkGood,
            Self::SizeMismatch => Fix::Rescale,
            Self::BlendedValues | Self::UnknownClass | Self::NotClassIds => Fix::MapValues,
            Self::DuplicateDiffers => Fix::CopyLabel,
            Self::Unmeasurable
            | Self::NoContrast
            | Self::TouchesBorder
            | Self::BelowResolution
            | Self::ImplausibleShape
            | Self::RejectedGoodPart
            | Self::InconsistentInstances
            | Self::Model(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_file_names_and_lead_back() {
        let ids: BTreeSet<&str> = FindingKind::ALL.iter().map(|k| k.id()).collect();
        assert_eq!(ids.len(), FindingKind::ALL.len());
        for kind in FindingKind::ALL {
            assert!(kind.id().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.id());
            assert_eq!(FindingKind::from_id(kind.id()), Some(kind));
            assert!(kind.advice().ends_with('.') && !kind.title().is_empty());
        }
        assert_eq!(FindingKind::from_id("no such kind"), None);
    }

    #[test]
    fn names_in_json_stay() {
        let text = |k: FindingKind| serde_json::to_string(&k).unwrap();
        assert_eq!(text(FindingKind::Boundary(Cause::Inflated)), r#"{"boundary":"inflated"}"#);
        assert_eq!(text(FindingKind::EmptyLabel), r#""empty_label""#);
        for kind in FindingKind::ALL {
            assert_eq!(serde_json::from_str::<FindingKind>(&text(kind)).unwrap(), kind);
        }
    }
}
