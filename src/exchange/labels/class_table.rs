//! Tables of classes that lie beside images: names by position or number, in the small files that other tools write.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::error::ExchangeError;
use super::files;

/// One name per line; the first is number 0.
#[must_use]
pub fn names_of_lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

/// The `names` of a YOLO `data.yaml`: a list in brackets, a list of dashes, or numbers with names. The rest of the file is not read.
pub fn names_of_yaml(text: &str) -> Result<Vec<String>, String> {
    let mut lines = text.lines().map(|l| without_comment(l).trim_end());
    let Some(first) = lines.find_map(|l| l.strip_prefix("names:")) else {
        return Err("there is no list of class names".to_owned());
    };
    let first = first.trim();
    if let Some(inside) = first.strip_prefix('[') {
        let mut all = inside.to_owned();
        while !all.contains(']') {
            all.push_str(lines.next().ok_or("the list has no end")?);
        }
        let all = all.split(']').next().unwrap_or_default();
        return Ok(all.split(',').map(unquoted).filter(|n| !n.is_empty()).collect());
    }
    let mut numbered: BTreeMap<usize, String> = BTreeMap::new();
    if let Some(inside) = first.strip_prefix('{') {
        for entry in inside.trim_end_matches('}').split(',').filter(|e| !e.trim().is_empty()) {
            let (number, name) = entry.split_once(':').ok_or_else(|| format!("{entry:?} is no number with a name"))?;
            numbered.insert(number_of(number)?, unquoted(name));
        }
        return in_order(numbered);
    }
    for line in lines {
        let entry = line.trim();
        if entry.is_empty() {
            continue;
        }
        if let Some(name) = entry.strip_prefix('-') {
            numbered.insert(numbered.len(), unquoted(name));
        } else if line.starts_with([' ', '\t']) {
            let (number, name) = entry.split_once(':').ok_or_else(|| format!("{entry:?} is no number with a name"))?;
            numbered.insert(number_of(number)?, unquoted(name));
        } else {
            break;
        }
    }
    in_order(numbered)
}

fn number_of(text: &str) -> Result<usize, String> {
    let text = unquoted(text);
    text.parse().map_err(|_| format!("{text:?} is no class number"))
}

fn in_order(numbered: BTreeMap<usize, String>) -> Result<Vec<String>, String> {
    if numbered.keys().enumerate().any(|(i, n)| i != *n) {
        return Err("the class numbers do not run from 0 without a gap".to_owned());
    }
    Ok(numbered.into_values().collect())
}

fn without_comment(line: &str) -> &str {
    if line.contains(['"', '\'']) { line } else { line.split(" #").next().unwrap_or(line) }
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    if let Ok(name) = serde_json::from_str::<String>(text) {
        return name;
    }
    text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).map_or_else(|| text.to_owned(), |t| t.replace("''", "'"))
}

/// Colours of pixel values, for maps that are stored as pictures.
pub type Colours = BTreeMap<[u8; 3], u8>;

/// The colours of Pascal VOC: the bits of a value, three by three, from the highest bit of red, green and blue downwards.
#[must_use]
pub fn voc_colours() -> Colours {
    let colour = |value: u8| {
        let bit = |at: u8, channel: u8| (value >> (3 * at + channel) & 1) << (7 - at);
        [0, 1, 2].map(|channel| (0..3).filter(|at| 3 * at + channel < 8).fold(0, |c, at| c | bit(at, channel)))
    };
    (0..=255).map(|value| (colour(value), value)).collect()
}

/// The colours that a table in `folder` gives its values; None when no table names any.
pub fn colours_of_folder(folder: &Path) -> Result<Option<Colours>, ExchangeError> {
    let readers: [(&str, ColourReader); 4] = [
        ("classes.csv", csv_colours),
        ("labelmap.csv", csv_colours),
        ("labelmap.txt", labelmap_colours),
        ("dataset_meta.json", meta_colours),
    ];
    for (name, read) in readers {
        let path = folder.join(name);
        if path.is_file() {
            let colours = read(&files::read_text(&path)?).map_err(|m| ExchangeError::content(&path, "the colours", m))?;
            return Ok(Some(colours).filter(|c| !c.is_empty()));
        }
    }
    Ok(None)
}

