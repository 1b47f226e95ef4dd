/**
 * Sites that httping 2.5 cannot measure, and what is said of them. With the real httping, which may be a newer one: 4.4 of
 * Debian 13 tells the name.
 */
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { type HttpingSettings, httping } from '../../../probes/httping/index.ts';
import type { Job, TargetResult } from '../../../src/model/probe.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { type Answer, WebServers } from '../../support/web-servers.ts';

const servers = new WebServers();
afterAll(() => servers.close());

const ok: Answer = (_request, response) => void response.end();

async function measure(
	url: string,
	options: Record<string, unknown> = {},
): Promise<TargetResult | undefined> {
	const job: Job<{ readonly url: string }> = {
		slot: { startSeconds: 0, stepSeconds: 4 },
		...{ stepSeconds: 4, pings: 2, targets: [url], windowMs: 4000 },
		options: { url, ...options },
	};
	return (await httping.measure(job, probeTools<HttpingSettings>({}))).get(url);
}

/** Forwards what begins with a TLS handshake in which a server's name stands, and refuses what does not, as CDNs do. */
async function withNameOnly(secure: string, name: string): Promise<string> {
	const gate = await servers.gate((socket, hello) => {
		if (!hello.includes(name)) return void socket.end(Buffer.from('15030300020228', 'hex'));
		const [host = '', port] = secure.split(':');
		const onward = connect(Number(port), host, () => onward.write(hello));
		onward
			.on('error', () => socket.destroy())
			.pipe(socket)
			.pipe(onward);
	});
	return gate.replace('127.0.0.1', name);
}

const { stdout, stderr } = spawnSync('httping', ['-V'], { encoding: 'utf8' });
const tellsName = !`${stdout}${stderr}`.startsWith('HTTPing v2.');

const lost = expect.objectContaining({ rttSeconds: null });
const answered = expect.objectContaining({ rttSeconds: expect.any(Number) });

describe.concurrent('TLS', onBusyMachine, () => {
	test('with SNI: unknown, with what it is and the remedy', async () => {
		const site = await withNameOnly(await servers.https(ok), 'localhost');
		const failure =
			'localhost answers only who tells its name in the TLS handshake (SNI), and httping 2.5 does not. Use probe: http';
		const told = tellsName ? { samples: [answered, answered] } : { failure, code: 'program_failed' };
		expect(await measure(`https://${site}/`)).toMatchObject(told);
	});

	test('with SNI, through a proxy', async () => {
		const site = await withNameOnly(await servers.https(ok), 'localhost');
		const proxy = `http://me:pw@${await servers.proxy(() => {})}/`;
		const told = tellsName
			? { samples: [answered, answered] }
			: { failure: expect.stringContaining('(SNI)'), code: 'program_failed' };
		expect(await measure(`https://${site}/`, { proxy })).toMatchObject(told);
	});

	test('that nobody can make is lost', async () => {
		const refusing = await servers.tcp((socket) => socket.end(Buffer.from('15030300020228', 'hex')));
		const result = await measure(`https://${refusing.replace('127.0.0.1', 'localhost')}/`);
		expect(result).toMatchObject({ samples: [lost, lost] });
	});
});

describe.concurrent('the header', onBusyMachine, () => {
	test.each([
		['and then closes', true],
		['and keeps the connection', false],
	])('ends with a line feed alone, %s: an answer, which httping does not read', async (_what, closes) => {
		const site = await servers.tcp((socket) => {
			socket.write('HTTP/1.1 200 OK\nContent-Length: 0\n\n');
			if (closes) socket.end();
		});
		const failure =
			'127.0.0.1 ends the lines of its header with a line feed alone, which httping 2.5 does not take for an answer. Use probe: http';
		expect(await measure(`http://${site}/`)).toEqual({ failure, code: 'program_failed' });
	});

	test('that breaks off is none', async () => {
		const site = await servers.tcp((socket) => socket.end('HTTP/1.1 200 OK\nContent-Len'));
		expect(await measure(`http://${site}/`)).toMatchObject({ samples: [lost, lost] });
	});

	test.each([100, 102, 103])('%i is not the answer', async (code) => {
		const site = await servers.tcp((socket) => {
			socket.write(`HTTP/1.1 ${code} Wait\r\n\r\n`);
			socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
		});
		const failure = `127.0.0.1 answers with HTTP ${code} first, which httping 2.5 takes for its answer. Use probe: http`;
		expect(await measure(`http://${site}/`)).toEqual({ failure, code: 'program_failed' });
	});

	test('with 101 is one, as all that end are', async () => {
		const site = await servers.tcp((socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
		expect(await measure(`http://${site}/`)).toMatchObject({ samples: [answered, answered] });
	});
});
