//! Directories of the user that a hunt needs.

use std::path::PathBuf;

/// Where tests write besides their checkout: the home directory and the temporary ones.
pub(crate) fn private_directories() -> Vec<PathBuf> {
    let home = std::env::home_dir().into_iter();
    let usual = ["/tmp", "/var/tmp"].map(PathBuf::from);
    home.chain(usual).chain([std::env::temp_dir()]).collect()
}

/// Where hunts are kept, below the user's caches, if that is known.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("taster/hunt"))
}
