//! `delimit import`: labels of other tools into a project.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use delimit::exchange::labels::{self, ClassTarget, Format, ImportOptions, ImportPlan, Losses, Overlap};
use delimit::raster::LabelMap;
use delimit::session::{Session, SurfaceId};
use delimit::workflow::label_exchange::{label_changes, render_image};
use serde_json::json;

use super::exit::Exit;
use super::input::{open_for_reading, open_for_writing, part_number};
use super::output::{Table, count_text, error_line, tell, write_json};
use super::progress::Progress;

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Folder of the project. Its images must be in it already.
    project: PathBuf,
    /// The file or folder that the other tool wrote.
    from: PathBuf,
    /// The format of it.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatName,
    /// Say what would be done and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// A class of the file and what the project calls it; with nothing after the = its objects are left out. Give it once per class.
    #[arg(long = "class", value_name = "OLD=NEW", value_parser = renaming)]
    classes: Vec<(String, String)>,
    /// Add the classes that the project does not know.
    #[arg(long)]
    add_classes: bool,
    /// Which object wins where two lie on each other.
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    overlap: OverlapName,
    /// Replace labels that are there; each can be undone in the studio.
    #[arg(long)]
    replace: bool,
    /// Only images of this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// One JSON document instead of the table.
    #[arg(long)]
    json: bool,
}

/// A format to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// By what lies there.
    #[default]
    Auto,
    /// COCO instances (JSON).
    Coco,
    /// labelme (JSON).
    Labelme,
    /// CVAT for images 1.1 (XML).
    Cvat,
    /// YOLO segmentation (text).
    Yolo,
    /// Pascal VOC `SegmentationClass`.
    Voc,
    /// Indexed or gray PNG.
    Png,
}

