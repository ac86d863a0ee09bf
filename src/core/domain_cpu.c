/* SPDX-License-Identifier: MIT */
/*
 * Domains from a CPU's registers.  Arm ARM: "TCR_EL1", "TCR_EL2", "TCR_EL3", "VTCR_EL2", "TTBCR",
 * "HTCR", "VTCR", "TTBR0_EL1", "VTTBR_EL2".
 */
#include <stdio.h>

#include "error.h"
#include "regs.h"
#include "space.h"

#define TCR_EL1_EPD0 BIT(7)
#define TCR_EL1_EPD1 BIT(23)
#define TCR_EL1_DS   BIT(59)
#define TCR_EL2_DS   BIT(32)
#define VTCR_SL2     BIT(33)
#define TTBCR_EAE    BIT(31)
#define TTBCR_N	     BITS(2, 0)
#define TTBCR_PD0    BIT(4)
#define TTBCR_PD1    BIT(5)
#define SCTLR_TRE    BIT(28)
#define SCTLR_EE     BIT(25)
#define HCR_E2H	     BIT(34)

enum {
	TSZ_MAX = 48, /* with FEAT_TTST; of the 64K granule one less */
	A32_LPAE_OAS = 40,
	V7S_OAS = 40, /* of supersections */
};

struct cpu {
	const struct iopt_registers *registers;
	enum iopt_arch arch;
	enum iopt_regime regime;
	struct iopt_error *error;
	struct space_desc spaces[2];
	unsigned count;
	bool e2h;
	const char *bad; /* why a half was left out */
};

