//! The table as a tree of segments. The framework tries what stands side by side one after the other, so addresses with
//! the same beginning share a scope, and most of what is tried is plain text.

use actix_web::http::Method;
use actix_web::{Resource, Scope, web};

use super::Entry;

/// What answers at an address, and the addresses below it.
#[derive(Default)]
pub(super) struct Branch {
    here: Vec<Entry>,
    below: Vec<(&'static str, Branch)>,
}

/// The tree of a table.
pub(super) fn of(table: Vec<Entry>) -> Branch {
    let mut root = Branch::default();
    for entry in table {
        let segments = entry.path.split('/').filter(|segment| !segment.is_empty());
        segments.fold(&mut root, Branch::child).here.push(entry);
    }
    root.words_first();
    root
}

impl Branch {
    fn child(&mut self, segment: &'static str) -> &mut Self {
        let known = self.below.iter().position(|(name, _)| *name == segment);
        let place = known.unwrap_or_else(|| {
            self.below.push((segment, Self::default()));
            self.below.len() - 1
        });
        &mut self.below[place].1
    }

    /// A word comes before a parameter that it would fit.
    fn words_first(&mut self) {
        self.below.sort_by_key(|(segment, _)| is_parameter(segment));
        self.below.iter_mut().for_each(|(_, branch)| branch.words_first());
    }

    /// Puts the tree into the application.
    pub fn plant(self, config: &mut web::ServiceConfig) {
        if !self.here.is_empty() {
            config.service(resource("/", self.here));
        }
        for (segment, branch) in self.below {
            let path = format!("/{segment}");
            if branch.below.is_empty() {
                config.service(resource(&path, branch.here))
            } else {
                config.service(branch.scope(&path))
            };
        }
    }

    fn scope(self, path: &str) -> Scope {
        let mut scope = web::scope(path);
        if !self.here.is_empty() {
            scope = scope.service(resource("", self.here));
        }
        for (segment, branch) in self.below {
            let path = format!("/{segment}");
            scope = if branch.below.is_empty() { scope.service(resource(&path, branch.here)) } else { scope.service(branch.scope(&path)) };
        }
        scope
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// All methods of one address.
fn resource(path: &str, entries: Vec<Entry>) -> Resource {
    entries.into_iter().fold(web::resource(path.to_owned()), |mut resource, entry| {
        // Whoever may read may also ask for the headers alone.
        if entry.method == Method::GET {
            resource = resource.route((entry.route)().method(Method::HEAD));
        }
        resource.route((entry.route)().method(entry.method))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first scope that fits an address keeps it, so a second parameter beside it would never be reached.
    fn check(branch: &Branch, path: &str) {
        let parameters: Vec<_> = branch.below.iter().filter(|(segment, _)| is_parameter(segment)).map(|(segment, _)| segment).collect();
        assert!(parameters.len() < 2, "{path} has {parameters:?} side by side");
        branch.below.iter().for_each(|(segment, below)| check(below, &format!("{path}/{segment}")));
    }

    #[test]
    fn every_address_of_the_table_can_be_reached() {
        check(&of(super::super::table()), "");
    }
}
