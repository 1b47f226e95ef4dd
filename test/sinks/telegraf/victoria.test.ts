/** The sink against a real VictoriaMetrics, which reads line protocol in its own way: odd names and their neighbours. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VictoriaMetrics } from '../../support/victoria-metrics.ts';
import { delivered } from '../shared/delivered.ts';
import { asTag, text } from '../shared/odd-text.ts';
import { never, openEntry } from './sink-harness.ts';

test('odd tag values come back as they were written, and no neighbour of theirs is lost', async () => {
	await using server = await VictoriaMetrics.start();
	const values = fc.sample(
		text.filter((value) => value !== ''),
		{ numRuns: 1000, seed: 11 },
	);
	const startSeconds = Math.floor(Date.now() / 10_000) * 10 - 600;
	const batch = values.flatMap((value, i) => [
		delivered({ name: 'odd', startSeconds, rtts: [null], tags: { number: String(i), [`k${value}`]: value } }),
		delivered({ name: 'plain', startSeconds, rtts: [null], tags: { number: String(i) } }),
	]);
	const sink = await openEntry({ url: server.url, individual: 'none' });
	await sink.write(batch, never);
	await sink.close();
	const stored = new Map(
		(await server.labelsOf('odd_loss')).map((labels) => [Number(labels['number']), labels]),
	);
	for (const [i, value] of values.entries()) {
		expect(stored.get(i), JSON.stringify(value)).toEqual({
			__name__: 'odd_loss',
			number: String(i),
			[asTag(`k${value}`)]: asTag(value),
		});
	}
	expect(await server.labelsOf('plain_loss')).toHaveLength(values.length);
});
