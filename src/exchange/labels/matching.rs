//! Which image of the project a name in a file means: by path, then by file name, then by stem; never by guess.

use std::collections::HashMap;

use crate::project::ImageEntry;

/// What of the name agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchedBy {
    /// The whole path.
    Path,
    /// The file name, and more of the path where several images have that file name.
    FileName,
    /// The file name without its ending.
    Stem,
}

impl MatchedBy {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::FileName => "file name",
            Self::Stem => "stem",
        }
    }
}

/// Endings that tools add to the stem of an image to name its label.
const SUFFIXES: [&str; 5] = ["_mask", "_label", "_seg", "_gt", "_labelids"];

/// The images of a project by their names, upper and lower case alike.
pub struct ImageIndex {
    paths: Vec<String>,
    ids: Vec<String>,
    by_name: HashMap<String, Vec<usize>>,
    by_stem: HashMap<String, Vec<usize>>,
}

fn plain(text: &str) -> String {
    text.replace('\\', "/").to_lowercase()
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn without_ending(path: &str) -> &str {
    match path.rfind('.') {
        Some(at) if at > 0 && !path[at..].contains('/') => &path[..at],
        _ => path,
    }
}

impl ImageIndex {
    #[must_use]
    pub fn new(images: &[ImageEntry]) -> Self {
        let paths: Vec<String> = images.iter().map(|i| plain(&i.image)).collect();
        let ids = images.iter().map(|i| plain(&i.id)).collect();
        let (mut by_name, mut by_stem) = (HashMap::<String, Vec<usize>>::new(), HashMap::<String, Vec<usize>>::new());
        for (i, path) in paths.iter().enumerate() {
            let name = last_part(path);
            by_name.entry(name.to_owned()).or_default().push(i);
            by_stem.entry(without_ending(name).to_owned()).or_default().push(i);
        }
        Self { paths, ids, by_name, by_stem }
    }

    /// The image that `name` means, or why there is none.
    pub fn find(&self, name: &str) -> Result<(usize, MatchedBy), String> {
        let name = plain(name);
        let name = name.trim_start_matches("./");
        let exact = |i: &usize| self.paths[*i] == name || self.ids[*i] == name || without_ending(&self.paths[*i]) == name;
        let all: Vec<usize> = (0..self.paths.len()).filter(exact).collect();
        if let [only] = all[..] {
            return Ok((only, MatchedBy::Path));
        }
        let file = last_part(name);
        if let Some(candidates) = self.by_name.get(file) {
            return Ok((self.nearest(name, candidates)?, MatchedBy::FileName));
        }
        let stem = without_ending(file);
        let trimmed = SUFFIXES.iter().find_map(|s| stem.strip_suffix(s));
        for stem in [Some(file), Some(stem), trimmed].into_iter().flatten() {
            if let Some(candidates) = self.by_stem.get(stem) {
                return Ok((self.nearest(name, candidates)?, MatchedBy::Stem));
            }
        }
        Err("no image of the project has that name".to_owned())
    }

    /// Of several images of one name, the one that shares most of the path.
    fn nearest(&self, name: &str, candidates: &[usize]) -> Result<usize, String> {
        let parents = |path: &str| path.rsplit('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
        let own = parents(name);
        let shared = |i: usize| parents(&self.paths[i]).iter().zip(&own).take_while(|(a, b)| a == b).count();
        let most = candidates.iter().map(|&i| shared(i)).max().unwrap_or(0);
        let best: Vec<usize> = candidates.iter().copied().filter(|&i| shared(i) == most).collect();
        if let [only] = best[..] {
            return Ok(only);
        }
        let paths: Vec<&str> = best.iter().take(3).map(|&i| self.paths[i].as_str()).collect();
        Err(format!("{} images of the project have that name ({})", best.len(), paths.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(paths: &[&str]) -> ImageIndex {
        let entry = |(i, p): (usize, &&str)| ImageEntry {
            id: format!("id{i}"),
            image: (*p).to_owned(),
            part: String::new(),
            part_number: String::new(),
        };
        ImageIndex::new(&paths.iter().enumerate().map(entry).collect::<Vec<_>>())
    }

    #[test]
    fn by_path_then_file_name_then_stem() {
        let index = index(&["a/1.png", "b/1.png", "b/two.v1.JPG", "/abs/c/3.bmp"]);
        assert_eq!(index.find("b/1.png"), Ok((1, MatchedBy::Path)));
        assert_eq!(index.find("set/b/1.png"), Ok((1, MatchedBy::FileName)));
        assert_eq!(index.find("Two.v1.jpg"), Ok((2, MatchedBy::FileName)));
        assert_eq!(index.find("two.v1"), Ok((2, MatchedBy::Stem)));
        assert_eq!(index.find("x/3_mask.png"), Ok((3, MatchedBy::Stem)));
        assert_eq!(index.find("id0"), Ok((0, MatchedBy::Path)));
        assert!(index.find("1.png").unwrap_err().contains("2 images"));
        assert!(index.find("nine.png").is_err());
    }
}
