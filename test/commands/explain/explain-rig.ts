/** Runs the command on orders and a daemon of its own, for each test. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { type ExplainOptions, explain } from '../../../src/commands/explain/index.ts';
import { openQuestionSocket, type QuestionSocket } from '../../../src/memory/question-socket.ts';
import type { OrderAnswer } from '../../../src/model/answers.ts';
import { measured as measuredOutcome } from '../../../src/model/outcome.ts';
import { type OutcomeJson, outcomeToJson } from '../../../src/outcomes/outcome-json.ts';
import { lastResultText } from '../../../src/store/last-result.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';
import { makeOrder } from '../graph/rrds.ts';

/** A multiple of 300 s and some seconds. Since the epoch. */
export const now = 4_102_444_800 + 77;
export const slot = now - 77 - 300;

export let baseDir: string;
export let socket: QuestionSocket | null;

/** For all tests of the file. Take the variables above only within them. */
export function useExplain(): void {
	beforeEach(() => {
		vi.stubEnv('TZ', 'UTC');
		baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
		mkdirSync(join(baseDir, 'orders'));
		mkdirSync(join(baseDir, 'output'));
		socket = null;
	});
	afterEach(() => {
		vi.unstubAllEnvs();
		socket?.close();
		rmSync(baseDir, { recursive: true });
	});
}

export function write(path: string, text: string, ageSeconds = 20): void {
	mkdirSync(dirname(join(baseDir, path)), { recursive: true });
	writeFileSync(join(baseDir, path), text);
	utimesSync(join(baseDir, path), now - ageSeconds, now - ageSeconds);
}

export async function run(word: string, options: ExplainOptions = {}, columns = 80, colours = false) {
	let out = '';
	let err = '';
	const exitCode = await explain(
		word,
		{ basedir: baseDir, ...options },
		{
			probes: builtInProbes,
			nowMs: () => now * 1000,
			columns,
			colours,
			stdout: { write: (text: string) => (out += text) },
			stderr: { write: (text: string) => (err += text) },
		},
	);
	return { exitCode, out: out.replaceAll(baseDir, 'BASEDIR'), err: err.replaceAll(baseDir, 'BASEDIR') };
}

export const noDaemon =
	'no answer from a daemon in BASEDIR: it does not run. Only it knows the batch, the runs, the counters and the sending order\n';

export async function serve(orders: Readonly<Record<string, OrderAnswer>>): Promise<void> {
	socket = await openQuestionSocket(baseDir, cannedQuestions(cannedDaemon(now - 86_400), orders));
}

export const orderText = `user: tmon
task: tun_eth0_4061
step: 300
pings: 20
probe: fping
fping:
    host: Router.example.net
    source_ip: 192.0.2.7
measurement_name: tunnel
tags:
    tunnel_id: 12458
    interface: eth2
`;

export function result(loss = 0): string {
	const rtts = { min: 0.0123, median: 0.0145, max: 0.12 };
	return lastResultText({ time: slot, updated: slot + 250, step: 300, pings: 20, loss, ...rtts });
}

/** Twenty RTTs in the order in which they were sent, some of them lost. */
export const rttsOf = (seed: number) =>
	Array.from({ length: 20 }, (_, ping) =>
		(ping * 7 + seed) % 11 === 0 ? null : (12_300 + ((ping * 7919 + seed * 104_729) % 9000)) / 1e6,
	);

export function tree(id = 'office/router'): void {
	write(`orders/${id}`, orderText, 1200);
	const slots = Array.from({ length: 12 }, (_, index) => rttsOf(11 - index).filter((rtt) => rtt !== null));
	const rrd = makeOrder(baseDir, { id, stepSeconds: 300, pings: 20, firstSeconds: slot - 11 * 300, slots });
	utimesSync(rrd, now - 50, now - 50);
	write(`output/${id}/last_result`, result(2), 50);
}

function measurement(ago: number): OutcomeJson {
	const time = slot - ago * 300;
	const samples = rttsOf(ago).map((rttSeconds, ping) => ({
		sentAtSeconds: time + 3.0004 + ping * 11.85,
		rttSeconds,
	}));
	const order = { id: 'office/router', user: 'me', probe: 'icmp', target: '192.0.2.1', tags: {} };
	return outcomeToJson(measuredOutcome(order, { startSeconds: time, stepSeconds: 300 }, 20, samples));
}

export function measured(measurements: number): OrderAnswer {
	return {
		state: 'measured',
		expires: now - 1200 + 3660,
		memory: {
			since: now - 80_000,
			slots: { measured: 260, failed: 3, skipped: 1, overrun: 2, late: 1 },
			last_failure: {
				time: now - 30_077,
				code: 'name_unknown',
				reason: 'name or service not known: router.example.net',
			},
			last_skip: { time: now - 90_077, code: 'clock', reason: 'the machine slept or its clock was set' },
			last_loss: { time: slot, code: null, reason: 'connection refused (2 of 20)' },
			last_facts: {
				time: slot,
				facts: { ttl: 58, duplicates: 1, late: 0, timestamps: 'kernel', jitter: 0.000_312, mos: 4.404 },
			},
			fact_sums: { duplicates: 3, late: 1 },
			next_due: now + 226.4,
			batch: {
				targets: 998,
				targets_max: 1000,
				orders: {
					count: 1000,
					ids: Array.from({ length: 10 }, (_, index) => `office/router-${index}`),
				},
				same_target: { count: 2, ids: ['lab/same', 'evil/\x1b[2J'] },
			},
			last_run: {
				started: now - 73.2,
				took: null,
				window: 300,
				targets: 998,
				commands: [
					{
						program: '/usr/bin/fping',
						args: ['-q', '-p', '11850', '-C', '20', '-i', '1', '-t', '3000', '-S', '192.0.2.7', "it's"],
						is_cut: false,
						input_lines: 998,
					},
					{ program: 'httping', args: ['https://me:***@example.net/'], is_cut: true, input_lines: 0 },
				],
				commands_left_out: 1,
				notes: ['in this process, from \x1b[31m192.0.2.7'],
			},
			outcomes: Array.from({ length: measurements }, (_, ago) => measurement(ago)),
		},
	};
}
