/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a device tree.  What reads is asked for everything, and made in a memory if it has
 * little RAM (the allocator's tables grow with that).
 */
#include <stdlib.h>
#include <string.h>

#include "board_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What no board reads, as others do: addresses of every node, and names. */
static void read_nodes(const struct devicetree *t)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	char path[DT_PATH_BYTES];
	struct dt_window window;
	struct range range;

	for (int node = 0; node < dt_node_count(t); node++) {
		if (strlen(dt_path(t, node, path)) >= sizeof(path))
			abort();
		for (size_t i = 0; i < 4 && !dt_reg(t, node, i, &range, &error); i++)
			if (range.last < range.first)
				abort();
		dt_window(t, node, DT_RANGES, 0, &window, &error);
		dt_child(t, node, "memory");
	}
}

static void map_functions(const struct iopt_board *board)
{
	struct iopt_board_device d = IOPT_INIT(struct iopt_board_device);
	struct iopt_stream stream;
	int smmu;

	for (size_t i = 0; i < 16 && !iopt_board_device(board, i, &d); i++)
		for (uint32_t rid = 0; d.pci_host && rid < 0x10000; rid += 0xff1)
			iopt_board_map_rid(board, i, rid, &smmu, &stream);
}

static bool is_small(const struct iopt_board *board)
{
	uint64_t base, size, all = 0;

	for (size_t i = 0; !iopt_board_ram(board, i, &base, &size); i++)
		if (__builtin_add_overflow(all, size, &all) || i == 8)
			return false;
	return all <= BIT(36);
}

static void make(const struct iopt_board *board)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_board_info info = IOPT_INIT(struct iopt_board_info);
	struct iopt_device **devices;
	struct iopt_smmu **smmus;
	struct iopt_memory *m;

	iopt_board_info(board, &info);
	smmus = calloc(info.smmu_count + 1, sizeof(struct iopt_smmu *));
	devices = calloc(info.device_count + 1, sizeof(struct iopt_device *));
	if (!smmus || !devices || iopt_memory_create(&m))
		abort();
	if (iopt_board_build(board, m, smmus, devices, &error) &&
	    (!error.code || !error.message[0]))
		abort();
	iopt_memory_destroy(m);
	free(smmus);
	free(devices);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_board *board;
	struct devicetree *tree;
	int ret = devicetree_open(data, bytes, "fuzz", &tree, &error);

	if (!ret) {
		read_nodes(tree);
		error = IOPT_INIT(struct iopt_error);
		ret = board_of_tree(tree, BIT(12), &board, &error);
	}
	if (ret) {
		if (error.code != -ret || !error.message[0])
			abort();
		return 0;
	}
	map_functions(board);
	if (is_small(board))
		make(board);
	iopt_board_destroy(board);
	return 0;
}
