/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "board_reader.h"
#include "dts.h"

/* Around what a test says: memory, two SMMUs and what interrupts need. */
#define ROOT "/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;"
#define BASE                                                                       \
	" gic: gic { #interrupt-cells = <1>; };"                                   \
	" memory { device_type = \"memory\"; reg = <0x80000000 0x10000000>; };"    \
	" v2: v2@1000 { compatible = \"arm,smmu-v2\"; reg = <0x1000 0x1000>;"      \
	"  #iommu-cells = <2>; #global-interrupts = <1>; interrupts = <1 2 3>; };" \
	" v3: v3@2000 { compatible = \"arm,smmu-v3\"; reg = <0x2000 0x1000>;"      \
	"  #iommu-cells = <1>; };"

/* ---- one thing at a time ---- */

static int try_board(const void *blob, size_t bytes, struct iopt_board **board,
		     struct iopt_error *error)
{
	struct devicetree *tree;
	int ret = devicetree_open(blob, bytes, "board", &tree, error);

	*board = NULL;
	return ret ? ret : board_of_tree(tree, BIT(12), board, error);
}

static struct iopt_board *board_of(const char *body)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct text blob = dts_compile(body);
	struct iopt_board *board;
	int ret = try_board(blob.data, blob.size, &board, &error);

	text_free(&blob);
	if (ret)
		fail_msg("%s", error.message);
	return board;
}

/* Everything made in a memory of its own, which is gone afterwards. */
static int build(const struct iopt_board *board, struct iopt_error *error)
{
	struct iopt_board_info info = IOPT_INIT(struct iopt_board_info);
	struct iopt_device **devices;
	struct iopt_smmu **smmus;
	struct iopt_memory *m;
	int ret;

	iopt_board_info(board, &info);
	smmus = calloc(info.smmu_count + 1, sizeof(struct iopt_smmu *));
	devices = calloc(info.device_count + 1, sizeof(struct iopt_device *));
	assert_true(smmus && devices);
	assert_int_equal(iopt_memory_create(&m), 0);
	ret = iopt_board_build(board, m, smmus, devices, error);
	for (size_t i = 0; !ret && i < info.device_count; i++)
		assert_non_null(devices[i]);
	iopt_memory_destroy(m);
	free(smmus);
	free(devices);
	return ret;
}

static struct iopt_board_device device_at(const struct iopt_board *board, const char *name)
{
	struct iopt_board_device d = IOPT_INIT(struct iopt_board_device);

	for (size_t i = 0; !iopt_board_device(board, i, &d); i++)
		if (strcmp(d.name, name) == 0)
			return d;
	fail_msg("no device %s", name);
	return d;
}

/* ---- what is wrong ---- */

