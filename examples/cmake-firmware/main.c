/* SPDX-License-Identifier: MIT */
#include <stdint.h>

#define UART_DATA (*(volatile uint32_t *)0x9000000)

static const char hello[] = "the MMU is on\n";
static volatile unsigned written;

void main(void)
{
	for (const char *p = hello; *p; p++, written++)
		UART_DATA = (uint32_t)*p;
}
