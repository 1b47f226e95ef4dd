import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { decode, encode } from 'dns-packet';
import { expect, onTestFinished, test } from 'vitest';
import { PingNames, readHosts } from '../../../../probes/shared/timing/names.ts';

const { signal } = new AbortController();

/** A server that knows some names of IPv4, is silent on others, and knows no more. */
async function nameServer(known: Record<string, string>, silent: readonly string[] = []) {
	const asked: string[] = [];
	const socket = createSocket('udp4');
	socket.on('message', (packet, from) => {
		const { id, questions = [] } = decode(packet);
		const [{ name, type } = { name: '', type: 'A' as const }] = questions;
		asked.push(`${name} ${type}`);
		if (silent.includes(name)) return;
		const data = type === 'A' ? known[name] : undefined;
		const answers = data === undefined ? [] : [{ type: 'A' as const, name, data, ttl: 60 }];
		const flags = 0x80 | (name in known ? 0 : 3);
		socket.send(
			encode({ type: 'response', id, flags, questions, answers } as never),
			from.port,
			from.address,
		);
	});
	await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
	onTestFinished(() => void socket.close());
	return { names: new PingNames([`127.0.0.1:${(socket.address() as AddressInfo).port}`]), asked };
}

test('a name is asked for anew each time, one that is not known rests for a while', async () => {
	const { names, asked } = await nameServer({ 'a.example': '192.0.2.1' });
	for (let round = 0; round < 2; round++)
		expect(await names.lookUp('a.example', 4, 5000, signal)).toEqual({ address: '192.0.2.1' });
	expect(asked).toEqual(['a.example A', 'a.example A']);
	expect(await names.lookUp('b.example', 'auto', 5000, signal)).toEqual({ error: 'ENOTFOUND' });
	expect(await names.lookUp('b.example', 'auto', 5000, signal)).toEqual({ error: 'ETIMEOUT' });
	expect(asked.slice(2)).toEqual(['b.example A', 'b.example AAAA']);
});

test('silence ends with the limit, or with the signal', async () => {
	const { names } = await nameServer({}, ['c.example', 'd.example']);
	expect(await names.lookUp('c.example', 4, 50, signal)).toEqual({ error: 'ETIMEOUT' });
	const stop = new AbortController();
	setTimeout(() => stop.abort(), 20);
	expect(await names.lookUp('d.example', 4, 10_000, stop.signal)).toBeNull();
	names.cancel();
});

test('an address that blocks a name is none', async () => {
	const { names } = await nameServer({ 'e.example': '0.0.0.0' });
	expect(await names.lookUp('e.example', 4, 5000, signal)).toEqual({ error: 'ENODATA' });
});

test('addresses, and what stands in /etc/hosts, are not asked for', async () => {
	const { names, asked } = await nameServer({});
	expect(await names.lookUp('192.0.2.9', 4, 5000, signal)).toEqual({ address: '192.0.2.9' });
	expect(await names.lookUp('localhost', 4, 5000, signal)).toEqual({ address: '127.0.0.1' });
	expect(asked).toEqual([]);
	const hosts = readHosts('# c\n192.0.2.1 Web web2 # x\n192.0.2.2 web\n2001:db8::1\tweb\nweb 192.0.2.3\n\n');
	expect([...hosts]).toEqual([
		['4 web', '192.0.2.1'],
		['4 web2', '192.0.2.1'],
		['6 web', '2001:db8::1'],
	]);
});
