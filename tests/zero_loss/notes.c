/* What a disk is told, in order.
 *
 * Loaded into the program before all else (LD_PRELOAD), this stands between SQLite and the system:
 * whatever changes the database, its write-ahead log or its journal is noted in the file that
 * LYCEUM_TEST_NOTES names, and then done. From the notes the test makes what a disk may hold after
 * a loss of power; see disk.rs.
 *
 * A note is written before its action is done, and only one action is under way at a time: so all
 * that was done is noted, and at most the last note is of something that was not done. A sync is
 * noted before the program learns of it, and nothing is really synced: the notes alone decide.
 *
 * The shared memory (-shm) is lost with the power, and the lock's file says nothing: neither is
 * noted. If SQLite took another way than those below, the notes would not lead to the files that
 * are there, and the test would say so. For Linux with 64 bits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum action {
    CREATE = 'c', REMOVE = 'r', WRITE = 'w', RESIZE = 't', SYNC = 's', SYNC_NAMES = 'n',
};

/* The head of a note; behind it stand `length` bytes that are written. */
struct note {
    uint8_t action, file, padding[6];
    uint64_t offset, length;
};

/* The files by number, as in notes.rs. */
static const char *const NAMES[] = {"lyceum.db", "lyceum.db-wal", "lyceum.db-journal"};
enum { FILES = 3, DESCRIPTORS = 4096 };

/* 0, or the number of the file that a descriptor is open on, plus 1. */
static uint8_t watched[DESCRIPTORS];
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int number_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    for (int file = 0; file < FILES; file++)
        if (strcmp(slash ? slash + 1 : path, NAMES[file]) == 0)
            return file;
    return -1;
}

static int file_of(int descriptor)
{
    return descriptor >= 0 && descriptor < DESCRIPTORS ? watched[descriptor] - 1 : -1;
}

static void take_down(enum action action, int file, uint64_t offset, const void *bytes,
                      uint64_t length)
{
    static int log = -1;
    const char *path = getenv("LYCEUM_TEST_NOTES");
    if (log < 0 && path)
        log = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    struct note note = {.action = action, .file = file, .offset = offset, .length = length};
    struct iovec parts[] = {{&note, sizeof note}, {(void *)bytes, length}};
    ssize_t size = sizeof note + length;
    if (syscall(SYS_writev, log, parts, 2) != size) {
        fputs("the disk's notes can't be written\n", stderr);
        abort();
    }
}

static int open_any(const char *path, int flags, mode_t mode)
{
    int file = number_of(path);
    if (file < 0)
        return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&one_at_a_time);
    if ((flags & O_CREAT) && access(path, F_OK) != 0)
        take_down(CREATE, file, 0, NULL, 0);
    int descriptor = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (descriptor >= DESCRIPTORS)
        abort();
    if (descriptor >= 0)
        watched[descriptor] = file + 1;
    pthread_mutex_unlock(&one_at_a_time);
    return descriptor;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return open_any(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int close(int descriptor)
{
    if (file_of(descriptor) >= 0)
        watched[descriptor] = 0;
    return syscall(SYS_close, descriptor);
}

int unlink(const char *path)
{
    int file = number_of(path);
    pthread_mutex_lock(&one_at_a_time);
    if (file >= 0 && access(path, F_OK) == 0)
        take_down(REMOVE, file, 0, NULL, 0);
    int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset)
{
    int file = file_of(descriptor);
    if (file < 0)
        return syscall(SYS_pwrite64, descriptor, bytes, length, offset);
    pthread_mutex_lock(&one_at_a_time);
    take_down(WRITE, file, offset, bytes, length);
    ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, length, offset);
    pthread_mutex_unlock(&one_at_a_time);
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset)
{
    return pwrite64(descriptor, bytes, length, offset);
}

int ftruncate64(int descriptor, off64_t length)
{
    int file = file_of(descriptor);
    if (file < 0)
        return syscall(SYS_ftruncate, descriptor, length);
    pthread_mutex_lock(&one_at_a_time);
    take_down(RESIZE, file, length, NULL, 0);
    int result = syscall(SYS_ftruncate, descriptor, length);
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}

int ftruncate(int descriptor, off_t length)
{
    return ftruncate64(descriptor, length);
}

int fdatasync(int descriptor)
{
    int file = file_of(descriptor);
    struct stat status;
    int is_directory = file < 0 && fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    if (file < 0 && !is_directory)
        return syscall(SYS_fdatasync, descriptor);
    pthread_mutex_lock(&one_at_a_time);
    take_down(is_directory ? SYNC_NAMES : SYNC, is_directory ? 0 : file, 0, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    return 0;
}

int fsync(int descriptor)
{
    return fdatasync(descriptor);
}
