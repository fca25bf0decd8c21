//! The ways to look at two maps of one image: the switch over the canvas, and what each view needs from frame to frame.
//!
//! `bar` is the switch, `layers` what lies over the photo, `difference` and `heat` the maps that are worked out in the background,
//! `wipe` the divider, `blink` whose turn it is, `pair` the two canvases. `prepared` keeps what the background brought.

mod bar;
mod blink;
mod difference;
mod heat;
mod layers;
mod pair;
mod prepared;
mod wipe;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use delimit::compare::MAX_TOLERANCE_PX;
use delimit::raster::{LabelMap, Tile};
use delimit::session::command::{CompareView, Workspace};
use delimit::session::{Command, SurfaceId};
use egui::{Color32, Context, Pos2, Ui};

pub use blink::BLINK_PERIOD_S;

use self::blink::Blink;
use self::difference::Differences;
use self::heat::Heats;
use crate::studio::app::Studio;
use crate::studio::canvas::{Canvas, CanvasFrame};
use crate::studio::keys;
use crate::studio::theme::Theme;
use crate::studio::work::PhotoKey;

/// Who says what is where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Label,
    Model,
    /// A second model that is held against label or model.
    Candidate,
}

impl Side {
    pub const ALL: [Self; 3] = [Self::Label, Self::Model, Self::Candidate];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Label => "Label",
            Self::Model => "Model",
            Self::Candidate => "Candidate",
        }
    }

    /// The colour of its tag: what only the label has is missed, what only a model has is extra.
    const fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::Label => theme.missed,
            Self::Model => theme.extra,
            Self::Candidate => theme.review,
        }
    }
}

/// How one looks at two maps; what a person chose.
#[derive(Clone, Debug)]
pub struct CompareLook {
    pub view: CompareView,
    /// The two sides; the first counts as the truth of a difference.
    pub sides: [Side; 2],
    /// Disagreement so near to the other side's boundary is drawn fainter, px.
    pub tolerance_px: u32,
    /// Where the divider stands, as a share of the canvas from the left, 0..=1.
    pub divider: f32,
    /// How long each side is shown in turn, s.
    pub blink_s: f32,
    /// The sides change at a key only.
    pub is_still: bool,
    /// The class whose probability is shown; None for any defect.
    pub heat_class: Option<u8>,
}

impl Default for CompareLook {
    fn default() -> Self {
        Self {
            view: CompareView::Difference,
            sides: [Side::Label, Side::Model],
            tolerance_px: 0,
            divider: 0.5,
            blink_s: 0.6,
            is_still: false,
            heat_class: None,
        }
    }
}

/// What the views keep from frame to frame.
#[derive(Default)]
pub struct CompareViews {
    /// What a second model says, by image; empty when none is held against the one in use.
    pub candidates: HashMap<usize, Arc<LabelMap>>,
    known: VecDeque<Known>,
    last_identity: u64,
    differences: Differences,
    heats: Heats,
    blink: Blink,
    /// Where the button went down on a wipe, in points, until the hand has gone far enough for a drag.
    pressed_at: Option<Pos2>,
    /// Notches of the wheel that make no whole step yet.
    turned: f32,
    /// The right one of two canvases; its textures are those of the left one.
    second: Canvas,
}

impl CompareViews {
    /// A map is being worked out.
    pub const fn is_busy(&self) -> bool {
        self.differences.is_busy() || self.heats.is_busy()
    }

    /// A number for the pixels of a map: the same as long as the map was not written to.
    fn identity(&mut self, side: Side, image: usize, map: &LabelMap) -> u64 {
        /// Maps that are remembered: each side of the images that were looked at last.
        const KEPT: usize = 24;
        let at = self.known.iter().position(|k| (k.side, k.image) == (side, image));
        if let Some(at) = at {
            if has_same_tiles(&self.known[at].map, map) {
                return self.known[at].identity;
            }
            self.known.remove(at);
        }
        self.last_identity += 1;
        self.known.push_front(Known { side, image, map: map.clone(), identity: self.last_identity });
        self.known.truncate(KEPT);
        self.last_identity
    }
}

