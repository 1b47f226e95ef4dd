import { accessSync, constants } from 'node:fs';
import type { ResultNumbers, ToldOrder } from '../../model/status-answer.ts';
import type { ListedOrder } from '../shared/listed-orders.ts';
import { lifeOf } from '../shared/order-life.ts';
import type { Output } from '../shared/order-output.ts';
import { verdictOn } from '../shared/order-verdict.ts';
import { type RowSources, rowOf, type StatusRow } from '../shared/status-row.ts';

/**
 * The row of an order by what the daemon tells: the same as `readRow` makes of the files. Null where the files have to
 * tell: when it tells nothing, or the file is not as it was when the daemon read it, or we may not read it ourselves.
 *
 * @param readOutput for orders of which the daemon does not know what is in their folder; null: nothing is to be read
 */
export function toldRow(
	{ id, mtimeMs, ctimeMs }: ListedOrder,
	told: ToldOrder | undefined,
	sources: Pick<RowSources, 'baseDir' | 'nowSeconds' | 'maxAgeSeconds'>,
	readOutput: ((id: string) => Output) | null,
): StatusRow | null {
	if (told === undefined || mtimeMs === undefined || ctimeMs === undefined) return null;
	const [, saidCtimeMs, expires, user, stepSeconds, pings, probe, target, ...others] = told;
	if (ctimeMs !== saidCtimeMs) return null;
	if (!isRoot && !isReadable(`${sources.baseDir}/orders/${id}`)) return null;
	const [title, note, link, numbers] = others;
	const life = lifeOf(expires === false ? undefined : expires, mtimeMs, sources);
	const output = numbers === null ? readOutput?.(id) : written(numbers);
	if (output === undefined) return null;
	const verdict = verdictOn({ name: id, stepSeconds, life, isPop: false }, output, sources);
	const asked = { user, stepSeconds, pings, probe, target, title, note, link };
	return rowOf(id, asked, verdict, output, sources, life.expiresInSeconds);
}

function written([time, updated, step, pings, loss, min, median, max]: ResultNumbers): Output {
	return { result: { time, updated, step, pings, loss, min, median, max }, error: null, broken: null };
}

const isRoot = process.geteuid?.() === 0;

function isReadable(path: string): boolean {
	try {
		accessSync(path, constants.R_OK);
		return true;
	} catch {
		return false;
	}
}
