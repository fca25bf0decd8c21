//! Small things to look at and to press, used in more than one workspace.

pub mod axis;
pub mod crop_picture;
pub mod empty_state;
pub mod kbd;
pub mod limit_lines;
pub mod list_row;
pub mod plot;
pub mod rate_row;
pub mod settled_value;
pub mod share_chart;
pub mod slider_row;
pub mod stacked_bar;
pub mod tabs;
pub mod thumbnail;
pub mod value_row;
pub mod verdict_badge;

pub use axis::Axis;
pub use crop_picture::{crop_texture, draw_crop};
pub use empty_state::EmptyState;
pub use kbd::kbd;
pub use limit_lines::{LimitLines, paint_limit_words};
pub use list_row::{row_content, row_ground};
pub use plot::{Figures, Plot};
pub use rate_row::rate_row;
pub use settled_value::settled_value;
pub use share_chart::ShareChart;
pub use slider_row::slider_row;
pub use stacked_bar::stacked_bar;
pub use tabs::tabs;
pub use thumbnail::Thumbnail;
pub use value_row::{section, value_row};
pub use verdict_badge::{Mark, counted_mark, verdict_badge};