static const struct {
	const char *body;
	int code;
	const char *message;
} wrong[] = {
	{ROOT BASE "d { iommus = <77>; }; };", IOPT_ENODEV,
	 "/d: iommus: no node has the phandle 0x4d"},
	{ROOT BASE "d { iommus = [00 01]; }; };", IOPT_EINVAL,
	 "/d: iommus: 2 bytes are no multiple of 1 cells"},
	{ROOT BASE "d { iommus = <&v2 1>; }; };", IOPT_EINVAL,
	 "/d: iommus: ends within an entry: v2@1000 has a #iommu-cells of 2"},
	{ROOT BASE "d { iommus = <&v2 1 0>, <&v3 1>; }; };", IOPT_EINVAL,
	 "/d: iommus: v2@1000 and v3@2000 are not of one driver"},
	{ROOT BASE "d { iommus = <&v3 1>; memory-region = <99>; }; };", IOPT_ENODEV,
	 "/d: memory-region: no node has the phandle 0x63"},
	{ROOT BASE "d { iommus = <&v3 1>; pasid-num-bits = <21>; }; };", IOPT_EINVAL,
	 "/d: pasid-num-bits: 21 is more than 20"},
	{ROOT "memory { device_type = \"memory\"; reg = <0 1 2>; }; gic: gic {}; };", IOPT_EINVAL,
	 "/memory: reg: 12 bytes are no multiple of 2 cells"},
	{"/ { #address-cells = <2>; #size-cells = <2>; memory { device_type = \"memory\";"
	 " reg = <0xffffffff 0xfffff000 0 0x2000>; }; };",
	 IOPT_ERANGE, "/memory: reg: 0x2000 bytes at 0xfffffffffffff000 leave the 64-bit space"},
	{"/ { #address-cells = <5>; };", IOPT_EINVAL, "/: #address-cells: 5 is not from 1 to 4"},
	{ROOT "s { compatible = \"arm,mmu-500\"; reg = <0 1>; }; gic: gic {}; };", IOPT_ENODEV,
	 "/s: #global-interrupts: is missing"},
	{ROOT "s { compatible = \"arm,mmu-500\"; reg = <0 1>; #global-interrupts = <2>;"
	      " interrupts = <1 2>; }; gic: gic { #interrupt-cells = <1>; }; };",
	 IOPT_ENODEV, "/s: interrupts: found 2 interrupts, but expected at least 3"},
	{ROOT "s { compatible = \"arm,mmu-500\"; reg = <0 1>; #global-interrupts = <1>;"
	      " interrupt-parent = <9>; interrupts = <1 2>; }; gic: gic {}; };",
	 IOPT_ENODEV, "/s: interrupt-parent: no node has the phandle 0x9"},
	{ROOT "s { compatible = \"arm,smmu-v2\"; #iommu-cells = <1>; mmu-masters = <1>;"
	      " reg = <0 1>; }; gic: gic {}; };",
	 IOPT_ENODEV,
	 "/s: mmu-masters: not probing due to mismatched DT properties: #iommu-cells is there, "
	 "too"},
	{ROOT "s { compatible = \"arm,smmu-v3\"; reg = <0 1>; }; gic: gic {}; };", IOPT_EINVAL,
	 "/s: #iommu-cells: is missing"},
	{ROOT "s { compatible = \"arm,smmu-v3\"; reg = <0 1>; #iommu-cells = <2>; };"
	      " gic: gic {}; };",
	 IOPT_EINVAL, "/s: #iommu-cells: is 2, but v3 has 1"},
	{ROOT "s { compatible = \"arm,smmu-v3\"; #iommu-cells = <1>; }; gic: gic {}; };",
	 IOPT_EINVAL, "/s: reg: is missing"},
	{ROOT BASE "p { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
		   " iommu-map = <0 &v3 0>; }; };",
	 IOPT_EINVAL, "/p: iommu-map: 12 bytes are no multiple of 4 cells"},
	{ROOT BASE "p { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
		   " iommu-map = <0x10 &v3 0 1>; iommu-map-mask = <0xff00>; }; };",
	 IOPT_EFAULT,
	 "/p: iommu-map: iommu-map-mask 0xff00 hides the requester ID 0x10 of entry 0"},
	{ROOT BASE "p { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
		   " iommu-map = <0 0x55 0 1>; }; };",
	 IOPT_ENODEV, "/p: iommu-map: no node has the phandle 0x55"},
	{ROOT BASE "p { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
		   " iommu-map = <0 &v3 0xffffffff 2>; }; };",
	 IOPT_ERANGE, "/p: iommu-map: the stream IDs of entry 0 have more than 32 bits"},
	{ROOT BASE "reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges; }; };",
	 IOPT_EINVAL, "/reserved-memory: its cells are not those of the root"},
	{ROOT BASE "reserved-memory { #address-cells = <1>; #size-cells = <1>; }; };", IOPT_EINVAL,
	 "/reserved-memory: has no ranges"},
	{ROOT BASE "reserved-memory { ranges; r { reg = <1>; }; }; };", IOPT_EINVAL,
	 "/reserved-memory/r: reg: 4 bytes are no multiple of 2 cells"},
	{ROOT BASE "reserved-memory { ranges; r { no-map; }; }; };", IOPT_EINVAL,
	 "/reserved-memory/r: has neither reg nor size"},
	{ROOT BASE "reserved-memory { ranges; r { size = <1 2>; }; }; };", IOPT_EINVAL,
	 "/reserved-memory/r: size: 8 bytes are not the 1 cells that the root says"},
	{ROOT BASE "reserved-memory { ranges; r { size = <0x20000000>; }; }; };", IOPT_ENOMEM,
	 "/reserved-memory/r: size: no memory is left for 0x20000000 bytes, aligned to 0x1"},
	{ROOT BASE "reserved-memory { ranges; r { size = <16>; alignment = <3>; }; }; };",
	 IOPT_EINVAL, "/reserved-memory/r: alignment: 0x3 is no power of two"},
	{ROOT BASE "reserved-memory { ranges; r: r { reg = <0x80000000 0x1000>;"
		   " iommu-addresses = <&d 1>; }; };"
		   " d: d { iommus = <&v3 1>; memory-region = <&r>; }; };",
	 IOPT_EINVAL, "/reserved-memory/r: iommu-addresses: ends within an entry"},
	{ROOT BASE "b { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0>;"
		   " d { iommus = <&v3 1>; }; }; };",
	 IOPT_EINVAL, "/b: dma-ranges: 8 bytes are no multiple of 3 cells"},
	{ROOT BASE "d { dma-coherent; interconnect-names = \"dma-mem\"; }; };", IOPT_EINVAL,
	 "/d: interconnects: has fewer entries than interconnect-names"},
};

