//! Where the built screen and the built studio are: in directories, or inside this program.

use std::{
    fmt, fs,
    future::{self, Future},
    hash::{Hash, Hasher},
    io::{self, Cursor, SeekFrom},
    path::{Path, PathBuf},
    pin::Pin,
    ptr,
    sync::OnceLock,
    task::{Context, Poll},
    time::SystemTime,
};

use include_dir::{Dir, DirEntry};
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata, TokioBackend, TokioFile};

/// What Trunk built, with the siblings that `cargo xtask` has compressed. Cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BuiltFiles {
    source: Source,
    /// In the file system, or from the root of what is inside this program.
    path: PathBuf,
}

#[derive(Clone, Copy)]
enum Source {
    Disk,
    Program(&'static Dir<'static>),
}

#[cfg(feature = "embedded-pages")]
mod embedded {
    use include_dir::{Dir, include_dir};

    pub static SCREEN: Option<Dir<'static>> = Some(include_dir!("$CARGO_MANIFEST_DIR/../dist"));
    pub static STUDIO: Option<Dir<'static>> =
        Some(include_dir!("$CARGO_MANIFEST_DIR/../studio/dist"));
}

#[cfg(not(feature = "embedded-pages"))]
mod embedded {
    use include_dir::Dir;

    pub static SCREEN: Option<Dir<'static>> = None;
    pub static STUDIO: Option<Dir<'static>> = None;
}

/// By which a file is recognised without being read: when it was written last, and its size in bytes.
pub type Signature = (SystemTime, u64);

impl From<PathBuf> for BuiltFiles {
    fn from(path: PathBuf) -> Self {
        Self { source: Source::Disk, path }
    }
}

impl fmt::Display for BuiltFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::Disk => self.path.display().fmt(f),
            Source::Program(_) => f.write_str("(inside this program)"),
        }
    }
}

impl BuiltFiles {
    /// Files inside this program.
    #[must_use]
    pub fn inside(files: &'static Dir<'static>) -> Self {
        Self { source: Source::Program(files), path: PathBuf::new() }
    }

    /// The screen inside this program; none without the feature `embedded-pages`.
    #[must_use]
    pub fn embedded_screen() -> Option<Self> {
        embedded::SCREEN.as_ref().map(Self::inside)
    }

    /// The preview studio inside this program; none without the feature `embedded-pages`.
    #[must_use]
    pub fn embedded_studio() -> Option<Self> {
        embedded::STUDIO.as_ref().map(Self::inside)
    }

    /// A directory of these files.
    #[must_use]
    pub fn join(&self, directory: &str) -> Self {
        Self { path: self.path.join(directory), ..self.clone() }
    }

    /// For [`tower_http::services::ServeDir`], with this as its backend.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// # Errors
    /// When there is no such file, or it is no UTF-8.
    pub fn read_to_string(&self, name: &str) -> io::Result<String> {
        let path = self.path.join(name);
        match self.source {
            Source::Disk => fs::read_to_string(path),
            Source::Program(files) => {
                let text = content(files, &path)?.to_vec();
                String::from_utf8(text)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            }
        }
    }

    /// Of a file; none when it is not there.
    #[must_use]
    pub fn signature(&self, name: &str) -> Option<Signature> {
        let path = self.path.join(name);
        let found = match self.source {
            Source::Disk => FileMetadata::from(fs::metadata(path).ok()?),
            Source::Program(files) => FileMetadata::inside(files, &path).ok()?,
        };
        (!found.is_dir).then_some((found.modified?, found.len))
    }

    /// The names in this directory that are UTF-8; none when there is no such directory.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self.source {
            Source::Disk => {
                let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
                entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
            }
            Source::Program(files) => {
                let directory = match self.path == Path::new("") {
                    true => Some(files),
                    false => files.get_dir(&self.path),
                };
                let entries = directory.map_or(&[][..], Dir::entries);
                let names = entries.iter().filter_map(|entry| entry.path().file_name()?.to_str());
                names.map(str::to_owned).collect()
            }
        }
    }
}

impl BuiltFiles {
    /// Writes what is inside this program into a new directory, and returns how many files there are.
    ///
    /// # Errors
    /// When there is such a directory already, or it cannot be written.
    pub fn unpack(&self, directory: &Path) -> io::Result<usize> {
        let Source::Program(files) = self.source else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        fs::create_dir(directory)?;
        write_below(directory, files)
    }
}

