//! Run lengths column by column, as COCO has them: made straight from the row runs of a label map, without a dense mask, and their
//! compressed text.
//!
//! The compressed form writes each count as its difference to the count two before (from the fourth on), in groups of five bits, lowest
//! first, sign in the highest group; bit 5 says that another group follows, and 48 is added to make a printable character.

use rayon::prelude::*;

use crate::raster::{Area, LabelMap, Run, Span};

/// The column runs of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRuns {
    pub value: u8,
    /// Lengths, background first; they sum up to width × height.
    pub counts: Vec<u32>,
    /// Number of pixels.
    pub pixels: u64,
}

/// The column runs of every value of a map but background, by value.
#[must_use]
pub fn column_runs_by_class(map: &LabelMap) -> Vec<ClassRuns> {
    let mut by_value: Vec<Vec<Run>> = vec![Vec::new(); 256];
    for run in crate::raster::runs::runs(map) {
        by_value[usize::from(run.value)].push(run);
    }
    let busy: Vec<(usize, Vec<Run>)> = by_value.into_iter().enumerate().filter(|(_, r)| !r.is_empty()).collect();
    busy.into_par_iter()
        .map(|(value, runs)| ClassRuns {
            value: value as u8,
            counts: column_runs(&runs, map.width(), map.height()),
            pixels: runs.iter().map(|r| u64::from(r.len())).sum(),
        })
        .collect()
}

/// The column runs of pixels given as row runs from top to bottom and left to right that do not overlap, whatever their values, in an
/// image of `width` × `height` px (fewer than 2³² pixels).
#[must_use]
pub fn column_runs(runs: &[Run], width: u32, height: u32) -> Vec<u32> {
    let changes = changes_between_rows(runs, height);
    // Toggles of each column, counted first so that they lie in one array, column after column.
    let (left, right) = changes.iter().fold((width, 0), |(l, r), s| (l.min(s.x0), r.max(s.x1)));
    let mut starts = vec![0_u32; (right.saturating_sub(left)) as usize + 2];
    for s in &changes {
        // A difference array: +1 at the first column, −1 after the last.
        starts[(s.x0 - left) as usize] = starts[(s.x0 - left) as usize].wrapping_add(1);
        starts[(s.x1 - left) as usize] = starts[(s.x1 - left) as usize].wrapping_sub(1);
    }
    let (mut per_column, mut total) = (0_u32, 0_u32);
    for start in &mut starts {
        per_column = per_column.wrapping_add(*start);
        *start = total;
        total += per_column;
    }
    let mut toggles = vec![0_u32; total as usize];
    let mut next = starts.clone();
    for s in &changes {
        for slot in &mut next[(s.x0 - left) as usize..(s.x1 - left) as usize] {
            toggles[*slot as usize] = s.y;
            *slot += 1;
        }
    }
    let mut counts = Vec::with_capacity(toggles.len() + 1);
    let mut at = 0_u32;
    let mut push = |position: u32| {
        if position == at && !counts.is_empty() {
            // A run that ends where the next begins goes on: from the foot of a column to the head of the next.
            if let Some(before) = counts.pop() {
                at -= before;
            }
        } else {
            counts.push(position - at);
            at = position;
        }
    };
    for (i, pair) in starts.windows(2).enumerate() {
        let base = (left + i as u32).wrapping_mul(height);
        for &y in &toggles[pair[0] as usize..pair[1] as usize] {
            push(base + y);
        }
    }
    let end = width * height;
    if at < end || counts.is_empty() {
        counts.push(end - at);
    }
    counts
}

/// Where the pixels of each row differ from those of the row above, the rows beyond the image being blank. The row after the last
/// one counts too: a run to the foot of a column ends there, at the head of the next.
fn changes_between_rows(runs: &[Run], height: u32) -> Vec<Span> {
    let mut changes = Vec::with_capacity(runs.len());
    let (mut above, mut i): (&[Run], usize) = (&[], 0);
    let mut above_y = 0;
    while i < runs.len() || !above.is_empty() {
        let y = if above.is_empty() { runs[i].y } else { above_y + 1 };
        let end = i + runs[i..].iter().take_while(|r| r.y == y).count();
        let here = &runs[i..end];
        symmetric_difference(above, here, y.min(height), &mut changes);
        (above, above_y, i) = (here, y, end);
    }
    changes
}

