/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "devicetree.h"
#include "dts.h"

static struct devicetree *tree_of(const char *body)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct text blob = dts_compile(body);
	struct devicetree *t;

	assert_int_equal(devicetree_open(blob.data, blob.size, "tree", &t, &error), 0);
	text_free(&blob);
	return t;
}

static int node_at(const struct devicetree *t, const char *path)
{
	char name[DT_PATH_BYTES];
	int node;

	for (node = 0; node < dt_node_count(t); node++)
		if (strcmp(dt_path(t, node, name), path) == 0)
			return node;
	fail_msg("no node %s", path);
	return DT_NONE;
}

/* ---- the tree ---- */

static void nodes_have_names_parents_and_paths(void **state)
{
	struct devicetree *t = tree_of("/ { a { b@1 {}; }; c: c@2 { x = <&c>; }; };");
	char path[DT_PATH_BYTES];
	int a, c;

	(void)state;
	assert_int_equal(dt_node_count(t), 4);
	assert_int_equal(dt_parent(t, DT_ROOT), DT_NONE);
	assert_string_equal(dt_path(t, DT_ROOT, path), "/");
	a = dt_next_child(t, DT_ROOT, DT_NONE);
	c = dt_next_child(t, DT_ROOT, a);
	assert_string_equal(dt_name(t, a), "a");
	assert_string_equal(dt_name(t, c), "c@2");
	assert_int_equal(dt_next_child(t, DT_ROOT, c), DT_NONE);
	assert_string_equal(dt_path(t, dt_child(t, a, "b"), path), "/a/b@1");
	assert_int_equal(dt_child(t, a, "b@"), DT_NONE);
	assert_int_equal(dt_by_phandle(t, 1), c);
	assert_int_equal(dt_by_phandle(t, 2), DT_NONE);
	devicetree_destroy(t);
}

static void a_long_path_loses_its_beginning(void **state)
{
	struct devicetree *t =
		tree_of("/ { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa { bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb {"
			" cccccccccccccccccccccccccccccc { dddddddddddddddddddddddddddddd {"
			" eeeeeeeeeeeeeeeeeeeeeeeeeeeeee {}; }; }; }; }; };");
	char path[DT_PATH_BYTES];

	(void)state;
	assert_string_equal(dt_path(t, 5, path),
			    "…/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccccccccccccc"
			    "/dddddddddddddddddddddddddddddd"
			    "/eeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
	devicetree_destroy(t);
}

static void properties_are_found_in_small_and_large_nodes(void **state)
{
	struct devicetree *t =
		tree_of("/ { few { z = <1>; y = <2>; }; many {"
			" p9=<9>; p8=<8>; p7=<7>; p6=<6>; p5=<5>; p4=<4>; p3=<3>; p2=<2>; p1=<1>;"
			" q9=<9>; q8=<8>; q7=<7>; q6=<6>; q5=<5>; q4=<4>; q3=<3>; q2=<2>; q1=<1>;"
			" list = \"one\", \"two\"; odd = [01 02 03]; wide = <1 2>; }; };");
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct dt_property p;
	uint32_t value = 0;

	(void)state;
	assert_int_equal(dt_u32(t, 1, "y", &value, &error), 0);
	assert_int_equal(value, 2);
	assert_int_equal(dt_u32(t, 2, "p5", &value, &error), 0);
	assert_int_equal(value, 5);
	assert_int_equal(dt_u32(t, 2, "q1", &value, &error), 0);
	assert_int_equal(value, 1);
	assert_int_equal(dt_u32(t, 2, "q0", &value, &error), -IOPT_ENOENT);
	assert_int_equal(dt_u32(t, 2, "wide", &value, &error), -IOPT_EINVAL);
	assert_string_equal(error.message, "/many: wide: 8 bytes are not one cell");
	assert_true(dt_property(t, 2, "list", &p));
	assert_string_equal(dt_string(&p, 1), "two");
	assert_null(dt_string(&p, 2));
	assert_int_equal(dt_string_index(t, 2, "list", "two"), 1);
	assert_int_equal(dt_string_index(t, 2, "list", "tw"), -1);
	assert_true(dt_property(t, 2, "odd", &p));
	assert_null(dt_string(&p, 0));
	devicetree_destroy(t);
}

static void status_says_what_is_there(void **state)
{
	struct devicetree *t = tree_of("/ { a {}; b { status = \"okay\"; }; c { status = \"ok\"; };"
				       " d { status = \"disabled\"; }; e { status; }; };");
	const bool want[] = {true, true, true, true, false, false};

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_int_equal(dt_is_available(t, i), want[i]);
	devicetree_destroy(t);
}

static void references_carry_their_arguments(void **state)
{
	struct devicetree *t = tree_of("/ { m: m { #x-cells = <2>; }; n: n { #x-cells = <0>; };"
				       " o { x = <&m 7 8 &n &m 9 10>; }; };");
	struct dt_reference r;
	size_t at = 0;

	(void)state;
	assert_int_equal(dt_next_reference(t, 3, "x", "#x-cells", &at, &r, NULL), 0);
	assert_true(r.target == 1 && r.arg_count == 2 && r.args[0] == 7 && r.args[1] == 8);
	assert_int_equal(dt_next_reference(t, 3, "x", "#x-cells", &at, &r, NULL), 0);
	assert_true(r.target == 2 && r.arg_count == 0);
	assert_int_equal(dt_next_reference(t, 3, "x", "#x-cells", &at, &r, NULL), 0);
	assert_true(r.target == 1 && r.args[1] == 10);
	assert_int_equal(dt_next_reference(t, 3, "x", "#x-cells", &at, &r, NULL), -IOPT_ENOENT);
	devicetree_destroy(t);
}

static const struct {
	const char *body;
	int code;
	const char *message;
} bad_references[] = {
	{"/ { n { x = <77>; }; };", IOPT_ENODEV, "/n: x: no node has the phandle 0x4d"},
	{"/ { n { x = [00 00 01]; }; };", IOPT_EINVAL, "/n: x: 3 bytes are no multiple of 1 cells"},
	{"/ { n { x = <&m>; }; m: m {}; };", IOPT_EINVAL,
	 "/n: x: m, which it names, has no #x-cells"},
	{"/ { n { x = <&m 1>; }; m: m { #x-cells = <2>; }; };", IOPT_EINVAL,
	 "/n: x: ends within an entry: m has a #x-cells of 2"},
	{"/ { n { x = <&m 1>; }; m: m { #x-cells = <17>; }; };", IOPT_EINVAL,
	 "/m: #x-cells: 17 cells are more than 16"},
};

static void bad_references_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_references); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct devicetree *t = tree_of(bad_references[i].body);
		struct dt_reference r;
		size_t at = 0;

		assert_int_equal(dt_next_reference(t, 1, "x", "#x-cells", &at, &r, &error),
				 -bad_references[i].code);
		assert_string_equal(error.message, bad_references[i].message);
		assert_string_equal(error.source, "tree");
		assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
		devicetree_destroy(t);
	}
}

