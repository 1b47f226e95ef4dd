import { chmodSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, readLine } from '../../src/delivery/spool-lines.ts';
import { measured } from '../../src/model/outcome.ts';
import { anyOutcome } from '../outcomes/any-outcome.ts';
import { deliveredOrder, result } from './support/results.ts';
import {
	dir,
	drain,
	dropped,
	files,
	folder,
	problems,
	range,
	reopen,
	spool,
	steps,
	useSpool,
	waiting,
} from './support/spool-rig.ts';

useSpool();

describe('what is written', () => {
	it('is read back as it was, whatever the order and the results are', () => {
		fc.assert(
			fc.property(anyOutcome, fc.nat({ max: 2e12 }), (delivered, sinceMs) => {
				const line = lineOf({ delivered, sinceMs });
				expect(line.indexOf('\n')).toBe(line.length - 1);
				expect(readLine(line.slice(0, -1))).toStrictEqual({ delivered, sinceMs });
			}),
		);
	});

	it('is read as well from lines of the version before, which knew measurements alone', () => {
		const order = {
			id: 'a/b',
			user: 'me',
			task: 'why',
			stepSeconds: 10,
			pings: 3,
			probe: 'fping',
			measurementName: 'm',
		};
		const json = JSON.stringify({
			since: 1_795_240_012_345,
			order: { ...order, tags: { site: 'x' }, target: '192.0.2.1' },
			slot: [1_795_240_000, 10],
			pings: 3,
			samples: [
				[1_795_240_000.5, 0.0012],
				[1_795_240_003.5, null],
			],
		});
		const crc = crc32(json).toString(16).padStart(8, '0');
		const identity = { id: 'a/b', user: 'me', task: 'why', probe: 'fping', measurementName: 'm' };
		const slot = { startSeconds: 1_795_240_000, stepSeconds: 10 };
		const samples = [
			{ sentAtSeconds: 1_795_240_000.5, rttSeconds: 0.0012 },
			{ sentAtSeconds: 1_795_240_003.5, rttSeconds: null },
		];
		expect(readLine(`${crc} ${json}`)).toStrictEqual({
			delivered: measured({ ...identity, tags: { site: 'x' }, target: '192.0.2.1' }, slot, 3, samples),
			sinceMs: 1_795_240_012_345,
		});
	});

	it('comes back in its order, over any restarts and whatever is sent in between', () => {
		const action = fc.oneof(
			fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }) }),
			fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 30 }) }),
			fc.record({ do: fc.constant('restart' as const), count: fc.constant(0) }),
			fc.record({ do: fc.constant('crash' as const), count: fc.constant(0) }),
		);
		fc.assert(
			fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
				rmSync(folder, { recursive: true, force: true });
				reopen({ maxBytes: 64_000 });
				let [sent, written] = [0, 0];
				for (const { do: what, count } of actions) {
					if (what === 'append') {
						expect(spool.append(waiting(count, written))).toBe(count);
						written += count;
					} else if (what === 'send') {
						const some = spool.oldest(count);
						expect(steps(some)).toEqual(range(sent, sent + some.length));
						spool.remove(some.length);
						sent += some.length;
					} else {
						if (what === 'restart') spool.close();
						reopen({ maxBytes: 64_000 });
					}
					expect(spool.count).toBe(written - sent);
				}
				expect(drain(spool)).toEqual(range(sent, written));
				spool.close();
				expect(problems).toEqual([]);
				expect(existsSync(folder)).toBe(false);
			}),
			{ numRuns: 60 },
		);
	});
});

describe('bounds', () => {
	it('drops the oldest when the size is reached, and counts them', () => {
		reopen({ maxBytes: 40_000 });
		for (let first = 0; first < 1000; first += 10) spool.append(waiting(10, first));
		expect(spool.bytes).toBeLessThanOrEqual(40_000);
		const onDisk = files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
		expect(spool.bytes).toBe(onDisk);
		const lost = dropped.reduce((sum, text) => sum + Number(/^spoolFull: (\d+)$/.exec(text)?.[1]), 0);
		expect(lost).toBeGreaterThan(500);
		expect(drain(spool)).toEqual(range(lost, 1000));
	});

	it('drops what has waited too long, and no more', () => {
		reopen({ maxAgeMs: 8000 });
		for (let first = 0; first < 20_000; first += 500) spool.append(waiting(500, first));
		spool.expire(1_000_000 + 19_999);
		const left = drain(spool);
		expect(left.at(-1)).toBe(19_999);
		expect(left[0]).toBeLessThanOrEqual(11_999);
		expect(left[0]).toBeGreaterThan(10_000);
		expect(dropped.every((text) => text.startsWith('tooOld: '))).toBe(true);
	});

	it('counts what is sent of a file that is dropped while it is being sent', () => {
		reopen({ maxBytes: 20_000 });
		spool.append(waiting(10));
		spool.remove(4);
		spool.append(waiting(200, 10));
		expect(dropped.join()).toContain('spoolFull');
		expect(spool.count + dropped.reduce((sum, text) => sum + Number(text.split(': ')[1]), 0)).toBe(206);
	});
});

it('can be read by its owner and group only: tags may be private', () => {
	spool.append([{ delivered: { ...result('a'), order: deliveredOrder('a') }, sinceMs: 1 }]);
	chmodSync(dir, 0o755);
	expect(statSync(folder).mode & 0o007).toBe(0);
	expect(statSync(join(folder, files()[0] ?? '')).mode & 0o007).toBe(0);
});
