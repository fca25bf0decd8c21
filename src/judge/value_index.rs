//! The values of one feature in buckets by size: which rows lie between the old and the new limit, without looking at the others.

/// Rows of one class × zone pair by the value of one feature. NaN rows are in no bucket: no limit moves them.
pub(super) struct ValueIndex {
    /// Key of the lowest value; buckets count from it.
    lowest: u32,
    /// A bucket spans `2^shift` keys.
    shift: u32,
    /// Entries of bucket `b` are `starts[b]..starts[b + 1]`.
    starts: Vec<u32>,
    /// Value, and position of the row among the rows of the pair.
    entries: Vec<(f32, u32)>,
}

/// A number that orders like the value; −0 and 0 are the same.
pub(super) fn key(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

impl ValueIndex {
    /// One counting sort: two passes over the values.
    pub fn new(values: &[f32]) -> Self {
        let measured = values.iter().filter(|v| !v.is_nan()).count();
        let (mut lowest, mut highest) = (u32::MAX, 0);
        for &value in values.iter().filter(|v| !v.is_nan()) {
            lowest = lowest.min(key(value));
            highest = highest.max(key(value));
        }
        if measured == 0 {
            return Self { lowest: 0, shift: 0, starts: vec![0, 0], entries: Vec::new() };
        }
        // About eight rows per bucket where values spread evenly; a table of counts that stays in the cache.
        let most = (measured as u32 / 8).clamp(1, 1 << 16);
        let range = highest - lowest;
        let shift = (0..32).find(|&s| range >> s < most).unwrap_or(31);
        let buckets = (range >> shift) as usize + 1;
        let mut starts = vec![0_u32; buckets + 1];
        for &value in values.iter().filter(|v| !v.is_nan()) {
            starts[((key(value) - lowest) >> shift) as usize + 1] += 1;
        }
        for b in 0..buckets {
            starts[b + 1] += starts[b];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0.0, 0); measured];
        for (row, &value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            let slot = &mut next[((key(value) - lowest) >> shift) as usize];
            entries[*slot as usize] = (value, row as u32);
            *slot += 1;
        }
        Self { lowest, shift, starts, entries }
    }

    fn bucket(&self, value: f32) -> usize {
        ((key(value).saturating_sub(self.lowest) >> self.shift) as usize).min(self.starts.len() - 2)
    }

    /// Entries among which all with `from ≤ value < to` are; no more than a bucket too many at either end.
    fn around(&self, from: f32, to: f32) -> &[(f32, u32)] {
        &self.entries[self.starts[self.bucket(from)] as usize..self.starts[self.bucket(to) + 1] as usize]
    }

    /// At least as many as there are rows with `from ≤ value < to`, and about as many.
    pub fn at_most(&self, from: f32, to: f32) -> usize {
        if from < to { self.around(from, to).len() } else { 0 }
    }

    /// Calls `f` for the position of each row with `from ≤ value < to`.
    pub fn for_each(&self, from: f32, to: f32, mut f: impl FnMut(u32)) {
        if from >= to {
            return;
        }
        for &(value, row) in self.around(from, to) {
            if from <= value && value < to {
                f(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_exactly_the_rows_between() {
        let mut values = vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 0.0, f32::MIN_POSITIVE, -1.0];
        values.extend((0..5000).map(|i| (i * 7919 % 5000) as f32 / 100.0));
        values.extend([12.5; 300]);
        let edges =
            [f32::NEG_INFINITY, -2.0, -1.0, -0.0, 0.0, 1e-39, 0.01, 12.5, 12.5_f32.next_up(), 49.99, 60.0, f32::MAX, f32::INFINITY];
        for values in [&values[..], &values[..7], &values[7..], &values[5007..], &values[..1], &[]] {
            let index = ValueIndex::new(values);
            for from in edges {
                for to in edges {
                    let mut got = Vec::new();
                    index.for_each(from, to, |row| got.push(row));
                    got.sort_unstable();
                    let expected: Vec<u32> =
                        values.iter().enumerate().filter(|(_, v)| from <= **v && **v < to).map(|(row, _)| row as u32).collect();
                    assert_eq!(got, expected, "{from}..{to} of {}", values.len());
                    assert!(index.at_most(from, to) >= expected.len());
                }
            }
        }
    }
}
