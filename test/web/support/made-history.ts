import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lineOf, sinceLineOf } from '../../../src/history/histogram-lines.ts';
import { Tally } from '../../../src/history/tally.ts';
import { makeOrder, type Slot } from '../../commands/graph/rrds.ts';

/** An order that was measured: its file, main.rrd and histograms. */
export interface MadeHistory {
	readonly id: string;
	readonly stepSeconds: number;
	readonly pings: number;
	/** Start of the first slot, since the epoch. */
	readonly firstSeconds: number;
	/** RTTs in seconds of each slot; null: not measured. */
	readonly slots: readonly Slot[];
	/** Further keys of the order. */
	readonly more?: Readonly<Record<string, unknown>>;
}

const hourSeconds = 3600;

export function makeHistory(baseDir: string, made: MadeHistory): void {
	const { id, stepSeconds: step, pings, firstSeconds, slots, more = {} } = made;
	const path = join(baseDir, 'orders', id);
	mkdirSync(dirname(path), { recursive: true });
	const order = {
		user: 'me',
		step,
		pings,
		probe: 'icmp',
		icmp: { host: '127.0.0.1' },
		expires: 'never',
		...more,
	};
	writeFileSync(path, JSON.stringify(order));
	const rrd = makeOrder(baseDir, made);
	const hours = new Map<number, Tally>();
	for (const [at, slot] of slots.entries()) {
		const hour = Math.floor((firstSeconds + at * step) / hourSeconds) * hourSeconds;
		const tally = hours.get(hour) ?? new Tally();
		hours.set(hour, tally);
		if (slot === null) tally.addUnknown();
		else tally.addCounted(pings - slot.length, Float64Array.from(slot));
	}
	const since = sinceLineOf({ timeSeconds: firstSeconds, spanSeconds: 0, tally: new Tally() });
	const lines = [...hours].map(([timeSeconds, tally]) =>
		lineOf({ timeSeconds, spanSeconds: hourSeconds, tally }),
	);
	writeFileSync(join(dirname(rrd), 'histograms'), [since, ...lines].join(''));
}