static void what_is_wrong_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct text blob = dts_compile(wrong[i].body);
		struct iopt_board *board;
		int ret = try_board(blob.data, blob.size, &board, &error);

		text_free(&blob);
		iopt_board_destroy(board);
		if (ret != -wrong[i].code || (ret && strcmp(error.message, wrong[i].message) != 0))
			fail_msg("%zu: %d %s", i, ret, error.message);
		assert_true(!ret || error.failure == IOPT_FAILURE_INPUT);
		assert_true(!ret || strcmp(error.source, "board") == 0);
	}
}

/* What only shows when the parts are put together. */
static const struct {
	const char *body;
	int code;
	const char *message;
} impossible[] = {
	{ROOT BASE "d { iommus = <&v2 0x10000 0>; }; };", IOPT_EINVAL,
	 "/d: stream ID 0x10000: the SMMU has 16 bits"},
	{ROOT BASE "d { iommus = <&v2 0x10 0x3>; }; e { iommus = <&v2 0x12 0x5>; }; };",
	 IOPT_EINVAL, "/e: stream ID 0x12, mask 0x5 conflicts with 0x10, mask 0x3"},
	{ROOT BASE "d { iommus = <&v3 7>; }; e { iommus = <&v3 7>; }; };", IOPT_EINVAL,
	 "/e: stream ID 0x7 is d's"},
	{ROOT BASE "d { iommus = <&v2 1 0>; }; e { iommus = <&v2 2 0>; };"
		   " f { iommus = <&v2 3 0>; }; };",
	 IOPT_ENOSPC, "/f: all 2 context banks are taken"},
};

static void what_cannot_be_made_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(impossible); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_board *board = board_of(impossible[i].body);

		assert_int_equal(build(board, &error), -impossible[i].code);
		assert_string_equal(error.message, impossible[i].message);
		assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
		iopt_board_destroy(board);
	}
}

/* ---- what is right ---- */

static void streams_are_those_of_the_specifiers(void **state)
{
	struct iopt_board *board = board_of(
		ROOT BASE "o: o@3000 { compatible = \"arm,mmu-500\"; reg = <0x3000 1>; #iommu-cells"
			  " = <1>; stream-match-mask = <0x7f>; #global-interrupts = <0>;"
			  " interrupts = <1>; };"
			  " z: z@4000 { compatible = \"arm,smmu-v2\"; reg = <0x4000 1>;"
			  " #iommu-cells = <0>; #global-interrupts = <0>; interrupts = <1>; };"
			  " a { iommus = <&v2 5 0xf>, <&v2 0x20 0>; }; b { iommus = <&o 0x80>; };"
			  " c { iommus = <&z>; }; d { iommus = <&v3 0x123456>; }; };");
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);
	struct iopt_board_device d;

	(void)state;
	d = device_at(board, "a");
	assert_int_equal(d.config.stream_count, 2);
	assert_true(d.config.streams[0].id == 5 && d.config.streams[0].mask == 0xf);
	assert_true(d.config.streams[1].id == 0x20 && !d.config.streams[1].mask);
	d = device_at(board, "b");
	assert_true(d.config.streams[0].id == 0x80 && d.config.streams[0].mask == 0x7f);
	d = device_at(board, "c");
	assert_true(d.config.stream_count == 1 && !d.config.streams[0].id);
	d = device_at(board, "d");
	assert_int_equal(d.config.streams[0].id, 0x123456);
	assert_int_equal(iopt_board_smmu(board, 1, &smmu), 0);
	assert_int_equal(smmu.config.sid_bits, 21);
	assert_int_equal(iopt_board_smmu(board, 0, &smmu), 0);
	assert_int_equal(smmu.config.context_banks, 2);
	assert_int_equal(build(board, NULL), 0);
	iopt_board_destroy(board);
}

