/* Lets a process meet a fault at one of its system calls that change a file below a folder, or that send to a broker.
 *
 * Each such call is a fault point: no step of a protocol can be without one, and the program knows nothing of them.
 * Loaded with LD_PRELOAD by tests/chaos/faults.py. Environment variables:
 *
 *   FAULT_FOLDER  where files count, an absolute path without symlinks
 *   FAULT_PORT    the port of the broker; 0: sends are no fault points
 *   FAULT_COUNT   a file of two numbers of 8 bytes for all processes: how many calls there were, and by how many seconds
 *                 their clock is late
 *   FAULT_LOG     gets a line "number call inode path" for each call
 *   FAULT_SYNCED  a folder that gets a copy of each file that is synced, under its inode; without it, none are made
 *   FAULT_AT      the number of the call at which the fault happens; 0: at none
 *   FAULT_KIND    kill: the process is killed before this call; full: from this call on, no call gets space on the disk
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct {
  pid_t pid; /* a forked process reads its own environment */
  long *count, at;
  int port, is_full;
  char folder[PATH_MAX];
} state;

static long number_in(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static void set_up(void) {
  if (state.pid == getpid()) return;
  state.pid = getpid();
  state.count = NULL;
  const char *folder = getenv("FAULT_FOLDER"), *count = getenv("FAULT_COUNT");
  if (!folder || !count) return;
  snprintf(state.folder, sizeof state.folder, "%s/", folder);
  state.at = number_in("FAULT_AT");
  state.port = (int)number_in("FAULT_PORT");
  const char *kind = getenv("FAULT_KIND");
  state.is_full = kind && strcmp(kind, "full") == 0;
  int file = (int)syscall(SYS_openat, AT_FDCWD, count, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *shared = mmap(NULL, 2 * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (shared != MAP_FAILED) state.count = shared;
}

/* Count a call and let the fault happen if it is due. Return whether the disk is full. */
static int point(const char *call, ino_t inode, const char *path) {
  long number = __atomic_add_fetch(state.count, 1, __ATOMIC_SEQ_CST);
  const char *log = getenv("FAULT_LOG");
  int file = log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %lu %s\n", number, call, (unsigned long)inode, path);
    syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
  }
  if (state.at == 0 || number < state.at) return 0;
  if (state.is_full) return 1;
  if (number == state.at) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  return 0;
}

static int at_inode(const char *call, ino_t inode, int folder, const char *path) {
  int before = errno, is_full = 0;
  set_up();
  if (state.count) {
    char whole[2 * PATH_MAX], start[PATH_MAX] = "", link[64];
    if (path[0] != '/') {
      snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
      ssize_t length = readlink(link, start, sizeof start - 1);
      start[length < 0 ? 0 : length] = 0;
    }
    snprintf(whole, sizeof whole, "%s%s%s", start, path[0] == '/' ? "" : "/", path);
    size_t length = strlen(state.folder);
    if (strncmp(whole, state.folder, length) == 0) is_full = point(call, inode, whole + length);
  }
  errno = before;
  return is_full;
}

static int at_path(const char *call, int folder, const char *path) { return at_inode(call, 0, folder, path); }

static int at_file(const char *call, int file) {
  char link[64], path[PATH_MAX];
  int before = errno, is_full = 0;
  struct stat found;
  set_up();
  if (state.count) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0 && path[0] == '/' && fstat(file, &found) == 0) {
      path[length] = 0;
      is_full = at_inode(call, found.st_ino, AT_FDCWD, path);
    }
  }
  errno = before;
  return is_full;
}

static void at_socket(const char *call, int socket) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  int before = errno;
  set_up();
  if (state.count && state.port && getpeername(socket, (struct sockaddr *)&peer, &size) == 0 &&
      peer.sin_family == AF_INET && ntohs(peer.sin_port) == state.port)
    point(call, 0, "broker");
  errno = before;
}

/* Keep a copy of what is on the disk for certain, now that a file is synced. */
static void keep_copy(int file) {
  const char *folder = getenv("FAULT_SYNCED");
  char from[64], to[PATH_MAX], data[65536];
  struct stat found;
  int before = errno;
  if (folder && fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
    snprintf(from, sizeof from, "/proc/self/fd/%d", file);
    snprintf(to, sizeof to, "%s/%lu", folder, (unsigned long)found.st_ino);
    int in = (int)syscall(SYS_openat, AT_FDCWD, from, O_RDONLY | O_CLOEXEC);
    int out = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (ssize_t size; in >= 0 && out >= 0 && (size = read(in, data, sizeof data)) > 0;) syscall(SYS_write, out, data, size);
    if (in >= 0) syscall(SYS_close, in);
    if (out >= 0) syscall(SYS_close, out);
  }
  errno = before;
}

