/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the program: the Nth call of a kind fails, and with FAULT_STICKY all after it.
 *
 *     FAULT_KIND=malloc|io|kill   allocations; reading, writing and renaming; or the program is
 *                                 killed before the Nth write or rename
 *     FAULT_AT=N                  from 1; 0: none, count only
 *     FAULT_COUNT=FILE            where the number of calls is written in the end
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <jansson.h>

enum kind { KIND_NONE, KIND_MALLOC, KIND_IO, KIND_KILL };

static enum kind wanted;
static unsigned long at, count;
static bool sticky, ready, inside, parsing;

__attribute__((constructor)) static void begin(void)
{
	const char *kind = getenv("FAULT_KIND"), *number = getenv("FAULT_AT");

	if (kind && strcmp(kind, "malloc") == 0)
		wanted = KIND_MALLOC;
	else if (kind && strcmp(kind, "io") == 0)
		wanted = KIND_IO;
	else if (kind && strcmp(kind, "kill") == 0)
		wanted = KIND_KILL;
	at = number ? strtoul(number, NULL, 10) : 0;
	sticky = getenv("FAULT_STICKY") != NULL;
	ready = true;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAULT_COUNT");
	char text[32];
	int fd, length;

	ready = false;
	if (!path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	length = snprintf(text, sizeof(text), "%lu\n", count);
	if (fd < 0 || write(fd, text, (size_t)length) != length)
		abort();
	close(fd);
}

/* Is it this call's turn? */
static bool fails(enum kind kind)
{
	if (!ready || inside || parsing || kind != wanted)
		return false;
	count++;
	return at && (count == at || (sticky && count > at));
}

static void *real(const char *name)
{
	void *function;

	inside = true;
	function = dlsym(RTLD_NEXT, name);
	inside = false;
	return function;
}

#define REAL(name) __typeof__(name) *next = (__typeof__(name) *)real(#name)

/* ---- memory: glibc's own names, since dlsym() itself may allocate ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	return fails(KIND_MALLOC) ? no_memory() : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails(KIND_MALLOC) ? no_memory() : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails(KIND_MALLOC) ? no_memory() : __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(KIND_MALLOC) ? no_memory() : __libc_memalign(alignment, size);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
	if (fails(KIND_MALLOC))
		return ENOMEM;
	*p = __libc_memalign(alignment, size);
	return *p ? 0 : ENOMEM;
}

/*
 * jansson 2.14's lexer does not look whether its buffer has grown: it would abort, or read what is
 * not there.  What comes before and behind it is ours.
 */
json_t *json_load_callback(json_load_callback_t callback, void *data, size_t flags,
			   json_error_t *error)
{
	REAL(json_load_callback);
	json_t *root;

	parsing = true;
	root = next(callback, data, flags, error);
	parsing = false;
	return root;
}

json_t *json_loadb(const char *text, size_t bytes, size_t flags, json_error_t *error)
{
	REAL(json_loadb);
	json_t *root;

	parsing = true;
	root = next(text, bytes, flags, error);
	parsing = false;
	return root;
}

/* ---- files ---- */

static bool io_fails(int number)
{
	if (fails(KIND_KILL))
		raise(SIGKILL);
	if (!fails(KIND_IO))
		return false;
	errno = number;
	return true;
}

ssize_t write(int fd, const void *data, size_t bytes)
{
	REAL(write);

	return io_fails(ENOSPC) ? -1 : next(fd, data, bytes);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
	REAL(pwrite);

	return io_fails(ENOSPC) ? -1 : next(fd, data, bytes, offset);
}

ssize_t read(int fd, void *data, size_t bytes)
{
	REAL(read);

	if (wanted == KIND_IO && io_fails(EIO))
		return -1;
	return next(fd, data, bytes);
}

ssize_t pread(int fd, void *data, size_t bytes, off_t offset)
{
	REAL(pread);

	if (wanted == KIND_IO && io_fails(EIO))
		return -1;
	return next(fd, data, bytes, offset);
}

int rename(const char *from, const char *to)
{
	REAL(rename);

	return io_fails(EIO) ? -1 : next(from, to);
}

int fsync(int fd)
{
	REAL(fsync);

	return io_fails(EIO) ? -1 : next(fd);
}

int ftruncate(int fd, off_t length)
{
	REAL(ftruncate);

	return io_fails(ENOSPC) ? -1 : next(fd, length);
}

int close(int fd)
{
	REAL(close);

	if (wanted == KIND_IO && fd > 2 && io_fails(EIO)) {
		next(fd);
		return -1;
	}
	return next(fd);
}