/// Writes the entries of a directory, without the files that tools leave behind.
fn write_below(directory: &Path, files: &Dir<'static>) -> io::Result<usize> {
    let mut written = 0;
    for entry in files.entries() {
        let Some(name) = entry.path().file_name() else { continue };
        let path = directory.join(name);
        match entry {
            _ if name.as_encoded_bytes().starts_with(b".") => {}
            DirEntry::Dir(below) => {
                fs::create_dir(&path)?;
                written += write_below(&path, below)?;
            }
            DirEntry::File(file) => {
                fs::write(path, file.contents())?;
                written += 1;
            }
        }
    }
    Ok(written)
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disk => "Disk",
            Self::Program(_) => "Program",
        })
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Disk, Self::Disk) => true,
            (Self::Program(one), Self::Program(other)) => ptr::eq(*one, *other),
            _ => false,
        }
    }
}

impl Eq for Source {}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Disk => state.write_u8(0),
            Self::Program(files) => ptr::hash(*files, state),
        }
    }
}

/// The time of what is inside this program: it has not changed since the process has begun.
fn begun() -> SystemTime {
    static BEGUN: OnceLock<SystemTime> = OnceLock::new();
    *BEGUN.get_or_init(SystemTime::now)
}

/// tower-http begins every path with `.`, which is no part of a name inside this program.
fn from_root(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

fn content(files: &'static Dir<'static>, path: &Path) -> io::Result<&'static [u8]> {
    let file = files.get_file(from_root(path)).ok_or(io::ErrorKind::NotFound)?;
    Ok(file.contents())
}

// How files are served: conditional requests, ranges and compressed siblings are tower-http's, for both
// sources.

type Answer<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

impl Backend for BuiltFiles {
    type File = OpenFile;
    type Metadata = FileMetadata;
    type OpenFuture = Answer<'static, OpenFile>;
    type MetadataFuture = Answer<'static, FileMetadata>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        match self.source {
            Source::Disk => {
                let opening = TokioBackend.open(path);
                Box::pin(async move { Ok(OpenFile::Disk(opening.await?)) })
            }
            Source::Program(files) => {
                let file = content(files, &path).map(|it| OpenFile::Program(Cursor::new(it)));
                Box::pin(future::ready(file))
            }
        }
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        match self.source {
            Source::Disk => {
                let looking = TokioBackend.metadata(path);
                Box::pin(async move { Ok(looking.await?.into()) })
            }
            Source::Program(files) => Box::pin(future::ready(FileMetadata::inside(files, &path))),
        }
    }
}

/// A file that is being served.
pub enum OpenFile {
    Disk(TokioFile),
    Program(Cursor<&'static [u8]>),
}

impl File for OpenFile {
    type Metadata = FileMetadata;
    type MetadataFuture<'a> = Answer<'a, FileMetadata>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        match self {
            Self::Disk(file) => {
                let looking = File::metadata(file);
                Box::pin(async move { Ok(looking.await?.into()) })
            }
            Self::Program(file) => {
                Box::pin(future::ready(Ok(FileMetadata::of_content(file.get_ref()))))
            }
        }
    }
}

impl AsyncRead for OpenFile {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Disk(file) => Pin::new(file).poll_read(context, buffer),
            Self::Program(file) => Pin::new(file).poll_read(context, buffer),
        }
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        match self.get_mut() {
            Self::Disk(file) => Pin::new(file).start_seek(position),
            Self::Program(file) => Pin::new(file).start_seek(position),
        }
    }

    fn poll_complete(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        match self.get_mut() {
            Self::Disk(file) => Pin::new(file).poll_complete(context),
            Self::Program(file) => Pin::new(file).poll_complete(context),
        }
    }
}

/// What has to be known of a file to serve it.
pub struct FileMetadata {
    is_dir: bool,
    modified: Option<SystemTime>,
    len: u64,
}

impl FileMetadata {
    fn inside(files: &'static Dir<'static>, path: &Path) -> io::Result<Self> {
        let path = from_root(path);
        let directory = Self { is_dir: true, modified: None, len: 0 };
        if path == Path::new("") {
            return Ok(directory);
        }
        match files.get_entry(path).ok_or(io::ErrorKind::NotFound)? {
            DirEntry::Dir(_) => Ok(directory),
            DirEntry::File(file) => Ok(Self::of_content(file.contents())),
        }
    }

    fn of_content(bytes: &[u8]) -> Self {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { is_dir: false, modified: Some(begun()), len }
    }
}

impl From<fs::Metadata> for FileMetadata {
    fn from(found: fs::Metadata) -> Self {
        Self { is_dir: found.is_dir(), modified: found.modified().ok(), len: found.len() }
    }
}

impl Metadata for FileMetadata {
    fn is_dir(&self) -> bool {
        self.is_dir
    }

    fn modified(&self) -> io::Result<SystemTime> {
        self.modified.ok_or_else(|| io::ErrorKind::Unsupported.into())
    }

    fn len(&self) -> u64 {
        self.len
    }
}