static int full(void) {
  errno = ENOSPC;
  return -1;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
  struct stat found;
  int is_new = (flags & O_CREAT) && fstatat(folder, path, &found, 0) != 0;
  if ((is_new || (flags & O_TRUNC)) && at_path(is_new ? "create" : "empty", folder, path) && is_new) return full();
  return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE(last) mode_t mode = 0; if (flags & O_CREAT) { va_list more; va_start(more, last); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* Calls that need space on the disk, calls that need none, and calls after which all of a file is on the disk. */
#define WRITES(name, parameters, file, ...) \
  ssize_t name parameters { return at_file(#name, file) ? full() : syscall(__VA_ARGS__); }
#define CUTS(name, parameters, file, ...) \
  int name parameters { at_file(#name, file); return (int)syscall(__VA_ARGS__); }
#define SYNCS(name, number) \
  int name(int file) { at_file(#name, file); int result = (int)syscall(number, file); if (!result) keep_copy(file); return result; }
WRITES(write, (int file, const void *data, size_t size), file, SYS_write, file, data, size)
WRITES(pwrite, (int file, const void *data, size_t size, off_t at), file, SYS_pwrite64, file, data, size, at)
WRITES(pwrite64, (int file, const void *data, size_t size, off64_t at), file, SYS_pwrite64, file, data, size, at)
WRITES(writev, (int file, const struct iovec *parts, int number), file, SYS_writev, file, parts, number)
SYNCS(fsync, SYS_fsync)
SYNCS(fdatasync, SYS_fdatasync)
CUTS(ftruncate, (int file, off_t size), file, SYS_ftruncate, file, size)
CUTS(ftruncate64, (int file, off64_t size), file, SYS_ftruncate, file, size)
WRITES(sendfile, (int to, int from, off_t *at, size_t size), to, SYS_sendfile, to, from, at, size)
WRITES(sendfile64, (int to, int from, off64_t *at, size_t size), to, SYS_sendfile, to, from, at, size)
WRITES(copy_file_range, (int from, off64_t *in, int to, off64_t *out, size_t size, unsigned flags), to, SYS_copy_file_range, from, in, to, out, size, flags)

#define NAMES(name, parameters, folder, path, ...) \
  int name parameters { at_path(#name, folder, path); return (int)syscall(__VA_ARGS__); }
#define MAKES(name, parameters, folder, path, ...) \
  int name parameters { return at_path(#name, folder, path) ? full() : (int)syscall(__VA_ARGS__); }
NAMES(truncate, (const char *path, off_t size), AT_FDCWD, path, SYS_truncate, path, size)
NAMES(truncate64, (const char *path, off64_t size), AT_FDCWD, path, SYS_truncate, path, size)
NAMES(unlink, (const char *path), AT_FDCWD, path, SYS_unlinkat, AT_FDCWD, path, 0)
NAMES(unlinkat, (int folder, const char *path, int flags), folder, path, SYS_unlinkat, folder, path, flags)
NAMES(rmdir, (const char *path), AT_FDCWD, path, SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)
MAKES(mkdir, (const char *path, mode_t mode), AT_FDCWD, path, SYS_mkdirat, AT_FDCWD, path, mode)
MAKES(mkdirat, (int folder, const char *path, mode_t mode), folder, path, SYS_mkdirat, folder, path, mode)
NAMES(rename, (const char *from, const char *to), AT_FDCWD, to, SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0)
NAMES(renameat, (int a, const char *from, int b, const char *to), b, to, SYS_renameat2, a, from, b, to, 0)
NAMES(renameat2, (int a, const char *from, int b, const char *to, unsigned flags), b, to, SYS_renameat2, a, from, b, to, flags)
MAKES(link, (const char *from, const char *to), AT_FDCWD, to, SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)
MAKES(linkat, (int a, const char *from, int b, const char *to, int flags), b, to, SYS_linkat, a, from, b, to, flags)
MAKES(symlink, (const char *target, const char *path), AT_FDCWD, path, SYS_symlinkat, target, AT_FDCWD, path)
MAKES(symlinkat, (const char *target, int folder, const char *path), folder, path, SYS_symlinkat, target, folder, path)

/* What Python and Java ask for the time of day. */
int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  set_up();
  if (result == 0 && clock == CLOCK_REALTIME && state.count) now->tv_sec -= state.count[1];
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  (void)zone;
  int result = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return result;
}

int remove(const char *path) {
  at_path("remove", AT_FDCWD, path);
  int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  return result && errno == EISDIR ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR) : result;
}

#define SENDS(name, parameters, ...) \
  ssize_t name parameters { at_socket(#name, socket); return syscall(__VA_ARGS__); }
SENDS(send, (int socket, const void *data, size_t size, int flags), SYS_sendto, socket, data, size, flags, NULL, 0)
SENDS(sendto, (int socket, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length), SYS_sendto, socket, data, size, flags, to, length)
SENDS(sendmsg, (int socket, const struct msghdr *message, int flags), SYS_sendmsg, socket, message, flags)
