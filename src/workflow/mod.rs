//! Work over a whole project.
