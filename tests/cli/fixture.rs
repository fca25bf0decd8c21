//! A small project made with the command line, a model with a closed-form answer, and how the binary is run.

#[expect(dead_code, reason = "the writer knows more operators than this model needs")]
#[path = "../predict_handmade/onnx.rs"]
mod onnx;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use delimit::judge::{Bounds, Cell, Disposition, Limit, Ruleset};
use delimit::measure::Feature;
use delimit::predict::{Activation, CardInput, CardOutput, Colour, InputSize, Layout, ModelCard, ModelKind, Resize};
use delimit::project::{LabelState, ModelUse, Project, Sidecar};
use delimit::raster::{LabelMap, Plane};
use onnx::{FLOAT, Model, Weights, convolution};

pub const WIDTH: u32 = 64;
pub const HEIGHT: u32 = 48;

/// What a run gave.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the binary without a display and without a library of ONNX Runtime that happens to be there.
pub fn delimit<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    let Output { status, stdout, stderr } = command().args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_delimit"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "ORT_DYLIB_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "HOME"] {
        command.env_remove(name);
    }
    command
}

impl Run {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    /// One line on the error output, and this is in it.
    #[track_caller]
    pub fn assert_refused(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{} {}", self.out, self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {}", self.err);
        }
    }
}

/// Boxes of one gray value on middle gray: x0, y0, x1, y1, value.
pub type Box_ = (u32, u32, u32, u32, u8);

/// The parts: name, boxes, truth, verdict by the rules of [`rules`].
///
/// `dark` is accepted below 10 px and rejected from 50 px; no rule speaks of `bright`.
pub const PARTS: [(&str, &[Box_], Disposition, &str); 5] = [
    ("a_clean", &[], Disposition::Ok, "ok"),
    ("b_small", &[(5, 5, 8, 8, 10)], Disposition::Ok, "ok"),
    ("c_middle", &[(5, 5, 9, 9, 10), (30, 30, 32, 32, 10)], Disposition::Ng, "review"),
    ("d_large", &[(10, 10, 20, 15, 10)], Disposition::Ng, "ng"),
    ("e_bright", &[(40, 20, 43, 23, 250)], Disposition::Unknown, "review"),
];

pub struct Fixture {
    pub folder: tempfile::TempDir,
}

impl Fixture {
    /// Photos only: `photos/*.png`.
    pub fn photos() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("photos")).unwrap();
        for (name, boxes, _, _) in PARTS {
            let photo = picture(128, boxes, |v| v);
            let path = folder.path().join(format!("photos/{name}.png"));
            image::save_buffer(path, photo.as_slice(), WIDTH, HEIGHT, image::ExtendedColorType::L8).unwrap();
        }
        Self { folder }
    }

    /// A project of the photos, without labels.
    pub fn unlabelled() -> Self {
        let fixture = Self::photos();
        let (project, photos) = (fixture.project(), fixture.path("photos"));
        let args = ["new", "--class", "dark", "--class", "bright", "--part-number", "PN"].map(std::ffi::OsString::from);
        let run = delimit(args.into_iter().chain([project.into(), photos.into()]));
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        fixture
    }

    /// With labels, truth, rules and model.
    pub fn complete() -> Self {
        let fixture = Self::unlabelled();
        let root = fixture.project();
        let mut project = Project::load(&root).unwrap();
        for (image, (_, boxes, truth, _)) in PARTS.iter().enumerate() {
            let label = LabelMap::from_plane(&picture(0, boxes, |v| if v < 64 { 1 } else { 2 }));
            project.write_label(image, &label).unwrap();
            let sidecar = Sidecar { state: LabelState::Done, disposition: *truth, ..Sidecar::default() };
            project.write_sidecar(image, &sidecar).unwrap();
        }
        write(&project.ruleset_path(0), rules().to_ron().unwrap().as_bytes());
        write(&root.join("models/gray.onnx"), &model().to_bytes());
        write(&root.join("models/gray.ron"), card().to_ron().unwrap().as_bytes());
        project.part_numbers[0].models = vec![ModelUse::new("models/gray.onnx")];
        project.save().unwrap();
        fixture
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn project(&self) -> PathBuf {
        self.path("project")
    }

    /// Runs a subcommand on the project.
    pub fn run(&self, command: &str, args: &[&str]) -> Run {
        let project = self.project();
        let args = args.iter().map(|&a| a.into());
        delimit([command.into(), project.into_os_string()].into_iter().chain(args))
    }

    /// Writes the bundle and returns its path.
    pub fn bundle(&self) -> String {
        let path = self.path("pn.delimit").display().to_string();
        let run = self.run("bundle", &[&path]);
        assert_eq!(run.code, 0, "{}", run.err);
        path
    }
}

pub fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn picture(ground: u8, boxes: &[Box_], value: impl Fn(u8) -> u8) -> Plane<u8> {
    Plane::from_fn(WIDTH, HEIGHT, |x, y| {
        let inside = |b: &&Box_| (b.0..b.2).contains(&x) && (b.1..b.3).contains(&y);
        boxes.iter().find(inside).map_or(ground, |b| value(b.4))
    })
}

pub fn rules() -> Ruleset {
    Ruleset {
        name: "dark only".into(),
        cells: vec![Cell {
            class: "dark".into(),
            limits: vec![Limit::of(Feature::AreaPx, Bounds::new(Some(10.0), Some(50.0)))],
            ..Cell::default()
        }],
        ..Ruleset::default()
    }
}

/// Scores per pixel of gray g (0–1): background 0, dark 100·(0.25 − g), bright 100·(g − 0.75). So it says exactly what was drawn.
fn model() -> Model {
    linear(vec![0.0, -100.0, 100.0], vec![0.0, 25.0, -75.0])
}

/// `weight · g + bias` of gray g (0–1) for each channel.
pub fn linear(gains: Vec<f32>, bias: Vec<f32>) -> Model {
    let channels = gains.len() as i64;
    Model {
        nodes: vec![convolution("map", 1)],
        weights: vec![
            Weights { name: "weights", dims: vec![channels, 1, 1, 1], values: gains },
            Weights { name: "bias", dims: vec![channels], values: bias },
        ],
        input: vec![1, 1, 0, 0],
        output: Some(vec![1, channels, 0, 0]),
        output_type: FLOAT,
    }
}

pub fn card() -> ModelCard {
    ModelCard {
        format: 1,
        name: "gray".into(),
        kind: ModelKind::Segmentation,
        input: CardInput {
            channels: 1,
            layout: Layout::Nchw,
            size: InputSize::Dynamic { multiple_of: 8 },
            scale: 1.0 / 255.0,
            mean: vec![0.0],
            std: vec![1.0],
            colour: Colour::Gray,
            resize: Resize::Smooth,
            ..CardInput::default()
        },
        output: CardOutput {
            activation: Activation::Logits,
            classes: ["background", "dark", "bright"].map(String::from).into(),
            threshold: None,
            ..CardOutput::default()
        },
        note: String::new(),
    }
}
