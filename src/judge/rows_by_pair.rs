//! The rows of a region table, put in order of class × zone: a limit concerns whole stretches, and most need no look at all.

use std::ops::Range;

use crate::measure::{Feature, RegionTable};

/// Rows ordered by (class, zone) and then by part, with the columns that limits ask for.
///
/// A *pair* is a class and a zone; a *group* is the rows of one pair on one part.
pub(super) struct RowsByPair {
    pub pairs: Vec<Pair>,
    /// Part of each row.
    pub part: Vec<u32>,
    /// First row of each group, with the number of rows at the end.
    pub group_start: Vec<u32>,
    /// Part of each group.
    pub group_part: Vec<u32>,
    /// By feature, then the same negated, then [`UNSPOKEN`].
    columns: [Option<Column>; COLUMNS],
}

/// Features, and features negated for limits where small values are bad.
pub(super) const SIGNED: usize = 2 * Feature::COUNT;
/// The column that is 1 in rows that no rule speaks of, else 0; there only where there are rules.
pub(super) const UNSPOKEN: usize = SIGNED;
const COLUMNS: usize = SIGNED + 1;

/// A class and a zone that occur together.
pub(super) struct Pair {
    pub class: u8,
    pub zone: u8,
    pub rows: Range<usize>,
    pub groups: Range<usize>,
}

/// One feature of all rows, and its span in each group.
pub(super) struct Column {
    pub values: Vec<f32>,
    /// Lowest value per group; NaN when any value is.
    pub min: Vec<f32>,
    /// Highest value per group; NaN when any value is.
    pub max: Vec<f32>,
}

impl RowsByPair {
    /// Orders the rows; columns come with [`Self::ensure`].
    pub fn new(table: &RegionTable) -> Self {
        let (mut pairs, mut next) = pairs_of(table);
        let mut part = vec![0_u32; table.rows()];
        let mut groups: Vec<Vec<(u32, u32)>> = vec![Vec::new(); pairs.len()];
        for p in 0..table.parts() {
            let rows = table.rows_of_part(p);
            for (&class, &zone) in table.class()[rows.clone()].iter().zip(&table.zone()[rows]) {
                let (pair, row) = next.take(class, zone);
                part[row] = p as u32;
                let groups = &mut groups[pair];
                if groups.last().is_none_or(|&(_, last)| last != p as u32) {
                    groups.push((row as u32, p as u32));
                }
            }
        }
        let count = groups.iter().map(Vec::len).sum::<usize>();
        let (mut group_start, mut group_part) = (Vec::with_capacity(count + 1), Vec::with_capacity(count));
        for (pair, groups) in pairs.iter_mut().zip(groups) {
            let first = group_part.len();
            group_start.extend(groups.iter().map(|g| g.0));
            group_part.extend(groups.iter().map(|g| g.1));
            pair.groups = first..group_part.len();
        }
        group_start.push(table.rows() as u32);
        Self { pairs, part, group_start, group_part, columns: [const { None }; COLUMNS] }
    }

    /// Brings in these columns, from the same table.
    pub fn ensure(&mut self, table: &RegionTable, columns: impl Iterator<Item = usize>) {
        for column in columns {
            if self.columns[column].is_none() {
                let values = table.column(Feature::ALL[column % Feature::COUNT]);
                let made = self.column_of(table, |row| {
                    let value = values.get(row).copied().unwrap_or(f32::NAN);
                    if column >= Feature::COUNT { -value } else { value }
                });
                self.columns[column] = Some(made);
            }
        }
    }

    /// Notes of which rows no rule speaks, by row of the table; None where there are no rules.
    pub fn set_unspoken(&mut self, table: &RegionTable, is_spoken_of: Option<&[bool]>) {
        self.columns[UNSPOKEN] = is_spoken_of.map(|spoken| self.column_of(table, |row| if spoken[row] { 0.0 } else { 1.0 }));
    }

    fn column_of(&self, table: &RegionTable, value: impl Fn(usize) -> f32) -> Column {
        let mut values = vec![f32::NAN; table.rows()];
        let mut next = Next::at_the_start(&self.pairs);
        for (row, (&class, &zone)) in table.class().iter().zip(table.zone()).enumerate() {
            values[next.take(class, zone).1] = value(row);
        }
        let (mut min, mut max) = (Vec::with_capacity(self.group_part.len()), Vec::with_capacity(self.group_part.len()));
        for ends in self.group_start.windows(2) {
            let group = &values[ends[0] as usize..ends[1] as usize];
            let (mut low, mut high, mut has_nan) = (f32::INFINITY, f32::NEG_INFINITY, false);
            for &v in group {
                low = if v < low { v } else { low };
                high = if v > high { v } else { high };
                has_nan |= v.is_nan();
            }
            min.push(if has_nan { f32::NAN } else { low });
            max.push(if has_nan { f32::NAN } else { high });
        }
        Column { values, min, max }
    }

    /// A column that was brought in.
    pub fn column(&self, column: usize) -> Option<&Column> {
        self.columns[column].as_ref()
    }

    pub fn rows_of_group(&self, group: usize) -> Range<usize> {
        self.group_start[group] as usize..self.group_start[group + 1] as usize
    }

    pub fn pair(&self, class: u8, zone: u8) -> Option<usize> {
        self.pairs.iter().position(|p| p.class == class && p.zone == zone)
    }
}

/// Where the next row of each pair goes: by `class << 8 | zone` the pair, by pair the row.
struct Next {
    pair: Vec<u16>,
    row: Vec<u32>,
}

impl Next {
    fn at_the_start(pairs: &[Pair]) -> Self {
        let mut next = Self { pair: vec![0; 1 << 16], row: pairs.iter().map(|p| p.rows.start as u32).collect() };
        for (i, pair) in pairs.iter().enumerate() {
            next.pair[usize::from(pair.class) << 8 | usize::from(pair.zone)] = i as u16;
        }
        next
    }

    /// The pair of a class and zone, and its next row.
    fn take(&mut self, class: u8, zone: u8) -> (usize, usize) {
        let pair = usize::from(self.pair[usize::from(class) << 8 | usize::from(zone)]);
        let row = self.row[pair];
        self.row[pair] += 1;
        (pair, row as usize)
    }
}

fn pairs_of(table: &RegionTable) -> (Vec<Pair>, Next) {
    let mut counts = vec![0_usize; 1 << 16];
    for (&class, &zone) in table.class().iter().zip(table.zone()) {
        counts[usize::from(class) << 8 | usize::from(zone)] += 1;
    }
    let mut pairs = Vec::new();
    let mut first = 0;
    for (key, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        pairs.push(Pair { class: (key >> 8) as u8, zone: key as u8, rows: first..first + count, groups: 0..0 });
        first += count;
    }
    let next = Next::at_the_start(&pairs);
    (pairs, next)
}