impl FormatName {
    const fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Coco => Some(Format::Coco),
            Self::Labelme => Some(Format::Labelme),
            Self::Cvat => Some(Format::Cvat),
            Self::Yolo => Some(Format::Yolo),
            Self::Voc => Some(Format::Voc),
            Self::Png => Some(Format::Png),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum OverlapName {
    /// By the order in the file, `z_order` first.
    #[default]
    Order,
    /// The smaller one lies on top.
    Small,
}

fn renaming(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or_else(|| format!("{text:?}: write OLD=NEW"))?;
    if old.trim().is_empty() {
        Err("there is no class before the =".to_owned())
    } else {
        Ok((old.trim().to_owned(), new.trim().to_owned()))
    }
}

/// What became of one image.
struct Done {
    image: String,
    source: String,
    by: &'static str,
    outcome: Outcome,
}

enum Outcome {
    /// Objects, labelled pixels, pixels of overlap; whether the label changed or would.
    Taken {
        objects: usize,
        label_px: u64,
        overlap_px: u64,
        is_changed: bool,
    },
    /// There is a label already.
    Kept,
    Refused(String),
}

pub fn run(args: &ImportArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut session = if args.dry_run { open_for_reading(&args.project)? } else { open_for_writing(&args.project)? };
    let set = labels::read(&args.from, args.format.format())?;
    let part_number = args.part_number.as_deref().map(|n| part_number(session.project(), Some(n))).transpose()?;
    let overlap = if args.overlap == OverlapName::Small { Overlap::SmallOnTop } else { Overlap::Order };
    let options = ImportOptions { rename: args.classes.clone(), are_unknown_added: args.add_classes, overlap, part_number };
    let plan = ImportPlan::new(set, session.project(), &options)?;
    let unknown: Vec<&str> = plan.unknown_classes().collect();
    if !unknown.is_empty() && !args.dry_run {
        anyhow::bail!(
            "the project does not know {} of {}: {}; add them with --add-classes, name them with --class OLD=NEW, or leave them out with --class OLD=",
            count_text(unknown.len(), "class", "classes"),
            args.from.display(),
            unknown.join(", ")
        );
    }
    let mut losses = plan.set.losses.clone();
    let done = carry_out(args, &mut session, &plan, &mut losses)?;
    if args.json {
        write_json(out, &document(args, &plan, &done, &losses))?;
    } else {
        write_tables(args, &plan, &done, &losses, out)?;
    }
    let is_incomplete = !plan.unmatched.is_empty() || done.iter().any(|d| matches!(d.outcome, Outcome::Refused(_)));
    let is_open = !unknown.is_empty() || done.iter().any(|d| matches!(d.outcome, Outcome::Kept));
    if plan.images.is_empty() {
        tell(&format!("no image of the project is named in {}", args.from.display()));
    }
    Ok(match (is_incomplete, is_open) {
        (true, _) => Exit::Incomplete,
        (_, true) => Exit::Review,
        _ => Exit::Fine,
    })
}

fn carry_out(args: &ImportArgs, session: &mut Session, plan: &ImportPlan, losses: &mut Losses) -> anyhow::Result<Vec<Done>> {
    if !args.dry_run {
        let new = plan.new_classes();
        if !new.is_empty() {
            session.change_project(|project| {
                project.classes.extend(new);
                project.check_content()
            })?;
        }
    }
    let mut done = Vec::with_capacity(plan.images.len());
    let bar = Progress::new("labels", plan.images.len());
    for image in &plan.images {
        let entry = &session.project().images()[image.image];
        let (id, source) = (entry.id.clone(), plan.set.images[image.source].name.clone());
        let outcome = if image.has_label && !args.replace {
            Outcome::Kept
        } else {
            match render_image(plan, image, session.project()) {
                Err(problem) => Outcome::Refused(error_line(&problem)),
                Ok(rendered) => {
                    let is_changed =
                        if args.dry_run { !rendered.label.is_blank() } else { put_label(session, image.image, &rendered.label)? };
                    for (what, n) in &rendered.losses.0 {
                        losses.add_many(what, *n);
                    }
                    Outcome::Taken {
                        objects: rendered.objects,
                        label_px: rendered.label.histogram()[1..].iter().sum(),
                        overlap_px: rendered.overlap_px,
                        is_changed,
                    }
                }
            }
        };
        if let Outcome::Refused(why) = &outcome {
            tell(&format!("not imported: {why}"));
        }
        done.push(Done { image: id, source, by: image.by.name(), outcome });
        bar.step();
    }
    if !args.dry_run
        && let Some(problem) = session.save()?.into_iter().next()
    {
        return Err(problem.into());
    }
    Ok(done)
}

/// One step of undo. True when a pixel changed.
fn put_label(session: &mut Session, image: usize, label: &LabelMap) -> anyhow::Result<bool> {
    let id = SurfaceId::Label(image);
    let areas = label_changes(session.load_surface(id)?.map(), label);
    Ok(session.paint_areas(id, &areas)?)
}

/// `→ dent`, `→ dent (new)`, `left out`, …
fn target_text(plan: &ImportPlan, target: &ClassTarget) -> String {
    match target {
        ClassTarget::Class(id) => format!("class {id}"),
        ClassTarget::New { id, name } => format!("new class {id} {name}"),
        ClassTarget::Ignore => "don't care".to_owned(),
        ClassTarget::Background => "background".to_owned(),
        ClassTarget::Dropped => "left out".to_owned(),
        ClassTarget::Unknown if plan.unknown_classes().next().is_some() => "unknown: --add-classes or --class".to_owned(),
        ClassTarget::Unknown => "does not occur".to_owned(),
    }
}

fn write_tables(args: &ImportArgs, plan: &ImportPlan, done: &[Done], losses: &Losses, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut classes = Table::new(&["class of the file", "becomes", "objects"], &[2]);
    for class in &plan.classes {
        classes.row(vec![class.name.clone(), target_text(plan, &class.target), class.objects.to_string()]);
    }
    classes.write(out)?;
    writeln!(out)?;
    let mut images = Table::new(&["image", "from", "by", "objects", "px", "overlap px", ""], &[3, 4, 5]);
    for d in done {
        let (figures, note) = match &d.outcome {
            Outcome::Taken { objects, label_px, overlap_px, .. } => {
                ([*objects as u64, *label_px, *overlap_px].map(|n| n.to_string()), "")
            }
            Outcome::Kept => (["–"; 3].map(str::to_owned), "has a label: kept, or --replace"),
            Outcome::Refused(_) => (["–"; 3].map(str::to_owned), "not imported"),
        };
        let [objects, px, overlap] = figures;
        images.row(vec![d.image.clone(), d.source.clone(), d.by.to_owned(), objects, px, overlap, note.to_owned()]);
    }
    images.write(out)?;
    for (name, why) in &plan.unmatched {
        writeln!(out, "not matched: {name}: {why}")?;
    }
    for line in losses.lines() {
        writeln!(out, "not kept: {line}")?;
    }
    let taken = done.iter().filter(|d| matches!(d.outcome, Outcome::Taken { .. })).count();
    let changed = done.iter().filter(|d| matches!(d.outcome, Outcome::Taken { is_changed: true, .. })).count();
    let what = if args.dry_run { "would be imported" } else { "imported" };
    let number = count_text(taken, "image", "images");
    writeln!(
        out,
        "{number} {what} from {}, {changed} with pixels that change, {} not matched",
        plan.set.format.name(),
        plan.unmatched.len()
    )?;
    Ok(())
}

fn document(args: &ImportArgs, plan: &ImportPlan, done: &[Done], losses: &Losses) -> serde_json::Value {
    let classes = plan.classes.iter().map(|c| {
        let (kind, id) = match &c.target {
            ClassTarget::Class(id) => ("class", Some(*id)),
            ClassTarget::New { id, .. } => ("new", Some(*id)),
            ClassTarget::Ignore => ("ignore", None),
            ClassTarget::Background => ("background", None),
            ClassTarget::Dropped => ("dropped", None),
            ClassTarget::Unknown => ("unknown", None),
        };
        json!({ "name": c.name, "becomes": kind, "id": id, "objects": c.objects })
    });
    let images = done.iter().map(|d| {
        let mut entry = json!({ "image": d.image, "from": d.source, "matched_by": d.by });
        match &d.outcome {
            Outcome::Taken { objects, label_px, overlap_px, is_changed } => {
                entry["outcome"] = "taken".into();
                entry["objects"] = (*objects).into();
                entry["label_px"] = (*label_px).into();
                entry["overlap_px"] = (*overlap_px).into();
                entry["changed"] = (*is_changed).into();
            }
            Outcome::Kept => entry["outcome"] = "kept".into(),
            Outcome::Refused(why) => {
                entry["outcome"] = "refused".into();
                entry["why"] = why.as_str().into();
            }
        }
        entry
    });
    json!({
        "format": plan.set.format.name(),
        "dry_run": args.dry_run,
        "classes": classes.collect::<Vec<_>>(),
        "images": images.collect::<Vec<_>>(),
        "unmatched": plan.unmatched.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect::<Vec<_>>(),
        "not_kept": losses.0,
    })
}
