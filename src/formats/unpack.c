/* SPDX-License-Identifier: MIT */
#include "unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "../core/base.h"
#include "spool.h"

enum {
	BUFFER_BYTES = 1 << 16,
	HEAD_BYTES = 6, /* the longest magic */
	XZ_MEMORY_MAX = 256 << 20,
	ZSTD_WINDOW_SHIFT_MAX = 27,
};

struct unpacking {
	const char *path;
	int fd;
	int failed; /* of reading: a negative code */
	struct spool spool;
	const struct iopt_progress *progress;
	uint64_t taken, total; /* of the input */
	size_t in_bytes, in_used;
	unsigned char in[BUFFER_BYTES];
	unsigned char out[BUFFER_BYTES];
};

struct codec {
	const char *name;
	size_t magic_bytes;
	unsigned char magic[HEAD_BYTES];
	int (*run)(struct unpacking *u);
};

/* Does whoever waits do no longer?  'failed' is set then. */
static bool is_stopped(struct unpacking *u)
{
	if (u->progress && u->progress->step &&
	    u->progress->step(u->progress->arg, "reading", u->taken, u->total))
		u->failed = -IOPT_EINTR;
	return u->failed == -IOPT_EINTR;
}

/* More input behind what is not used yet; false at the end, or with 'failed' set. */
static bool fill(struct unpacking *u)
{
	ssize_t n;

	memmove(u->in, u->in + u->in_used, u->in_bytes - u->in_used);
	u->in_bytes -= u->in_used;
	u->in_used = 0;
	do {
		n = read(u->fd, u->in + u->in_bytes, sizeof(u->in) - u->in_bytes);
	} while (n < 0 && errno == EINTR && !is_stopped(u));
	if (u->failed)
		return false;
	if (n < 0)
		u->failed = -iopt_error_of_errno(errno);
	else
		u->in_bytes += (size_t)n;
	u->taken += n > 0 ? (uint64_t)n : 0;
	return n > 0 && !is_stopped(u);
}

/* A little input may unpack to much. */
static int put(struct unpacking *u, const void *data, size_t bytes)
{
	return is_stopped(u) ? u->failed : spool_put(&u->spool, data, bytes);
}

/* Is there an unused byte of input, or can one be had? */
static bool have_input(struct unpacking *u)
{
	return u->in_used < u->in_bytes || fill(u);
}

/* A code that says "compressed data ends or goes on wrong", unless reading failed. */
static int bad_data(const struct unpacking *u)
{
	return u->failed ? u->failed : -IOPT_ENOEXEC;
}

static int run_copy(struct unpacking *u)
{
	int err = 0;

	while (!err && have_input(u)) {
		err = put(u, u->in + u->in_used, u->in_bytes - u->in_used);
		u->in_used = u->in_bytes;
	}
	return err ? err : u->failed;
}

/* One member of a gzip file; several may follow each other. */
static int gzip_member(struct unpacking *u, z_stream *z)
{
	int status = Z_OK, err = 0;

	while (!err && status != Z_STREAM_END) {
		if (!have_input(u))
			return bad_data(u);
		z->next_in = u->in + u->in_used;
		z->avail_in = (uInt)(u->in_bytes - u->in_used);
		z->next_out = u->out;
		z->avail_out = sizeof(u->out);
		status = inflate(z, Z_NO_FLUSH);
		u->in_used = u->in_bytes - z->avail_in;
		if (status == Z_MEM_ERROR)
			return -IOPT_ENOMEM;
		if (status != Z_OK && status != Z_STREAM_END)
			return -IOPT_ENOEXEC;
		err = put(u, u->out, sizeof(u->out) - z->avail_out);
	}
	return err;
}

static int run_gzip(struct unpacking *u)
{
	z_stream z = {0};
	int err = 0;

	/* 16: with gzip's header and checksum. */
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -IOPT_ENOMEM;
	while (!err && have_input(u)) {
		inflateReset(&z);
		err = gzip_member(u, &z);
	}
	inflateEnd(&z);
	return err ? err : u->failed;
}

static int xz_error(lzma_ret status)
{
	switch (status) {
	case LZMA_OK:
	case LZMA_STREAM_END:
		return 0;
	case LZMA_MEM_ERROR:
		return -IOPT_ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		return -IOPT_E2BIG;
	case LZMA_OPTIONS_ERROR:
		return -IOPT_EOPNOTSUPP;
	default:
		return -IOPT_ENOEXEC;
	}
}

static int run_xz(struct unpacking *u)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret status = lzma_stream_decoder(&s, XZ_MEMORY_MAX, LZMA_CONCATENATED);
	int err = xz_error(status);

	while (!err && status != LZMA_STREAM_END) {
		bool more = have_input(u);

		if (u->failed)
			break;
		s.next_in = u->in + u->in_used;
		s.avail_in = u->in_bytes - u->in_used;
		s.next_out = u->out;
		s.avail_out = sizeof(u->out);
		status = lzma_code(&s, more ? LZMA_RUN : LZMA_FINISH);
		u->in_used = u->in_bytes - s.avail_in;
		err = xz_error(status);
		if (!err)
			err = put(u, u->out, sizeof(u->out) - s.avail_out);
	}
	lzma_end(&s);
	return u->failed ? u->failed : err;
}

