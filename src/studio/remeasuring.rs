//! When everything is measured again: zones, the size of a pixel, or what is wanted of regions changed.

use super::app::Studio;

impl Studio {
    /// Zones were repainted: every region may lie in another zone now.
    pub fn zones_changed(&mut self) {
        self.compare.set.forget_all();
        self.needs_full_refresh = true;
        self.view.viewing.forget_zones();
    }

    /// A pixel has another size: every region is measured again, of labels and of the model.
    pub fn calibration_changed(&mut self) {
        self.compare.set.forget_all();
        self.needs_full_refresh = true;
        self.analysis.outdate();
        if self.analysis.has_predictions() {
            self.load_predictions(self.view.part_number);
        }
    }

    /// A rule or a screen asks for what was not measured: regions are measured again, of labels and of the model.
    pub(super) fn follow_wanted(&mut self) {
        let pn = self.view.part_number;
        if pn >= self.session.project().part_numbers.len() || self.refreshing.is_some() || self.needs_full_refresh {
            return;
        }
        let wanted = self.session.wanted(pn);
        if self.measured_for.get(pn).is_none_or(|measured| measured.covers(&wanted)) {
            return;
        }
        self.needs_full_refresh = true;
        self.note_wanted();
        if self.analysis.has_predictions() && self.long_work.is_none() {
            self.load_predictions(pn);
        }
    }

    pub(super) fn note_wanted(&mut self) {
        self.measured_for = (0..self.session.project().part_numbers.len()).map(|pn| self.session.wanted(pn)).collect();
    }
}
