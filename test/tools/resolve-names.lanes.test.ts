import { describe, expect, test } from 'vitest';
import { v4, v6, World } from './support/scripted-resolver.ts';

test('as many names as lanes are looked up at a time, but of those that failed one fewer', async () => {
	const world = new World(4);
	const names = Array.from({ length: 40 }, (_, i) => `host${i}`);
	for (const name of names) world.script.set(name, { v4: ['192.0.2.1'] });
	expect((await world.ask(v4(...names), 10_000))[1]).toBe(50);
	expect(world.mostBusy).toBe(4);

	for (const name of names) world.script.set(name, { code: 'EAI_AGAIN' });
	await world.ask(v4(...names), 10_000);
	world.mostBusy = 0;
	await world.ask(v4(...names), 10_000);
	expect(world.mostBusy).toBe(3);
});

test('dead names do not delay good ones, not even while they are still being looked up', async () => {
	const world = new World(2);
	const good = Array.from({ length: 20 }, (_, i) => `good${i}`);
	const dead = Array.from({ length: 20 }, (_, i) => `dead${i}`);
	for (const name of good) world.script.set(name, { v4: ['192.0.2.1'] });
	for (const name of dead) world.script.set(name, { delayMs: 10_000, code: 'EAI_AGAIN' });
	await world.ask(v4(...good), 5000);
	await world.ask(v4(...dead), 5000);

	for (let run = 0; run < 3; run++) {
		const [answers] = await world.ask(v4(...dead, ...good), 500);
		for (const name of good) expect(answers[name]).toBe('192.0.2.1');
		await world.clock.pass(4500);
	}
});

test('names that failed or were slow go last, new ones before them', async () => {
	const world = new World(1);
	world.script.set('good', { v4: ['192.0.2.1'] });
	world.script.set('slow', { delayMs: 1500, v4: ['192.0.2.1'] });
	await world.ask(v4('slow', 'gone', 'good'), 10_000);
	world.asked.length = 0;
	world.script.set('first', { v4: ['192.0.2.1'] });
	await world.ask(v4('first', 'slow', 'gone', 'new', 'good'), 10_000);
	expect(world.asked.filter((name, i, all) => all.indexOf(name) === i)).toEqual([
		'first',
		'good',
		'new',
		'slow',
		'gone',
	]);
});

test('a name that recovers is a good one again', async () => {
	const world = new World(1);
	await world.ask(v4('back', 'gone'), 1000);
	world.script.set('back', { v4: ['192.0.2.1'] });
	await world.ask(v4('gone', 'back'), 1000);
	world.asked.length = 0;
	await world.ask(v4('x', 'gone', 'back'), 1000);
	expect(world.asked[1]).not.toBe('gone');
	expect(world.asked.indexOf('back')).toBeLessThan(world.asked.indexOf('gone'));
});

describe('a look-up that goes on', () => {
	test('is shared by all who ask', async () => {
		const world = new World(4);
		world.script.set('shared', { delayMs: 100, v4: ['192.0.2.1'], v6: ['2001:db8::1'] });
		const [one, two, other] = await Promise.all([
			world.ask(v4('shared'), 1000),
			world.ask(v4('shared'), 1000),
			world.ask(v6('shared'), 1000),
		]);
		expect([one[0], two[0], other[0]]).toEqual([
			{ shared: '192.0.2.1' },
			{ shared: '192.0.2.1' },
			{ shared: '2001:db8::1' },
		]);
		expect(world.asked).toEqual(['shared', 'shared']);
	});

	test('is not begun again by the next run, which gets its answer', async () => {
		const world = new World(2);
		world.script.set('slow', { delayMs: 3000, v4: ['192.0.2.1'] });
		await world.ask(v4('slow'), 2000);
		const [answers, tookMs] = await world.ask(v4('slow'), 2000);
		expect(answers).toEqual({ slow: '192.0.2.1' });
		expect(tookMs).toBe(1000);
		expect(world.asked).toEqual(['slow']);
	});

	test('answers too late: the next run uses that when it gets none itself, for a day', async () => {
		const world = new World(2);
		world.script.set('slow', { delayMs: 3000, v4: ['192.0.2.1'] });
		await world.ask(v4('slow'), 2000);
		await world.clock.pass(60_000);
		expect((await world.ask(v4('slow'), 2000))[0]).toEqual({ slow: '192.0.2.1' });
		expect(world.asked).toEqual(['slow', 'slow']);

		await world.clock.pass(86_400_000);
		expect((await world.ask(v4('slow'), 2000))[0]).toEqual({
			slow: 'no answer from the resolver within 2 s: slow',
		});
	});

	test('ends after the deadline: a failure stands in likewise', async () => {
		const world = new World(2);
		world.script.set('dead', { delayMs: 10_000, code: 'EAI_AGAIN' });
		await world.ask(v4('dead'), 2000);
		await world.clock.pass(60_000);
		const [answers] = await world.ask(v4('dead'), 2000);
		expect(answers['dead']).toMatch(/^temporary failure in name resolution: dead/);
	});
});

test('what is remembered of names has a limit', async () => {
	const world = new World(1, 20_000);
	world.script.set('oldest', { v4: ['192.0.2.1'] });
	const many = Array.from({ length: 20_000 }, (_, i) => `host${i}`);
	for (const name of many) world.script.set(name, { delayMs: 0, v4: ['192.0.2.2'] });
	const rememberedAfter = async (names: readonly string[]) => {
		world.script.set('oldest', { v4: ['192.0.2.1'] });
		await world.ask(v4('oldest'), 1000);
		await world.ask(v4(...names), 1000);
		world.script.set('oldest', { delayMs: 10_000 });
		const [answers] = await world.ask(v4('oldest'), 1000);
		await world.clock.pass(20_000);
		return answers['oldest'] === '192.0.2.1';
	};
	expect(await rememberedAfter(many.slice(1))).toBe(true);
	expect(await rememberedAfter(many)).toBe(false);
});
