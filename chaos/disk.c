/* Records what a process does to the files of one folder, in the order in which it does it, with the data. Preloaded.

   CHAOS_DISK  the folder, with a slash at its end; CHAOS_LOG the file that records are appended to.
   A record    kind, length of the path, offset, length of the data; then the path, then the data (disk.py reads it). */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC_BEGINS = 3, SYNC_ENDS = 4, CREATE = 5, UNLINK = 6, RENAME = 7 };

struct head { uint32_t kind, path_length; uint64_t offset, length; };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int log_file = -1;
static uint64_t syncs;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("CHAOS_LOG");
    folder = getenv("CHAOS_DISK");
    if (!name || !folder) return;
    folder_length = strlen(folder);
    int opened = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    log_file = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, 900);
    if (opened >= 0) syscall(SYS_close, opened);
}

/* A file of the folder whose content must survive, or the folder itself: SQLite's index of the WAL need not. */
static int ours(const char *path) {
    if (log_file < 0) return 0;
    size_t length = strlen(path);
    if (length + 1 == folder_length && !strncmp(path, folder, length)) return 1;
    if (strncmp(path, folder, folder_length)) return 0;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

static int path_of(int file, char *path, size_t most) {
    char link[40];
    if (log_file < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, most - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    char *deleted = strstr(path, " (deleted)");
    if (deleted) *deleted = 0;
    return ours(path);
}

static void note(uint32_t kind, const char *path, uint64_t offset, const void *data, uint64_t length) {
    struct head head = {kind, (uint32_t)strlen(path), offset, length};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, head.path_length}, {(void *)data, length}};
    ssize_t done = syscall(SYS_writev, log_file, parts, 3);
    if (done != (ssize_t)(sizeof head + head.path_length + length)) abort();
}

static ssize_t written(int file, const void *data, size_t length, off64_t offset) {
    char path[4096];
    if (!path_of(file, path, sizeof path)) return syscall(SYS_pwrite64, file, data, length, offset);
    pthread_mutex_lock(&turn);
    ssize_t done = syscall(SYS_pwrite64, file, data, length, offset);
    int error = errno;
    if (done > 0) note(WRITE, path, (uint64_t)offset, data, (uint64_t)done);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) { return written(file, data, length, offset); }
ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) { return written(file, data, length, offset); }

ssize_t write(int file, const void *data, size_t length) {
    char path[4096];
    if (file < 3 || !path_of(file, path, sizeof path)) return syscall(SYS_write, file, data, length);
    pthread_mutex_lock(&turn);
    int appends = fcntl(file, F_GETFL) & O_APPEND;
    off_t offset = lseek(file, 0, appends ? SEEK_END : SEEK_CUR);
    ssize_t done = syscall(SYS_write, file, data, length);
    int error = errno;
    if (done > 0) note(WRITE, path, (uint64_t)offset, data, (uint64_t)done);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

static int truncated(int file, off64_t length) {
    char path[4096];
    if (!path_of(file, path, sizeof path)) return (int)syscall(SYS_ftruncate, file, length);
    pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_ftruncate, file, length);
    int error = errno;
    if (!done) note(TRUNCATE, path, (uint64_t)length, NULL, 0);
    pthread_mutex_unlock(&turn);
    errno = error;
    return done;
}

int ftruncate(int file, off_t length) { return truncated(file, length); }
int ftruncate64(int file, off64_t length) { return truncated(file, length); }

/* What was noted before a sync begins is durable when it has ended; what others write meanwhile may be or not. */
static int synced(int file, long number) {
    char path[4096];
    if (!path_of(file, path, sizeof path)) return (int)syscall(number, file);
    uint64_t mark = ((uint64_t)getpid() << 32) | __atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
    note(SYNC_BEGINS, path, mark, NULL, 0);
    int done = (int)syscall(number, file);
    int error = errno;
    if (!done) note(SYNC_ENDS, path, mark, NULL, 0);
    errno = error;
    return done;
}

int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

static int opened(int at, const char *path, int flags, mode_t mode) {
    int creates = (flags & O_CREAT) && log_file >= 0 && ours(path) && syscall(SYS_faccessat, at, path, F_OK);
    if (creates) pthread_mutex_lock(&turn);
    int file = (int)syscall(SYS_openat, at, path, flags, mode);
    int error = errno;
    if (creates) {
        if (file >= 0) note(CREATE, path, 0, NULL, 0);
        pthread_mutex_unlock(&turn);
    }
    errno = error;
    return file;
}

#define MODE_OF(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE_OF(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags) return opened(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags) return opened(at, path, flags | O_LARGEFILE, mode); }

int unlink(const char *path) {
    int noted = log_file >= 0 && ours(path);
    if (noted) pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    int error = errno;
    if (noted) {
        if (!done) note(UNLINK, path, 0, NULL, 0);
        pthread_mutex_unlock(&turn);
    }
    errno = error;
    return done;
}

int rename(const char *from, const char *to) {
    int noted = log_file >= 0 && ours(from);
    if (noted) pthread_mutex_lock(&turn);
    int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    int error = errno;
    if (noted) {
        if (!done) note(RENAME, from, 0, to, strlen(to));
        pthread_mutex_unlock(&turn);
    }
    errno = error;
    return done;
}
