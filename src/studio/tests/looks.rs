//! How the five workspaces look: pictures by a software renderer against those in `tests/snapshots/`, made anew with
//! `UPDATE_SNAPSHOTS=1`. Where no renderer is, they are skipped aloud.

use egui_kittest::SnapshotOptions;
use egui_kittest::wgpu::WgpuTestRenderer;

use super::desk::Desk;

/// A renderer, or None with a word about it.
pub fn renderer() -> Option<WgpuTestRenderer> {
    // The library underneath has no other way to say that there is no adapter.
    let made = std::panic::catch_unwind(WgpuTestRenderer::new).ok();
    if made.is_none() {
        println!("SKIPPED: no graphics adapter is here, a software one such as lavapipe would do");
    }
    made
}

#[test]
fn the_workspaces_look_as_they_did() {
    let Some(renderer) = renderer() else { return };
    let mut desk = Desk::open_to_be_drawn(renderer);
    let options = SnapshotOptions::new().output_path("tests/snapshots").threshold(1.0).max_failed_pixels(60);
    let mut results = egui_kittest::SnapshotResults::new();
    for workspace in ["Label", "Check", "Compare", "Export", "Tune"] {
        desk.show(workspace);
        results.add(desk.picture(&workspace.to_lowercase(), &options));
    }
    desk.click("Light theme");
    results.add(desk.picture("tune-light", &options));
    results.unwrap();
}
