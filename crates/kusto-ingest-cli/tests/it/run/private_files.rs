//! Files that the command writes are for its user alone, whatever had their names.

use std::os::unix::fs::PermissionsExt;

use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn a_report_takes_neither_the_rights_of_an_older_draft_nor_follows_a_link() {
    let folder = Folder::new("private_report");
    let file = folder.write("a.csv", "1\n");
    let other = folder.write("other", "theirs");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let draft = folder.write("older.csv.partial", "of a run that was killed");
    std::fs::set_permissions(draft, PermissionsExt::from_mode(0o644)).expect("it is ours");
    let link = format!("{}/linked.csv.partial", folder.path());
    std::os::unix::fs::symlink(&other, link).expect("the folder takes it");
    for name in ["older", "linked"] {
        let report = format!("{}/{name}.csv", folder.path());
        assert_eq!(kusto.run(&["ingest", &file, "--report", &report]).code, 0);
        let known = std::fs::symlink_metadata(&report).expect("it is there");
        assert!(known.is_file(), "{name}");
        assert_eq!(known.permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(std::fs::read_to_string(other).ok().as_deref(), Some("theirs"));
}

#[test]
fn receipts_and_a_log_are_created_for_their_user_alone() {
    let folder = Folder::new("private_others");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let [receipts, log] = ["receipts", "log"].map(|name| format!("{}/{name}", folder.path()));
    let ran = kusto.run(&["ingest", &file, "--receipts", &receipts, "--log-file", &log]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for path in [receipts, log] {
        let mode = std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}