/// The columns that lie in exactly one of two rows of runs.
fn symmetric_difference(a: &[Run], b: &[Run], y: u32, out: &mut Vec<Span>) {
    let (mut i, mut k) = (0, 0);
    let mut open: Option<u32> = None;
    // Ends of runs from left to right; where two coincide, the sets change together and nothing differs between.
    let edge = |runs: &[Run], n: usize| runs.get(n / 2).map_or(u32::MAX, |r| if n.is_multiple_of(2) { r.x0 } else { r.x1 });
    loop {
        let x = edge(a, i).min(edge(b, k));
        if x == u32::MAX {
            return;
        }
        while edge(a, i) == x {
            i += 1;
        }
        while edge(b, k) == x {
            k += 1;
        }
        let differs = i % 2 != k % 2;
        match (open, differs) {
            (None, true) => open = Some(x),
            (Some(x0), false) => {
                out.push(Span::new(y, x0, x));
                open = None;
            }
            _ => {}
        }
    }
}

/// The pixels of column runs. The counts must sum up to width × height; None otherwise.
#[must_use]
pub fn area_of_columns(counts: &[u32], width: u32, height: u32) -> Option<Area> {
    let total = counts.iter().map(|&n| u64::from(n)).sum::<u64>();
    if total != u64::from(width) * u64::from(height) || height == 0 {
        return None;
    }
    // Where each row's span began; MAX = nothing open.
    let mut open = vec![u32::MAX; height as usize];
    let mut spans = Vec::new();
    let mut here: Vec<(u32, u32)> = Vec::new();
    let mut before = here.clone();
    let mut runs = FilledRuns { counts, next: 0, at: 0 };
    let mut rest = runs.next();
    for x in 0..=width {
        here.clear();
        let (top, foot) = (u64::from(x) * u64::from(height), u64::from(x + 1) * u64::from(height));
        while let Some((a, b)) = rest
            && a < foot
            && x < width
        {
            here.push(((a.max(top) - top) as u32, (b.min(foot) - top) as u32));
            if b > foot {
                rest = Some((foot, b));
                break;
            }
            rest = runs.next();
        }
        if here != before {
            toggle_rows(&before, &here, x, &mut open, &mut spans);
            std::mem::swap(&mut here, &mut before);
        }
        if rest.is_none() && before.is_empty() {
            break;
        }
    }
    Some(Area::from_spans(spans))
}

/// Opens or closes the rows in which a column differs from the one before it.
fn toggle_rows(before: &[(u32, u32)], here: &[(u32, u32)], x: u32, open: &mut [u32], spans: &mut Vec<Span>) {
    let edges = |set: &[(u32, u32)]| set.iter().flat_map(|&(a, b)| [a, b]).collect::<Vec<_>>();
    let mut all = edges(before);
    all.extend(edges(here));
    all.sort_unstable();
    // Pairs of edges of the symmetric difference: equal edges lie beside each other and make empty pairs.
    for pair in all.as_chunks::<2>().0 {
        for y in pair[0]..pair[1] {
            let start = &mut open[y as usize];
            if *start == u32::MAX {
                *start = x;
            } else {
                spans.push(Span::new(y, *start, x));
                *start = u32::MAX;
            }
        }
    }
}

/// The stretches of the foreground along the columns, as far as they go; empty ones left out, touching ones joined.
struct FilledRuns<'a> {
    counts: &'a [u32],
    next: usize,
    at: u64,
}

impl FilledRuns<'_> {
    fn next(&mut self) -> Option<(u64, u64)> {
        let mut found: Option<(u64, u64)> = None;
        while let Some(&n) = self.counts.get(self.next) {
            let is_filled = self.next % 2 == 1;
            if is_filled && n > 0 {
                let start = found.map_or(self.at, |f| f.0);
                found = Some((start, self.at + u64::from(n)));
            } else if found.is_some() && n > 0 {
                return found;
            }
            self.at += u64::from(n);
            self.next += 1;
        }
        found
    }
}

