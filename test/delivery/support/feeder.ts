/**
 * A process that hands on results without end, one slot after the other, and prints how its sink is doing. Killed by the
 * test, or closed in order by a line on its standard input.
 */

import { systemClock } from '../../../src/model/clock.ts';
import { identityOf, measured } from '../../../src/model/outcome.ts';
import { fullOrder, sinkEntry, startSeconds } from './results.ts';

const [compiled = '', sinkModule = '', baseDir = '', port = '', first = '0', isFeeding = 'yes'] =
	process.argv.slice(2);
const { openDelivery } = (await import(compiled)) as typeof import('../../../src/delivery/delivery.ts');
const say = (what: string) => (message: string) => process.stderr.write(`${what}: ${message}\n`);

const delivery = openDelivery({
	baseDir,
	sinkModule: new URL(sinkModule),
	entries: [
		sinkEntry({
			type: 'lines',
			settings: { port: Number(port) },
			limits: { batchMax: 20, batchWaitMs: 100, timeoutMs: 2000 },
		}),
	],
	version: 'test',
	clock: systemClock,
	log: { error: say('error'), warn: say('warn'), info: say('info'), debug: say('debug') },
});
const order = fullOrder('a');
let next = Number(first);
const feeding = setInterval(() => {
	if (isFeeding === 'yes') {
		const outcomes = Array.from({ length: 5 }, () => {
			const slot = { startSeconds: startSeconds + next++ * 10, stepSeconds: 10 };
			return measured(identityOf(order), slot, order.pings, [
				{ sentAtSeconds: slot.startSeconds, rttSeconds: 0.01 },
			]);
		});
		delivery.take([{ about: 'outcomes', outcomes }]);
	}
	const [{ sent = 0, spooled = 0, queued = 0, state = '' } = {}] = delivery.stats();
	process.stdout.write(`${JSON.stringify({ next, sent, spooled, queued, state })}\n`);
}, 10);
process.stdin.on('data', () => {
	clearInterval(feeding);
	void delivery.close(3000).then(() => process.exit(0));
});
