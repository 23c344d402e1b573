//! Which files are counted.

use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::{Path, PathBuf};
use std::{fs, io};

use ignore::{DirEntry, WalkBuilder};

use crate::common::INTERRUPTED;

/// The first path that does not exist. One that may exist but cannot be looked at is the workers' to complain about.
pub(crate) fn first_missing(paths: &[PathBuf]) -> Option<(&Path, io::Error)> {
    paths.iter().find_map(|path| {
        let error = fs::metadata(path).err()?;
        matches!(error.kind(), NotFound | NotADirectory).then_some((path.as_path(), error))
    })
}

/// The files that a path stands for: the regular ones below it if it is a directory, and otherwise itself, whatever it is.
pub(crate) fn of(path: &Path, no_ignore: bool) -> impl Iterator<Item = Result<PathBuf, ignore::Error>> {
    let is_dir = path.is_dir();
    let itself = (!is_dir).then(|| Ok(path.to_owned()));
    itself.into_iter().chain(is_dir.then(|| below(path, no_ignore)).into_iter().flatten())
}

/// The regular files below a directory: as git sees them, so without those it ignores and without `.git`, or simply all.
///
/// Symbolic links below the directory are not followed. What comes out as an error is a directory that cannot be read. Ctrl-C ends the
/// walk.
fn below(root: &Path, no_ignore: bool) -> impl Iterator<Item = Result<PathBuf, ignore::Error>> {
    // The walker would take a bare "-" for stdin.
    let root = if root == Path::new("-") { Path::new("./-") } else { root };
    WalkBuilder::new(root)
        .standard_filters(!no_ignore)
        .hidden(false)
        .ignore(false)
        .filter_entry(move |entry| no_ignore || entry.file_name() != ".git")
        .build()
        .take_while(|_| !INTERRUPTED.is_set())
        .filter(|entry| entry.as_ref().map_or(true, is_file))
        .map(|entry| entry.map(DirEntry::into_path))
}

fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}
