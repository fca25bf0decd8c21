//! The regions nearest to each limit, a few on either side, with pictures of one scale.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::curves::limits_in_use;
use super::sources::{JudgedSource, Source};
use super::value::{Borderline, Crop, Strip};
use crate::judge::suggest::Subject;
use crate::judge::{Bound, Ruleset, bounds_words, judge_row};
use crate::project::Project;
use crate::raster::{LabelMap, PixelRect};
use crate::session::Snapshot;
use crate::workflow::WorkflowError;
use crate::workflow::crops::{Crop as Cut, square_about};
use crate::workflow::each_image::each_image;
use crate::workflow::predicting::{CachedPredictions, probability_limits};

/// Regions on either side of each value of a limit.
const EACH_SIDE: usize = 3;
/// Longer side of a picture, px.
const PICTURE: u32 = 144;
/// Least and most side of a square, image px: smaller shows no surroundings, larger no defect.
const SIDES: (u32, u32) = (48, 576);

/// A picture that is wanted: strip, place in it, and what to show.
struct Wanted {
    strip: usize,
    region: usize,
    rect: PixelRect,
}

/// The strips of all limits on regions. `progress` gets images done and images in all.
pub(super) fn strips(
    snapshot: &Snapshot,
    ruleset: &Ruleset,
    judged: &JudgedSource,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Strip>, WorkflowError> {
    let project = snapshot.project();
    let mut strips = Vec::new();
    let mut wanted: BTreeMap<usize, Vec<Wanted>> = BTreeMap::new();
    for (key, subject) in limits_in_use(&judged.evaluation, ruleset) {
        let (Subject::Region(feature), Some((_, bounds))) = (subject, subject.find(ruleset, &key)) else { continue };
        let mut limits: Vec<f64> = [Bound::Accept, Bound::Reject].into_iter().filter_map(|b| bounds.get(b)).collect();
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        let nearest = nearest_rows(judged, &key, feature, &limits);
        let places: Vec<(usize, usize, PixelRect)> = nearest.iter().filter_map(|&row| place_of(judged, row)).collect();
        let longest = places.iter().map(|p| p.2.width().max(p.2.height())).max().unwrap_or(0);
        let side_px = (longest + longest / 4).clamp(SIDES.0, SIDES.1);
        let regions = nearest.iter().map(|&row| borderline(project, judged, row, feature)).collect();
        for (at, (_, image, bounds)) in places.into_iter().enumerate() {
            wanted.entry(image).or_default().push(Wanted { strip: strips.len(), region: at, rect: bounds });
        }
        let calibration = project.part_numbers[judged.evaluation.part_number()].calibration;
        let side_mm = calibration.map(|c| (f64::from(side_px) * c.x_mm_per_px, f64::from(side_px) * c.y_mm_per_px));
        let title = format!("{key}: {} {}", subject.words(), bounds_words(bounds, subject.unit()));
        strips.push(Strip { title, unit: subject.unit().to_owned(), limits, side_px, side_mm, regions });
    }
    let sides: Vec<u32> = strips.iter().map(|s| s.side_px).collect();
    for (strip, region, crop) in crops(snapshot, ruleset, judged, &wanted, &sides, is_cancelled, progress)? {
        strips[strip].regions[region].crop = Some(crop);
    }
    strips.retain(|s| !s.regions.is_empty());
    Ok(strips)
}

/// Rows of the cell with a value, by ascending value: those nearest to each limit on either side.
fn nearest_rows(
    judged: &JudgedSource,
    key: &crate::judge::CellKey,
    feature: crate::measure::Feature,
    limits: &[f64],
) -> Vec<usize> {
    let (table, rules) = (judged.evaluation.table(), judged.evaluation.board().rules());
    let cell = rules.find(key);
    let of_cell = |row: &usize| rules.cell_index(table.class()[*row], table.zone()[*row]) == cell;
    let has_picture = |row: &usize| place_of(judged, *row).is_some();
    let mut rows: Vec<usize> =
        (0..table.rows()).filter(of_cell).filter(|&r| !table.value(r, feature).is_nan()).filter(has_picture).collect();
    rows.sort_by(|&a, &b| table.value(a, feature).total_cmp(&table.value(b, feature)).then(a.cmp(&b)));
    // A region in two zones has two rows; with one value it is one picture.
    let mut seen = BTreeSet::new();
    rows.retain(|&row| seen.insert((table.image()[row], table.region()[row], table.value(row, feature).to_bits())));
    nearest(&rows, |row| f64::from(table.value(row, feature)), limits)
}

/// Of rows sorted by value those nearest to any limit: up to three below each, up to three from it on.
fn nearest(rows: &[usize], value: impl Fn(usize) -> f64, limits: &[f64]) -> Vec<usize> {
    let near = |limit: &f64| {
        let below = rows.partition_point(|&row| value(row) < *limit);
        below.saturating_sub(EACH_SIDE)..(below + EACH_SIDE).min(rows.len())
    };
    let ranges: Vec<_> = limits.iter().map(near).collect();
    (0..rows.len()).filter(|i| ranges.iter().any(|r| r.contains(i))).map(|i| rows[i]).collect()
}

/// Row, image and bounds of a row's region.
fn place_of(judged: &JudgedSource, row: usize) -> Option<(usize, usize, PixelRect)> {
    let table = judged.evaluation.table();
    let image = table.image()[row] as usize;
    let region = judged.measured.regions.get(&image)?.get(table.region()[row] as usize)?;
    Some((row, image, region.bounds))
}

fn borderline(project: &Project, judged: &JudgedSource, row: usize, feature: crate::measure::Feature) -> Borderline {
    let e = &judged.evaluation;
    let (table, part) = (e.table(), e.table().part_of_row(row));
    Borderline {
        part: project.parts()[e.parts()[part]].serial.clone(),
        image: project.images()[table.image()[row] as usize].id.clone(),
        number: table.region()[row] + 1,
        class: table.class()[row],
        value: table.value(row, feature),
        verdict: judge_row(table, row, e.board().rules()),
        truth: e.truth()[part],
        crop: None,
    }
}

/// Cuts the pictures out, each photo decoded once. A photo that cannot be read gives none.
fn crops(
    snapshot: &Snapshot,
    ruleset: &Ruleset,
    judged: &JudgedSource,
    wanted: &BTreeMap<usize, Vec<Wanted>>,
    sides: &[u32],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<(usize, usize, Crop)>, WorkflowError> {
    let project = snapshot.project();
    let part_number = judged.evaluation.part_number();
    let cached = match judged.source {
        Source::Labels => None,
        Source::Predictions => CachedPredictions::open(project, part_number)?,
    };
    let cached = cached.map(|c| c.held_to(probability_limits(project, ruleset)));
    // Outlines are a help: a picture without them is still a picture.
    let outlines = |image: usize, size: (u32, u32)| {
        let map = match &cached {
            None if judged.source == Source::Labels => snapshot.label(image).ok(),
            None => None,
            Some(cached) => cached.get(project, image).map(|p| p.class),
        };
        map.filter(|m| (m.width(), m.height()) == size).unwrap_or_else(|| LabelMap::new(size.0, size.1))
    };
    let images: Vec<usize> = wanted.keys().copied().collect();
    let found = Mutex::new((0, Vec::new()));
    let work = |image: usize| {
        let photo = project.read_photo(image)?;
        let size = (photo.width(), photo.height());
        let map = outlines(image, size);
        let cut = |w: &Wanted| {
            let cut = Cut::of(&photo, &map, square_about(w.rect, sides[w.strip], size.0, size.1), PICTURE);
            Some((w.strip, w.region, crop_of(project, cut)?))
        };
        Ok(wanted[&image].iter().filter_map(cut).collect::<Vec<_>>())
    };
    each_image(&images, is_cancelled, work, |_, crops| {
        let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.0 += 1;
        found.1.extend(crops.unwrap_or_default());
        progress(found.0, images.len());
    })?;
    Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).1)
}

