//! Built pages in memory. A page is read and parsed once, and again when one of its files is another
//! one: a screen that is built again while this runs has other digests.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use super::built_page::BuiltPage;

/// By which a file is recognised without being read: when it was written last, and its size in
/// bytes. None for a file that is not there.
type Signature = Option<(SystemTime, u64)>;

/// Built pages by the directory that they are in. As many as there are directories to serve.
#[derive(Default)]
pub struct BuiltPageCache {
    known: Mutex<HashMap<PathBuf, Known>>,
    reads: AtomicU64,
}

#[derive(Clone)]
struct Known {
    page: Arc<BuiltPage>,
    /// Of each file that went into the page.
    files: Vec<(PathBuf, Signature)>,
}

impl Known {
    fn is_current(&self) -> bool {
        self.files.iter().all(|(path, known)| signature(path) == *known)
    }
}

impl BuiltPageCache {
    /// The page of a directory. Looks at the files: not for a thread that runs other tasks.
    ///
    /// # Errors
    /// When it is not there.
    pub fn get(&self, directory: &Path) -> io::Result<Arc<BuiltPage>> {
        let known = self.known().get(directory).cloned();
        if let Some(known) = known.filter(Known::is_current) {
            return Ok(known.page);
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        // Looked at before they are read: what is written meanwhile is noticed the next time.
        let index = signed(directory.join(BuiltPage::FILE));
        let mut page = BuiltPage::read(directory)?;
        let mut files = vec![index];
        for sheet in page.sheets_to_inline() {
            let file = signed(directory.join(sheet.trim_start_matches('/')));
            page.inline(sheet, &file.0);
            files.push(file);
        }
        let page = Arc::new(page);
        let known = Known { page: Arc::clone(&page), files };
        self.known().insert(directory.to_owned(), known);
        Ok(page)
    }

    /// How often a page was read and parsed so far.
    #[cfg(test)]
    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn signed(path: PathBuf) -> (PathBuf, Signature) {
    let signature = signature(&path);
    (path, signature)
}

fn signature(path: &Path) -> Signature {
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const PAGE: &str = "<html><link rel=stylesheet href=/theme.css><div data-ssr-outlet></div>";

    #[test]
    fn a_page_is_read_once_until_one_of_its_files_changes() {
        let folder = TempDir::new().unwrap();
        let dist = folder.path();
        let cache = BuiltPageCache::default();
        assert!(cache.get(dist).is_err(), "there is no page yet");
        fs::write(dist.join("index.html"), PAGE).unwrap();
        let first = cache.get(dist).unwrap();
        let reads = cache.reads();
        for _ in 0..100 {
            assert!(Arc::ptr_eq(&first, &cache.get(dist).unwrap()));
        }
        assert_eq!(cache.reads(), reads);

        // A theme that comes, changes and goes is a part of the page.
        for theme in [Some("a{}"), Some("b{}b{}"), None] {
            let file = dist.join("theme.css");
            match theme {
                Some(css) => fs::write(file, css).unwrap(),
                None => fs::remove_file(file).unwrap(),
            }
            let page = cache.get(dist).unwrap();
            let digests = theme.map(|css| crate::crypto::sri(css.as_bytes()));
            assert_eq!(page.style_digests, digests.into_iter().collect::<Vec<_>>());
        }

        fs::write(dist.join("index.html"), format!("{PAGE}<script>1</script>")).unwrap();
        assert_eq!(cache.get(dist).unwrap().script_digests.len(), 1);
        fs::remove_file(dist.join("index.html")).unwrap();
        assert!(cache.get(dist).is_err(), "a page that is gone is not shown");
    }

    #[test]
    fn each_directory_has_its_own_page() {
        let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::write(one.path().join("index.html"), "<p>one").unwrap();
        fs::write(other.path().join("index.html"), "<p>other").unwrap();
        let cache = BuiltPageCache::default();
        assert_eq!(cache.get(one.path()).unwrap().html(), "<p>one");
        assert_eq!(cache.get(other.path()).unwrap().html(), "<p>other");
        assert_eq!(cache.get(one.path()).unwrap().html(), "<p>one");
        assert_eq!(cache.reads(), 2);
    }
}