/// A map as it was looked at last; holding it keeps its tiles from being written to.
struct Known {
    side: Side,
    image: usize,
    map: LabelMap,
    identity: u64,
}

/// What one side says about an image.
#[derive(Clone)]
pub struct SideMap {
    pub map: LabelMap,
    /// Changes whenever the pixels do; never the same for two maps.
    pub identity: u64,
}

/// Whether two maps share all their pixels; never reads them.
fn has_same_tiles(a: &LabelMap, b: &LabelMap) -> bool {
    a.rect() == b.rect()
        && (0..a.tile_count()).all(|i| match (a.tile(i), b.tile(i)) {
            (Tile::Uniform(a), Tile::Uniform(b)) => a == b,
            (Tile::Pixels(a), Tile::Pixels(b)) => Arc::ptr_eq(a, b),
            _ => false,
        })
}

impl Studio {
    /// What a side says about an image; None when it says nothing yet.
    pub fn side_map(&mut self, side: Side, image: usize) -> Option<SideMap> {
        let map = match side {
            Side::Label => self.session.surface(SurfaceId::Label(image))?.map().clone(),
            Side::Model => self.analysis.predictions.get(image)?.as_ref()?.map.clone(),
            Side::Candidate => LabelMap::clone(self.compare_views.candidates.get(&image)?),
        };
        let identity = self.compare_views.identity(side, image, &map);
        Some(SideMap { map, identity })
    }

    /// A second model's predictions are there.
    pub fn has_candidate(&self) -> bool {
        !self.compare_views.candidates.is_empty()
    }

    /// The sides that can be chosen.
    fn sides(&self) -> Vec<Side> {
        Side::ALL.into_iter().filter(|side| *side != Side::Candidate || self.has_candidate()).collect()
    }

    /// The image that is compared on the canvas: the views are for photos with a prediction, in Compare.
    pub fn compared_image(&self, key: PhotoKey) -> Option<usize> {
        match key {
            PhotoKey::Image(image)
                if self.view.workspace == Workspace::Compare && (self.analysis.has_predictions() || self.has_candidate()) =>
            {
                Some(image)
            }
            _ => None,
        }
    }

    /// Missed and extra mean what the panel says: the difference of label and model is on the canvas.
    pub fn shows_plain_difference(&self) -> bool {
        let look = &self.view.compare;
        look.view == CompareView::Difference && look.sides == [Side::Label, Side::Model]
    }

    /// Takes in what the background brought and starts what the view needs. Once per frame.
    pub fn tick_views(&mut self, ctx: &Context) {
        if !self.has_candidate() {
            self.forget_candidate();
        }
        for message in [self.compare_views.differences.poll(), self.compare_views.heats.poll()].into_iter().flatten() {
            self.toasts.error(&message);
        }
        let image = self.photo_key().and_then(|key| self.compared_image(key));
        let view = self.view.compare.view;
        self.tick_blink(image.is_some() && view == CompareView::Blink, ctx);
        if let Some(image) = image {
            match view {
                CompareView::Difference => self.want_difference(image),
                CompareView::Heat => self.want_heat(image),
                _ => {}
            }
        }
    }

    /// A candidate that is gone is on no side.
    fn forget_candidate(&mut self) {
        let look = &mut self.view.compare;
        if look.sides.contains(&Side::Candidate) {
            look.sides = [Side::Label, Side::Model];
        }
        if look.view == CompareView::Candidate {
            look.view = CompareView::Difference;
        }
    }

    /// Puts a side to one of the two places; the other place gets what was here when it had it.
    fn choose_side(&mut self, place: usize, side: Side) {
        let sides = &mut self.view.compare.sides;
        if sides[1 - place] == side {
            sides.swap(0, 1);
        } else {
            sides[place] = side;
        }
    }

