/* SPDX-License-Identifier: MIT */
/* One stream through an SMMU of any generation. */
#include "route.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"

static const char *const config_names[IOPT_ROUTE_CONFIG_COUNT] = {
	[IOPT_ROUTE_BAD] = "bad", [IOPT_ROUTE_ABORT] = "abort", [IOPT_ROUTE_BYPASS] = "bypass",
	[IOPT_ROUTE_S1] = "s1",	  [IOPT_ROUTE_S2] = "s2",	[IOPT_ROUTE_NESTED] = "nested",
};

const char *iopt_route_config_name(enum iopt_route_config config)
{
	return (unsigned)config < IOPT_ROUTE_CONFIG_COUNT ? config_names[config] : NULL;
}

/* ---- registers and memory ---- */

static int keep_step(void *arg, const struct iopt_smmu_step *step)
{
	struct iopt_registers *to = arg;
	uint64_t value = 0;
	char name[32];

	if (step->kind != IOPT_SMMU_WRITE && step->kind != IOPT_SMMU_UPDATE)
		return 0;
	if (step->bank < 0)
		snprintf(name, sizeof(name), "%s", step->name);
	else
		snprintf(name, sizeof(name), "cb%d.%s", step->bank, step->name);
	iopt_registers_get(to, name, &value);
	return iopt_registers_set(to, name, (value & ~step->mask) | (step->value & step->mask));
}

int iopt_streams_registers(const struct iopt_smmu *smmu, struct iopt_registers *registers)
{
	const struct iopt_smmu_step_sink sink = {keep_step, registers};

	return iopt_smmu_program(smmu, &sink);
}

bool route_register(const struct iopt_streams *at, const char *name, uint64_t *value)
{
	char full[32];

	snprintf(full, sizeof(full), "smmuv3.%s", name);
	return !iopt_registers_get(at->registers, full, value) ||
	       !iopt_registers_get(at->registers, name, value);
}

bool route_words(struct iopt_memory *m, uint64_t pa, uint64_t *words, unsigned count)
{
	uint8_t bytes[64];

	assert(8 * count <= sizeof(bytes));
	if (iopt_memory_read(m, pa, bytes, 8 * (size_t)count) != 8 * (size_t)count)
		return false;
	for (unsigned i = 0; i < count; i++)
		words[i] = load_le64(bytes + 8 * i);
	return true;
}

int route_open_cpu(struct iopt_route *s, const struct route_setting *list, size_t count, int stage,
		   enum iopt_regime regime, struct iopt_error *error)
{
	struct iopt_registers *r;
	int ret = iopt_registers_create(&r);

	for (size_t i = 0; !ret && i < count; i++)
		ret = iopt_registers_set(r, list[i].name, list[i].value);
	if (!ret)
		ret = iopt_domain_open_cpu(s->at.memory, r, regime,
					   stage == 1 ? s->domains[1] : NULL,
					   &s->domains[stage - 1], error);
	iopt_registers_destroy(r);
	return ret;
}

int route_bad(struct iopt_route *s, unsigned id, const char *name, const char *format, ...)
{
	va_list list;

	s->info.config = IOPT_ROUTE_BAD;
	s->info.event = (struct iopt_event){.name = name, .id = id, .recorded = true};
	va_start(list, format);
	vsnprintf(s->info.problem, sizeof(s->info.problem), format, list);
	va_end(list);
	return 0;
}

/* ---- life ---- */

int iopt_route_open(const struct iopt_streams *streams, uint32_t sid, const uint32_t *ssid,
		    struct iopt_domain *stage2, struct iopt_route **route, struct iopt_error *error)
{
	struct iopt_route *s;
	int ret;

	if (streams->struct_size < sizeof(*streams) ||
	    (unsigned)streams->model >= IOPT_SMMU_MODEL_COUNT)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "no such SMMU model");
	s = calloc(1, sizeof(*s));
	if (!s)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	s->at = *streams;
	s->ops = streams->model == IOPT_SMMU_V3 ? &route_v3_ops : &route_v2_ops;
	s->was_foreign = streams->memory->foreign;
	s->domains[1] = stage2;
	s->borrowed = stage2;
	s->info = (struct iopt_route_info){.struct_size = sizeof(s->info),
					   .sid = sid,
					   .has_ssid = ssid != NULL,
					   .ssid = ssid ? *ssid : 0,
					   .match = -1,
					   .bank = -1};
	ret = s->ops->look_up(s, error);
	if (ret)
		iopt_route_close(s);
	else
		*route = s;
	return ret;
}

