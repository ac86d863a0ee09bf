/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/errno_text.h"
#include "interrupt.h"
#include "report.h"

enum { TEMP_TRIES = 100, LINKS_MAX = 40 };

int outfile_error(struct iopt_error *error, const char *path, int number)
{
	int code = iopt_error_of_errno(number);

	error_set(error, code, IOPT_FAILURE_IO, "%s", errno_text(number));
	snprintf(error->source, sizeof(error->source), "%s", path);
	return -code;
}

/* The descriptor that /dev/stdout and the like stand for; -1: it is another file. */
static int standard_descriptor(const char *path)
{
	static const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/"};
	size_t i;

	if (strcmp(path, "/dev/stdout") == 0 || strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t length = strlen(prefixes[i]);
		char *end;
		long n;

		if (strncmp(path, prefixes[i], length) != 0)
			continue;
		n = strtol(path + length, &end, 10);
		if (end != path + length && !*end && n >= 0 && n < INT_MAX)
			return (int)n;
	}
	return -1;
}

static char *temp_name(const char *path, unsigned try)
{
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash - path) + 1 : 0;
	char *name;

	if (asprintf(&name, "%.*s.iopt-%ld-%u.tmp", directory, path, (long)getpid(), try) < 0)
		return NULL;
	return name;
}

/* A new file beside f->path, known to the signal handler before it exists. */
static int open_temp(struct outfile *f, mode_t mode)
{
	sigset_t before;
	unsigned try;
	int saved;

	for (try = 0; try < TEMP_TRIES; try++) {
		f->temp = temp_name(f->path, try);
		if (!f->temp)
			return ENOMEM;
		interrupt_block(&before);
		f->fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		saved = errno;
		if (f->fd >= 0)
			interrupt_keep_temp(f->temp);
		interrupt_unblock(&before);
		if (f->fd >= 0)
			return 0;
		free(f->temp);
		f->temp = NULL;
		if (saved != EEXIST)
			return saved;
	}
	return EEXIST;
}

/* The new file will have the old one's mode; one that may not be written is not replaced. */
static int open_beside(struct outfile *f, const struct stat *old)
{
	mode_t mode = old ? old->st_mode & 0777 : 0666;
	int r;

	if (old && access(f->path, W_OK))
		return errno;
	r = open_temp(f, mode);
	if (!r && old)
		(void)!fchmod(f->fd, mode);
	return r;
}

/* What the symbolic link at *path names, in its place; an errno. */
static int follow_link(char **path)
{
	const char *slash = strrchr(*path, '/');
	int directory = slash ? (int)(slash - *path) + 1 : 0;
	char target[PATH_MAX], *next;
	ssize_t length = readlink(*path, target, sizeof(target));

	if (length < 0)
		return errno;
	if ((size_t)length == sizeof(target))
		return ENAMETOOLONG;
	if (length && target[0] == '/')
		directory = 0;
	if (asprintf(&next, "%.*s%.*s", directory, *path, (int)length, target) < 0)
		return ENOMEM;
	free(*path);
	*path = next;
	return 0;
}

/* Nothing is there yet, behind links that lead nowhere: their target is made, the links stay. */
static int open_new(struct outfile *f)
{
	struct stat st;
	int r = 0, links = 0;

	while (!r && !lstat(f->path, &st) && S_ISLNK(st.st_mode))
		r = ++links > LINKS_MAX ? ELOOP : follow_link(&f->path);
	return r ? r : open_beside(f, NULL);
}

static int open_any(struct outfile *f, const char *path)
{
	int descriptor = standard_descriptor(path);
	struct stat old;
	char *real;

	f->path = strdup(path);
	if (!f->path)
		return ENOMEM;
	if (descriptor >= 0) {
		f->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
		return f->fd < 0 ? errno : 0;
	}
	if (stat(path, &old))
		return errno == ENOENT && *path ? open_new(f) : errno;
	if (S_ISDIR(old.st_mode))
		return EISDIR;
	if (!S_ISREG(old.st_mode)) {
		f->fd = open(path, O_WRONLY | O_CLOEXEC);
		return f->fd < 0 ? errno : 0;
	}
	/* behind a symbolic link its target is replaced, not the link */
	real = realpath(path, NULL);
	if (!real)
		return errno;
	free(f->path);
	f->path = real;
	return open_beside(f, &old);
}

int outfile_open(struct outfile *f, const char *path, struct iopt_error *error)
{
	int r;

	*f = (struct outfile){.fd = -1};
	r = open_any(f, path);
	if (!r)
		return 0;
	free(f->path);
	return outfile_error(error, path, r);
}

