/** Pings that are told before their job is over. */
import { expect, test } from 'vitest';
import type { EarlyTools } from '../../src/model/probe.ts';
import type { EarlyPings } from '../../src/outcomes/subscriber.ts';
import { allAnswer } from '../support/scripted-probe.ts';
import { gate, SchedulerRig, startSeconds } from './support/scheduler-rig.ts';

test('a probe is told which of its targets are watched, also while it measures, and tells their pings', async () => {
	const rig = new SchedulerRig();
	for (const id of ['a', 'b']) rig.settledOrder(id);
	rig.settledOrder('c', { target: 'host-a' });
	const { opened, open } = gate();
	let early: EarlyTools | undefined;
	let changes = 0;
	rig.probe.script = async (job, tools) => {
		({ early } = tools);
		const end = tools.early?.onChange(() => changes++);
		await opened;
		end?.();
		return allAnswer(job);
	};
	const told: EarlyPings[] = [];
	rig.stream.subscribe({
		name: 'watcher',
		wantsEarly: true,
		take: (events) => void told.push(...events.filter((event) => event.about === 'early')),
	});
	rig.scheduler.start();
	await rig.clock.pass(100);
	const tools = early as EarlyTools | undefined;
	expect(tools?.watched()).toEqual([]);
	const end = rig.stream.watch('c');
	expect(tools?.watched()).toEqual(['host-a']);
	expect(changes).toBe(1);

	const ping = { index: 0, sentAtSeconds: startSeconds, rttSeconds: 0.01 };
	tools?.tell('host-a', [ping]);
	tools?.tell('host-b', [ping]);
	expect(told).toMatchObject([
		{ order: { id: 'c' }, slot: { startSeconds, stepSeconds: 10 }, pings: 5, early: [ping] },
	]);
	end();
	expect(changes).toBe(2);
	tools?.tell('host-a', [ping]);
	expect(told).toHaveLength(1);
	open();
	await rig.clock.pass(100);
	rig.stream.watch('a');
	expect(changes).toBe(2);
	expect(rig.outcomes).toHaveLength(3);
});
