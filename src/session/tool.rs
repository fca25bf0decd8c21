//! The tools of the Label workspace, by name: what the left mouse button does on the canvas.

use super::command::{Command, Key, Shortcut};

/// A tool to paint labels and zones with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Picks regions instead of painting.
    Select,
    #[default]
    Brush,
    Eraser,
    /// A brush that paints only where the photo has gray values like those under the first dab.
    ThresholdBrush,
    /// Corners by clicks, or a freehand line.
    Polygon,
    Rectangle,
    Ellipse,
    /// Connected pixels of one value get another.
    Fill,
    /// Connected pixels of like gray values.
    Wand,
    /// A line that follows edges from corner to corner.
    LiveWire,
    /// The contour of equal brightness through the pixel under the pointer.
    LevelTrace,
    /// Follows a faint line by integrating along it.
    ScratchTracer,
    /// A box and strokes for inside and outside; the border between them is found.
    Segmenter,
    /// The region that the model sees, at a probability of one's choice.
    ModelRegion,
    /// Cuts a region along a line.
    Knife,
}

impl Tool {
    /// All tools, in the order of the tool rail.
    pub const ALL: [Self; 15] = [
        Self::Select,
        Self::Brush,
        Self::Eraser,
        Self::ThresholdBrush,
        Self::Polygon,
        Self::Rectangle,
        Self::Ellipse,
        Self::Fill,
        Self::Knife,
        Self::Wand,
        Self::LiveWire,
        Self::LevelTrace,
        Self::ScratchTracer,
        Self::Segmenter,
        Self::ModelRegion,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Select => "Select regions",
            Self::Brush => "Brush",
            Self::Eraser => "Eraser",
            Self::ThresholdBrush => "Threshold brush",
            Self::Polygon => "Polygon and lasso",
            Self::Rectangle => "Rectangle",
            Self::Ellipse => "Ellipse",
            Self::Fill => "Bucket fill",
            Self::Wand => "Magic wand",
            Self::LiveWire => "Livewire",
            Self::LevelTrace => "Level trace",
            Self::ScratchTracer => "Scratch tracer",
            Self::Segmenter => "Inside and outside",
            Self::ModelRegion => "Model's region",
            Self::Knife => "Knife",
        }
    }

    /// The gestures of the pointer that the tool knows, for the status line and the tooltip. Its keys are in [`Self::keys`].
    #[must_use]
    pub const fn gestures(self) -> &'static str {
        match self {
            Self::Select => "click = select, Shift = add, double-click = zoom to it",
            Self::Brush => {
                "drag = paint, Alt or right = erase, Shift+click = straight line, double-click = fill inside, Alt+right drag = size"
            }
            Self::Eraser => "drag = erase, Shift+click = straight line, Alt+right drag = size",
            Self::ThresholdBrush => "drag = paint what is as bright as under the first dab, Alt or right = erase",
            Self::Polygon => "click = corner, drag = freehand, right click = done, Alt = take away",
            Self::Rectangle | Self::Ellipse => "drag = paint, Shift = equal sides, Alt = take away",
            Self::Fill => "click = give the connected pixels the class in hand, Alt or right = clear them",
            Self::Wand => "press and drag = tolerance, release = paint, Alt = take away",
            Self::LiveWire => "click = corner on the edge, right click = close",
            Self::LevelTrace => "move = contour of this brightness, click = take it, Alt = take away",
            Self::ScratchTracer => "click = follow the line, second click = only up to there, right click = take it",
            Self::Segmenter => "drag a box, then strokes: left = inside, right = outside",
            Self::ModelRegion => "click = take the model's region, Shift+wheel = lower or higher probability",
            Self::Knife => "drag a line across a region, or click its corners and right-click",
        }
    }

    /// The commands that matter with this tool in hand, each with what its key does then.
    #[must_use]
    pub const fn keys(self) -> &'static [(Command, &'static str)] {
        const SIZE: [(Command, &str); 2] = [(Command::BrushSmaller, "smaller"), (Command::BrushLarger, "larger")];
        match self {
            Self::Select => &[(Command::DeleteRegions, "delete"), (Command::Reclass(1), "make it class 1")],
            Self::Brush | Self::ThresholdBrush => &SIZE,
            Self::Eraser => &[(Command::BrushSmaller, "smaller"), (Command::BrushLarger, "larger"), (Command::SwapTools, "back")],
            Self::Polygon | Self::Knife => &[(Command::Accept, "done"), (Command::RemoveLastPoint, "corner back")],
            Self::LiveWire => &[(Command::Accept, "close"), (Command::RemoveLastPoint, "corner back")],
            Self::ScratchTracer | Self::Segmenter => &[(Command::Accept, "take it"), (Command::CancelStroke, "drop it")],
            Self::Wand => &[(Command::CancelStroke, "nothing")],
            Self::Rectangle | Self::Ellipse | Self::Fill | Self::LevelTrace | Self::ModelRegion => &[],
        }
    }

    /// The key that takes it into the hand.
    #[must_use]
    pub const fn shortcut(self) -> Shortcut {
        const fn plain(c: char) -> Shortcut {
            Shortcut { command: false, shift: false, alt: false, key: Key::Char(c) }
        }
        const fn shifted(c: char) -> Shortcut {
            Shortcut { command: false, shift: true, alt: false, key: Key::Char(c) }
        }
        match self {
            Self::Select => plain('V'),
            Self::Brush => plain('B'),
            Self::Eraser => plain('E'),
            Self::ThresholdBrush => shifted('B'),
            Self::Polygon => plain('P'),
            Self::Rectangle => plain('U'),
            Self::Ellipse => shifted('U'),
            Self::Fill => plain('G'),
            Self::Wand => plain('W'),
            Self::LiveWire => plain('L'),
            Self::LevelTrace => shifted('L'),
            Self::ScratchTracer => plain('S'),
            Self::Segmenter => shifted('S'),
            Self::ModelRegion => plain('Y'),
            Self::Knife => plain('C'),
        }
    }

    /// The tool paints with a tip of some size.
    #[must_use]
    pub const fn has_tip(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser | Self::ThresholdBrush | Self::Segmenter)
    }
}