static void a_second_smmu_of_the_driver_is_only_odd(void **state)
{
	struct iopt_board *board =
		board_of(ROOT BASE "w: w@3000 { compatible = \"arm,smmu-v3\"; reg = <0x3000 1>;"
				   " #iommu-cells = <1>; }; d { iommus = <&v3 1>, <&w 2>; };"
				   " e { iommus = <&gone 1>; }; gone: gone@0 { #iommu-cells = <1>;"
				   " compatible = \"arm,smmu-v3\"; status = \"disabled\"; }; };");
	struct iopt_board_info info = IOPT_INIT(struct iopt_board_info);
	struct iopt_board_device d = device_at(board, "d");

	(void)state;
	assert_int_equal(d.smmu, 1);
	assert_int_equal(d.config.stream_count, 2);
	assert_int_equal(device_at(board, "e").smmu, -1);
	iopt_board_info(board, &info);
	assert_int_equal(info.warning_count, 2);
	assert_int_equal(info.disabled_count, 1);
	assert_string_equal(iopt_board_warning(board, 0),
			    "/d: iommus: a stream ID of w@3000 becomes one of v3@2000, as Linux "
			    "looks only at the driver");
	assert_null(iopt_board_warning(board, 2));
	iopt_board_destroy(board);
}

static void coherence_comes_from_above_until_it_is_stopped(void **state)
{
	struct iopt_board *board = board_of(
		ROOT BASE "b { dma-coherent; ranges; a { iommus = <&v3 1>; };"
			  " c { dma-noncoherent; iommus = <&v3 2>; };"
			  " e { dma-noncoherent; ranges; d { iommus = <&v3 3>; }; }; };"
			  " f { iommus = <&v3 4>; }; g { iommus = <&v3 5>; interconnects = <&ic>;"
			  " interconnect-names = \"dma-mem\"; };"
			  " ic: ic { #interconnect-cells = <0>; dma-coherent; ranges; }; };");

	(void)state;
	assert_true(device_at(board, "a").config.coherent);
	assert_false(device_at(board, "c").config.coherent);
	assert_false(device_at(board, "d").config.coherent);
	assert_false(device_at(board, "f").config.coherent);
	assert_true(device_at(board, "g").config.coherent);
	iopt_board_destroy(board);
}

static void dma_ranges_are_those_of_the_nearest_bus(void **state)
{
	struct iopt_board *board =
		board_of(ROOT BASE
			 "b { #address-cells = <1>; #size-cells = <1>; ranges;"
			 " dma-ranges = <0x0 0x80000000 0x8000000>, <0x20000000 0x88000000 0x1000>;"
			 " a { iommus = <&v3 1>; };"
			 " empty { ranges; dma-ranges; c { iommus = <&v3 2>; }; };"
			 " missing { ranges; d { iommus = <&v3 3>; }; };"
			 " far { ranges; gap { ranges; e { iommus = <&v3 4>; }; }; }; }; };");
	struct iopt_board_device d = device_at(board, "a");

	(void)state;
	assert_int_equal(d.config.dma_range_count, 2);
	assert_int_equal(d.config.dma_ranges[1].bus, 0x20000000);
	assert_int_equal(d.config.dma_ranges[1].pa, 0x88000000);
	assert_int_equal(d.config.dma_mask_bits, 30);
	assert_int_equal(device_at(board, "c").config.dma_range_count, 2);
	assert_int_equal(device_at(board, "d").config.dma_range_count, 2);
	assert_int_equal(device_at(board, "e").config.dma_range_count, 0);
	iopt_board_destroy(board);
}

