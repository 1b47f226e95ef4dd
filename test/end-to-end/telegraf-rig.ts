/** A daemon with sinks, and what its results and points have to say. */
import { writeFileSync } from 'node:fs';
import { dump } from 'js-yaml';
import { expect } from 'vitest';
import { type Daemon, fpingOrder } from '../support/daemon.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Starts it with such sinks. */
export async function start(
	daemon: Daemon,
	sinks: readonly object[],
	flags: string[] = [],
	prefix: string[] = [],
) {
	const file = daemon.path('config.yaml');
	writeFileSync(file, dump({ sinks }));
	await daemon.start(['--config', file, ...flags], { prefix });
}

export function forwarded(
	more: Record<string, unknown>,
	host = '127.0.0.1',
	timing = { step: 1, pings: 1 },
): string {
	return fpingOrder(host, { ...timing, more: Object.keys(more).length === 0 ? '' : dump(more) });
}

/** Notes each last_result of an order, by its time, until it is stopped. */
export function collect(daemon: Daemon, id: string) {
	const results = new Map<number, Row>();
	const timer = setInterval(() => {
		const result = daemon.exists('output', id, 'last_result') ? daemon.result(id) : null;
		if (result !== null) results.set(Number(result.time), { ...result });
	}, 50);
	return { results, stop: () => clearInterval(timer) };
}

/** The point says what the result says: loss in percent, and RTTs, which fping gives in whole microseconds. */
export function expectSame(point: Row | undefined, result: Row): void {
	expect(point).toBeDefined();
	expect(point?.['loss']).toBeCloseTo((100 * Number(result['loss'])) / Number(result['pings']), 5);
	for (const name of ['min', 'median', 'max']) {
		const rtt = result[name];
		if (rtt === null) expect(point?.[`${name}_rtt`] ?? null).toBe(null);
		else expect(point?.[`${name}_rtt`]).toBeCloseTo(Number(rtt), 9);
	}
}