static int write_file(void *arg, const void *data, size_t bytes)
{
	struct outfile *f = arg;
	const char *p = data;

	while (bytes) {
		ssize_t done;

		if (interrupted())
			return -IOPT_EINTR;
		done = write(f->fd, p, bytes);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			struct iopt_error unused;

			return outfile_error(&unused, f->path, errno);
		}
		p += done;
		bytes -= (size_t)done;
		f->bytes += (uint64_t)done;
	}
	f->hole = false;
	return 0;
}

struct iopt_sink outfile_sink(struct outfile *f)
{
	return (struct iopt_sink){write_file, f};
}

static int write_nowhere(void *arg, const void *data, size_t bytes)
{
	(void)arg;
	(void)data;
	(void)bytes;
	return 0;
}

struct iopt_sink outfile_nowhere(void)
{
	return (struct iopt_sink){.write = write_nowhere};
}

int outfile_zeros(struct outfile *f, uint64_t bytes)
{
	static const char zeros[1 << 16];

	if (f->temp) {
		if (bytes > INT64_MAX - f->bytes || lseek(f->fd, (off_t)bytes, SEEK_CUR) < 0)
			return -IOPT_ERANGE;
		f->hole |= bytes != 0;
		f->bytes += bytes;
		return 0;
	}
	while (bytes) {
		size_t part = (size_t)min_u64(bytes, sizeof(zeros));
		int r = interrupted() ? -IOPT_EINTR : write_file(f, zeros, part);

		if (r)
			return r;
		bytes -= part;
	}
	return 0;
}

static void outfile_free(struct outfile *f)
{
	if (f->temp)
		interrupt_drop_temp(f->temp);
	free(f->temp);
	free(f->path);
	*f = (struct outfile){.fd = -1};
}

void outfile_abort(struct outfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temp)
		unlink(f->temp);
	outfile_free(f);
}

/* Everything that can still go wrong but for the renaming; an errno. */
static int finish(struct outfile *f)
{
	int r = 0;

	if (f->hole && ftruncate(f->fd, (off_t)f->bytes))
		r = errno;
	if (!r && f->temp && fsync(f->fd) && errno != EINVAL && errno != EROFS)
		r = errno;
	if (close(f->fd) && !r)
		r = errno;
	f->fd = -1;
	return r;
}

static bool same_bytes(FILE *one, FILE *two)
{
	int a, b;

	do {
		a = getc(one);
		b = getc(two);
	} while (a == b && a != EOF);
	return a == b && !ferror(one) && !ferror(two);
}

bool outfile_is_same(const struct outfile *f)
{
	FILE *made = f->temp ? fopen(f->temp, "rb") : NULL;
	FILE *there = made ? fopen(f->path, "rb") : NULL;
	bool same = made && there && same_bytes(made, there);

	if (made)
		fclose(made);
	if (there)
		fclose(there);
	return same;
}

/* What stood at the path, under another name, to put it back; NULL: nothing to put back. */
static char *keep_old(const struct outfile *f)
{
	char *name;

	if (asprintf(&name, "%s.old", f->temp) < 0)
		return NULL;
	if (link(f->path, name)) {
		free(name);
		return NULL;
	}
	return name;
}

/* The first count - 1 have been renamed and the last could not be: as if nothing had happened. */
static void put_back(struct outfile *files, char *const *old, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!files[i].temp)
			continue;
		if (!old[i] || rename(old[i], files[i].path))
			unlink(files[i].path);
	}
}

static int rename_all(struct outfile *files, size_t count, size_t *failed)
{
	char *old[OUTFILES_MAX] = {NULL};
	int r = 0;
	size_t i;

	for (i = 0; i < count && !r; i++) {
		if (!files[i].temp)
			continue;
		if (i + 1 < count)
			old[i] = keep_old(&files[i]);
		if (rename(files[i].temp, files[i].path)) {
			r = errno;
			*failed = i;
		}
	}
	if (r)
		put_back(files, old, *failed);
	for (i = 0; i < count; i++) {
		if (old[i])
			unlink(old[i]);
		free(old[i]);
	}
	return r;
}

int outfile_commit(struct outfile *files, size_t count, struct iopt_error *error)
{
	sigset_t before;
	size_t i, failed = 0;
	int r = 0;

	assert(count <= OUTFILES_MAX);
	interrupt_block(&before);
	for (i = 0; i < count && !r; i++) {
		r = finish(&files[i]);
		failed = i;
	}
	if (!r)
		r = rename_all(files, count, &failed);
	if (r)
		r = outfile_error(error, files[failed].path, r);
	for (i = 0; i < count; i++) {
		if (r)
			outfile_abort(&files[i]);
		else
			outfile_free(&files[i]);
	}
	interrupt_unblock(&before);
	return r;
}
