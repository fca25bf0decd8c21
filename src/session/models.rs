//! What belongs to a part number beside zones and rules: its models and their cards, and what its verdicts cost.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::SessionError;
use super::open::Session;
use crate::files::write_atomic;
use crate::judge::cost::CostSettings;
use crate::predict::ModelCard;
use crate::project::{ModelUse, PartNumber};

impl Session {
    /// Changes the list of models of a part number.
    pub fn change_models(&mut self, part_number: usize, change: impl FnOnce(&mut Vec<ModelUse>)) -> Result<(), SessionError> {
        self.change_project(|project| {
            if let Some(PartNumber { models, .. }) = project.part_numbers.get_mut(part_number) {
                change(models);
            }
            Ok(())
        })
    }

    /// Says what verdicts on a part number cost.
    pub fn change_cost(&mut self, part_number: usize, cost: Option<CostSettings>) -> Result<(), SessionError> {
        self.change_project(|project| {
            if let Some(number) = project.part_numbers.get_mut(part_number) {
                number.cost = cost;
            }
            Ok(())
        })
    }

    /// Where a model file that is brought into the project lies: as it is when it is in the project's folder already, in `models/`
    /// otherwise, under another name when there is another file of that name. Relative to the project, with `/`.
    #[must_use]
    pub fn place_for_model(&self, file: &Path) -> String {
        let root = self.project().root();
        let canonical = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
        if let Ok(inside) = canonical(file).strip_prefix(canonical(root)) {
            return inside.to_string_lossy().replace('\\', "/");
        }
        let stem = file.file_stem().map_or_else(|| "model".to_owned(), |s| s.to_string_lossy().into_owned());
        let same = |other: &Path| fs::metadata(other).ok().map(|m| m.len()) == fs::metadata(file).ok().map(|m| m.len());
        let free = (1..).map(|n| if n == 1 { format!("models/{stem}.onnx") } else { format!("models/{stem}-{n}.onnx") });
        // Numbers do not end.
        free.into_iter().find(|name| !root.join(name).exists() || same(&root.join(name))).unwrap_or_default()
    }

    /// Writes the card of a model file, which lies beside it; returns where.
    pub fn write_card(&mut self, model: &Path, card: &ModelCard) -> Result<PathBuf, SessionError> {
        self.check_writable()?;
        let path = ModelCard::path_beside(model);
        let text = card.check().and_then(|()| card.to_ron()).map_err(SessionError::Card)?;
        write_atomic(&path, text.as_bytes()).map_err(|source| SessionError::WriteCard { path: path.clone(), source })?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::CardOutput;
    use crate::project::{ModelRole, Project};

    #[test]
    fn models_from_elsewhere_get_a_place_and_cards_are_written_only_when_they_make_sense() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut project = Project::new(folder.path(), "x");
        project.part_numbers.push(PartNumber::new("PN"));
        project.save().unwrap();
        let mut session = Session::open(folder.path()).unwrap();
        let foreign = elsewhere.path().join("net.onnx");
        fs::write(&foreign, b"12345").unwrap();
        assert_eq!(session.place_for_model(&foreign), "models/net.onnx");
        fs::create_dir(folder.path().join("models")).unwrap();
        fs::write(folder.path().join("models/net.onnx"), b"something else").unwrap();
        assert_eq!(session.place_for_model(&foreign), "models/net-2.onnx", "nothing is written over");
        assert_eq!(session.place_for_model(&folder.path().join("models/net.onnx")), "models/net.onnx");
        session.change_models(0, |models| models.push(ModelUse::new("models/net.onnx"))).unwrap();
        session.change_models(0, |models| models[0].role = ModelRole::Candidate).unwrap();
        assert_eq!(session.project().part_numbers[0].running_models().count(), 0);
        let model = folder.path().join("models/net.onnx");
        let card = ModelCard {
            format: 2,
            name: "net".into(),
            kind: crate::predict::ModelKind::Segmentation,
            input: crate::predict::CardInput::default(),
            output: CardOutput {
                activation: crate::predict::Activation::Softmax,
                classes: vec!["background".into(), "pit".into()],
                ..CardOutput::default()
            },
            note: String::new(),
        };
        let bad = ModelCard { output: CardOutput { classes: Vec::new(), ..card.output.clone() }, ..card.clone() };
        assert!(session.write_card(&model, &bad).unwrap_err().to_string().contains("classes"));
        let written = session.write_card(&model, &card).unwrap();
        assert_eq!(ModelCard::load(&written).unwrap(), card);
    }
}
