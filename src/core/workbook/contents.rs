//! What a workbook holds: its sheets by name, its texts and styles, how it counts days.

use std::sync::Arc;

use super::package::Package;
use super::rows::Rows;
use super::texts::{Styles, Texts};
use super::{DAMAGED, broken, unreadable};
use crate::formats::records::FileError;
use crate::xml::{Encoding, Event, Reader};

/// Which sheet is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The first one people see.
    First,
    /// The one of this name.
    Named(String),
}

/// An opened workbook.
#[derive(Debug)]
pub struct Book {
    package: Package,
    sheets: Vec<Sheet>,
    pub(super) texts: Texts,
    pub(super) styles: Styles,
    pub(super) from_1904: bool,
}

#[derive(Clone, Debug)]
struct Sheet {
    name: String,
    hidden: bool,
    relation: String,
    part: String,
}

/// One line of a part's list of other parts.
struct Relation {
    id: String,
    kind: String,
    part: String,
}

impl Book {
    /// Opens a workbook by its bytes; texts and styles are read here.
    pub fn open(bytes: Arc<[u8]>) -> Result<Book, FileError> {
        let package = Package::open(bytes)?;
        let root = relations(&package, "")?;
        let main = root.iter().find(|relation| relation.kind == "officeDocument");
        let Some(main) = main.map(|relation| relation.part.clone()) else {
            let rule = "open it in Excel and save it as .xlsx";
            return Err(broken(0, 0, "it is a ZIP archive, but no workbook", rule));
        };
        let (mut sheets, from_1904) = sheets(&package, &main)?;
        let parts = relations(&package, &main)?;
        for sheet in &mut sheets {
            let found = parts.iter().find(|relation| relation.id == sheet.relation && relation.kind == "worksheet");
            sheet.part = found.map(|relation| relation.part.clone()).unwrap_or_default();
        }
        let of =
            |kind: &str| parts.iter().find(|relation| relation.kind == kind).map(|relation| relation.part.as_str());
        let texts = of("sharedStrings").map_or(Ok(Texts::default()), |part| Texts::read(&package, part))?;
        let styles = of("styles").map_or(Ok(Styles::default()), |part| Styles::read(&package, part))?;
        Ok(Book { package, sheets, texts, styles, from_1904 })
    }

    /// A sheet's rows, as a stream.
    pub fn rows(self, choice: &Choice) -> Result<Rows, FileError> {
        let names: Vec<&str> = self.sheets.iter().filter(|s| !s.hidden).map(|s| s.name.as_str()).collect();
        let names = if names.is_empty() { "none that is not hidden".to_owned() } else { names.join(", ") };
        let found = match choice {
            Choice::First => self.sheets.iter().find(|sheet| !sheet.hidden),
            Choice::Named(name) => self.sheets.iter().find(|sheet| sheet.name == *name),
        };
        let Some(sheet) = found else {
            let wanted = match choice {
                Choice::First => "it has no sheet to be read".to_owned(),
                Choice::Named(name) => format!("it has no sheet `{name}`; it has: {names}"),
            };
            return Err(broken(0, 0, wanted, "the format names the sheet (`sheet`); is it the right workbook?"));
        };
        if sheet.hidden {
            let problem = format!("the sheet `{}` is hidden", sheet.name);
            return Err(broken(0, 0, problem, "what nobody sees is not taken; unhide it, look at it and save it"));
        }
        let Some(input) = self.package.part(&sheet.part) else {
            let problem = format!("the sheet `{}` is no sheet of cells, or its part is missing", sheet.name);
            return Err(broken(0, 0, problem, DAMAGED));
        };
        Ok(Rows::new(input, sheet.part.clone(), self))
    }
}

/// The parts that a part names; those of the archive itself for an empty name.
fn relations(package: &Package, of: &str) -> Result<Vec<Relation>, FileError> {
    let (folder, file) = of.rsplit_once('/').map_or(("", of), |(folder, file)| (folder, file));
    let slash = if folder.is_empty() { "" } else { "/" };
    let list = format!("{folder}{slash}_rels/{file}.rels");
    let Some(input) = package.part(&list) else { return Ok(Vec::new()) };
    let mut xml = Reader::new(input, Encoding::Declared, 1);
    let mut found = Vec::new();
    while let Some(event) = xml.next_event().map_err(|error| unreadable(0, &list, &error))? {
        let Event::Start(start) = event else { continue };
        let attribute = |name| start.attribute(name).unwrap_or_default();
        if start.name() != "Relationship" || attribute("TargetMode") == "External" {
            continue;
        }
        let kind = attribute("Type").rsplit('/').next().unwrap_or_default().to_owned();
        // From the top, or from the folder of the part that names it.
        let part = match attribute("Target").strip_prefix('/') {
            Some(from_top) => from_top.to_owned(),
            None => format!("{folder}{slash}{}", attribute("Target")),
        };
        found.push(Relation { id: attribute("Id").to_owned(), kind, part });
    }
    Ok(found)
}

fn sheets(package: &Package, part: &str) -> Result<(Vec<Sheet>, bool), FileError> {
    let missing = || broken(0, 0, format!("its part {part} is missing"), DAMAGED);
    let mut xml = Reader::new(package.part(part).ok_or_else(missing)?, Encoding::Declared, 1);
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    while let Some(event) = xml.next_event().map_err(|error| unreadable(0, part, &error))? {
        let Event::Start(start) = event else { continue };
        match start.name() {
            "workbookPr" => from_1904 = matches!(start.attribute("date1904"), Some("1" | "true")),
            "sheet" => sheets.push(Sheet {
                name: start.attribute("name").unwrap_or_default().to_owned(),
                hidden: !matches!(start.attribute("state"), None | Some("visible")),
                relation: start
                    .attributes()
                    .find(|a| a.name == "id" && !a.namespace.is_empty())
                    .map_or("", |a| a.value)
                    .to_owned(),
                part: String::new(),
            }),
            _ => {}
        }
    }
    Ok((sheets, from_1904))
}
