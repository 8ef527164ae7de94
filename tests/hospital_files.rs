//! The hospital lists that come with the project, read whole.

use std::collections::BTreeSet;

use lanyard::hospitals::cms_file::{CmsFile, read};

fn read_file(name: &str) -> CmsFile {
    let path = format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_whole_list_of_cms_is_read_without_a_refusal() {
    let file = read_file("cms_hospital_general_information_2026-02.csv.gz");
    assert_eq!((file.hospitals.len(), file.refused), (5_421, vec![]));
    let letters = file.hospitals.iter().filter(|hospital| hospital.ccn.ends_with(|c: char| c.is_ascii_uppercase()));
    assert_eq!(letters.count(), 164);
    let first = &file.hospitals[0];
    assert_eq!((first.line, first.ccn.as_str(), first.name.as_str()), (2, "010001", "SOUTHEAST HEALTH MEDICAL CENTER"));
    assert_eq!((first.city.as_str(), first.state.as_str(), first.zip.as_str()), ("DOTHAN", "AL", "36301"));
    assert_eq!((first.county.as_str(), first.phone.as_str(), first.emergency), ("HOUSTON", "(334) 793-8701", Some(true)));
    assert_eq!((first.kind.as_str(), first.ownership.as_str()), ("Acute Care Hospitals", "Government - Hospital District or Authority"));
    assert_eq!(file.hospitals.last().map(|hospital| hospital.line), Some(5_422));
}

#[test]
fn the_list_of_the_demo_holds_the_cases_that_matter() {
    let file = read_file("demo_hospitals.csv");
    assert_eq!((file.hospitals.len(), file.refused.len()), (133, 0));
    let states: BTreeSet<&str> = file.hospitals.iter().map(|hospital| hospital.state.as_str()).collect();
    assert_eq!(states.len(), 56);
    let cities = |name: &str| file.hospitals.iter().filter(|hospital| hospital.name == name).count();
    assert_eq!((cities("GOOD SAMARITAN HOSPITAL"), cities("HOLY CROSS HOSPITAL"), cities("MEMORIAL HOSPITAL")), (4, 4, 3));
    assert_eq!(file.hospitals.iter().filter(|hospital| hospital.name.starts_with("UCI HEALTH")).count(), 5);
    assert!(file.hospitals.iter().any(|hospital| hospital.ccn == "01014F"));
    assert!(file.hospitals.iter().filter(|hospital| hospital.ccn.starts_with('0')).count() > 30);
}
