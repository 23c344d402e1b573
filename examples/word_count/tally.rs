//! Counts as `wc` does, block by block, so that a file of any length takes the same memory.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// How many bytes are read at a time.
pub(crate) const BLOCK: usize = 64 * 1024;

/// Longer words count in the totals alone: they are data, and the table of words should not keep them.
const LONGEST_LISTED: usize = 64;

/// What was counted so far. It grows with the number of different words, and with nothing else.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) files: u64,
    pub(crate) skipped: u64,
    pub(crate) lines: u64,
    pub(crate) words: u64,
    pub(crate) bytes: u64,
    counts: HashMap<Box<[u8]>, u64>,
}

impl Tally {
    /// Counts a file, with `block` as the memory to read it into. As with `wc`, what was read before an error counts.
    ///
    /// After each block it asks whether it `goes_on`; if not, it ends with an error that is [`ErrorKind::Interrupted`].
    pub(crate) fn count(&mut self, path: &Path, block: &mut [u8], goes_on: impl Fn() -> bool) -> io::Result<()> {
        // Asked first, because to open a named pipe would wait for somebody to write to it.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = File::open(path)?;
        let mut scan = Scan { tally: self, begun: Vec::new(), is_text: None };
        let outcome = scan.all(file, block, goes_on);
        scan.end_word(&[]);
        outcome?;
        self.files += 1;
        Ok(())
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.skipped += other.skipped;
        self.lines += other.lines;
        self.words += other.words;
        self.bytes += other.bytes;
        for (word, count) in other.counts {
            *self.counts.entry(word).or_default() += count;
        }
    }

    /// The `n` most frequent words; of equally frequent ones those with the smaller bytes.
    pub(crate) fn top(self, n: usize) -> Vec<(Box<[u8]>, u64)> {
        let mut words: Vec<_> = self.counts.into_iter().collect();
        words.sort_unstable_by(|(a, a_count), (b, b_count)| (Reverse(a_count), a).cmp(&(Reverse(b_count), b)));
        words.truncate(n);
        words
    }

    /// Allocates only for a word never seen before, which is why this is no `entry`.
    fn list(&mut self, word: &[u8]) {
        if let Some(count) = self.counts.get_mut(word) {
            *count += 1;
        } else {
            self.counts.insert(word.into(), 1);
        }
    }
}

/// One file on its way into the tally.
struct Scan<'a> {
    tally: &'a mut Tally,
    /// The beginning of a word that the next block may continue, cut where it is too long to be listed.
    begun: Vec<u8>,
    /// Whether the first block looks like text: there is no NUL in it.
    is_text: Option<bool>,
}

impl Scan<'_> {
    fn all(&mut self, mut file: File, block: &mut [u8], goes_on: impl Fn() -> bool) -> io::Result<()> {
        loop {
            match file.read(block) {
                Ok(0) => return Ok(()),
                Ok(_) if !goes_on() => return Err(ErrorKind::Interrupted.into()),
                Ok(n) => self.block(&block[..n]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn block(&mut self, block: &[u8]) {
        self.is_text.get_or_insert_with(|| !block.contains(&0));
        self.tally.bytes += block.len() as u64;
        let mut rest = block;
        while let Some(end) = rest.iter().position(|&byte| is_space(byte)) {
            self.tally.lines += u64::from(rest[end] == b'\n');
            self.end_word(&rest[..end]);
            rest = &rest[end + 1..];
        }
        self.begin_word(rest);
    }

    /// Keeps one byte more than a listed word may have, to know the longer ones.
    fn begin_word(&mut self, part: &[u8]) {
        let room = LONGEST_LISTED + 1 - self.begun.len();
        self.begun.extend_from_slice(&part[..room.min(part.len())]);
    }

    /// White space, or the end of the file, was met: after `part`, which may continue a word, be one, or be empty.
    fn end_word(&mut self, part: &[u8]) {
        if self.begun.is_empty() {
            self.word(part);
        } else {
            self.begin_word(part);
            let word = std::mem::take(&mut self.begun);
            self.word(&word);
        }
    }

    fn word(&mut self, word: &[u8]) {
        if word.is_empty() {
            return;
        }
        self.tally.words += 1;
        if word.len() <= LONGEST_LISTED && self.is_text == Some(true) {
            self.tally.list(word);
        }
    }
}

/// White space of the C locale: the space, and `\t`, `\n`, `\v`, `\f` and `\r`, which follow each other in ASCII.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
