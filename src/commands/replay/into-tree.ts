import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { lockBaseDir } from '../../host/base-dir-lock.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import { errorCode } from '../../model/errno.ts';
import type { FactTable } from '../../model/facts.ts';
import type { Order } from '../../model/order.ts';
import type { Outcome } from '../../model/outcome.ts';
import { printable } from '../../model/printable.ts';
import type { RrdTemplate } from '../../model/rrd-template.ts';
import { openStore } from '../../store/store.ts';
import { folderOf, type Taken } from './taken.ts';

/** Where results go. */
export interface Target {
	/** For people. */
	readonly name: string;
	/** Resolves when they are there. */
	take(outcomes: readonly Outcome[]): Promise<void>;
	/** Resolves with what did not go well, for people. */
	close(): Promise<readonly string[]>;
}

const mark = '.pingmachine-replay';
const closeMs = 60_000;

export interface TreeParts {
	readonly rrdTemplate: RrdTemplate;
	readonly facts: FactTable;
	readonly taken: Taken;
	problem(message: string): void;
}

/** A tree of its own: `output/` below it. Rejects with an `Error` that is fit for the user. */
export async function intoTree(dir: string, parts: TreeParts): Promise<Target> {
	const { rrdTemplate, facts, taken, problem } = parts;
	makeTree(dir);
	const lock = await lockBaseDir(dir);
	/** An RRD begins with the first slot that it has. */
	let startMs = 0;
	const clock: Clock = Object.create(systemClock, { wallMs: { value: () => startMs } });
	const shapes = new Map<string, string>();
	const problems = new Set<string>();
	const store = openStore({
		...{ baseDir: dir, rrdTemplate, facts, clock },
		events: {
			enrolled: (folder, lastSlotSeconds) => taken.knows(folder, lastSlotSeconds),
			revived: () => {},
			archived: () => {},
			kept: () => {},
			stuck: () => {},
			dropped: () => {},
			problem: (message) => {
				problems.add(message);
				problem(message);
			},
			failed: (error) => problem(error.message),
		},
	});
	const enrol = (outcome: Outcome) => {
		const folder = folderOf(outcome);
		const shape = `${outcome.slot.stepSeconds} ${outcome.pings} ${outcome.order.probe}`;
		if (shapes.get(folder) === shape) return false;
		shapes.set(folder, shape);
		startMs = outcome.slot.startSeconds * 1000;
		store.take([{ about: 'changed', order: orderOf(folder, outcome) }]);
		return true;
	};
	return {
		name: dir,
		take: async (outcomes) => {
			let some: Outcome[] = [];
			const write = async () => {
				await store.flush();
				const fresh = some.filter((outcome) => taken.take(outcome));
				some = [];
				if (fresh.length === 0) return;
				store.take([{ about: 'outcomes', outcomes: fresh }]);
				await store.flush();
			};
			for (const outcome of outcomes) {
				// What came before it has the shape of before.
				if (shapes.has(folderOf(outcome)) && isOther(shapes, outcome)) await write();
				enrol(outcome);
				some.push(outcome);
			}
			await write();
		},
		close: async () => {
			await store.close(closeMs);
			lock.release();
			const { rrdErrors, lastResultErrors, dropped } = store.stats();
			const lost = rrdErrors + lastResultErrors + dropped;
			return lost === 0 ? [] : [`${lost} results could not be written: ${[...problems].join('; ')}`];
		},
	};
}

function isOther(shapes: ReadonlyMap<string, string>, { slot, pings, order, pop }: Outcome): boolean {
	const folder = pop === undefined ? order.id : `${order.id}/@${pop}`;
	return shapes.get(folder) !== `${slot.stepSeconds} ${pings} ${order.probe}`;
}

/** Each place is one of its own: one may have another step than the others for a while. */
function orderOf(folder: string, { order, slot, pings }: Outcome): Order {
	return {
		id: folder,
		user: order.user,
		probe: order.probe,
		options: {},
		target: order.target,
		stepSeconds: slot.stepSeconds,
		pings,
		rrdTemplate: null,
		tags: order.tags,
		batchKey: '',
	};
}

/** Nothing that anybody else has written is touched. */
function makeTree(dir: string): void {
	try {
		mkdirSync(dir, { recursive: true });
		const names = readdirSync(dir);
		if (names.length > 0 && !names.includes(mark))
			throw new Error('there are other files. Name a new folder, or one of an earlier replay');
		writeFileSync(`${dir}/${mark}`, '');
		for (const folder of ['orders', 'output', 'archive']) mkdirSync(`${dir}/${folder}`, { recursive: true });
		if (!statSync(`${dir}/output`).isDirectory()) throw new Error('output is no folder');
	} catch (error) {
		const words = errorCode(error) === 'EEXIST' ? 'it is no folder. Name another' : (error as Error).message;
		throw new Error(`--into: ${printable(dir)}: ${words}`, { cause: error });
	}
}
