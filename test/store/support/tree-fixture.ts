import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { quickestFileCalls } from '../../../src/host/native-file-calls.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { measured } from '../../../src/model/outcome.ts';
import type { RrdTemplate } from '../../../src/model/rrd-template.ts';
import { Counters } from '../../../src/store/counters.ts';
import type { StoredOrder } from '../../../src/store/live-order.ts';
import { OutputTree } from '../../../src/store/output-tree.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { storedOf } from './stored.ts';

/** 2026-11-21 08:00:00 UTC. */
export const startSeconds = Date.UTC(2026, 10, 21, 8) / 1000;
export const startStamp = '20261121T080000Z';

/** It may be there or not. */
const leftOut = /^(\.last_result\.pingmachine|histograms|slots|slots\..*|events)$/;

/** A base directory with an OutputTree on it, whose clock stands still until it is told to move. */
export class TreeFixture {
	readonly dir: string;
	/** What the tree told: `archived: ID`. */
	told: string[] = [];
	readonly clock = new FakeClock(startSeconds * 1000);
	/** How long the machine has been up. */
	sinceBootMs = 86_400_000;
	/** As the thread does: the reason is told in the order’s error file. */
	tellsStuck = false;
	counters = new Counters();
	tree: OutputTree;

	constructor(dir = mkdtempSync(join(tmpdir(), 'pingmachine-store-'))) {
		this.dir = dir;
		mkdirSync(`${dir}/orders`, { recursive: true });
		this.tree = this.restart();
	}

	get nowMs(): number {
		return this.clock.wallMs();
	}

	set nowMs(ms: number) {
		this.clock.stepWall(ms - this.clock.wallMs());
	}

	/** As after the end, however sudden, of the daemon: nothing is known but what is on disk. */
	restart(rrdTemplate: RrdTemplate = 'smokeping', files = quickestFileCalls()): OutputTree {
		this.told = [];
		this.counters = new Counters();
		this.tree = new OutputTree({
			baseDir: this.dir,
			rrdTemplate,
			counters: this.counters,
			files,
			clock: this.clock,
			sinceBootMs: () => this.sinceBootMs,
			events: {
				enrolled: (id, lastSlotSeconds) => this.told.push(`enrolled: ${id} ${lastSlotSeconds}`),
				revived: (id) => this.told.push(`revived: ${id}`),
				archived: (id) => this.told.push(`archived: ${id}`),
				kept: (id) => this.told.push(`kept: ${id}`),
				dropped: (id) => this.told.push(`dropped: ${id}`),
				...(this.tellsStuck
					? {
							stuck: (id: string, reason: string) => {
								this.told.push(`stuck: ${id} ${reason}`);
								this.tree.tellStuck(id, reason);
							},
						}
					: {}),
				problem: (message) => this.told.push(`problem: ${message}`),
			},
		});
		this.tree.start();
		return this.tree;
	}

	/** What was told of that, for one `archived`. */
	toldOf(event: string): string[] {
		return this.told
			.filter((line) => line.startsWith(`${event}: `))
			.map((line) => line.slice(event.length + 2));
	}

	enrol(order: StoredOrder): void {
		this.tree.enrol(order, this.nowMs / 1000);
	}

	/** A measurement of an order in the slot that begins then; null: lost. */
	record(
		order: StoredOrder,
		slotStartSeconds: number,
		rtts: readonly (number | null)[],
		facts: Facts = {},
	): void {
		const slot = { startSeconds: slotStartSeconds, stepSeconds: order.stepSeconds };
		const samples = rtts.map((rttSeconds) => ({ sentAtSeconds: slotStartSeconds, rttSeconds }));
		const identity = { id: order.id, user: 'me', probe: 'fping', target: '127.0.0.1', tags: {} };
		this.tree.record(storedOf(measured(identity, slot, order.pings, samples, facts)));
	}

	path(relative: string): string {
		return join(this.dir, relative);
	}

	read(relative: string): string {
		return readFileSync(this.path(relative), 'utf8');
	}

	write(relative: string, text: string | Uint8Array): void {
		mkdirSync(dirname(this.path(relative)), { recursive: true });
		writeFileSync(this.path(relative), text);
	}

	/** Writes an order file that was last changed that long ago. */
	writeOrder(id: string, text: string, ageSeconds: number): string {
		this.write(`orders/${id}`, text);
		this.touch(`orders/${id}`, ageSeconds);
		return this.path(`orders/${id}`);
	}

	touch(relative: string, ageSeconds: number): void {
		const atSeconds = this.nowMs / 1000 - ageSeconds;
		utimesSync(this.path(relative), atSeconds, atSeconds);
	}

	/**
	 * What is below a folder, sorted; folders end in a slash. The file that takes turns with last_result is left out, and
	 * those of the history, which have tests of their own.
	 */
	list(relative: string): string[] {
		return readdirSync(this.path(relative), { recursive: true, withFileTypes: true })
			.map((entry) => {
				const path = `${entry.parentPath}/${entry.name}`.slice(this.path(relative).length + 1);
				return entry.isDirectory() ? `${path}/` : path;
			})
			.filter((path) => !leftOut.test(basename(path)))
			.sort();
	}

	remove(): void {
		rmSync(this.dir, { recursive: true, force: true });
	}
}

export function order(id: string, changes: Partial<StoredOrder> = {}): StoredOrder {
	return { id, stepSeconds: 60, pings: 2, rrdTemplate: 'smokeping', ...changes };
}
