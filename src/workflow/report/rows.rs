//! The figures row by row, as CSV.

use super::sources::JudgedSource;
use crate::judge::judge_row;
use crate::measure::Feature;
use crate::project::Project;

/// One row a part and source: serial, truth, verdict, number of reasons, the worst one as a sentence and its rule.
///
/// # Errors
/// None that a text in memory can have.
pub fn verdicts_csv(project: &Project, judged: &[JudgedSource]) -> Result<String, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["part_number", "on", "part", "truth", "verdict", "reasons", "reason", "rule"])?;
    for one in judged {
        let e = &one.evaluation;
        let name = &project.part_numbers[e.part_number()].name;
        for (i, &part) in e.parts().iter().enumerate() {
            let reasons = e.explain(part).map_or_else(Vec::new, |v| v.reasons);
            let (sentence, rule) = reasons.first().map(|r| (r.sentence(), r.rule.clone())).unwrap_or_default();
            let (serial, count) = (&project.parts()[part].serial, reasons.len().to_string());
            let words = (e.truth()[i].label(), e.verdicts()[i].word());
            csv.write_record([name, one.source.word(), serial, words.0, words.1, &count, &sentence, &rule])?;
        }
    }
    text_of(csv)
}

/// One row a region and zone that it is judged in: where it is, its verdict by itself, the truth of its part, and all features that were
/// measured. Empty = unmeasured. What the ruleset leaves out has no row; what it judges as another class stands under that class.
///
/// # Errors
/// None that a text in memory can have.
pub fn regions_csv(project: &Project, judged: &[JudgedSource]) -> Result<String, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let fixed = ["part_number", "on", "part", "truth", "image", "region", "class", "zone", "verdict"];
    csv.write_record(fixed.into_iter().chain(Feature::ALL.map(Feature::name)))?;
    for one in judged {
        let e = &one.evaluation;
        let (table, rules) = (e.table(), e.board().rules());
        let name = &project.part_numbers[e.part_number()].name;
        for (i, &part) in e.parts().iter().enumerate() {
            for row in table.rows_of_part(i) {
                let value =
                    |f: Feature| Some(table.value(row, f)).filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string());
                let place = [
                    name.clone(),
                    one.source.word().to_owned(),
                    project.parts()[part].serial.clone(),
                    e.truth()[i].label().to_owned(),
                    project.images()[table.image()[row] as usize].id.clone(),
                    (table.region()[row] + 1).to_string(),
                    rules.class_name(table.class()[row]),
                    rules.zone_name(table.zone()[row]),
                    judge_row(table, row, rules).word().to_owned(),
                ];
                csv.write_record(place.into_iter().chain(Feature::ALL.map(value)))?;
            }
        }
    }
    text_of(csv)
}

fn text_of(csv: csv::Writer<Vec<u8>>) -> Result<String, csv::Error> {
    let bytes = csv.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
