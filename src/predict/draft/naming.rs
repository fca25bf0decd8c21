//! The channels of a drafted card in the words of a project.

use crate::predict::ModelCard;

/// Gives channels the names that the project has for them, where the file's names differ only in case or have something before them
/// (`MT_Crack` is crack). A person sees the result and may say otherwise.
pub fn name_channels(card: &mut ModelCard, classes: &[&str]) {
    let class_of = |name: &String| {
        let name = name.to_lowercase();
        let is_it = |known: &str| {
            let rest = name.strip_suffix(&known.to_lowercase());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '-', ' ', '.', '/']))
        };
        let mut fitting = classes.iter().copied().filter(|known| is_it(known));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    let chosen: Vec<Option<&str>> = card.output.classes.iter().map(class_of).collect();
    for (name, class) in card.output.classes.iter_mut().zip(&chosen) {
        if let Some(class) = class
            && chosen.iter().flatten().filter(|other| other == &class).count() == 1
        {
            (*class).clone_into(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::{CardInput, CardOutput, ModelKind};

    #[test]
    fn channels_get_the_names_of_the_project_where_there_is_no_doubt() {
        let classes = ["background", "MT_Crack", "Pit", "scrap", "edge scratch", "deep scratch"].map(str::to_owned).to_vec();
        let output = CardOutput { classes, ..CardOutput::default() };
        let mut card = ModelCard {
            format: 2,
            name: String::new(),
            kind: ModelKind::default(),
            input: CardInput::default(),
            output,
            note: String::new(),
        };
        let known = ["crack", "pit", "rap", "scratch"];
        name_channels(&mut card, &known);
        // "scrap" is no "rap", and which of the two is the scratch of the project a person has to say.
        assert_eq!(card.output.classes, ["background", "crack", "pit", "scrap", "edge scratch", "deep scratch"]);
    }
}