/// The compressed text of counts.
#[must_use]
pub fn compressed(counts: &[u32]) -> String {
    let mut text = String::with_capacity(counts.len() * 2);
    for (i, &count) in counts.iter().enumerate() {
        let mut rest = i64::from(count) - if i > 2 { i64::from(counts[i - 2]) } else { 0 };
        loop {
            let group = (rest & 31) as u8;
            rest >>= 5;
            // The highest bit of the last group is the sign.
            let is_last = rest == if group & 16 == 0 { 0 } else { -1 };
            text.push(char::from(48 + group + if is_last { 0 } else { 32 }));
            if is_last {
                break;
            }
        }
    }
    text
}

/// The counts of a compressed text, or what is wrong with it. `pixels` = width × height is the most they may sum up to.
pub fn decompressed(text: &str, pixels: u64) -> Result<Vec<u32>, String> {
    let mut counts: Vec<u32> = Vec::new();
    let (mut value, mut shift, mut total) = (0_i64, 0_u32, 0_u64);
    for (at, c) in text.bytes().enumerate() {
        let Some(group) = c.checked_sub(48).filter(|g| *g < 64) else {
            return Err(format!("character {} of the run lengths is none that can stand there", at + 1));
        };
        if shift > 35 {
            return Err(format!("a run length at character {} is longer than any image", at + 1));
        }
        value |= i64::from(group & 31) << shift;
        shift += 5;
        if group & 32 != 0 {
            continue;
        }
        if group & 16 != 0 {
            value |= -1_i64 << shift;
        }
        if counts.len() > 2 {
            value += i64::from(counts[counts.len() - 2]);
        }
        total = total.saturating_add(value.max(0) as u64);
        match u32::try_from(value) {
            Ok(count) if total <= pixels => counts.push(count),
            _ => return Err(format!("run length {} is {value}: the runs leave the image of {pixels} px", counts.len() + 1)),
        }
        (value, shift) = (0, 0);
    }
    if shift != 0 {
        return Err("the run lengths end in the middle of a number".to_owned());
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::Plane;

    /// By definition: column after column, one pixel at a time.
    fn brute(plane: &Plane<u8>, value: u8) -> Vec<u32> {
        let mut counts = vec![0_u32];
        let mut is_in = false;
        for x in 0..plane.width() {
            for y in 0..plane.height() {
                if (plane.at(x, y) == value) != is_in {
                    is_in = !is_in;
                    counts.push(0);
                }
                if let Some(last) = counts.last_mut() {
                    *last += 1;
                }
            }
        }
        counts
    }

    proptest! {
        #[test]
        fn column_runs_are_those_of_the_definition(w in 1_u32..9, h in 1_u32..9, values in prop::collection::vec(0_u8..4, 64)) {
            let plane = Plane::from_fn(w, h, |x, y| values[(y * 8 + x) as usize]);
            let map = LabelMap::from_plane(&plane);
            for class in column_runs_by_class(&map) {
                prop_assert_eq!(&class.counts, &brute(&plane, class.value));
                prop_assert_eq!(class.pixels, map.histogram()[usize::from(class.value)]);
                let back = area_of_columns(&class.counts, w, h).unwrap().mask(map.rect());
                let drawn = plane.map(|v| v == class.value);
                prop_assert_eq!(back.as_slice(), drawn.as_slice());
                let text = compressed(&class.counts);
                prop_assert_eq!(decompressed(&text, u64::from(w * h)).unwrap(), class.counts);
            }
        }

        #[test]
        fn any_text_is_counts_or_an_error(text in ".{0,40}", pixels in 0_u64..1000) {
            if let Ok(counts) = decompressed(&text, pixels) {
                prop_assert!(counts.iter().map(|&n| u64::from(n)).sum::<u64>() <= pixels);
            }
        }

        #[test]
        fn any_counts_are_an_area_or_refused(counts in prop::collection::vec(0_u32..9, 0..12), w in 1_u32..6, h in 1_u32..6) {
            let total: u32 = counts.iter().sum();
            let area = area_of_columns(&counts, w, h);
            prop_assert_eq!(area.is_some(), total == w * h);
            if let Some(area) = area {
                let filled: u32 = counts.iter().skip(1).step_by(2).sum();
                prop_assert_eq!(area.pixels(), u64::from(filled));
            }
        }
    }

    #[test]
    fn an_empty_object_is_one_run_of_background() {
        assert_eq!(column_runs(&[], 3, 4), [12]);
    }
}
