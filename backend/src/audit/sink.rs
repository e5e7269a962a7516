//! Where lines are written to.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A file that lines are appended to, or standard output.
pub struct Sink {
    /// None for standard output.
    path: Option<PathBuf>,
    file: File,
    /// Whether the last line was not written to its end.
    is_torn: bool,
}

impl Sink {
    /// Opens a file, which is made for our own user alone where it is missing.
    ///
    /// # Errors
    /// When it cannot be opened for appending.
    pub fn file(path: &Path) -> io::Result<Self> {
        let (file, is_torn) = open(path)?;
        Ok(Self { path: Some(path.to_owned()), file, is_torn })
    }

    /// Standard output, without the buffer of the standard library, which keeps what could not be written.
    ///
    /// # Errors
    /// When it is closed.
    pub fn standard_output() -> io::Result<Self> {
        #[cfg(unix)]
        let output = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
        #[cfg(windows)]
        let output =
            std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
        Ok(Self { path: None, file: output.into(), is_torn: false })
    }

    /// Writes a line, which ends with a line break. In a file, lines of several processes do not mix:
    /// each is one write at its end.
    ///
    /// # Errors
    /// When not all of it was written. The next line then begins on a line of its own.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        append(&mut self.file, &mut self.is_torn, line)
    }

    /// Opens the file of the same name again, after logrotate has moved it. When that fails, lines go on
    /// to the file of before.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn reopen(&mut self) -> io::Result<()> {
        if let Some(path) = &self.path {
            (self.file, self.is_torn) = open(path)?;
        }
        Ok(())
    }
}

/// Opens a file for appending. True when it ends in the middle of a line: a process was killed, or the
/// disk was full.
fn open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok((file, false));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "other users of this machine can read or write the audit log");
    }
    let is_torn = metadata.len() > 0 && !ends_a_line(path)?;
    Ok((file, is_torn))
}

fn ends_a_line(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn append(to: &mut impl Write, is_torn: &mut bool, line: &[u8]) -> io::Result<()> {
    let whole;
    let (bytes, before) = match *is_torn {
        true => {
            whole = [b"\n", line].concat();
            (&*whole, 1)
        }
        false => (line, 0),
    };
    let mut written = 0;
    while written < bytes.len() {
        match to.write(&bytes[written..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(more) => {
                written += more;
                *is_torn = written > before;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    *is_torn = false;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// Takes this many bytes, and then no more.
    struct Full(Vec<u8>, usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let room = self.1.min(bytes.len());
            if room == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.0.extend(&bytes[..room]);
            self.1 -= room;
            Ok(room)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_after_half_a_line_stands_alone() {
        let (mut full, mut is_torn) = (Full(Vec::new(), 6), false);
        append(&mut full, &mut is_torn, b"one\n").unwrap();
        assert!(append(&mut full, &mut is_torn, b"two\n").is_err() && is_torn);
        // Room for the line break, and nothing else.
        full.1 = 1;
        assert!(append(&mut full, &mut is_torn, b"three\n").is_err() && !is_torn);
        full.1 = 100;
        append(&mut full, &mut is_torn, b"four\n").unwrap();
        assert_eq!(full.0, b"one\ntw\nfour\n");
    }

    #[test]
    fn a_file_that_ends_in_the_middle_of_a_line_goes_on_with_the_next() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("audit.log");
        fs::write(&path, "one\ntw").unwrap();
        Sink::file(&path).unwrap().write(b"three\n").unwrap();
        Sink::file(&path).unwrap().write(b"four\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntw\nthree\nfour\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_private_and_a_moved_one_is_left() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("audit.log");
        let mut sink = Sink::file(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let moved = folder.path().join("audit.log.1");
        fs::rename(&path, &moved).unwrap();
        sink.write(b"one\n").unwrap();
        sink.reopen().unwrap();
        sink.write(b"two\n").unwrap();
        assert_eq!(fs::read_to_string(&moved).unwrap(), "one\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
    }
}
