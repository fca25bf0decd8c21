//! What the program says of itself, and how it refuses.

use super::fixture::{Fixture, command, delimit};

const COMMANDS: [&str; 15] = [
    "new", "add", "check", "model", "predict", "judge", "measure", "sweep", "suggest", "diff", "release", "report", "bundle",
    "inspect", "sample",
];

#[test]
fn every_help_has_an_example_and_the_exit_codes() {
    for command in COMMANDS {
        let run = delimit([command, "--help"]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("Exit codes:") && run.out.contains("Example"), "{command}: {}", run.out);
        assert!(run.out.contains(&format!("delimit {command} ")), "{command}: an example of itself");
    }
    let run = delimit(["--help"]);
    assert!(run.out.contains("Exit codes:"), "{}", run.out);
    for command in COMMANDS {
        assert!(run.out.contains(&format!("\n  {command} ")), "{command} is not listed");
    }
}

#[test]
fn wrong_usage_is_code_2_and_says_how_to_do_it() {
    for args in
        [&["judge"][..], &["inspect", "x.delimit"], &["judge", "p", "--json", "--csv"], &["check", "p", "--tolerance", "wide"]]
    {
        let run = delimit(args);
        assert!(run.code == 2 && run.err.contains("--help"), "{args:?}: {}", run.err);
        assert_eq!(run.out, "");
    }
}

#[test]
fn a_folder_without_a_project_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nothing").display().to_string();
    for command in ["check", "predict", "judge"] {
        delimit([command, &path]).assert_refused(&["no project here", &path, "delimit new"]);
    }
    delimit(["inspect", &path, &path]).assert_refused(&["nothing"]);
}

#[test]
fn nothing_to_judge_is_no_ok() {
    let fixture = Fixture::complete();
    let empty = fixture.path("empty");
    std::fs::create_dir(&empty).unwrap();
    let (bundle, empty) = (fixture.bundle(), empty.display().to_string());
    delimit(["inspect", &bundle, &empty]).assert_refused(&["no photo to judge", &empty]);
    let project = fixture.path("bare").display().to_string();
    assert_eq!(delimit(["new", &project, "--class", "dent"]).code, 0);
    for command in ["judge", "check", "predict"] {
        delimit([command, &project]).assert_refused(&["no image to work on", "delimit add"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_message_and_no_ok() {
    let fixture = Fixture::complete();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command().arg("judge").arg(fixture.project()).stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(4));
}
