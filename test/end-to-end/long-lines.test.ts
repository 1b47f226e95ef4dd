/** A valid order whose lines no Telegraf takes by TCP: it harms nobody but itself, and is counted. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { parseLine } from '../sinks/shared/parse-line.ts';
import { cli, Daemon } from '../support/daemon.ts';

test('lines over 64 KiB are refused for themselves: what is beside them arrives, once', async () => {
	const lines: string[] = [];
	let closed = 0;
	// As Telegraf's socket_listener: it has room for so much of a line, and else ends the connection.
	const server = createServer((socket) => {
		let rest = Buffer.alloc(0);
		socket.on('error', () => {});
		socket.on('data', (data) => {
			rest = Buffer.concat([rest, data]);
			for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
				lines.push(rest.subarray(0, end).toString());
				rest = rest.subarray(end + 1);
			}
			if (rest.length < 64 * 1024) return;
			closed++;
			socket.destroy();
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	// Each comma is written as two bytes: with the tags of an order that has all that it may, it is too much.
	const tags = { site: ','.repeat(20_000) };
	const entry = { type: 'telegraf', tags, name: 'tcp', url: `tcp://127.0.0.1:${port}`, individual: 'none' };
	writeFileSync(config, JSON.stringify({ sinks: [{ ...entry, batch: { wait: 0.2 } }] }));
	await daemon.start(['--config', config]);
	const order = (host: string, tags: object) =>
		JSON.stringify({
			...{ user: 'me', step: 1, pings: 1, probe: 'fping', fping: { host } },
			...{ measurement_name: 'm', tags },
		});
	for (let i = 1; i < 5; i++) daemon.order(`me/${i}`, order(`127.0.0.${i}`, { oid: i }));
	const commas = Object.fromEntries(['a', 'b', 'c', 'd'].map((tag) => [tag, ','.repeat(4000)]));
	daemon.order('other/long', order('127.0.0.9', commas));
	const seen = (oid: number) => lines.filter((line) => line.startsWith(`m,oid=${oid},site=`)).length;
	await daemon.until('six of each of the others', () => [1, 2, 3, 4].every((oid) => seen(oid) >= 6));
	const refused = () => {
		const args = [cli, 'status', '--sinks', '--json', '--basedir', daemon.baseDir];
		const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
		return Number(/"refused":(\d+)/.exec(stdout)?.[1] ?? 0);
	};
	await daemon.until('some of the long ones are counted', () => refused() > 2);
	await daemon.stop();
	expect(closed).toBe(0);
	expect(new Set(lines).size).toBe(lines.length);
	expect(new Set(lines.map((line) => parseLine(line).tags['a']))).toEqual(new Set([undefined]));
	const [first = '{}'] = readFileSync(daemon.path('spool/tcp/refused.jsonl'), 'utf8').split('\n');
	expect(JSON.parse(first)).toMatchObject({
		outcome: { order: { id: 'other/long' } },
		reason: expect.stringMatching(
			/a line of 72\d\d\d bytes, and Telegraf closes the connection at more than 65536/,
		),
	});
	server.close();
}, 60_000);
