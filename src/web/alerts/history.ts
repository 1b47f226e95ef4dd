import { dirname } from 'node:path';
import { z } from 'zod';
import { historyOf } from '../../alerts/order-file-lines.ts';
import { partKinds, partName, severities } from '../../model/alert.ts';
import { popFolderIn } from '../../model/pop.ts';
import { readAlertHistory } from '../../store/alert-files.ts';
import { type FoundOrder, listOrders } from '../../store/find-orders.ts';

/** A raise or a clear, as the file `alerts` of an order has it. Times are seconds since the epoch. */
export const historyLine = z.object({
	time: z.number().describe('when it was written'),
	about: z.enum(['raise', 'clear']),
	order: z.string().nullable().describe('null: of the daemon itself'),
	part: z.string().optional().describe('of the daemon itself, the part that is in trouble: sink influx'),
	id: z.string(),
	rule: z.string(),
	severity: z.enum(severities),
	what: z.string(),
	sinceSeconds: z.number().describe('start of the first slot that counted'),
	raisedSeconds: z.number(),
	clearedSeconds: z.number().optional(),
	pops: z.array(z.string()),
});

export type HistoryLine = z.infer<typeof historyLine>;

/** Raises and clears of orders (null: of all that there are), by time. Throws `OrderProblem`. */
export function alertHistory(
	baseDir: string,
	orders: readonly FoundOrder[] | null,
	sinceSeconds: number,
): readonly HistoryLine[] {
	const found = orders ?? listOrders(baseDir);
	const own = orders === null ? ownHistory(baseDir) : [];
	return [...own, ...found.flatMap(({ id, folder }) => historyOfOrder(folder, id))]
		.filter(({ time }) => time >= sinceSeconds)
		.sort((a, b) => a.time - b.time);
}

/** Of the daemon itself. Nothing where this user may not read that. */
export function ownHistory(baseDir: string): readonly HistoryLine[] {
	return readAlertHistory(`${baseDir}/state`).flatMap((line) => {
		const json = historyOf(line);
		const part = partForm.safeParse(json?.['part']);
		const of = part.success ? { part: partName(part.data) } : { part: undefined };
		const read = json === null ? null : historyLine.safeParse({ ...json, ...of, order: null });
		return read?.success === true ? [read.data] : [];
	});
}

const partForm = z.object({ kind: z.enum(partKinds), name: z.string() });

/** Of one order, as in the file; of `ID/@POP` what that point of presence saw. What is not understood is left out. */
export function historyOfOrder(folder: string, order: string): readonly HistoryLine[] {
	const named = popFolderIn(order);
	if (named !== null)
		return historyOfOrder(dirname(folder), named.id).filter(({ pops }) => pops.includes(named.pop));
	return readAlertHistory(folder).flatMap((line) => {
		const json = historyOf(line);
		const read = json === null ? null : historyLine.safeParse({ ...json, order });
		return read?.success === true ? [read.data] : [];
	});
}
