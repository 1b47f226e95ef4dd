import { expect, test } from 'vitest';
import type { LiveOrder } from '../../src/engine/batch.ts';
import { Batches } from '../../src/engine/batches.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ScriptedProbe } from '../support/scripted-probe.ts';
import { order } from './support/scheduler-rig.ts';

const targetsMost = 5;

/** The same at each run. */
function numbers(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
		return Math.floor((state / 2 ** 31) * below);
	};
}

test.each([20, 200])(
	'whatever comes and goes, each target of %i is in one batch, with all that share it',
	(targets) => {
		const probe = Object.assign(new ScriptedProbe(), { batchMax: () => targetsMost });
		const batches = new Batches(new Map([[probe.name, probe]]), new FakeClock(0));
		const below = numbers(targets);
		const lives: LiveOrder[] = [];
		const join = () => {
			const target = `10.0.0.${below(targets)}`;
			lives.push(batches.join(order(`o${below(1e9)}`, { target, options: { host: target } }), below(3)));
		};
		for (let turn = 0; turn < 20 * targets; turn++) {
			const at = below(lives.length);
			const live = lives[at];
			const isFilling = Math.floor(turn / (5 * targets)) % 2 === 0;
			const kind = below(10);
			if (live === undefined || kind < (isFilling ? 6 : 3)) join();
			else if (kind < 8) batches.leave(lives.splice(at, 1)[0] as LiveOrder);
			else {
				const target = `10.0.0.${below(targets)}`;
				batches.change(live, { ...live.order, target, options: { host: target } });
			}
			if (turn % (targets / 2) === 0) check(batches, lives);
		}
		for (const live of lives.splice(0)) batches.leave(live);
		expect(batches.size).toBe(0);
	},
);

function check(batches: Batches, lives: readonly LiveOrder[]): void {
	const wanted = new Map<string, Set<LiveOrder>>();
	for (const live of lives)
		wanted.set(live.order.target, (wanted.get(live.order.target) ?? new Set()).add(live));
	const found = new Map<string, Set<LiveOrder>>();
	for (const batch of batches) {
		expect(batch.byTarget.size).toBeGreaterThan(0);
		expect(batch.byTarget.size).toBeLessThanOrEqual(targetsMost);
		for (const target of batch.byTarget.keys()) {
			expect(found.has(target), `${target} is in two batches`).toBe(false);
			found.set(target, new Set(batch.sharersOf(target)));
		}
		for (const live of batch) expect(live.batch).toBe(batch);
	}
	expect(found).toEqual(wanted);
}