fn crop_of(project: &Project, cut: Cut) -> Option<Crop> {
    let png = png_of(&cut).ok()?;
    let outlines =
        cut.contours.into_iter().map(|(class, contour)| (project.class_palette()[usize::from(class)], contour)).collect();
    Some(Crop { rect: cut.rect, png, outlines })
}

/// The picture as PNG, gray where it has no colour.
fn png_of(cut: &Cut) -> Result<Vec<u8>, png::EncodingError> {
    let is_gray = cut.rgb.iter().all(|[r, g, b]| r == g && g == b);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, cut.width, cut.height);
    encoder.set_color(if is_gray { png::ColorType::Grayscale } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let data = if is_gray { cut.rgb.iter().map(|p| p[0]).collect() } else { cut.rgb.concat() };
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_on_either_side_of_every_limit() {
        let values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1];
        let rows: Vec<usize> = (0..values.len()).collect();
        let value = |row: usize| values[row];
        // 0.5 itself is no longer below the limit.
        assert_eq!(nearest(&rows, value, &[0.5]), [1, 2, 3, 4, 5, 6]);
        assert_eq!(nearest(&rows, value, &[0.0]), [0, 1, 2]);
        assert_eq!(nearest(&rows, value, &[0.15, 0.25]), [0, 1, 2, 3, 4]);
        assert_eq!(nearest(&rows, value, &[9.0]), [8, 9, 10]);
        assert_eq!(nearest(&[], value, &[0.5]), [] as [usize; 0]);
    }

    #[test]
    fn a_picture_comes_back_from_its_png_as_it_was() {
        for rgb in [vec![[3, 3, 3], [9, 9, 9]], vec![[3, 4, 5], [9, 9, 9]]] {
            let cut = Cut { rect: PixelRect::new(0, 0, 2, 1), width: 2, height: 1, rgb: rgb.clone(), contours: Vec::new() };
            let back = image::load_from_memory(&png_of(&cut).unwrap()).unwrap().to_rgb8();
            assert_eq!(back.into_raw(), rgb.concat());
        }
    }
}
