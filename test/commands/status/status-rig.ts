/** Runs the command on orders of its own, for each test. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import type { DaemonView } from '../../../src/commands/status/daemon.ts';
import { showStatus } from '../../../src/commands/status/index.ts';
import type { StatusOptions } from '../../../src/commands/status/show.ts';
import type { Asked } from '../../../src/memory/ask-socket.ts';
import { errorText } from '../../../src/store/error-file.ts';
import { type LastResult, lastResultText } from '../../../src/store/last-result.ts';

/** Far from the times that the kernel gives the files made here. Seconds since the epoch. */
export const now = 4_102_444_800;

export let baseDir: string;

/** For all tests of the file. Take `baseDir` only within them. */
export function useStatus(): void {
	beforeEach(() => {
		baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
		mkdirSync(join(baseDir, 'orders'));
	});
	afterEach(() => rmSync(baseDir, { recursive: true }));
}

export function write(path: string, text: string): void {
	mkdirSync(dirname(join(baseDir, path)), { recursive: true });
	writeFileSync(join(baseDir, path), text);
}

interface Fake {
	readonly host?: string;
	readonly user?: string;
	readonly step?: number;
	readonly text?: string;
	/** Seconds since it was refreshed. */
	readonly age?: number;
	readonly result?: Partial<LastResult>;
	readonly error?: string;
}

/** Puts an order there, and what the daemon would have written about it. */
export function order(id: string, fake: Fake = {}): void {
	const { host = '127.0.0.1', user = 'me', step = 10, age = 20, result, error } = fake;
	const text = `user: ${JSON.stringify(user)}\nstep: ${step}\npings: 5\nprobe: fping\nfping:\n    host: "${host}"\n`;
	write(`orders/${id}`, fake.text ?? text);
	utimesSync(join(baseDir, 'orders', id), now - age, now - age);
	if (error !== undefined) write(`output/${id}/error`, errorText(now - 5, error));
	if (result !== undefined) measuredBy(id, result, step);
}

/** The last result of an order, or of `ID/@POP`. */
export function measuredBy(name: string, result: Partial<LastResult>, step = 10): void {
	const usual = {
		time: now - 10,
		updated: now - 3,
		step,
		pings: 5,
		loss: 0,
		min: 0.0123,
		median: 0.0145,
		max: 0.12,
	};
	write(`output/${name}/last_result`, lastResultText({ ...usual, ...result }));
}

export function status(
	words: readonly string[] = [],
	options: StatusOptions = {},
	columns = Number.POSITIVE_INFINITY,
	place: { readonly asked?: Asked<DaemonView>; readonly isTTY?: boolean } = {},
) {
	let out = '';
	let err = '';
	const exitCode = showStatus(
		words,
		{ basedir: baseDir, ...options },
		{
			probes: builtInProbes,
			nowMs: () => now * 1000,
			columns: () => columns,
			colours: false,
			stdout: { write: (text: string) => (out += text) },
			stderr: { write: (text: string) => (err += text), isTTY: place.isTTY ?? false },
			asked: place.asked ?? null,
		},
	);
	return { exitCode, out, err };
}

type Told = Readonly<Record<string, unknown>>;

export function json(words: readonly string[] = [], options: StatusOptions = {}): Told[] {
	const { out } = status(words, { json: true, ...options });
	return out === ''
		? []
		: out
				.trimEnd()
				.split('\n')
				.map((line) => JSON.parse(line) as Told);
}

export const ids = (rows: readonly Told[]) => rows.map(({ id }) => id);

export function everyKind(): void {
	order('office/10.0.0.10', { host: '10.0.0.10', user: 'tmon', result: {} });
	order('office/10.0.0.9', {
		host: '10.0.0.9',
		user: 'tmon',
		result: { loss: 1, median: 0.000024, min: 0.000013 },
	});
	order('office/2001:db8::10', { host: '2001:db8::10', user: 'tmon', result: { loss: 2, max: 1.5 } });
	order('office/2001:db8::9', { host: '2001:db8::9', user: 'tmon', result: { updated: now - 800 } });
	order('office/silent', { user: 'tmon', result: { loss: 5, min: null, median: null, max: null } });
	order('office/a-long-name-for-the/tunnel-eth0-4061-to-the-other-side-of-the-world', {
		user: 'tmon',
		result: {},
	});
	order('lab/new', { user: 'lab', step: 300 });
	order('lab/old', { user: 'lab', age: 3400, result: {} });
	order('lab/wrong', { text: 'user: lab\nstep: 5m\npings: 5\nprobe: fping\nfping:\n    hots: 10.0.0.1\n' });
	order('lab/name', {
		user: 'lab',
		host: 'no-such.example',
		error: 'name or service not known: no-such.example',
	});
	order('lab/not-yaml', { text: '\tuser: lab\n' });
	order('lab/東京', { user: 'lab', host: 'tokyo.example', result: {} });
	order('evil/\x1b[2J\nname', { user: 'e\u202ev', result: {}, error: 'a\x1b]0;title\x07b' });
}
