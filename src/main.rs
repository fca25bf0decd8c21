//! The one program: the studio, and with a subcommand the command line.

fn main() {}
