import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { once } from '../model/once.ts';
import { wrongWithPopName } from '../model/pop.ts';
import { asksPops, type Where } from '../model/where.ts';
import type { OrderDraft } from './order-draft.ts';
import { isMapping } from './yaml-mapping.ts';

const listMost = 1000;

const popName = once(() => z.string().refine((name) => wrongWithPopName(name) === null));
const labelValue = once(() =>
	z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string().min(1).max(200)),
);
const oneOrMore = <T extends z.ZodType>(of: T) =>
	z.union([of.transform((one) => [one]), z.array(of).min(1).max(listMost)]);

const whereSection = once(() =>
	z
		.strictObject({
			here: z.boolean().optional(),
			pops: oneOrMore(popName()).optional(),
			labels: z.record(z.string().min(1).max(100), oneOrMore(labelValue())).optional(),
			any: z.int().min(1).max(10_000).optional(),
			all: z.literal(true).optional(),
		})
		// All of them is said by nothing else beside it.
		.refine(
			({ all, pops, labels, any }) =>
				all === undefined || !asksPops({ here: false, pops, labels, any } as Where),
		),
);

const forms =
	'{pops: [zrh, fra]}, {labels: {site: zrh}}, {any: 2} or {all: true}, and here: true for this machine too';

/** Undefined: measured here alone. What is not understood is noted. */
export function readWhere(draft: OrderDraft): Where | undefined {
	const written = draft.at('where');
	if (written === undefined) return undefined;
	const read = isMapping(written) ? whereSection().safeParse(written) : null;
	if (read?.success !== true) {
		draft.note('where', `is not understood: ${inWords(written)}. Write ${forms}`);
		return undefined;
	}
	const { here = false, pops, labels, any, all } = read.data;
	const found: Where = {
		here,
		...(pops === undefined ? {} : { pops: [...new Set(pops)] }),
		...(labels === undefined ? {} : { labels }),
		...(any === undefined ? {} : { any }),
		...(all === undefined ? {} : { all }),
	};
	// here: true alone is what holds anyway.
	if (asksPops(found)) return found;
	if (!here) draft.note('where', `names no place. Write ${forms}`);
	return undefined;
}
