/* SPDX-License-Identifier: MIT */
/* Signals: temporary files go with the program; in the shell SIGINT only ends a command. */
#ifndef IOPT_CLI_INTERRUPT_H
#define IOPT_CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* 'interactive': SIGINT sets a flag instead of ending the program. */
void interrupt_init(bool interactive);

/* Has the running command been interrupted? */
bool interrupted(void);
void interrupt_clear(void);

/* The signals that end the program wait until then, so that what is between is done or not. */
void interrupt_block(sigset_t *before);
void interrupt_unblock(const sigset_t *before);

/* A file to be removed if a signal ends the program; 'path' lives until it is dropped. */
void interrupt_keep_temp(const char *path);
void interrupt_drop_temp(const char *path);

#endif
