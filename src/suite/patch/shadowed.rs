//! Whether a package has something else by the name of one of its modules, so that no `import` and no attribute leads to the module:
//! `from .problem import *` gives a package the function `problem`.

use std::path::Path;

use ruff_python_ast::Stmt;

use super::names::ImportedNames;
use super::source::TestSource;

/// Whether the package of a module, as far as it lies above the file or beside what does, hides the module.
pub(super) fn is_shadowed(module: &str, source: &TestSource) -> bool {
    let Some((package, name)) = module.rsplit_once('.') else { return false };
    let within = package.replace('.', "/");
    let above = source.path.ancestors().skip(1);
    let mut folders = above.flat_map(|folder| [folder.join(&within), folder.join("src").join(&within)]);
    folders.find(|folder| folder.join("__init__.py").is_file()).is_some_and(|folder| {
        TestSource::read(&folder.join("__init__.py"))
            .is_ok_and(|package| hides(&package, &folder, (module, name)))
    })
}

fn hides(package: &TestSource, folder: &Path, (module, name): (&str, &str)) -> bool {
    let names = ImportedNames::of(package);
    let makes_own = |origin: &String| {
        if names.has_all_of(origin) {
            let own = folder.join(format!("{name}.py"));
            origin == module && TestSource::read(&own).is_ok_and(|own| defines(&own, name))
        } else {
            format!("{origin}.{name}") != module
        }
    };
    defines(package, name) || names.origins(name).iter().any(makes_own)
}

/// Whether a file defines a function or class of this name, or assigns to it.
fn defines(source: &TestSource, name: &str) -> bool {
    source.syntax.body.iter().any(|statement| match statement {
        Stmt::FunctionDef(function) => function.name.as_str() == name,
        Stmt::ClassDef(class) => class.name.as_str() == name,
        Stmt::Assign(node) => node.targets.iter().any(|target| source.text_of(target) == name),
        _ => false,
    })
}