    /// What the commands of the views do; false when it is none of them.
    pub fn run_on_views(&mut self, command: Command, ctx: &Context) -> bool {
        match command {
            Command::Look(view) => {
                self.view.compare.view = view;
                self.compare_views.blink = Blink::default();
            }
            Command::SwapSides => self.view.compare.sides.swap(0, 1),
            Command::OtherSide => self.show_other_side(ctx),
            Command::LessOfView => self.step_view(-1.0),
            Command::MoreOfView => self.step_view(1.0),
            _ => return false,
        }
        true
    }

    /// The figure of the view, by `steps` of a key or notches of the wheel.
    fn step_view(&mut self, steps: f32) {
        /// A step of the divider, as a share of the canvas, and of the period, s.
        const DIVIDER: f32 = 0.02;
        const PERIOD: f32 = 0.1;
        let look = &mut self.view.compare;
        match look.view {
            CompareView::Difference => {
                let step = if steps > 0.0 { 1 } else { -1 };
                look.tolerance_px = look.tolerance_px.saturating_add_signed(step).min(MAX_TOLERANCE_PX);
            }
            CompareView::Wipe => look.divider = (look.divider + steps * DIVIDER).clamp(0.0, 1.0),
            CompareView::Blink => {
                let next = look.blink_s + steps.signum() * PERIOD;
                look.blink_s = ((next * 10.0).round() / 10.0).clamp(*BLINK_PERIOD_S.start(), *BLINK_PERIOD_S.end());
            }
            _ => {}
        }
    }

    /// The wheel with Shift: the divider follows it, figures go by whole notches.
    fn turn_wheel_over_view(&mut self, notches: f32) {
        if self.view.compare.view == CompareView::Wipe {
            self.step_view(notches);
            return;
        }
        let turned = &mut self.compare_views.turned;
        *turned += notches;
        let whole = turned.trunc();
        *turned -= whole;
        for _ in 0..whole.abs() as u32 {
            self.step_view(whole.signum());
        }
    }

    /// What the pointer does on a compared image. After the canvas took its own gestures.
    pub fn compare_gestures(&mut self, frame: &CanvasFrame, ui: &Ui) {
        for wheel in frame.wheel.iter().filter(|w| w.modifiers.shift) {
            self.turn_wheel_over_view(wheel.notches);
        }
        if self.view.compare.view == CompareView::Wipe {
            self.wipe_gestures(frame, ui);
        }
    }

    /// What the sides say about a pixel, for the status line.
    pub fn compare_words(&mut self, image: usize, (x, y): (u32, u32)) -> Vec<String> {
        let mut words = Vec::new();
        for side in self.sides() {
            // The label's class is named already.
            if side != Side::Label
                && let Some(said) = self.side_map(side, image)
            {
                let id = said.map.get(x, y);
                let name = if id == 0 { "no defect".to_owned() } else { self.session.project().class_name(id) };
                words.push(format!("{}: {name}", side.label().to_lowercase()));
            }
        }
        words.extend(self.heat_words((x, y)));
        words
    }

    /// The hint of the status line.
    pub fn compare_hint(&self) -> String {
        let look = &self.view.compare;
        let [first, second] = look.sides.map(|s| s.label().to_lowercase());
        let turn = keys::hint(Command::OtherSide, "the other side");
        let words = match look.view {
            CompareView::Difference if look.sides == [Side::Label, Side::Model] => {
                "pink = missed, blue = extra, pale = agreed, faint = within the tolerance".to_owned()
            }
            CompareView::Difference => format!("pink = only {first}, blue = only {second}, pale = both"),
            CompareView::Wipe => "drag = move the divider, Shift+wheel too".to_owned(),
            CompareView::Blink => {
                [turn, Some("Shift+wheel = faster or slower".to_owned())].into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
            CompareView::Label | CompareView::Model | CompareView::Candidate => turn.unwrap_or_default(),
            CompareView::SideBySide => "both canvases move together".to_owned(),
            CompareView::Heat => "pale = sure of a defect, clear = sure of none".to_owned(),
        };
        [
            keys::hint(Command::NextFinding, "next of the list"),
            keys::hint(Command::NextDisagreement, "next disagreement"),
            Some(words),
        ]
        .into_iter()
        .flatten()
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
    }
}