static int run_zstd(struct unpacking *u)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	size_t left = 0; /* 0: at the end of a frame */
	int err = 0;

	if (!z)
		return -IOPT_ENOMEM;
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW_SHIFT_MAX);
	while (!err && have_input(u)) {
		ZSTD_inBuffer in = {u->in, u->in_bytes, u->in_used};
		ZSTD_outBuffer out = {u->out, sizeof(u->out), 0};

		left = ZSTD_decompressStream(z, &out, &in);
		u->in_used = in.pos;
		err = ZSTD_isError(left) ? -IOPT_ENOEXEC : put(u, u->out, out.pos);
		/* What is left in the decoder comes out without input. */
		while (!err && left && out.pos == out.size) {
			out.pos = 0;
			left = ZSTD_decompressStream(z, &out, &in);
			u->in_used = in.pos;
			err = ZSTD_isError(left) ? -IOPT_ENOEXEC : put(u, u->out, out.pos);
		}
	}
	ZSTD_freeDStream(z);
	return !err && left ? bad_data(u) : err ? err : u->failed;
}

static const struct codec codecs[] = {
	{"gzip", 2, {0x1f, 0x8b}, run_gzip},
	{"xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}, run_xz},
	{"zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}, run_zstd},
};

static const struct codec copy = {"copy", 0, {0}, run_copy};

static const struct codec *find_codec(const struct unpacking *u)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codecs); i++)
		if (u->in_bytes >= codecs[i].magic_bytes &&
		    !memcmp(u->in, codecs[i].magic, codecs[i].magic_bytes))
			return &codecs[i];
	return &copy;
}

static int report(const struct unpacking *u, const struct codec *codec, int err,
		  struct iopt_error *error)
{
	struct error_place place = {.source = u->path};

	switch (-err) {
	case IOPT_ENOEXEC:
		return error_at(error, place, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
				"bad %s data after 0x%llx bytes of contents", codec->name,
				(unsigned long long)u->spool.bytes);
	case IOPT_E2BIG:
		return error_at(
			error, place, IOPT_FAILURE_LIMIT, IOPT_E2BIG,
			"too large when unpacked: after 0x%llx bytes, 0x%llx of them not zero",
			(unsigned long long)u->spool.bytes, (unsigned long long)u->spool.written);
	case IOPT_EOPNOTSUPP:
		return error_at(error, place, IOPT_FAILURE_INPUT, IOPT_EOPNOTSUPP,
				"%s data of a kind that is not supported", codec->name);
	case IOPT_ENOMEM:
		return error_at(error, place, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	case IOPT_EINTR:
		return error_at(error, place, IOPT_FAILURE_REQUEST, IOPT_EINTR,
				"interrupted while it was unpacked");
	default:
		return error_at(error, place, IOPT_FAILURE_IO, -err, "while it was unpacked: %s",
				iopt_error_text(err));
	}
}

static int run(struct unpacking *u, const struct codec *codec, int *fd, struct iopt_error *error)
{
	const char *directory;
	int plain, err = spool_open(&u->spool, &directory);

	if (err)
		return error_set(error, IOPT_FAILURE_IO, -err,
				 "%s: no temporary file can be made there (TMPDIR says where): %s",
				 directory, iopt_error_text(err));
	err = codec->run(u);
	if (!err)
		err = spool_finish(&u->spool, &plain);
	spool_abandon(&u->spool);
	if (err)
		return report(u, codec, err, error);
	close(*fd);
	*fd = plain;
	return 0;
}

int unpack(int *fd, const char *path, const struct unpack_limits *limits,
	   const struct iopt_progress *progress, struct iopt_error *error)
{
	static const struct unpack_limits usual = {UINT64_C(64) << 30, UINT64_C(4) << 30};
	struct unpacking *u = calloc(1, sizeof(*u));
	const struct codec *codec;
	struct stat st;
	int err = 0;

	if (!u)
		return error_set(error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	u->path = path;
	u->fd = *fd;
	u->spool.bytes_max = limits ? limits->bytes : usual.bytes;
	u->spool.written_max = limits ? limits->written : usual.written;
	while (u->in_bytes < HEAD_BYTES && fill(u))
		;
	codec = find_codec(u);
	if (!u->failed && fstat(*fd, &st))
		u->failed = -iopt_error_of_errno(errno);
	if (!u->failed && S_ISREG(st.st_mode))
		u->total = (uint64_t)st.st_size;
	u->progress = progress;
	if (u->failed)
		err = error_at(error, (struct error_place){.source = path}, IOPT_FAILURE_IO,
			       -u->failed, "cannot be read: %s", iopt_error_text(u->failed));
	else if (codec != &copy || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
		err = run(u, codec, fd, error);
	free(u);
	return err;
}