void iopt_route_close(struct iopt_route *s)
{
	if (!s)
		return;
	iopt_domain_destroy(s->domains[0]);
	if (!s->borrowed)
		iopt_domain_destroy(s->domains[1]);
	if (!s->taken)
		s->at.memory->foreign = s->was_foreign;
	free(s);
}

void iopt_route_info(const struct iopt_route *s, struct iopt_route_info *info)
{
	if (info->struct_size >= sizeof(*info))
		*info = s->info;
}

struct iopt_domain *iopt_route_domain(const struct iopt_route *s, int stage)
{
	return stage == 1 || stage == 2 ? s->domains[stage - 1] : NULL;
}

struct iopt_domain *iopt_route_take_domain(struct iopt_route *s, int stage)
{
	struct iopt_domain *d = iopt_route_domain(s, stage);

	if (!d || (stage == 2 && s->borrowed))
		return NULL;
	s->domains[stage - 1] = NULL;
	s->taken = true;
	return d;
}

/* ---- transactions ---- */

struct iopt_domain *iopt_route_walked(const struct iopt_route *s)
{
	switch (s->info.config) {
	case IOPT_ROUTE_S1:
	case IOPT_ROUTE_NESTED:
		return s->domains[0];
	case IOPT_ROUTE_S2:
		return s->domains[1];
	default:
		return NULL;
	}
}

unsigned iopt_route_level(const struct iopt_route *s, bool privileged)
{
	struct route_access access = {.privileged = privileged};
	const struct iopt_domain *d = iopt_route_walked(s);

	s->ops->override(s, &access);
	if (!d || d->spaces[0].regime != IOPT_REGIME_EL2)
		return access.privileged;
	return access.privileged || !d->spaces[0].controls.e2h ? 2 : 0;
}

/* Nothing is translated: an address that the SMMU cannot put out is still none. */
static int pass(const struct iopt_route *s, const struct route_access *access,
		struct iopt_route_answer *answer)
{
	answer->pa = access->iova;
	if (!s->output_bits || !(access->iova & ~low_bits(s->output_bits)))
		return 0;
	answer->pa = 0;
	answer->walk.fault = (struct iopt_fault){IOPT_FAULT_ADDRESS_SIZE, 0, 1};
	s->ops->fault(s, access, &answer->walk, &answer->event);
	return -IOPT_EFAULT;
}

int iopt_route_translate(struct iopt_route *s, uint64_t iova, unsigned access, bool privileged,
			 struct iopt_route_answer *answer)
{
	struct route_access a = {iova, access, privileged, access == IOPT_ACCESS_X};
	struct iopt_domain *d = iopt_route_walked(s);
	int ret;

	if (answer->struct_size < sizeof(*answer))
		return -IOPT_EINVAL;
	*answer = (struct iopt_route_answer){.struct_size = sizeof(*answer),
					     .walk = IOPT_INIT(struct iopt_walk)};
	s->ops->override(s, &a);
	if (s->info.config <= IOPT_ROUTE_ABORT) {
		answer->event = s->info.event;
		return -IOPT_EFAULT;
	}
	if (s->info.config == IOPT_ROUTE_BYPASS)
		return pass(s, &a, answer);
	if (a.access && a.instruction)
		a.access = IOPT_ACCESS_X;
	else if (a.access == IOPT_ACCESS_X)
		a.access = IOPT_ACCESS_R;
	if (s->unmapped) {
		answer->walk.fault = (struct iopt_fault){IOPT_FAULT_TRANSLATION, 0, 1};
		ret = -IOPT_EFAULT;
	} else {
		answer->walked = true;
		ret = iopt_walk(d, iova, a.access, iopt_route_level(s, privileged), &answer->walk);
	}
	if (ret == -IOPT_EFAULT)
		s->ops->fault(s, &a, &answer->walk, &answer->event);
	answer->pa = ret ? 0 : answer->walk.pa;
	return ret;
}
