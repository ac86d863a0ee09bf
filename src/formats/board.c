/* SPDX-License-Identifier: MIT */
#include "../core/ascii.h"
#include "board_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	NAME_LENGTH_MAX = 48, /* with what makes it unique, and ".dma", a name of the program's */
	NAME_TRIES = 8,
};

struct board_block {
	struct board_block *next;
	uint64_t data[];
};

/* ---- what parts are made of ---- */

int board_out_of_memory(struct iopt_error *error)
{
	return error_set(error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

int board_list_add(struct board_list *list, const void *item, size_t bytes)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		void *items = realloc(list->items, room * bytes);

		if (!items)
			return -IOPT_ENOMEM;
		list->items = items;
		list->room = room;
	}
	memcpy((char *)list->items + list->count++ * bytes, item, bytes);
	return 0;
}

void *board_alloc(struct iopt_board *board, size_t bytes)
{
	struct board_block *block = calloc(1, sizeof(*block) + bytes);

	if (!block)
		return NULL;
	block->next = board->blocks;
	board->blocks = block;
	return block->data;
}

const char *board_path(struct iopt_board *board, int node)
{
	char path[DT_PATH_BYTES];
	size_t bytes = strlen(dt_path(board->tree, node, path)) + 1;
	char *kept = board_alloc(board, bytes);

	return kept ? memcpy(kept, path, bytes) : NULL;
}

/* Each of these structs begins with its size and its name. */
struct named_part {
	size_t struct_size;
	const char *name;
};

static bool name_is_in(const struct board_list *list, size_t bytes, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		const void *part = (const char *)list->items + i * bytes;

		if (strcmp(((const struct named_part *)part)->name, name) == 0)
			return true;
	}
	return false;
}

static bool name_is_taken(const struct iopt_board *b, const char *name, bool region)
{
	if (region)
		return name_is_in(&b->regions, sizeof(struct iopt_board_region), name);
	return name_is_in(&b->smmus, sizeof(struct iopt_board_smmu), name) ||
	       name_is_in(&b->devices, sizeof(struct iopt_board_device), name);
}

const char *board_name(struct iopt_board *board, int node, bool region)
{
	const size_t room = NAME_LENGTH_MAX + 16;
	char *name = board_alloc(board, room);
	unsigned number;
	int length;
	char *p;

	if (!name)
		return NULL;
	length = snprintf(name, room, "%.*s", NAME_LENGTH_MAX, dt_name(board->tree, node));
	for (p = name; *p; p++)
		if (!ascii_is_alnum(*p) && !(strchr("_.@", *p) || (*p == '-' && p > name)))
			*p = '_';
	if (!length)
		length = snprintf(name, room, "root");
	for (number = 2; name_is_taken(board, name, region); number++)
		snprintf(name + length, room - (size_t)length, "-%u",
			 number < NAME_TRIES ? number : (unsigned)node + number);
	return name;
}

int board_warn(const struct board_reader *r, int node, const char *property, const char *format,
	       ...)
{
	char path[DT_PATH_BYTES], text[256];
	char *kept;
	va_list args;

	if (r->board->warnings.count == BOARD_WARNINGS_MAX)
		return 0;
	kept = board_alloc(r->board, DT_PATH_BYTES + sizeof(text) + 64);
	if (!kept)
		return board_out_of_memory(r->error);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(kept, DT_PATH_BYTES + sizeof(text) + 64, "%s: %.60s: %s",
		 dt_path(r->tree, node, path), property, text);
	if (board_list_add(&r->board->warnings, &kept, sizeof(kept)))
		return board_out_of_memory(r->error);
	return 0;
}

/* ---- reading ---- */

/* A disabled bus hides all that is on it. */
static void mark_available(struct board_reader *r)
{
	for (int i = 0; i < dt_node_count(r->tree); i++) {
		const int above = dt_parent(r->tree, i);

		r->available[i] =
			(above == DT_NONE || r->available[above]) && dt_is_available(r->tree, i);
		r->smmu_of[i] = r->region_of[i] = r->legacy_of[i] = r->ranges_of[i] = DT_NONE;
	}
}

