//! PDFs as paper: turned into pictures by poppler, and read by other people's scanner.

use super::programs::Folder;
use std::path::PathBuf;
use std::process::Command;

/// A PDF as pictures of its pages.
pub struct Pictures {
    pub pages: Vec<PathBuf>,
    folder: Folder,
}

#[track_caller]
fn run(program: &str, package: &str, command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{program} cannot be run ({error}): install {package}, as bin/test does"));
    // zbarimg ends with 4 where a picture has no code.
    assert!(
        output.status.success() || (program == "zbarimg" && output.status.code() == Some(4)),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Prints a PDF at 150 dots an inch.
#[track_caller]
pub fn printed(pdf: &[u8]) -> Pictures {
    let folder = Folder::in_memory();
    let file = folder.path().join("badges.pdf");
    std::fs::write(&file, pdf).expect("the PDF is written");
    run("pdftoppm", "poppler-utils", Command::new("pdftoppm").args(["-r", "150", "-png"]).arg(&file).arg(folder.path().join("page")));
    let entries = std::fs::read_dir(folder.path()).expect("the folder");
    let mut pages: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a file").path()).filter(|path| path.extension().is_some_and(|end| end == "png")).collect();
    pages.sort();
    Pictures { pages, folder }
}

impl Pictures {
    /// Every QR code on them, sorted.
    #[track_caller]
    pub fn codes(&self) -> Vec<String> {
        let mut codes = Vec::new();
        // A page at a time: reading several in one go, zbarimg carries something over from page to page and loses codes.
        for page in &self.pages {
            let read =
                run("zbarimg", "zbar-tools", Command::new("zbarimg").args(["-q", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(page));
            codes.extend(String::from_utf8(read).expect("text").lines().map(str::to_owned));
        }
        codes.sort();
        codes
    }

    /// The codes of so many badges, sorted. Among several on one picture zbarimg takes the corners of neighbors for one
    /// code now and then; where it finds too few it sees the halves of the sheets too, as somebody would hold it closer.
    #[track_caller]
    pub fn codes_of(&self, badges: usize) -> Vec<String> {
        let mut codes = self.codes();
        if codes.len() < badges {
            for half in ["0", "637"] {
                let part = Command::new("pdftoppm")
                    .args(["-r", "150", "-png", "-x", half, "-y", "0", "-W", "638", "-H", "1650"])
                    .arg(self.folder.path().join("badges.pdf"))
                    .arg(self.folder.path().join(format!("half{half}")))
                    .output();
                assert!(part.expect("pdftoppm runs").status.success());
            }
            let entries = std::fs::read_dir(self.folder.path()).expect("the folder").flatten().map(|entry| entry.path());
            let is_half = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("half"));
            let closer = Self { pages: entries.filter(is_half).collect(), folder: Folder::in_memory() };
            codes.extend(closer.codes());
            codes.sort();
            codes.dedup();
        }
        codes
    }
}

/// The text of a PDF in reading order.
#[track_caller]
pub fn words(pdf: &[u8]) -> String {
    let folder = Folder::in_memory();
    let file = folder.path().join("badges.pdf");
    std::fs::write(&file, pdf).expect("the PDF is written");
    String::from_utf8(run("pdftotext", "poppler-utils", Command::new("pdftotext").arg(&file).arg("-"))).expect("text")
}
