/* SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { TEMPS_MAX = 8 };

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXFSZ};
static const char *volatile temps[TEMPS_MAX];
static volatile sig_atomic_t interrupt_seen;

enum { ENDING_COUNT = sizeof(ending) / sizeof(ending[0]) };

static void on_interrupt(int number)
{
	(void)number;
	interrupt_seen = 1;
}

/* SA_RESETHAND has put the default back: raised again, the signal ends the program. */
static void on_end(int number)
{
	size_t i;

	for (i = 0; i < TEMPS_MAX; i++)
		if (temps[i])
			unlink(temps[i]);
	raise(number);
}

void interrupt_init(bool interactive)
{
	struct sigaction end = {.sa_handler = on_end, .sa_flags = (int)SA_RESETHAND};
	struct sigaction flag = {.sa_handler = on_interrupt};
	struct sigaction now;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&end.sa_mask);
	sigemptyset(&flag.sa_mask);
	for (i = 0; i < ENDING_COUNT; i++) {
		/* what the caller has us ignore (nohup, a background job) stays ignored */
		if (!sigaction(ending[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaction(ending[i], &end, NULL);
	}
	if (interactive)
		sigaction(SIGINT, &flag, NULL);
}

bool interrupted(void)
{
	return interrupt_seen;
}

void interrupt_clear(void)
{
	interrupt_seen = 0;
}

void interrupt_block(sigset_t *before)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < ENDING_COUNT; i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

void interrupt_unblock(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

void interrupt_keep_temp(const char *path)
{
	size_t i;

	for (i = 0; i < TEMPS_MAX; i++) {
		if (!temps[i]) {
			temps[i] = path;
			return;
		}
	}
}

void interrupt_drop_temp(const char *path)
{
	size_t i;

	for (i = 0; i < TEMPS_MAX; i++)
		if (temps[i] == path)
			temps[i] = NULL;
}
