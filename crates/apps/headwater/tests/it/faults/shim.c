/* Loaded before libc into a node under test: fails the calls that a file of rules names.
 *
 * Rules, one a line: OPERATION ERRNO TIMES PATH-PART, with the operations read, write, sync, open, truncate, rename and
 * mkdir; TIMES 0 means always. The file is read at each call, so that rules come and go while the node runs. What was
 * failed, and each sync, is written down in another file: "failed OPERATION PATH" or "sync PATH".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define RULES 16
static atomic_int hits[RULES];

static void record(const char *what, const char *operation, const char *path) {
  const char *file = getenv("SHIM_RECORD");
  if (!file) return;
  char line[4352];
  int length = snprintf(line, sizeof line, "%s %s %s\n", what, operation, path);
  int out = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out < 0) return;
  syscall(SYS_write, out, line, (size_t)length);
  syscall(SYS_close, out);
}

/* The error that this call is to give, or 0. */
static int verdict(const char *operation, const char *path) {
  const char *file = getenv("SHIM_RULES");
  if (!file) return 0;
  int in = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
  if (in < 0) return 0;
  char text[4096];
  long length = syscall(SYS_read, in, text, sizeof text - 1);
  syscall(SYS_close, in);
  if (length <= 0) return 0;
  text[length] = 0;
  char *next = text;
  for (int rule = 0; rule < RULES && *next; rule++) {
    char *end = strchr(next, '\n');
    if (end) *end = 0;
    char wanted[32], part[2048];
    int error, times;
    if (sscanf(next, "%31s %d %d %2047s", wanted, &error, &times, part) == 4 && !strcmp(wanted, operation) &&
        strstr(path, part) && (times == 0 || atomic_fetch_add(&hits[rule], 1) < times)) {
      record("failed", operation, path);
      return error;
    }
    if (!end) break;
    next = end + 1;
  }
  return 0;
}

static int verdict_of(const char *operation, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  if (!strcmp(operation, "sync")) record("asked", operation, path);
  return verdict(operation, path);
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL_IF(error) \
  do { \
    int e = (error); \
    if (e) { errno = e; return -1; } \
  } while (0)

ssize_t pread64(int fd, void *buffer, size_t count, off64_t at) {
  REAL(pread64);
  FAIL_IF(verdict_of("read", fd));
  return real(fd, buffer, count, at);
}
ssize_t pwrite64(int fd, const void *buffer, size_t count, off64_t at) {
  REAL(pwrite64);
  FAIL_IF(verdict_of("write", fd));
  return real(fd, buffer, count, at);
}
int fdatasync(int fd) {
  REAL(fdatasync);
  FAIL_IF(verdict_of("sync", fd));
  return real(fd);
}
int fsync(int fd) {
  REAL(fsync);
  FAIL_IF(verdict_of("sync", fd));
  return real(fd);
}
int ftruncate64(int fd, off64_t length) {
  REAL(ftruncate64);
  FAIL_IF(verdict_of("truncate", fd));
  return real(fd, length);
}
int rename(const char *from, const char *to) {
  REAL(rename);
  FAIL_IF(verdict("rename", from));
  return real(from, to);
}
int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  FAIL_IF(verdict("mkdir", path));
  return real(path, mode);
}
int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  FAIL_IF(verdict("open", path));
  return real(path, flags, mode);
}
