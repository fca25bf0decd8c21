//! Which features are wanted: the cheap ones always, the others when a rule or a screen asks.

use super::feature::Feature;

/// A set of features.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeatureSet(u64);

impl FeatureSet {
    /// What is measured of every region.
    pub const ALWAYS: Self = {
        let (mut bits, mut i) = (0, 0);
        while i < Feature::COUNT {
            if !Feature::ALL[i].is_on_demand() {
                bits |= 1 << i;
            }
            i += 1;
        }
        Self(bits)
    };

    /// Everything.
    pub const ALL: Self = Self((1 << Feature::COUNT) - 1);

    #[must_use]
    pub const fn with(self, feature: Feature) -> Self {
        Self(self.0 | 1 << feature.index())
    }

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn contains(self, feature: Feature) -> bool {
        self.0 & 1 << feature.index() != 0
    }

    /// Nothing that `other` lacks is in this set.
    #[must_use]
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Feature> {
        Feature::ALL.into_iter().filter(move |f| self.contains(*f))
    }
}

impl Default for FeatureSet {
    /// [`Self::ALWAYS`].
    fn default() -> Self {
        Self::ALWAYS
    }
}

impl Extend<Feature> for FeatureSet {
    fn extend<T: IntoIterator<Item = Feature>>(&mut self, features: T) {
        for feature in features {
            *self = self.with(feature);
        }
    }
}

impl std::fmt::Debug for FeatureSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Feature::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_hold_what_they_say() {
        assert!(FeatureSet::ALL.iter().eq(Feature::ALL));
        assert!(FeatureSet::ALWAYS.iter().eq(Feature::ALL.into_iter().filter(|f| !f.is_on_demand())));
        let with = FeatureSet::default().with(Feature::CentreLine);
        assert!(with.contains(Feature::CentreLine) && !with.is_within(FeatureSet::ALWAYS) && FeatureSet::ALWAYS.is_within(with));
        assert_eq!(with.union(FeatureSet::ALL), FeatureSet::ALL);
    }
}
