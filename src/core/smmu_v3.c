/* SPDX-License-Identifier: MIT */
/* Arm SMMU v3: every register access of Linux's driver, in its order: arm_smmu_device_reset(). */
#include <stdio.h>

#include "smmu_v3_build.h"

enum v3_register {
	CR0,
	CR0ACK,
	CR1,
	CR2,
	IRQ_CTRL,
	IRQ_CTRLACK,
	STRTAB_BASE,
	STRTAB_BASE_CFG,
	CMDQ_BASE,
	CMDQ_PROD,
	CMDQ_CONS,
	EVENTQ_BASE,
	EVENTQ_PROD,
	EVENTQ_CONS,
	GBPA,
};

static const struct {
	const char *name, *decodable;
	uint32_t offset;
	uint8_t bytes;
} registers[] = {
	[CR0] = {"cr0", "cr0", 0x20, 4},
	[CR0ACK] = {"cr0ack", "cr0", 0x24, 4},
	[CR1] = {"cr1", "cr1", 0x28, 4},
	[CR2] = {"cr2", "cr2", 0x2c, 4},
	[GBPA] = {"gbpa", "gbpa", 0x44, 4},
	[IRQ_CTRL] = {"irq_ctrl", "irq_ctrl", 0x50, 4},
	[IRQ_CTRLACK] = {"irq_ctrlack", "irq_ctrl", 0x54, 4},
	[STRTAB_BASE] = {"strtab_base", "strtab_base", 0x80, 8},
	[STRTAB_BASE_CFG] = {"strtab_base_cfg", "strtab_base_cfg", 0x88, 4},
	[CMDQ_BASE] = {"cmdq_base", "cmdq_base", 0x90, 8},
	[CMDQ_PROD] = {"cmdq_prod", NULL, 0x98, 4},
	[CMDQ_CONS] = {"cmdq_cons", NULL, 0x9c, 4},
	[EVENTQ_BASE] = {"eventq_base", "eventq_base", 0xa0, 8},
	[EVENTQ_PROD] = {"eventq_prod", NULL, 0x100a8, 4},
	[EVENTQ_CONS] = {"eventq_cons", NULL, 0x100ac, 4},
};

/* Inner shareable, write-back: of tables and of queues. */
#define CR1_VALUE UINT64_C(0xd75)

#define IRQ_CTRL_EVENTQ BIT(2)
#define IRQ_CTRL_GERROR BIT(0)

struct program {
	const struct iopt_smmu_step_sink *sink;
	int ret; /* of the first step that the sink did not take */
};

static void put(struct program *p, enum iopt_smmu_step_kind kind, enum v3_register r,
		uint64_t value, uint64_t mask)
{
	struct iopt_smmu_step step = {
		.kind = kind,
		.decodable = registers[r].decodable,
		.offset = registers[r].offset,
		.bytes = registers[r].bytes,
		.value = value,
		.mask = mask & low_bits(8u * registers[r].bytes),
		.bank = -1,
	};

	if (p->ret)
		return;
	snprintf(step.name, sizeof(step.name), "%s", registers[r].name);
	p->ret = p->sink->step(p->sink->arg, &step);
}

static void write_register(struct program *p, enum v3_register r, uint64_t value)
{
	put(p, IOPT_SMMU_WRITE, r, value, UINT64_MAX);
}

/* arm_smmu_write_reg_sync() */
static void write_sync(struct program *p, enum v3_register r, enum v3_register ack, uint64_t value)
{
	write_register(p, r, value);
	put(p, IOPT_SMMU_WAIT, ack, value, UINT64_MAX);
}

static uint64_t strtab_cfg(const struct smmu_v3 *v)
{
	if (!v->l1_bits)
		return field_put(STRTAB_CFG_FMT, STRTAB_LINEAR) |
		       field_put(STRTAB_CFG_LOG2SIZE, v->sid_bits);
	return field_put(STRTAB_CFG_FMT, STRTAB_2LEVEL) | field_put(STRTAB_CFG_SPLIT, V3_SPLIT) |
	       field_put(STRTAB_CFG_LOG2SIZE, v->sid_bits);
}

static void write_queue(struct program *p, enum v3_register base, uint64_t pa, unsigned shift)
{
	write_register(p, base, pa | QUEUE_BASE_RWA | shift);
	write_register(p, base + 1, 0); /* PROD */
	write_register(p, base + 2, 0); /* CONS */
}

/* The commands that are in the queue already: sent, and waited for. */
static void send_commands(struct program *p, const struct smmu_v3 *v)
{
	put(p, IOPT_SMMU_TRIGGER, CMDQ_PROD, v->commands, UINT64_MAX);
	put(p, IOPT_SMMU_WAIT, CMDQ_CONS, v->commands, low_bits(V3_CMDQ_SHIFT + 1));
}

static int v3_program(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink)
{
	const struct smmu_v3 *v = smmu->v3;
	struct program p = {.sink = sink};

	write_sync(&p, CR0, CR0ACK, 0);
	write_register(&p, CR1, CR1_VALUE);
	write_register(&p, CR2, CR2_PTM | CR2_RECINVSID);
	write_register(&p, STRTAB_BASE, v->strtab | STRTAB_BASE_RA);
	write_register(&p, STRTAB_BASE_CFG, strtab_cfg(v));
	write_queue(&p, CMDQ_BASE, v->cmdq, V3_CMDQ_SHIFT);
	write_sync(&p, CR0, CR0ACK, CR0_CMDQEN);
	send_commands(&p, v);
	write_queue(&p, EVENTQ_BASE, v->eventq, V3_EVENTQ_SHIFT);
	write_sync(&p, CR0, CR0ACK, CR0_CMDQEN | CR0_EVENTQEN);
	write_sync(&p, IRQ_CTRL, IRQ_CTRLACK, 0);
	write_sync(&p, IRQ_CTRL, IRQ_CTRLACK, IRQ_CTRL_EVENTQ | IRQ_CTRL_GERROR);
	write_sync(&p, CR0, CR0ACK, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
	return p.ret;
}

const struct smmu_ops smmu_v3_ops = {
	.program = v3_program,
	.create = v3_create,
	.destroy = v3_destroy,
	.prepare = v3_prepare_streams,
	.bind = v3_bind_contexts,
	.unbind = v3_unbind_contexts,
	.attached = v3_write_streams,
};
