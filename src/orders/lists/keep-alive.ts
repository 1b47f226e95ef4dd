import { setTimeout as sleep } from 'node:timers/promises';
import { OrderTrouble } from '../writer.ts';
import { fileState } from './input.ts';
import type { OrderReport } from './report.ts';
import { isExpandedFrom, type Wanted } from './wanted.ts';

export interface KeepAlive {
	/** What was applied already. */
	readonly first: Wanted;
	/** Throws `OrderTrouble`. */
	read(): Promise<Wanted>;
	apply(wanted: Wanted, isTellingAll: boolean): Promise<void>;
	/** Read again when it changes. */
	readonly file: string | null;
	/** Read again each time: it cannot be seen whether it has changed. */
	readonly isReadEachTime: boolean;
	readonly everySeconds: number;
	readonly report: OrderReport;
	readonly signal: AbortSignal;
}

/** How often the file is looked at. */
const lookMs = 1000;

/** Applies the orders again and again until the signal. Resolves with the last ones. */
export async function keepAlive(kept: KeepAlive): Promise<Wanted> {
	const { report, signal, everySeconds } = kept;
	let wanted = kept.first;
	let readState = stateOf(kept);
	let lastState = readState;
	let appliedAtMs = performance.now();
	report.say(`keeping ${wanted.orders.size} orders alive, refreshed every ${everySeconds} s`);
	while (await slept(lookMs, signal)) {
		const state = stateOf(kept);
		// A file that is being written changes again and again: wait until it is at rest.
		const isChanged = state !== readState && state === lastState;
		lastState = state;
		if (!isChanged && performance.now() - appliedAtMs < everySeconds * 1000) continue;
		report.nextRound();
		if (isChanged || kept.isReadEachTime) {
			readState = state;
			wanted = await readAgain(kept, wanted);
		}
		appliedAtMs = performance.now();
		await kept.apply(wanted, false);
	}
	return wanted;
}

function stateOf({ file }: KeepAlive): string | null {
	return file === null ? null : fileState(file);
}

/** Where the list is at fault, what it said before still holds. */
async function readAgain({ read, report, signal }: KeepAlive, before: Wanted): Promise<Wanted> {
	try {
		const now = await read();
		if (now.findings.length === 0) return now;
		const still = [...before.orders].filter(([id]) => !isExpandedFrom(now.expanded, id));
		return { ...now, orders: new Map([...still, ...now.orders]) };
	} catch (error) {
		if (signal.aborted) return before;
		if (!(error instanceof OrderTrouble)) throw error;
		report.trouble(error.message);
		return before;
	}
}

/** False when the signal came. */
async function slept(ms: number, signal: AbortSignal): Promise<boolean> {
	try {
		await sleep(ms, undefined, { signal });
		return true;
	} catch {
		return false;
	}
}
