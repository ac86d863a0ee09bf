/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

enum { PATIENCE_MS = 1000, REDRAW_MS = 100 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_init(struct progress *p, bool quiet)
{
	*p = (struct progress){.off = quiet || !isatty(STDERR_FILENO)};
}

static void draw(const char *what, uint64_t done, uint64_t total)
{
	if (total)
		fprintf(stderr, "\r\033[K%s: %u %%", what, (unsigned)(done / (total / 100 + 1)));
	else
		fprintf(stderr, "\r\033[K%s: %llu MiB", what, (unsigned long long)done >> 20);
	fflush(stderr);
}

int progress_step(void *arg, const char *what, uint64_t done, uint64_t total)
{
	struct progress *p = arg;
	int64_t now;

	if (interrupted())
		return 1;
	if (p->off || !what)
		return 0;
	now = now_ms();
	if (!p->begun)
		p->begun = now;
	if (now - p->begun < PATIENCE_MS || now - p->drawn < REDRAW_MS)
		return 0;
	draw(what, done, total);
	p->shown = true;
	p->drawn = now;
	return 0;
}

void progress_end(struct progress *p)
{
	if (p->shown) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	*p = (struct progress){.off = p->off};
}
