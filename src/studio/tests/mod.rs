//! Tests of the window as a person uses it: the whole program on a project in a temporary folder, found by the names that assistive
//! technology reads, moved with pointer and keys. Figures are compared with those of the library on the same folder.

mod checking;
mod compare_set;
mod comparing;
mod comparing_views;
mod desk;
mod film;
mod finding;
mod instances;
mod keyboard;
mod keys;
mod looks;
mod models;
mod painting;
mod shell;
mod states;
mod tools;
mod tuning;
mod viewing;
