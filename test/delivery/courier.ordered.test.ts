/** A sink that has to be written in order: nothing is tried before its turn. */
import { expect, it } from 'vitest';
import { noDrops } from '../../src/delivery/sink-stats.ts';
import { accept, courier, failure, pass, range, sink, start, useCourier } from './support/courier-rig.ts';
import { results, sinkEntry, stepOf } from './support/results.ts';

useCourier();

it('fails for as long as it likes: no result is looked for, and all arrives in its order', async () => {
	sink.ordered = true;
	// As if a part of the other end were away: some could be written, and others not.
	sink.writing = async (batch) => {
		if (batch.some((one) => stepOf(one) < 40)) return failure('no leader');
	};
	start(sinkEntry({ limits: { batchMax: 10 } }));
	accept(results(100));
	await pass(900_000);
	expect(courier.stats()).toMatchObject({ state: 'failing', queued: 100, dropped: noDrops() });
	const first = sink.tried[0];
	expect(sink.tried.every((batch) => batch.join() === first?.join())).toBe(true);
	sink.writing = async () => {};
	await pass(61_000);
	expect(sink.all).toEqual(range(0, 100));
});

it('refuses many: they are set aside, and nothing is written out of turn to find out more', async () => {
	sink.ordered = true;
	sink.judging = (step) => (step < 30 ? { refused: 'too large' } : 'taken');
	start(sinkEntry({ limits: { batchMax: 20 } }));
	accept(results(60));
	await pass(5000);
	expect(sink.tried.flat()).toEqual(range(0, 60));
	expect(courier.stats()).toMatchObject({ queued: 0, sent: 30, dropped: { ...noDrops(), refused: 30 } });
});