/* ---- addresses ---- */

static const char buses[] =
	"/ { #address-cells = <2>; #size-cells = <2>;"
	" soc { #address-cells = <1>; #size-cells = <1>; ranges = <0x1000 0x1 0x0 0x10000>;"
	"  dma-ranges = <0x0 0x0 0x80000000 0x40000000>;"
	"  dev@2000 { reg = <0x2000 0x100>, <0x20000 0x100>; };"
	"  inner { #address-cells = <1>; #size-cells = <1>; ranges; dma-ranges = <0x100 0x200 0x300>;"
	"   dev@3000 { reg = <0x3000 0x10>; }; };"
	"  closed { dev@0 { reg = <0 4>; }; }; };"
	" top@8000 { reg = <0x0 0x8000 0x1 0x0>; };"
	" last@f { reg = <0xffffffff 0xfffff000 0x0 0x1000>, <0xffffffff 0xfffff000 0x0 0x1001>; };"
	" pci { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
	"  ranges = <0x01000000 0x0 0x0 0x0 0x3eff0000 0x0 0x10000>,"
	"   <0x02000000 0x0 0x10000000 0x0 0x20000000 0x0 0x1000000>;"
	"  port@0 { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>; ranges;"
	"   fn@1 { reg = <0x02000000 0x0 0x10000200 0x0 0x100>; }; };"
	"  port@1 { device_type = \"pci\"; #address-cells = <3>; #size-cells = <2>;"
	"   ranges = <0x02000000 0x0 0x0 0x02000000 0x0 0x10000000 0x0 0x1000>;"
	"   fn@2 { reg = <0x02000000 0x0 0x300 0x0 0x100>; }; };"
	"  fn@0 { reg = <0x02000000 0x0 0x10000100 0x0 0x100>; }; };"
	" i2c { #address-cells = <1>; #size-cells = <0>; ranges; chip@50 { reg = <0x50>; }; }; };";

static void expect_reg(const struct devicetree *t, const char *path, size_t i, uint64_t first,
		       uint64_t last)
{
	struct range r;

	assert_int_equal(dt_reg(t, node_at(t, path), i, &r, NULL), 0);
	assert_int_equal(r.first, first);
	assert_int_equal(r.last, last);
}

