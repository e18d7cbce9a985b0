//! Whether a package is installed in the environment of an interpreter: read from its directories, without starting it.

use std::fs;
use std::path::Path;

/// Debian's own Python has its packages under another name.
const PACKAGES: [&str; 2] = ["site-packages", "dist-packages"];

/// Whether the environment of an interpreter has a package or module of this name.
pub fn is_installed(python: &Path, module: &str) -> bool {
    let libraries = python.ancestors().nth(2).map(|environment| environment.join("lib"));
    let versions = libraries.and_then(|libraries| fs::read_dir(libraries).ok()).into_iter().flatten();
    let mut packages =
        versions.flatten().flat_map(|version| PACKAGES.map(|packages| version.path().join(packages)));
    packages.any(|packages| packages.join(module).is_dir() || packages.join(format!("{module}.py")).is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::is_installed;

    #[test]
    fn packages_and_modules_are_found_in_both_kinds_of_directories() {
        let environment = tempfile::tempdir().unwrap();
        let lib = environment.path().join("lib");
        fs::create_dir_all(lib.join("python3.11/site-packages/pytest")).unwrap();
        fs::create_dir_all(lib.join("python3/dist-packages")).unwrap();
        fs::write(lib.join("python3/dist-packages/six.py"), "").unwrap();
        let python = environment.path().join("bin/python");
        let found = ["pytest", "six", "lib", "nose"].map(|module| is_installed(&python, module));
        assert_eq!(found, [true, true, false, false]);
    }
}
