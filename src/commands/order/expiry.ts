import { askAboutDaemon } from '../../memory/ask-daemon.ts';
import type { ProbeTable } from '../../model/probe.ts';
import type { OrderReport } from '../../orders/lists/report.ts';
import { readOrder } from '../../reading/order.ts';
import { counted, fromNow, localTime } from '../shared/words.ts';

/** What a daemon does that was not told otherwise. Seconds. */
const usualMaxAgeSeconds = 3660;

/**
 * Says when orders that were just written or refreshed expire, and how to keep them.
 *
 * @param orders texts by id
 */
export async function tellExpiry(
	orders: ReadonlyMap<string, string>,
	baseDir: string,
	probes: ProbeTable,
	report: OrderReport,
): Promise<void> {
	const asked = await askAboutDaemon(baseDir);
	const maxAgeSeconds = 'answer' in asked ? asked.answer.max_age : usualMaxAgeSeconds;
	const spans: number[] = [];
	for (const [id, text] of orders) {
		const read = readOrder(id, text, probes);
		const { expiresSeconds = maxAgeSeconds } = 'order' in read ? read.order : {};
		if (expiresSeconds !== null) spans.push(expiresSeconds);
	}
	const [one = ''] = orders.keys();
	const whose = orders.size === 1 ? one : counted(orders.size, 'order');
	const verb = orders.size === 1 ? 's' : '';
	if (spans.length === 0) {
		report.say(`${whose} never expire${verb}`);
		return;
	}
	const nowSeconds = Date.now() / 1000;
	const firstSeconds = nowSeconds + Math.min(...spans);
	const when = `${localTime(firstSeconds, nowSeconds)} (${fromNow(firstSeconds, nowSeconds)})`;
	const isGuess = 'silence' in asked && spans.includes(usualMaxAgeSeconds);
	report.say(
		`${whose} expire${verb} at ${when} unless refreshed${isGuess ? ', if the daemon has the usual max_age' : ''}: touch ${orders.size === 1 ? 'the file' : 'the files'}, run pingmachine order refresh or order add --keep-alive, or keep ${orders.size === 1 ? 'it' : 'them'} with --set expires=never`,
	);
}
