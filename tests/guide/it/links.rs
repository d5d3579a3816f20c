//! Links lead somewhere: to a file that is there, and to a heading in it; nothing is asked of the network.

use std::fs;

use crate::page::{anchors, guide, page, prose};

fn pages() -> Vec<String> {
    let entries = fs::read_dir(guide()).expect("there is a guide");
    let names = entries.map(|entry| {
        entry
            .expect("it can be listed")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let mut pages: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    pages.sort();
    pages
}

/// The targets of the links of a page, with their lines.
fn links(page: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(page).flat_map(|(line, text)| {
        text.split("](")
            .skip(1)
            .filter_map(move |rest| Some((line, rest.split_once(')')?.0)))
    })
}

/// What is wrong with a link, if anything.
fn fault(from: &str, text: &str, target: &str) -> Option<String> {
    if target.contains("://") {
        return None;
    }
    if target.starts_with("..") {
        return Some(format!("{from} links to {target}, which is not in the book"));
    }
    let (path, anchor) = target
        .split_once('#')
        .map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let file = guide().join(path);
    let wanted = match path {
        "" => text.to_owned(),
        _ if !file.is_file() => return Some(format!("{from} links to {path}, which is not there")),
        _ => fs::read_to_string(file).unwrap_or_default(),
    };
    let anchor = anchor?;
    let is_there = anchors(&wanted).iter().any(|it| it == anchor);
    (!is_there).then(|| format!("{from} links to {target}, and there is no such heading"))
}

#[test]
fn every_link_of_the_guide_leads_to_a_file_and_a_heading() {
    let mut faults = Vec::new();
    for name in pages() {
        let text = page(&name);
        let links = links(&text).filter_map(|(line, target)| fault(&format!("{name}:{line}"), &text, target));
        faults.extend(links);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = page("SUMMARY.md");
    let listed: Vec<&str> = links(&summary).map(|(_, target)| target).collect();
    for name in pages().iter().filter(|name| *name != "SUMMARY.md") {
        let times = listed.iter().filter(|target| *target == name).count();
        assert_eq!(times, 1, "{name} is in SUMMARY.md {times} times");
    }
}

#[test]
fn a_link_to_nowhere_is_found() {
    let text = "# Here\n\n[a](#here) [b](#there) [c](SUMMARY.md) [d](gone.md) [e](SUMMARY.md#gone) [f](https://x.example) [g](../a.md)\n";
    let faults = links(text).filter_map(|(line, target)| fault(&format!("x:{line}"), text, target));
    let expected = [
        "x:3 links to #there, and there is no such heading",
        "x:3 links to gone.md, which is not there",
        "x:3 links to SUMMARY.md#gone, and there is no such heading",
        "x:3 links to ../a.md, which is not in the book",
    ];
    assert_eq!(faults.collect::<Vec<_>>(), expected);
}