static void reg_goes_through_every_bus(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct devicetree *t = tree_of(buses);
	struct range r;

	(void)state;
	expect_reg(t, "/soc/dev@2000", 0, 0x100001000, 0x1000010ff);
	expect_reg(t, "/soc/inner/dev@3000", 0, 0x100002000, 0x10000200f);
	expect_reg(t, "/top@8000", 0, 0x8000, 0x100007fff);
	expect_reg(t, "/last@f", 0, 0xfffffffffffff000, UINT64_MAX);
	expect_reg(t, "/pci/fn@0", 0, 0x20000100, 0x200001ff);
	expect_reg(t, "/pci/port@0/fn@1", 0, 0x20000200, 0x200002ff);
	expect_reg(t, "/pci/port@1/fn@2", 0, 0x20000300, 0x200003ff);
	assert_int_equal(dt_reg(t, node_at(t, "/soc"), 0, &r, &error), -IOPT_ENOENT);
	assert_int_equal(dt_reg(t, node_at(t, "/i2c/chip@50"), 0, &r, &error), -IOPT_ENXIO);
	assert_int_equal(dt_reg(t, node_at(t, "/soc/dev@2000"), 1, &r, &error), -IOPT_ENXIO);
	assert_string_equal(error.message, "/soc: ranges: does not pass on 0x100 bytes at 0x20000");
	assert_int_equal(dt_reg(t, node_at(t, "/soc/closed/dev@0"), 0, &r, &error), -IOPT_ENXIO);
	assert_int_equal(dt_reg(t, node_at(t, "/last@f"), 1, &r, &error), -IOPT_ERANGE);
	devicetree_destroy(t);
}

static void windows_are_as_the_cpu_sees_them(void **state)
{
	struct devicetree *t = tree_of(buses);
	struct dt_window w;

	(void)state;
	assert_int_equal(dt_window(t, node_at(t, "/soc/inner"), DT_DMA_RANGES, 0, &w, NULL), 0);
	assert_true(w.bus == 0x100 && w.cpu == 0x80000200 && w.size == 0x300);
	assert_int_equal(dt_window(t, node_at(t, "/pci"), DT_RANGES, 1, &w, NULL), 0);
	assert_true(w.bus == 0x10000000 && w.cpu == 0x20000000 && w.size == 0x1000000);
	assert_int_equal(field_get(w.flags, DT_PCI_SPACE), DT_PCI_MEMORY_32);
	assert_int_equal(dt_window(t, node_at(t, "/pci"), DT_RANGES, 2, &w, NULL), -IOPT_ENOENT);
	devicetree_destroy(t);
}

static void dma_goes_by_the_interconnect_that_says_so(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct devicetree *t = tree_of(
		"/ { ic: ic { #interconnect-cells = <1>; }; a { b { interconnects = <&ic 1 &ic 2>;"
		" interconnect-names = \"cpu\", \"dma-mem\"; }; c { interconnects = <&ic 1>;"
		" interconnect-names = \"cpu\", \"dma-mem\"; }; }; };");
	int parent;

	(void)state;
	assert_int_equal(dt_dma_parent(t, node_at(t, "/a/b"), &parent, &error), 0);
	assert_int_equal(parent, node_at(t, "/ic"));
	assert_int_equal(dt_dma_parent(t, node_at(t, "/a"), &parent, &error), 0);
	assert_int_equal(parent, DT_ROOT);
	assert_int_equal(dt_dma_parent(t, node_at(t, "/a/c"), &parent, &error), -IOPT_EINVAL);
	devicetree_destroy(t);
}

/* ---- hostile blobs ---- */

static int open_error(const void *blob, size_t bytes, struct iopt_error *error)
{
	struct devicetree *t;
	int ret;

	*error = IOPT_INIT(struct iopt_error);
	ret = devicetree_open(blob, bytes, "tree", &t, error);
	assert_int_equal(!t, ret != 0);
	devicetree_destroy(t);
	return ret;
}

static void a_blob_that_lies_about_its_size_is_refused(void **state)
{
	struct text blob = dts_compile("/ { a { b = <1>; }; };");
	struct iopt_error error;

	(void)state;
	assert_int_equal(open_error(blob.data, blob.size, &error), 0);
	for (size_t bytes = 0; bytes < blob.size; bytes++) {
		assert_int_equal(open_error(blob.data, bytes, &error), -IOPT_ENOEXEC);
		assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
	}
	blob.data[4] = 0x7f;
	assert_int_equal(open_error(blob.data, blob.size, &error), -IOPT_ENOEXEC);
	blob.data[0] = 0;
	assert_int_equal(open_error(blob.data, blob.size, &error), -IOPT_ENOEXEC);
	text_free(&blob);
}

/* Where the structure block of a compiled blob is. */
static unsigned char *block_of(const struct text *blob)
{
	return (unsigned char *)blob->data + load_be32(blob->data + 8);
}