/// Makes colours of a text.
type ColourReader = fn(&str) -> Result<Colours, String>;

/// Colours by value. One that stands there for two values is left out: it does not tell which is meant (classes may share a colour on the
/// screen, and only RGB pictures are read by it).
fn unique_colours(all: impl IntoIterator<Item = Result<([u8; 3], u8), String>>) -> Result<Colours, String> {
    let mut values: BTreeMap<[u8; 3], Vec<u8>> = BTreeMap::new();
    for entry in all {
        let (colour, value) = entry?;
        values.entry(colour).or_default().push(value);
    }
    Ok(values.into_iter().filter(|(_, values)| values.len() == 1).map(|(colour, values)| (colour, values[0])).collect())
}

fn byte(text: &str) -> Result<u8, String> {
    text.trim().parse().map_err(|_| format!("{text:?} is no part of a colour (0 to 255)"))
}

fn csv_colours(text: &str) -> Result<Colours, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let column = |name: &str| header.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let (Some(r), Some(g), Some(b)) = (column("r"), column("g"), column("b")) else { return Ok(Colours::new()) };
    let id_at = column("id").or_else(|| column("value"));
    unique_colours(reader.records().enumerate().map(|(i, record)| {
        let record = record.map_err(|e| e.to_string())?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let id = id_at.map_or(Ok(i), |at| number_of(cell(at)))?;
        Ok(([byte(cell(r))?, byte(cell(g))?, byte(cell(b))?], value(id)?))
    }))
}

fn labelmap_colours(text: &str) -> Result<Colours, String> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let colours = lines.enumerate().filter_map(|(i, line)| {
        let numbers: Vec<&str> = line.split(':').nth(1)?.split(',').collect();
        let [r, g, b] = numbers[..] else { return None };
        Some((|| Ok(([byte(r)?, byte(g)?, byte(b)?], value(i)?)))())
    });
    unique_colours(colours)
}

fn meta_colours(text: &str) -> Result<Colours, String> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(default)]
        segmentation_colors: Vec<[u8; 3]>,
    }
    let meta: Meta = serde_json::from_str(text).map_err(|e| e.to_string())?;
    unique_colours(meta.segmentation_colors.into_iter().enumerate().map(|(i, colour)| Ok((colour, value(i)?))))
}

/// Makes a table of a text.
type TableReader = fn(&str) -> Result<BTreeMap<u8, String>, String>;

/// Names of pixel values, from whichever table lies in `folder`; None when there is none.
pub fn values_of_folder(folder: &Path) -> Result<Option<BTreeMap<u8, String>>, ExchangeError> {
    let readers: [(&str, TableReader); 8] = [
        ("classes.csv", csv_table),
        ("labelmap.csv", csv_table),
        ("labelmap.txt", labelmap_text),
        ("dataset_meta.json", dataset_meta),
        ("mask_grayscale_map.json", gray_map),
        ("class_names.txt", line_table),
        ("label_names.txt", line_table),
        ("classes.txt", line_table),
    ];
    for (name, read) in readers {
        let path = folder.join(name);
        if path.is_file() {
            let table = read(&files::read_text(&path)?).map_err(|m| ExchangeError::content(&path, "the class table", m))?;
            return Ok(Some(table));
        }
    }
    Ok(None)
}

fn value(n: usize) -> Result<u8, String> {
    u8::try_from(n).map_err(|_| format!("value {n} is more than the 255 that a pixel can have"))
}

fn line_table(text: &str) -> Result<BTreeMap<u8, String>, String> {
    names_of_lines(text).into_iter().enumerate().map(|(i, name)| Ok((value(i)?, name))).collect()
}

/// With a column `id`, or in the order of the lines from 0; `name` names them.
fn csv_table(text: &str) -> Result<BTreeMap<u8, String>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let column = |name: &str| header.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let name_at = column("name").ok_or("it has no column \"name\"")?;
    let id_at = column("id").or_else(|| column("value"));
    let mut table = BTreeMap::new();
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| e.to_string())?;
        let id = match id_at.and_then(|at| record.get(at)) {
            Some(text) => number_of(text)?,
            None => i,
        };
        let name = record.get(name_at).unwrap_or_default().trim().to_owned();
        if table.insert(value(id)?, name).is_some() {
            return Err(format!("value {id} stands there twice"));
        }
    }
    Ok(table)
}

