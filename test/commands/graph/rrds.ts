import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRrd, updateRrd } from '../../../src/rrd/index.ts';
import { mainRrdShape, smokepingRow, unknownRow } from '../../../src/store/main-rrd-shape.ts';

/** RTTs of the answers in seconds, in any order; null: not measured. */
export type Slot = readonly number[] | null;

export interface MadeOrder {
	readonly id: string;
	readonly root?: 'output' | 'archive';
	readonly stepSeconds: number;
	readonly pings: number;
	/** Start of the first slot, since the epoch: a multiple of the step. */
	readonly firstSeconds: number;
	/** What was measured in each slot. */
	readonly slots: readonly Slot[];
}

/** Makes the main.rrd of an order below a base directory, as the store does. Returns its path. */
export function makeOrder(baseDir: string, order: MadeOrder): string {
	const { id, root = 'output', stepSeconds, pings, firstSeconds, slots } = order;
	const folder = join(baseDir, root, id);
	mkdirSync(folder, { recursive: true });
	const path = join(folder, 'main.rrd');
	createRrd(path, mainRrdShape('smokeping', stepSeconds, pings), firstSeconds);
	for (const [index, slot] of slots.entries()) {
		updateRrd(path, firstSeconds + (index + 1) * stepSeconds, rowOf(pings, slot));
	}
	return path;
}

function rowOf(pings: number, slot: Slot): number[] {
	if (slot === null) return unknownRow(pings);
	const sorted = [...slot].sort((a, b) => a - b);
	return smokepingRow(pings, pings - sorted.length, sorted[Math.floor(sorted.length / 2)] ?? null, sorted);
}

/** The same numbers each time: from 0 to 1. */
export function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
