import { expect, test } from 'vitest';
import { alertmanager } from '../../../src/alerts/notifiers/alertmanager/index.ts';
import { NotifierRefusal } from '../../../src/model/notifier.ts';
import { waitFor } from '../../support/influxd.ts';
import { identity } from '../support/house.ts';
import { Alertmanager } from './support/alertmanager.ts';
import { alertOf, calm, messageOf, toolsOf } from './support/notifications.ts';
import { Receiver } from './support/receiver.ts';

const now = () => Math.floor(Date.now() / 1000);
const fresh = (id: string, more = {}) =>
	alertOf(id, { sinceSeconds: now() - 60, raisedSeconds: now() - 30, ...more });

async function send(url: string | readonly string[], message: ReturnType<typeof messageOf>, more = {}) {
	const warned: string[] = [];
	const open = await alertmanager.open(alertmanager.settings.parse({ url, ...more }), toolsOf({ warned }));
	await open.send(message, calm);
	return warned;
}

const ordersOf = async (server: Alertmanager) =>
	(await server.firing()).map(({ labels }) => labels['order']).sort();

test('a real Alertmanager knows what fires, and what is over', async () => {
	await using server = await Alertmanager.start();
	const labels = { site: 'zrh' };
	const order = identity('a', { tags: { role: 'edge', 'no label': 'x', severity: 'mine' } });
	await send(server.url, messageOf([fresh('a', { order }), fresh('b')]), { labels });
	await waitFor(
		async () => (await server.firing()).length === 2,
		() => 'not there',
	);
	const [first] = (await server.firing()).filter(({ labels }) => labels['order'] === 'a');
	expect(first?.labels).toEqual({
		...{ alertname: 'loss', severity: 'critical', order: 'a', user: 'tmon', probe: 'icmp' },
		...{ target: '192.0.2.1', role: 'edge', site: 'zrh' },
	});
	expect(first?.annotations).toMatchObject({
		...{ loss: '0%, 60%, U', rtt: '12.3ms, 50ms, U', route: '10.0.0.1 > * > 192.0.2.1' },
	});
	// The state has the one that is over and the new one of the same rule and order: the new one counts.
	const over = fresh('b', { clearedSeconds: now() - 5 });
	const again = fresh('b', { sinceSeconds: now() - 3 });
	await send(server.url, messageOf([again, over], { about: 'state' }), { labels });
	expect(await ordersOf(server)).toEqual(['a', 'b']);
	await send(server.url, messageOf([fresh('b', { clearedSeconds: now() - 1 })], { about: 'clear' }), {
		labels,
	});
	await waitFor(
		async () => (await server.firing()).length === 1,
		() => 'is not over',
	);
	expect(await ordersOf(server)).toEqual(['a']);
});

test('what clears at the end of a slot that is not over yet is over all the same', async () => {
	await using server = await Alertmanager.start();
	await send(server.url, messageOf([fresh('a')]));
	await waitFor(
		async () => (await server.firing()).length === 1,
		() => 'not there',
	);
	await send(server.url, messageOf([fresh('a', { clearedSeconds: now() + 30 })], { about: 'clear' }));
	await waitFor(
		async () => (await server.firing()).length === 0,
		() => 'is not over',
	);
});

test('one bad alert costs no other; alone it is refused', async () => {
	await using server = await Alertmanager.start();
	const bad = fresh('bad', { pageUrl: '://no url' });
	const warned = await send(server.url, messageOf([fresh('a'), bad, fresh('c')]));
	await waitFor(
		async () => (await server.firing()).length === 2,
		() => 'not there',
	);
	expect(await ordersOf(server)).toEqual(['a', 'c']);
	expect(warned).toEqual([expect.stringContaining('the alert loss of bad is refused')]);
	await expect(send(server.url, messageOf([bad]))).rejects.toBeInstanceOf(NotifierRefusal);
});

test('every member is told; one of them is enough, and none is tried again', async () => {
	await using one = await Receiver.open();
	await using other = await Receiver.open();
	const dead = 'http://127.0.0.1:1';
	const warned = await send([one.url, dead, `${other.url}/am/`], messageOf([fresh('a')]));
	expect(warned).toEqual([expect.stringContaining(`${dead}: nothing listens there`)]);
	expect([one.received[0]?.path, other.received[0]?.path]).toEqual(['/api/v2/alerts', '/am/api/v2/alerts']);
	one.answers.push({ status: 400 }, { status: 400 });
	// What one may take later is not refused.
	const error = await send([one.url, dead], messageOf([fresh('a')])).catch((reason: Error) => reason);
	expect((error as Error).name).toBe('Error');
});