static void pci_hosts_map_requester_ids(void **state)
{
	struct iopt_board *board = board_of(
		ROOT BASE "p { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
			  " iommu-map-mask = <0xfff8>; iommu-map = <0x100 &v3 0x40000 0x100>,"
			  " <0x200 &v3 0 8>, <0x200 &v3 0x1000 0x10>;"
			  " ranges = <0x01000000 0 0 0x1000 0 0x100>,"
			  " <0x02000000 0 0x40000000 0x50000000 0 0x1000000>;"
			  " bridge { device_type = \"pci\"; }; }; };");
	struct iopt_board_device d = device_at(board, "p");
	struct iopt_stream stream;
	int smmu;

	(void)state;
	assert_true(d.pci_host);
	assert_int_equal(d.config.window_count, 1);
	assert_int_equal(d.config.windows[0].base, 0x40000000);
	assert_int_equal(iopt_board_map_rid(board, 0, 0x107, &smmu, &stream), 0);
	assert_true(smmu == 1 && stream.id == 0x40000 && !stream.mask);
	assert_int_equal(iopt_board_map_rid(board, 0, 0x1ff, &smmu, &stream), 0);
	assert_int_equal(stream.id, 0x400f8);
	assert_int_equal(iopt_board_map_rid(board, 0, 0x208, &smmu, &stream), 0);
	assert_int_equal(stream.id, 0x1008);
	assert_int_equal(iopt_board_map_rid(board, 0, 0x0, &smmu, &stream), -IOPT_ENOENT);
	assert_int_equal(iopt_board_map_rid(board, 1, 0x0, &smmu, &stream), -IOPT_EINVAL);
	assert_int_equal(build(board, NULL), 0);
	iopt_board_destroy(board);
}

static void regions_are_placed_from_the_top(void **state)
{
	struct iopt_board *board = board_of(
		ROOT BASE
		"reserved-memory { ranges; #address-cells = <1>; #size-cells = <1>;"
		" top { reg = <0x8ff00000 0x100000>; no-map; };"
		" cma { compatible = \"shared-dma-pool\"; reusable; size = <0x200000>; };"
		" low { size = <0x1000>; alloc-ranges = <0x0 0x1000>, <0x80000000 0x2000>; };"
		" off { status = \"disabled\"; }; }; };");
	struct iopt_board_region r = IOPT_INIT(struct iopt_board_region);
	const uint64_t bases[] = {0x8ff00000, 0x8fc00000, 0x80001000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		assert_int_equal(iopt_board_region(board, i, &r), 0);
		assert_int_equal(r.base, bases[i]);
		assert_int_equal(r.dynamic, i > 0);
	}
	assert_int_equal(iopt_board_region(board, 3, &r), -IOPT_ENOENT);
	assert_int_equal(build(board, NULL), 0);
	iopt_board_destroy(board);
}

static void memory_region_gives_pools_areas_and_addresses(void **state)
{
	struct iopt_board *board = board_of(
		ROOT BASE
		"reserved-memory { ranges; #address-cells = <1>; #size-cells = <1>;"
		" pool: p { compatible = \"shared-dma-pool\"; reg = <0x81000000 0x10000>; no-map; };"
		" mapped: q { compatible = \"shared-dma-pool\"; reg = <0x82000000 0x10000>; };"
		" area: c { compatible = \"shared-dma-pool\"; reg = <0x84000000 0x400000>;"
		"  reusable; };"
		" fb: f { reg = <0x86000000 0x1000>; iommu-addresses = <&a 0x86000000 0x1000>,"
		"  <&b 0x1000 0x1000>; };"
		" hole: h { iommu-addresses = <&b 0x5000 0x3000>; }; };"
		" a: a { iommus = <&v3 1>; memory-region = <&pool &fb>; };"
		" b: b { iommus = <&v3 2>; memory-region = <&area &fb &hole>; };"
		" c { iommus = <&v3 3>; memory-region = <&mapped>; }; };");
	struct iopt_board_device d = device_at(board, "a");

	(void)state;
	assert_int_equal(d.config.pool_base, 0x81000000);
	assert_int_equal(d.config.pool_size, 0x10000);
	assert_int_equal(d.config.region_count, 1);
	assert_int_equal(d.config.regions[0].type, IOPT_RESV_DIRECT);
	d = device_at(board, "b");
	assert_int_equal(d.cma, 2);
	assert_int_equal(d.config.region_count, 2);
	assert_int_equal(d.config.regions[0].type, IOPT_RESV_RESERVED);
	assert_int_equal(d.config.regions[1].base, 0x5000);
	assert_string_equal(iopt_board_warning(board, 0),
			    "/c: memory-region: q is no pool for it without no-map");
	assert_int_equal(device_at(board, "c").config.pool_size, 0);
	assert_int_equal(build(board, NULL), 0);
	iopt_board_destroy(board);
}