static int read_parts(struct iopt_board *board, struct iopt_error *error)
{
	const size_t count = (size_t)dt_node_count(board->tree);
	int *numbers = malloc(4 * count * sizeof(int));
	struct board_reader r = {.board = board,
				 .tree = board->tree,
				 .error = error,
				 .available = malloc(count * sizeof(bool)),
				 .smmu_of = numbers,
				 .region_of = numbers + count,
				 .legacy_of = numbers + 2 * count,
				 .ranges_of = numbers + 3 * count};
	int ret;

	if (numbers && r.available) {
		mark_available(&r);
		ret = board_read_memory(&r);
		if (!ret)
			ret = board_read_smmus(&r);
		if (!ret)
			ret = board_read_devices(&r);
	} else {
		ret = board_out_of_memory(error);
	}
	free(r.legacy.items);
	free(r.ranges.items);
	free(r.available);
	free(numbers);
	return ret;
}

int board_of_tree(struct devicetree *tree, uint64_t page, struct iopt_board **board,
		  struct iopt_error *error)
{
	struct iopt_board *b = calloc(1, sizeof(*b));
	int ret;

	*board = NULL;
	if (!b) {
		devicetree_destroy(tree);
		return board_out_of_memory(error);
	}
	b->page = page;
	b->tree = tree;
	ret = read_parts(b, error);
	if (ret)
		iopt_board_destroy(b);
	else
		*board = b;
	return ret;
}

int iopt_board_load(const char *path, uint64_t cpu_page_size, struct iopt_board **board,
		    struct iopt_error *error)
{
	const uint64_t page = cpu_page_size ? cpu_page_size : BIT(12);
	struct devicetree *tree;
	int ret;

	*board = NULL;
	if (page != BIT(12) && page != BIT(14) && page != BIT(16))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the CPU page size is 4k, 16k or 64k");
	ret = devicetree_load(path, &tree, error);
	return ret ? ret : board_of_tree(tree, page, board, error);
}

void iopt_board_destroy(struct iopt_board *board)
{
	struct board_block *block, *next;

	if (!board)
		return;
	for (block = board->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	devicetree_destroy(board->tree);
	free(board->ram.items);
	free(board->regions.items);
	free(board->smmus.items);
	free(board->devices.items);
	free(board->warnings.items);
	free(board);
}

/* ---- what it is ---- */

void iopt_board_info(const struct iopt_board *board, struct iopt_board_info *info)
{
	struct dt_property model;
	const char *text;

	if (info->struct_size < sizeof(*info))
		return;
	dt_property(board->tree, DT_ROOT, "model", &model);
	text = dt_string(&model, 0);
	*info = (struct iopt_board_info){.struct_size = sizeof(*info),
					 .model = text ? text : "",
					 .ram_count = board->ram.count,
					 .region_count = board->regions.count,
					 .smmu_count = board->smmus.count,
					 .device_count = board->devices.count,
					 .warning_count = board->warnings.count,
					 .disabled_count = board->disabled_count};
}

int iopt_board_ram(const struct iopt_board *board, size_t i, uint64_t *base, uint64_t *size)
{
	const struct range *ram = board->ram.items;

	if (i >= board->ram.count)
		return -IOPT_ENOENT;
	*base = ram[i].first;
	*size = ram[i].last - ram[i].first + 1;
	return 0;
}

const char *iopt_board_use_name(enum iopt_board_use use)
{
	static const char *const names[IOPT_BOARD_USE_COUNT] = {
		[IOPT_BOARD_PLAIN] = "plain",
		[IOPT_BOARD_POOL] = "pool",
		[IOPT_BOARD_CMA] = "cma",
		[IOPT_BOARD_RESTRICTED] = "restricted",
	};

	return (unsigned)use < IOPT_BOARD_USE_COUNT ? names[use] : NULL;
}

/* The i-th item; both structs begin with their size. */
static int list_copy(const struct board_list *list, size_t i, void *to, size_t room, size_t bytes)
{
	if (room < bytes)
		return -IOPT_EINVAL;
	if (i >= list->count)
		return -IOPT_ENOENT;
	memcpy(to, (const char *)list->items + i * bytes, bytes);
	return 0;
}

int iopt_board_region(const struct iopt_board *board, size_t i, struct iopt_board_region *region)
{
	return list_copy(&board->regions, i, region, region->struct_size, sizeof(*region));
}

int iopt_board_smmu(const struct iopt_board *board, size_t i, struct iopt_board_smmu *smmu)
{
	return list_copy(&board->smmus, i, smmu, smmu->struct_size, sizeof(*smmu));
}

int iopt_board_device(const struct iopt_board *board, size_t i, struct iopt_board_device *device)
{
	return list_copy(&board->devices, i, device, device->struct_size, sizeof(*device));
}

const char *iopt_board_warning(const struct iopt_board *board, size_t i)
{
	return i < board->warnings.count ? ((char **)board->warnings.items)[i] : NULL;
}
