import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readWebSetting } from '../../../src/config/web-setting.ts';
import { openQuestionSocket } from '../../../src/memory/question-socket.ts';
import type { FiringAlertAnswer } from '../../../src/model/alert-answer.ts';
import type { DaemonAnswer } from '../../../src/model/answers.ts';
import type { Order } from '../../../src/model/order.ts';
import {
	identityOf,
	type Measured,
	measured,
	type NotMeasured,
	notMeasured,
} from '../../../src/model/outcome.ts';
import type { PopAnswer } from '../../../src/model/pops-answer.ts';
import { OutcomeStream } from '../../../src/outcomes/stream.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { serveWeb } from '../../../src/web/serve.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';
import { patient } from '../../support/web-daemon.ts';

export function orderOf(id: string, more: Record<string, unknown> = {}): Order {
	const written = { user: 'me', step: 60, pings: 4, probe: 'icmp', icmp: { host: '192.0.2.7' }, ...more };
	const read = readOrder(id, JSON.stringify(written), builtInProbes);
	if (!('order' in read)) throw new Error(JSON.stringify(read));
	return read.order;
}

/** An outcome of the slot that is over now, or so many slots before. RTTs in seconds; null: lost. */
export function outcomeOf(order: Order, rtts: readonly (number | null)[], slotsAgo = 0): Measured {
	const slot = slotOf(order, slotsAgo);
	const samples = rtts.map((rttSeconds, at) => ({ sentAtSeconds: slot.startSeconds + at, rttSeconds }));
	return measured(identityOf(order), slot, samples.length, samples);
}

export function failureOf(order: Order, reason: string, slotsAgo = 0): NotMeasured {
	const why = { code: 'name_unknown', reason } as const;
	return notMeasured('failed', identityOf(order), slotOf(order, slotsAgo), order.pings, why);
}

function slotOf({ stepSeconds }: Order, slotsAgo: number) {
	const now = Math.floor(Date.now() / 1000 / stepSeconds) - 1 - slotsAgo;
	return { startSeconds: now * stepSeconds, stepSeconds };
}

export interface ServedPages {
	readonly address: string;
	readonly baseDir: string;
	/** What is told here is told by the daemon. */
	readonly stream: OutcomeStream;
	/** The daemon goes away, and comes back. */
	stopDaemon(): void;
	startDaemon(): Promise<void>;
	/** The web server goes away, and comes back at the same address. */
	stopWeb(): void;
	startWeb(): Promise<void>;
	close(): void;
}

export interface ServedOptions {
	readonly web?: Record<string, unknown>;
	readonly daemon?: Partial<DaemonAnswer>;
	/** What it tells of all orders when it is asked; JSON. */
	readonly bulk?: () => Iterable<string>;
	/** The alerts that it says fire. */
	readonly firing?: readonly FiringAlertAnswer[];
	/** The points of presence that it says there are; left out: it is no hub. */
	readonly pops?: readonly PopAnswer[];
}

/** The real web server over a socket whose daemon says what a test tells it. */
export async function servePages(
	orders: readonly Order[],
	{ web = {}, daemon = {}, bulk, firing = [], pops }: ServedOptions = {},
): Promise<ServedPages> {
	const baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-pages-'));
	for (const folder of ['orders', 'output', 'archive']) mkdirSync(join(baseDir, folder));
	const stream = new OutcomeStream(() => {});
	for (const order of orders) stream.changed(order);
	const canned = cannedQuestions({ ...cannedDaemon(1_795_240_800), ...daemon }, {}, bulk, stream);
	const questions = {
		...canned,
		alerts: () => ({ firing: [...firing] }),
		pops: () => ({ pops: pops === undefined ? null : [...pops] }),
	};
	let socket = await openQuestionSocket(baseDir, questions);
	let listen = '127.0.0.1:0';
	const start = () => {
		const read = readWebSetting({ ...web, listen });
		if (!('value' in read)) throw new Error(JSON.stringify(read));
		const log = { error: () => {}, info: () => {}, warn: () => {} };
		return serveWeb({
			...{ baseDir, version: '2.0.0', settings: read.value, probes: builtInProbes, log },
			...{ isAlone: false, explain: async () => null },
		});
	};
	let server = await start();
	const [address = ''] = server.addresses;
	listen = new URL(address).host;
	const ready = () =>
		vi.waitFor(async () => {
			if ((await fetch(`${address}/-/ready`)).status !== 200) throw new Error('it is not ready');
		}, patient);
	await ready();
	return {
		...{ address, baseDir, stream },
		stopDaemon: () => socket.close(),
		startDaemon: async () => {
			socket = await openQuestionSocket(baseDir, questions);
		},
		stopWeb: () => server.close(),
		startWeb: async () => {
			server = await start();
			await ready();
		},
		close: () => {
			server.close();
			socket.close();
			rmSync(baseDir, { recursive: true, force: true });
		},
	};
}
