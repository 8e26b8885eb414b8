//! The folder as the search engine sees it, with one rule more: after the first failed save nothing changes it, until the
//! writer begins anew with a new view of it.
//!
//! Without that rule a merge that ends just after a failed commit would publish posts without the progress that covers
//! them, and a merge that could not be published would still remove the files that it replaced.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{DirectoryLock, FileHandle, Lock, WatchCallback, WatchHandle, WritePtr};

/// Where the search engine keeps the list of segments, and with it the payload.
pub(super) const LIST: &str = "meta.json";

/// A folder that can be closed for changes.
#[derive(Clone)]
pub(super) struct Guarded {
    inner: Box<dyn Directory>,
    is_closed: Arc<RwLock<bool>>,
}

impl Guarded {
    /// Wraps a folder.
    pub(super) fn new(inner: Box<dyn Directory>) -> Self {
        Self { inner, is_closed: Arc::default() }
    }

    /// Refuses every change from now on; waits for those under way.
    pub(super) fn close(&self) {
        *self.is_closed.write().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Held while a change is made.
    fn enter(&self) -> io::Result<RwLockReadGuard<'_, bool>> {
        let gate = self.is_closed.read().unwrap_or_else(PoisonError::into_inner);
        if *gate { Err(io::Error::other("the writer begins anew after a failed save")) } else { Ok(gate) }
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Directory for Guarded {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let failed = |error| DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() };
        let _gate = self.enter().map_err(failed)?;
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let _gate = self.enter().map_err(|error| OpenWriteError::wrap_io_error(error, path.to_owned()))?;
        self.inner.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let gate = self.enter()?;
        let result = self.inner.atomic_write(path, data);
        drop(gate);
        if result.is_err() && path == Path::new(LIST) {
            self.close();
        }
        result
    }

    fn sync_directory(&self) -> io::Result<()> {
        let result = self.inner.sync_directory();
        if result.is_err() {
            self.close();
        }
        result
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, watch_callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(watch_callback)
    }
}