static int refuse(const struct cpu *c, const char *why)
{
	return error_set(c->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s", why);
}

/* ---- registers by name ---- */

/* "ttbr0_el1", or for EL1 and stage 2's own registers also without the level. */
static bool cpu_get(const struct cpu *c, const char *name, enum iopt_regime regime, uint64_t *value)
{
	static const char *const suffixes[] = {"_el1", "_el2", "_el3", "_el2"};
	const bool bare = regime == IOPT_REGIME_EL1 || regime == IOPT_REGIME_STAGE2;
	char full[32];

	snprintf(full, sizeof(full), "%s%s", name, suffixes[regime]);
	if (!iopt_registers_get(c->registers, full, value))
		return true;
	return bare && !iopt_registers_get(c->registers, name, value);
}

static uint64_t cpu_value(const struct cpu *c, const char *name, enum iopt_regime regime)
{
	uint64_t value;

	return cpu_get(c, name, regime, &value) ? value : 0;
}

/* AArch32 calls it TTBCR (and HTCR at EL2); 0, its reset value, unless given. */
static bool cpu_control(const struct cpu *c, enum iopt_regime regime, uint64_t *tcr)
{
	if (cpu_get(c, "tcr", regime, tcr) || cpu_get(c, "ttbcr", regime, tcr))
		return true;
	*tcr = 0;
	return c->arch != IOPT_ARCH_AARCH64;
}

static bool regime_is_there(const struct cpu *c, enum iopt_regime regime)
{
	uint64_t value, tcr;

	if (regime == IOPT_REGIME_STAGE2)
		return cpu_get(c, "vttbr", regime, &value) && cpu_get(c, "vtcr", regime, &tcr);
	return (cpu_get(c, "ttbr0", regime, &value) || cpu_get(c, "ttbr1", regime, &value)) &&
	       cpu_control(c, regime, &tcr);
}

bool iopt_registers_have(const struct iopt_registers *registers, enum iopt_regime regime)
{
	uint64_t arch = IOPT_ARCH_AARCH64;
	struct cpu c = {.registers = registers};

	iopt_registers_get(registers, "arch", &arch);
	c.arch = (enum iopt_arch)arch;
	return (unsigned)regime < IOPT_REGIME_COUNT && regime_is_there(&c, regime);
}

static int choose_regime(struct cpu *c, enum iopt_regime wanted)
{
	enum iopt_regime r;

	if (wanted != IOPT_REGIME_ANY) {
		c->regime = wanted;
		if (regime_is_there(c, wanted))
			return 0;
		return error_set(c->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the registers of %s are not all there: a table base and its "
				 "control register are needed",
				 iopt_regime_name(wanted));
	}
	for (r = IOPT_REGIME_EL1; r < IOPT_REGIME_COUNT; r++) {
		if (regime_is_there(c, r)) {
			c->regime = r;
			return 0;
		}
	}
	return refuse(
		c,
		"no table base register with its control register among them (ttbr0 with tcr; stage 2: vttbr with vtcr)");
}

/* ---- one space ---- */

static void add_register(struct space_desc *d, const char *name, uint64_t value)
{
	assert(d->register_count < IOPT_REGISTERS_MAX);
	d->registers[d->register_count++] = (struct iopt_register){.name = name, .value = value};
}

/*
 * SCTLR of the level that owns the regime; AArch32 calls the one of stage 2 HSCTLR.  Without one,
 * short descriptors are taken to be remapped if there is a PRRR.
 */
static bool cpu_sctlr(const struct cpu *c, uint64_t *value)
{
	const bool stage2 = c->regime == IOPT_REGIME_STAGE2;
	uint64_t prrr = 0;

	if (cpu_get(c, "sctlr", stage2 ? IOPT_REGIME_EL2 : c->regime, value))
		return true;
	if (stage2 || c->regime == IOPT_REGIME_EL2)
		return !iopt_registers_get(c->registers, "hsctlr", value);
	iopt_registers_get(c->registers, "prrr", &prrr);
	*value = prrr ? SCTLR_TRE : 0;
	return c->arch != IOPT_ARCH_AARCH64;
}

/* Registers that change what descriptors mean, so that they stay with the space. */
static void add_context(const struct cpu *c, struct space_desc *d)
{
	uint64_t hcr = cpu_value(c, "hcr", IOPT_REGIME_EL2), value, high;

	if (!hcr)
		iopt_registers_get(c->registers, "hcr", &hcr);
	if (c->e2h)
		hcr |= HCR_E2H;
	if (cpu_sctlr(c, &value))
		add_register(d, "sctlr", value);
	if (hcr)
		add_register(d, "hcr", hcr);
	if (!iopt_registers_get(c->registers, "scr_el3", &value) ||
	    !iopt_registers_get(c->registers, "scr", &value))
		add_register(d, "scr", value);
	if (c->regime == IOPT_REGIME_STAGE2) {
		if (!iopt_registers_get(c->registers, "id_aa64mmfr1", &value))
			add_register(d, "mmfr1", value);
		return;
	}
	if (d->format == IOPT_ARM_V7S)
		return;
	if (cpu_get(c, "mair", c->regime, &value))
		add_register(d, "mair", value);
	else if (cpu_get(c, "mair0", c->regime, &value) && cpu_get(c, "mair1", c->regime, &high))
		add_register(d, "mair", (value & BITS(31, 0)) | high << 32);
}

static struct space_desc *space_begin(struct cpu *c, enum iopt_format format, uint64_t tcr,
				      bool upper)
{
	struct space_desc *d = &c->spaces[c->count];
	uint64_t sctlr;

	*d = (struct space_desc){
		.format = format,
		.regime = c->regime,
		.upper = upper,
		.big_endian = cpu_sctlr(c, &sctlr) && sctlr & SCTLR_EE,
	};
	add_register(d, c->regime == IOPT_REGIME_STAGE2 ? "vttbr" : "ttbr", 0);
	d->registers[d->register_count++] =
		reg_unpack(reg_control(format, c->e2h ? IOPT_REGIME_EL1 : c->regime, upper), tcr);
	return d;
}

static unsigned control_field(const struct space_desc *d, const char *name)
{
	const struct iopt_register *r = &d->registers[1];

	for (unsigned i = 0; i < r->field_count; i++)
		if (!strcmp(r->fields[i].name, name))
			return r->fields[i].value;
	return 0;
}

/* The table base: aligned to the first table's size, which is at least 64 bytes. */
static int space_end(struct cpu *c, struct space_desc *d, uint64_t ttbr, uint64_t root)
{
	const unsigned bits =
		d->format == IOPT_ARM_V7S ? 8 : (unsigned)__builtin_ctzll(d->granule) - 3;
	const int last = d->format == IOPT_ARM_V7S ? 2 : 3;
	const unsigned shift =
		(unsigned)__builtin_ctzll(d->granule) + (unsigned)(last - d->start_level) * bits;
	unsigned table = d->ias > shift ? d->ias - shift + (d->format == IOPT_ARM_V7S ? 2 : 3) : 6;

	d->registers[0].value = ttbr;
	d->root = align_down(root, BIT(table > 6 ? table : 6));
	add_context(c, d);
	c->count++;
	return 0;
}

/* ---- AArch64 ---- */

static uint64_t leaf_sizes(const struct space_desc *d)
{
	const unsigned shift = (unsigned)__builtin_ctzll(d->granule);
	const int lowest = d->granule == BIT(12) ? 1 : 2;
	uint64_t sizes = 0;

	for (int level = d->oa_layout == IOPT_OA_48 ? lowest : lowest - 1; level <= 3; level++)
		sizes |= BIT(shift + (unsigned)(3 - level) * (shift - 3));
	return sizes;
}

/* Granule, address sizes and layout, from TG, TSZ, (I)PS and DS. */
static const char *a64_sizes(struct space_desc *d, bool upper, bool ds)
{
	const unsigned tsz = control_field(d, "tsz");
	const unsigned ps = control_field(d, d->regime == IOPT_REGIME_STAGE2 ? "ps" : "ips");
	unsigned least;

	d->granule = reg_granule(control_field(d, "tg"), upper);
	if (!d->granule)
		return "TG names none of the granules 4K, 16K and 64K";
	d->oas = reg_oas(ps) ? reg_oas(ps) : 52;
	if (d->granule == BIT(16))
		d->oa_layout = d->oas == 52 ? IOPT_OA_LPA : IOPT_OA_48;
	else
		d->oa_layout = ds ? IOPT_OA_LPA2 : IOPT_OA_48;
	if (d->oa_layout == IOPT_OA_48 && d->oas > 48)
		d->oas = 48;
	least = ds || d->granule == BIT(16) ? 12 : 16;
	if (tsz < least || tsz > (d->granule == BIT(16) ? TSZ_MAX - 1 : TSZ_MAX))
		return "TSZ is out of range";
	d->ias = 64 - tsz;
	d->page_sizes = leaf_sizes(d);
	return NULL;
}

static void open_a64_half(struct cpu *c, uint64_t tcr, uint64_t ttbr, bool upper)
{
	struct space_desc *d = space_begin(c, IOPT_ARM_64_LPAE_S1, tcr, upper);
	const bool two = c->regime == IOPT_REGIME_EL1 || c->e2h;
	const char *bad = a64_sizes(d, upper, tcr & (two ? TCR_EL1_DS : TCR_EL2_DS));

	if (bad) {
		c->bad = bad;
		return;
	}
	d->start_level = space_start_level(d->format, d->granule, d->ias);
	space_end(c, d, ttbr, reg_ttbr_a64_root(ttbr, d->oa_layout));
}

static void open_a64(struct cpu *c)
{
	uint64_t tcr = 0, ttbr0, ttbr1;
	bool have0 = cpu_get(c, "ttbr0", c->regime, &ttbr0);
	bool have1 = cpu_get(c, "ttbr1", c->regime, &ttbr1), two;

	c->e2h = c->regime == IOPT_REGIME_EL2 &&
		 (cpu_value(c, "hcr", IOPT_REGIME_EL2) & HCR_E2H || (have1 && ttbr1));
	two = c->regime == IOPT_REGIME_EL1 || c->e2h;
	cpu_control(c, c->regime, &tcr);
	if (have0 && !(two && tcr & TCR_EL1_EPD0))
		open_a64_half(c, tcr, ttbr0, false);
	if (have1 && two && !(tcr & TCR_EL1_EPD1))
		open_a64_half(c, tcr, ttbr1, true);
}

static void open_stage2(struct cpu *c)
{
	const bool a64 = c->arch == IOPT_ARCH_AARCH64;
	const uint64_t vtcr = cpu_value(c, "vtcr", c->regime);
	const uint64_t vttbr = cpu_value(c, "vttbr", c->regime);
	struct space_desc *d =
		space_begin(c, a64 ? IOPT_ARM_64_LPAE_S2 : IOPT_ARM_32_LPAE_S2, vtcr, false);

	if (a64) {
		c->bad = a64_sizes(d, false, vtcr & TCR_EL2_DS);
		if (c->bad)
			return;

	} else {
		d->granule = BIT(12);
		d->page_sizes = iopt_granule_page_sizes(d->format, d->granule);
		d->ias = 64 - control_field(d, "tsz");
		d->oas = A32_LPAE_OAS;
	}
	d->start_level = space_stage2_start(d, control_field(d, "sl"), vtcr & VTCR_SL2);
	if (d->start_level < -1)
		c->bad = "SL0 names no start level";
	else
		space_end(c, d, vttbr, reg_ttbr_a64_root(vttbr, d->oa_layout));
}

/* ---- AArch32 ---- */

static void open_a32_lpae_half(struct cpu *c, uint64_t tcr, uint64_t ttbr, bool upper)
{
	struct space_desc *d = space_begin(c, IOPT_ARM_32_LPAE_S1, tcr, upper);

	d->granule = BIT(12);
	d->page_sizes = iopt_granule_page_sizes(d->format, d->granule);
	d->ias = 64 - control_field(d, "tsz");
	d->oas = A32_LPAE_OAS;
	d->start_level = space_start_level(d->format, d->granule, d->ias);
	space_end(c, d, ttbr, reg_ttbr_a64_root(ttbr, IOPT_OA_48) & BITS(A32_LPAE_OAS - 1, 0));
}

/* With neither T0SZ nor T1SZ everything is TTBR0's. */
static void open_a32_lpae(struct cpu *c)
{
	uint64_t tcr = 0, ttbr;
	const bool one = c->regime != IOPT_REGIME_EL1;

	cpu_control(c, c->regime, &tcr);
	if (cpu_get(c, "ttbr0", c->regime, &ttbr) && (one || !(tcr & TCR_EL1_EPD0)))
		open_a32_lpae_half(c, tcr, ttbr, false);
	if (!one && cpu_get(c, "ttbr1", c->regime, &ttbr) && !(tcr & TCR_EL1_EPD1) &&
	    tcr & (BITS(2, 0) | BITS(18, 16)))
		open_a32_lpae_half(c, tcr, ttbr, true);
}

static void open_v7s_half(struct cpu *c, uint64_t ttbcr, uint64_t ttbr, bool upper)
{
	static const char *const names[] = {"prrr", "nmrr", "dacr"};
	struct space_desc *d = space_begin(c, IOPT_ARM_V7S, ttbcr, upper);
	uint64_t value;

	d->granule = BIT(12);
	d->page_sizes = iopt_granule_page_sizes(d->format, d->granule);
	d->ias = upper ? 32 : 32 - (unsigned)field_get(ttbcr, TTBCR_N);
	d->oas = V7S_OAS;
	d->start_level = 1;
	space_end(c, d, ttbr, ttbr & BITS(31, 7));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!iopt_registers_get(c->registers, names[i], &value))
			add_register(d, names[i], value);
}