/* A blob whose structure block is 'words' and whose strings block holds "n". */
static size_t make_blob(unsigned char *to, const uint32_t *words, size_t count)
{
	const uint32_t block = 56, strings = block + 4 * (uint32_t)count, total = strings + 2;
	const uint32_t header[] = {0xd00dfeed, total, block, strings, 40,
				   17,	       16,    0,     2,	      4 * (uint32_t)count};

	memset(to, 0, total);
	for (size_t i = 0; i < ARRAY_SIZE(header); i++)
		for (unsigned b = 0; b < 4; b++)
			to[4 * i + b] = (unsigned char)(header[i] >> (24 - 8 * b));
	for (size_t i = 0; i < count; i++)
		for (unsigned b = 0; b < 4; b++)
			to[block + 4 * i + b] = (unsigned char)(words[i] >> (24 - 8 * b));
	to[strings] = 'n';
	return total;
}

static const struct {
	const char *what;
	uint32_t words[10];
	size_t count;
} bad_blocks[] = {
	{"no tag", {7}, 1},
	{"ends within a node, or without one", {9}, 1},
	{"ends within a node, or without one", {1, 0, 9}, 3},
	{"a node ends that has not begun", {2}, 1},
	{"a second root", {1, 0, 2, 1, 0, 2, 9}, 7},
	{"the root has a name", {1, 0x61000000, 2, 9}, 4},
	{"a node's name does not end", {1, 0x61616161}, 2},
	{"a property outside of the root", {3, 0, 0, 9}, 4},
	{"a property is cut off", {1, 0, 3, 0}, 4},
	{"a property is longer than what is left", {1, 0, 3, 0xfffffff0, 0, 2, 9}, 7},
	{"a property's name is not in the strings block", {1, 0, 3, 0, 2, 2, 9}, 7},
	{"a property behind a child node", {1, 0, 1, 0x61000000, 2, 3, 0, 0, 2, 9}, 10},
	{"the block has no end", {1, 0, 2}, 3},
	{"the block has no end", {4, 4}, 2},
};

static void each_wrong_tag_is_told(void **state)
{
	unsigned char blob[256];
	struct iopt_error error;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_blocks); i++) {
		size_t bytes = make_blob(blob, bad_blocks[i].words, bad_blocks[i].count);

		assert_int_equal(open_error(blob, bytes, &error), -IOPT_ENOEXEC);
		if (!strstr(error.message, bad_blocks[i].what))
			fail_msg("%s instead of %s", error.message, bad_blocks[i].what);
	}
}

static void deep_nesting_is_refused(void **state)
{
	enum { DEPTH = 100000 };
	uint32_t *words = calloc(2 * DEPTH + DEPTH + 1, sizeof(*words));
	unsigned char *blob = malloc(4 * (3 * DEPTH + 1) + 64);
	struct iopt_error error;
	size_t i;

	(void)state;
	assert_true(words && blob);
	for (i = 0; i < DEPTH; i++) {
		words[2 * i] = 1;
		words[2 * i + 1] = i ? 0x61000000 : 0;
		words[2 * DEPTH + i] = 2;
	}
	words[3 * DEPTH] = 9;
	assert_int_equal(open_error(blob, make_blob(blob, words, 3 * DEPTH + 1), &error),
			 -IOPT_ENOEXEC);
	assert_non_null(strstr(error.message, "nested more than 64 deep"));
	free(words);
	free(blob);
}

/* Every bit of the header and the structure block, and each word at its extremes. */
static void damage_never_gets_through_unseen(void **state)
{
	struct text blob = dts_compile(buses);
	const size_t end = (size_t)(block_of(&blob) - (unsigned char *)blob.data) + 256;
	struct iopt_error error;
	size_t opened = 0, refused = 0;

	(void)state;
	for (size_t bit = 0; bit < 8 * end; bit++) {
		blob.data[bit / 8] ^= (char)(1 << bit % 8);
		*(open_error(blob.data, blob.size, &error) ? &refused : &opened) += 1;
		blob.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(opened > 100 && refused > 100);
	text_free(&blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_have_names_parents_and_paths),
		cmocka_unit_test(a_long_path_loses_its_beginning),
		cmocka_unit_test(properties_are_found_in_small_and_large_nodes),
		cmocka_unit_test(status_says_what_is_there),
		cmocka_unit_test(references_carry_their_arguments),
		cmocka_unit_test(bad_references_are_told),
		cmocka_unit_test(reg_goes_through_every_bus),
		cmocka_unit_test(windows_are_as_the_cpu_sees_them),
		cmocka_unit_test(dma_goes_by_the_interconnect_that_says_so),
		cmocka_unit_test(a_blob_that_lies_about_its_size_is_refused),
		cmocka_unit_test(each_wrong_tag_is_told),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(damage_never_gets_through_unseen),
	};

	return cmocka_run_group_tests(tests, textfile_set_up, textfile_tear_down);
}
