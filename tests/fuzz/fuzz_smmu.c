/* SPDX-License-Identifier: MIT */
/*
 * Stream tables, context descriptors and tables from any bytes: the first are registers of an
 * SMMUv3, the rest is what memory holds.  All streams are shown, and transactions of some go
 * through; what gets through has no event.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/core/base.h"
#include "../../src/core/iopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RAM UINT64_C(0x40000000)

enum { RAM_BYTES = 1 << 20, STREAMS_MAX = 32, SUBSTREAMS_MAX = 4 };

struct fuzz {
	struct iopt_streams streams;
	unsigned count, substreams;
	uint32_t sid;
};

static void transact(struct iopt_route *route, uint64_t iova)
{
	static const unsigned accesses[] = {0, IOPT_ACCESS_R, IOPT_ACCESS_W, IOPT_ACCESS_X};
	struct iopt_route_info info = IOPT_INIT(struct iopt_route_info);

	iopt_route_info(route, &info);
	for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct iopt_route_answer answer = IOPT_INIT(struct iopt_route_answer);
		int ret = iopt_route_translate(route, iova, accesses[i], i & 1, &answer);

		if (!ret && answer.event.name)
			abort();
		if (ret == -IOPT_EFAULT && !answer.event.name && info.config != IOPT_ROUTE_ABORT)
			abort();
		if (ret == -IOPT_EFAULT && answer.event.name &&
		    (answer.event.words[0] & 0xff) != answer.event.id)
			abort();
	}
}

static void follow(struct fuzz *f, const uint32_t *ssid);

static int on_ssid(void *arg, uint32_t ssid)
{
	struct fuzz *f = arg;

	if (++f->substreams > SUBSTREAMS_MAX)
		return 1;
	follow(f, &ssid);
	return 0;
}

static void follow(struct fuzz *f, const uint32_t *ssid)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_route *route;

	if (iopt_route_open(&f->streams, f->sid, ssid, NULL, &route, &error))
		return;
	transact(route, 0);
	transact(route, 0x40001000);
	transact(route, UINT64_MAX);
	if (!ssid)
		iopt_substreams_visit(route, on_ssid, f);
	iopt_route_close(route);
}

static int on_stream(void *arg, const struct iopt_stream_found *found)
{
	struct fuzz *f = arg;

	if (found->last < found->sid)
		abort();
	if (++f->count > STREAMS_MAX)
		return 1;
	f->sid = found->sid;
	f->substreams = 0;
	if (!found->again)
		follow(f, NULL);
	return 0;
}

static uint64_t take(const uint8_t **data, size_t *size, size_t bytes)
{
	uint64_t value = 0;

	if (bytes > *size)
		bytes = *size;
	memcpy(&value, *data, bytes);
	*data += bytes;
	*size -= bytes;
	return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"cr0", "cr2", "gbpa", "idr0", "idr1", "idr3", "idr5"};
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct fuzz f = {.streams = IOPT_INIT(struct iopt_streams)};
	struct iopt_memory *memory;
	struct iopt_registers *registers;
	uint8_t given = (uint8_t)take(&data, &size, 1);

	if (iopt_memory_create(&memory) || iopt_registers_create(&registers) ||
	    iopt_memory_add_ram(memory, RAM, RAM_BYTES, &error))
		abort();
	iopt_registers_set(registers, "strtab_base", RAM | take(&data, &size, 3) << 6);
	iopt_registers_set(registers, "strtab_base_cfg", take(&data, &size, 4));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (given >> i & 1)
			iopt_registers_set(registers, names[i], take(&data, &size, 4));
	if (size > RAM_BYTES)
		size = RAM_BYTES;
	if (size)
		iopt_memory_write(memory, RAM, data, size);
	f.streams.memory = memory;
	f.streams.registers = registers;
	f.streams.model = IOPT_SMMU_V3;
	iopt_streams_visit(&f.streams, on_stream, &f, &error);
	for (f.sid = 0; f.sid < 4; f.sid++)
		follow(&f, NULL);
	iopt_registers_destroy(registers);
	iopt_memory_destroy(memory);
	return 0;
}