static void equal_names_get_numbers(void **state)
{
	struct iopt_board *board =
		board_of(ROOT BASE
			 "x { ranges; dma@0 { iommus = <&v3 1>; }; };"
			 " y { ranges; dma@0 { iommus = <&v3 2>; }; };"
			 " z { ranges; dma@0 { iommus = <&v3 3>; }; }; a,b+c { iommus = <&v3 4>; };"
			 " abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz { iommus = <&v3 5>;"
			 " }; };");

	(void)state;
	assert_string_equal(device_at(board, "dma@0").path, "/x/dma@0");
	assert_string_equal(device_at(board, "dma@0-2").path, "/y/dma@0");
	assert_string_equal(device_at(board, "dma@0-3").path, "/z/dma@0");
	device_at(board, "a_b_c");
	device_at(board, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv");
	iopt_board_destroy(board);
}

static void old_masters_are_behind_their_smmu_untranslated(void **state)
{
	struct iopt_board *board = board_of(
		ROOT "gic: gic { #interrupt-cells = <1>; }; s@0 { compatible = \"arm,mmu-401\";"
		     " reg = <0 1>; #global-interrupts = <1>; interrupts = <1 2>;"
		     " mmu-masters = <&d 3 4 &e 9 &d 1 2>; };"
		     " d: d { #stream-id-cells = <2>; }; e: e { #stream-id-cells = <1>; }; };");
	struct iopt_board_device d = device_at(board, "d");

	(void)state;
	assert_int_equal(d.smmu, 0);
	assert_int_equal(d.config.stream_count, 2);
	assert_int_equal(d.config.streams[1].id, 4);
	assert_int_equal(d.config.default_domain, IOPT_DEFAULT_PASSTHROUGH);
	assert_int_equal(device_at(board, "e").config.streams[0].id, 9);
	assert_non_null(iopt_board_warning(board, 0));
	assert_int_equal(build(board, NULL), 0);
	iopt_board_destroy(board);
}

/* ---- boards of testdata, as they are and damaged ---- */

static struct text testdata_blob(const char *name)
{
	char path[512], body[16384];
	size_t bytes;
	FILE *f;

	snprintf(path, sizeof(path), "%s/dts/%s", getenv("TESTDATA"), name);
	f = fopen(path, "r");
	assert_non_null(f);
	bytes = fread(body, 1, sizeof(body) - 1, f);
	body[bytes] = '\0';
	assert_true(feof(f) && !fclose(f));
	return dts_compile(strstr(body, "/dts-v1/;") + strlen("/dts-v1/;"));
}

static void damaged_boards_are_refused_or_made(void **state)
{
	static const char *const names[] = {"smmuv2-soc.dts", "mmu500-phone.dts",
					    "smmuv3-server.dts"};
	uint64_t random = 1;
	size_t made = 0, refused = 0;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		struct text blob = testdata_blob(names[n]);
		struct text copy = {.data = malloc(blob.size + 1)};

		assert_non_null(copy.data);
		for (unsigned i = 0; i < 3000; i++) {
			struct iopt_error error = IOPT_INIT(struct iopt_error);
			struct iopt_board *board;
			int ret;

			memcpy(copy.data, blob.data, blob.size + 1);
			copy.size = blob.size;
			for (unsigned j = 0; j < (i ? 1 + i % 4 : 0); j++) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				copy.data[random % copy.size] ^= (char)(1 << (random >> 32) % 8);
			}
			if (i % 8 == 7)
				copy.size = (random >> 40) % copy.size;
			ret = try_board(copy.data, copy.size, &board, &error);
			if (!ret)
				ret = build(board, &error);
			assert_true(i || !ret);
			assert_true(!ret || (error.code == -ret && error.message[0]));
			*(ret ? &refused : &made) += 1;
			iopt_board_destroy(board);
		}
		free(copy.data);
		text_free(&blob);
	}
	assert_true(made > 1000 && refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(what_cannot_be_made_is_told_with_its_place),
		cmocka_unit_test(streams_are_those_of_the_specifiers),
		cmocka_unit_test(a_second_smmu_of_the_driver_is_only_odd),
		cmocka_unit_test(coherence_comes_from_above_until_it_is_stopped),
		cmocka_unit_test(dma_ranges_are_those_of_the_nearest_bus),
		cmocka_unit_test(pci_hosts_map_requester_ids),
		cmocka_unit_test(regions_are_placed_from_the_top),
		cmocka_unit_test(memory_region_gives_pools_areas_and_addresses),
		cmocka_unit_test(equal_names_get_numbers),
		cmocka_unit_test(old_masters_are_behind_their_smmu_untranslated),
		cmocka_unit_test(damaged_boards_are_refused_or_made),
	};

	return cmocka_run_group_tests(tests, textfile_set_up, textfile_tear_down);
}
