//! The ways to look at two maps of one image in Compare.

/// What the canvas shows in Compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CompareView {
    /// Missed, extra, agreed, other class.
    #[default]
    Difference,
    /// The label alone.
    Label,
    /// What the model says alone.
    Model,
    /// What the model says that is tried against the one in use, alone.
    Candidate,
    /// One side left of a divider, the other right of it.
    Wipe,
    /// Both sides in turn.
    Blink,
    /// Two canvases that move together.
    SideBySide,
    /// How probable a defect is, pixel by pixel.
    Heat,
}

impl CompareView {
    pub const ALL: [Self; 8] =
        [Self::Difference, Self::Label, Self::Model, Self::Candidate, Self::Wipe, Self::Blink, Self::SideBySide, Self::Heat];

    /// The word on the switch.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Difference => "Difference",
            Self::Label => "Label",
            Self::Model => "Model",
            Self::Candidate => "Candidate",
            Self::Wipe => "Wipe",
            Self::Blink => "Blink",
            Self::SideBySide => "Side by side",
            Self::Heat => "Heat",
        }
    }

    /// Shows two maps, so that it matters which.
    #[must_use]
    pub const fn has_two_sides(self) -> bool {
        matches!(self, Self::Difference | Self::Wipe | Self::Blink | Self::SideBySide)
    }
}