/// CVAT's and Datumaro's `name:r,g,b:parts:actions`, by the order of the lines.
fn labelmap_text(text: &str) -> Result<BTreeMap<u8, String>, String> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines.enumerate().map(|(i, line)| Ok((value(i)?, line.split(':').next().unwrap_or_default().to_owned()))).collect()
}

fn dataset_meta(text: &str) -> Result<BTreeMap<u8, String>, String> {
    #[derive(Deserialize)]
    struct Meta {
        label_map: BTreeMap<String, String>,
        #[serde(default)]
        background_label: Option<String>,
    }
    let meta: Meta = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut table: BTreeMap<u8, String> =
        meta.label_map.iter().map(|(n, name)| Ok((value(number_of(n)?)?, name.clone()))).collect::<Result<_, String>>()?;
    if let Some(n) = meta.background_label {
        table.insert(value(number_of(&n)?)?, "background".to_owned());
    }
    Ok(table)
}

fn gray_map(text: &str) -> Result<BTreeMap<u8, String>, String> {
    #[derive(Deserialize)]
    struct Map {
        colors: BTreeMap<String, usize>,
    }
    let map: Map = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut table = BTreeMap::new();
    for (name, n) in map.colors {
        if let Some(other) = table.insert(value(n)?, name.clone()) {
            return Err(format!("{name:?} and {other:?} have the same value {n}"));
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_names_in_yaml() {
        let expected = ["dent", "a b", "it's"];
        for text in [
            "nc: 3\nnames: [dent, \"a b\", 'it''s']\n",
            "names: # three\n  0: dent # x\n  1: \"a b\"\n  2: it's\ntrain: x\n",
            "names:\n- dent\n- a b\n- \"it's\"\nval: y\n",
            "names: {0: dent, 1: a b, 2: it's}",
            "names: [dent,\n  a b,\n  it's]",
        ] {
            assert_eq!(names_of_yaml(text).unwrap(), expected, "{text}");
        }
        assert!(names_of_yaml("names:\n  0: a\n  2: b\n").unwrap_err().contains("without a gap"));
        assert!(names_of_yaml("nc: 3").is_err());
        assert!(names_of_yaml("names: [a, b").is_err());
    }

    #[test]
    fn colours_by_value() {
        let voc = voc_colours();
        // As the VOC development kit lists them: aeroplane, bicycle, tv monitor, the border.
        for (value, colour) in [(1, [128, 0, 0]), (2, [0, 128, 0]), (20, [0, 64, 128]), (255, [224, 224, 192])] {
            assert_eq!(voc[&colour], value);
        }
        assert_eq!(voc.len(), 256);
        assert_eq!(labelmap_colours("background:0,0,0::\ndent:1,2,3::\n").unwrap()[&[1, 2, 3]], 1);
        assert_eq!(csv_colours("id,name,r,g,b\n7,dent,1,2,3\n").unwrap()[&[1, 2, 3]], 7);
        let shared = csv_colours("name,r,g,b\na,1,2,3\nb,1,2,3\nc,4,5,6\n").unwrap();
        assert_eq!(shared.into_iter().collect::<Vec<_>>(), [([4, 5, 6], 2)], "a shared colour tells nothing");
    }

    #[test]
    fn tables_by_value() {
        assert_eq!(csv_table("id,name,r,g,b\n7,dent,1,2,3\n").unwrap()[&7], "dent");
        assert_eq!(csv_table("name,r,g,b\nbackground,0,0,0\ncat,255,0,0\n").unwrap()[&1], "cat");
        assert!(csv_table("id,name\n300,x\n").is_err());
        assert_eq!(labelmap_text("# label:color_rgb:parts:actions\nbackground:0,0,0::\ndent:1,2,3::\n").unwrap()[&1], "dent");
        assert!(gray_map(r#"{"colors":{"a":5,"b":5}}"#).unwrap_err().contains("same value"));
    }
}