static void open_v7s(struct cpu *c)
{
	uint64_t ttbcr = 0, ttbr;

	cpu_control(c, c->regime, &ttbcr);
	if (cpu_get(c, "ttbr0", c->regime, &ttbr) && !(ttbcr & TTBCR_PD0))
		open_v7s_half(c, ttbcr, ttbr, false);
	if (ttbcr & TTBCR_N && cpu_get(c, "ttbr1", c->regime, &ttbr) && !(ttbcr & TTBCR_PD1))
		open_v7s_half(c, ttbcr, ttbr, true);
}

/* ---- all ---- */

static void open_spaces(struct cpu *c)
{
	uint64_t ttbcr = 0;

	if (c->regime == IOPT_REGIME_STAGE2) {
		open_stage2(c);
	} else if (c->arch == IOPT_ARCH_AARCH64) {
		open_a64(c);
	} else {
		cpu_control(c, c->regime, &ttbcr);
		if (c->arch == IOPT_ARCH_AARCH32_LPAE || c->regime == IOPT_REGIME_EL2 ||
		    (c->arch == IOPT_ARCH_ARM && ttbcr & TTBCR_EAE))
			open_a32_lpae(c);
		else
			open_v7s(c);
	}
}

int iopt_domain_open_cpu(struct iopt_memory *memory, const struct iopt_registers *registers,
			 enum iopt_regime regime, struct iopt_domain *stage2,
			 struct iopt_domain **domain, struct iopt_error *error)
{
	struct cpu c = {.registers = registers, .error = error};
	uint64_t arch = IOPT_ARCH_AARCH64;
	int ret;

	iopt_registers_get(registers, "arch", &arch);
	if (arch >= IOPT_ARCH_COUNT ||
	    ((unsigned)regime >= IOPT_REGIME_COUNT && regime != IOPT_REGIME_ANY))
		return refuse(&c, "no such architecture or regime");
	c.arch = (enum iopt_arch)arch;
	ret = choose_regime(&c, regime);
	if (ret)
		return ret;
	if (stage2 &&
	    (c.regime != IOPT_REGIME_EL1 || stage2->spaces[0].regime != IOPT_REGIME_STAGE2))
		return refuse(&c, "only EL1 is translated once more, and by a stage 2 domain");
	open_spaces(&c);
	if (!c.count)
		return refuse(&c, c.bad ? c.bad : "the control register disables every half");
	ret = domain_adopt_nested(memory, c.spaces, c.count, stage2, domain, error);
	if (!ret && c.bad)
		(*domain)->spaces[0].warning = c.bad;
	return ret;
}
