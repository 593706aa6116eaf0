/*
 * Preloaded into a broker: a disk with a cache that a kill empties, as losing power does. What pwrite and pwritev write to files
 * below $VOLATILE_DISK is kept in memory until fsync or fdatasync of that file, which begins only after $SYNC_MS milliseconds;
 * reading, truncating or closing the file also writes it out, for then its content is looked at. The file has its new size at
 * once, so that after a kill there are zeros where bytes are lost. Other ways to write are left as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct held {
    dev_t device;
    ino_t inode;
    off64_t position;
    size_t length;
    struct held *next;
    char bytes[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct held *first, **last = &first;

#define REAL(name, result, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

static int is_volatile(int fd, struct stat *about)
{
    const char *root = getenv("VOLATILE_DISK");
    char link[64], path[4096];
    if (root == NULL || fstat(fd, about) != 0 || !S_ISREG(about->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return strncmp(path, root, strlen(root)) == 0;
}

/* Writes out, in the order in which it was written, what is held of the file. */
static void write_out(int fd)
{
    struct stat about;
    pthread_mutex_lock(&lock);
    if (first != NULL && fstat(fd, &about) == 0) {
        struct held **at = &first;
        while (*at != NULL) {
            struct held *each = *at;
            if (each->device != about.st_dev || each->inode != about.st_ino) {
                at = &each->next;
                continue;
            }
            if (REAL(pwrite64, ssize_t, int, const void *, size_t, off64_t)(fd, each->bytes, each->length, each->position) !=
                (ssize_t)each->length)
                abort();
            *at = each->next;
            if (last == &each->next) last = at;
            free(each);
        }
    }
    pthread_mutex_unlock(&lock);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t position)
{
    struct stat about;
    if (!is_volatile(fd, &about))
        return REAL(pwritev64, ssize_t, int, const struct iovec *, int, off64_t)(fd, parts, count, position);
    size_t length = 0;
    for (int index = 0; index < count; index++) length += parts[index].iov_len;
    struct held *held = malloc(sizeof *held + length);
    if (held == NULL) abort();
    *held = (struct held){ about.st_dev, about.st_ino, position, length, NULL };
    size_t filled = 0;
    for (int index = 0; index < count; index++) {
        memcpy(held->bytes + filled, parts[index].iov_base, parts[index].iov_len);
        filled += parts[index].iov_len;
    }
    pthread_mutex_lock(&lock);
    if (fstat(fd, &about) == 0 && about.st_size < position + (off64_t)length)
        REAL(ftruncate64, int, int, off64_t)(fd, position + (off64_t)length);
    *last = held;
    last = &held->next;
    pthread_mutex_unlock(&lock);
    return (ssize_t)length;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t position)
{
    struct iovec part = { (void *)bytes, length };
    struct stat about;
    if (!is_volatile(fd, &about))
        return REAL(pwrite64, ssize_t, int, const void *, size_t, off64_t)(fd, bytes, length, position);
    return pwritev64(fd, &part, 1, position);
}

static void busy(void)
{
    const char *text = getenv("SYNC_MS");
    long ms = text == NULL ? 0 : atol(text);
    struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

int fdatasync(int fd)
{
    busy();
    write_out(fd);
    return REAL(fdatasync, int, int)(fd);
}

int fsync(int fd)
{
    busy();
    write_out(fd);
    return REAL(fsync, int, int)(fd);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t position)
{
    write_out(fd);
    return REAL(pread64, ssize_t, int, void *, size_t, off64_t)(fd, bytes, length, position);
}

ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t position)
{
    write_out(fd);
    return REAL(preadv64, ssize_t, int, const struct iovec *, int, off64_t)(fd, parts, count, position);
}

int ftruncate64(int fd, off64_t length)
{
    write_out(fd);
    return REAL(ftruncate64, int, int, off64_t)(fd, length);
}

int close(int fd)
{
    write_out(fd);
    return REAL(close, int, int)(fd);
}
