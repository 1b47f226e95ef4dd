/** A courier on a fake clock, with a scripted sink and a spool of its own, for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { Courier } from '../../../src/delivery/courier.ts';
import type { Delivered } from '../../../src/model/sink.ts';
import type { SinkEntry } from '../../../src/model/sink-entry.ts';
import { unmountAll } from '../../store/support/mount.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeLog } from '../../support/fake-log.ts';
import { sinkEntry } from './results.ts';
import { ScriptedSink } from './scripted-sink.ts';

export let dir: string;

export let clock: FakeClock;

export let log: FakeLog;

export let sink: ScriptedSink;

export let courier: Courier;

export function start(entry: SinkEntry = sinkEntry()): void {
	courier = new Courier({
		facts: new Map(),
		entry,
		sink,
		settings: sink.settings.parse(entry.settings),
		spoolFolder: join(dir, 'spool'),
		version: 'test',
		clock,
		log,
		random: () => 0,
	});
	courier.start();
}

export function accept(some: readonly Delivered[]): void {
	for (const one of some) courier.accept(one);
}

/** Lets time pass in small steps, with the ticks that the worker gives. */
export async function pass(ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 100) {
		await clock.pass(Math.min(100, ms - passed));
		await new Promise(setImmediate);
		if ((passed + 100) % 500 === 0) courier.tick();
	}
}

export const range = (first: number, end: number) =>
	Array.from({ length: end - first }, (_, index) => first + index);

export const failure = (message = 'connection refused') => Promise.reject(new Error(message));

/** For all tests of the file. Take the variables above only within them. */
export function useCourier(): void {
	beforeEach(() => {
		dir = mkdtempSync(join(tmpdir(), 'pingmachine-courier-'));
		clock = new FakeClock(1_795_240_000_000);
		log = new FakeLog();
		sink = new ScriptedSink();
	});
	afterEach(() => {
		unmountAll();
		rmSync(dir, { recursive: true, force: true });
	});
}

/** As after the end of a run: what is started next has a sink that knows nothing. */
export function replaceSink(): void {
	sink = new ScriptedSink();
}
