/*
 * Preloaded into a broker: from the moment that the file $SYNC_FAILURE exists, fsync and fdatasync of files whose path holds
 * the text in it fail with EIO, after a while in which the disk seems to be busy. The first failure leaves its time in
 * $SYNC_FAILURE.failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int must_fail(int fd)
{
    const char *trigger = getenv("SYNC_FAILURE");
    char wanted[256], link[64], path[4096];
    if (trigger == NULL) return 0;
    int file = open(trigger, O_RDONLY);
    if (file < 0) return 0;
    ssize_t length = read(file, wanted, sizeof wanted - 1);
    close(file);
    wanted[length < 0 ? 0 : length] = 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    if (strstr(path, wanted) == NULL) return 0;

    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(path, sizeof path, "%s.failed", trigger);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (file >= 0) {
        dprintf(file, "%lld\n", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
        close(file);
    }
    struct timespec busy = { 1, 0 };
    nanosleep(&busy, NULL);
    errno = EIO;
    return 1;
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (must_fail(fd)) return -1;
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (must_fail(fd)) return -1;
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return real(fd);
}
