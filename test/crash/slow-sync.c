/*
 * Preloaded into a broker: each fsync and fdatasync begins only after $SLOW_SYNC_MS milliseconds, so that a kill mostly falls
 * between what was decided and what is durable.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int after_a_while(const char *name, int fd)
{
    const char *text = getenv("SLOW_SYNC_MS");
    long ms = text == NULL ? 0 : atol(text);
    struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&pause, NULL);
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fdatasync(int fd)
{
    return after_a_while("fdatasync", fd);
}

int fsync(int fd)
{
    return after_a_while("fsync", fd);
}
