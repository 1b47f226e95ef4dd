/** The probe, its thread and servers that delay, lose, lie and send garbage: needs the compiled product. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Answer } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyProbe, Job, ProbeTools, TargetResult } from '../../../src/model/probe.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { answerTo, DnsResponder, type Reply } from '../../support/dns-responder.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { TcpServer } from '../../support/tcp-server.ts';

const compiled = new URL('../../../dist/probes/dns/index.js', import.meta.url).href;
const { dns } = (await import(compiled)) as { dns: AnyProbe };

const pem = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url));
const sound: Reply = (question) => [
	{ bytes: answerTo(question, [{ type: 'A', name: 'www.example.net', ttl: 300, data: '192.0.2.7' }]) },
];

let responder: DnsResponder;
beforeAll(async () => {
	responder = await DnsResponder.open(sound, { key: pem('key'), cert: pem('certificate') });
});
afterAll(async () => {
	await responder[Symbol.asyncDispose]();
	await dns.close?.();
});

interface Wanted {
	readonly options?: Record<string, unknown>;
	readonly names?: readonly string[];
	readonly pings?: number;
	readonly tools?: Partial<ProbeTools>;
}

async function measureAll({ options = {}, names = ['www.example.net'], pings = 2, tools }: Wanted) {
	const written = { name: names[0], server: '127.0.0.1', port: responder.ports.plain, ...options };
	const job: Job = {
		slot: { startSeconds: 0, stepSeconds: 1 },
		...{ stepSeconds: 1, pings, targets: names, windowMs: 1000 },
		options: dns.options.parse(written),
	};
	return await dns.measure(job, probeTools({}, tools));
}

async function measure(wanted: Wanted = {}): Promise<TargetResult> {
	const result = (await measureAll(wanted)).get(wanted.names?.[0] ?? 'www.example.net');
	if (result === undefined) throw new Error('no result');
	return result;
}

const answered = { sentAtSeconds: expect.any(Number), rttSeconds: expect.any(Number) };
const lost = { sentAtSeconds: expect.any(Number), rttSeconds: null };
const allLost = (reason: string) => ({
	samples: [lost, lost],
	facts: expect.objectContaining({ loss_reason: `${reason} (2 of 2)` }),
});

describe('a name server', () => {
	test('answers by UDP', onBusyMachine, async () => {
		responder.reply = sound;
		expect(await measure()).toEqual({
			samples: [answered, answered],
			facts: {
				...{ rcode: ['NOERROR', 'NOERROR'], answer: '192.0.2.7', ttl: [300, 300], flags: 'qr aa rd ra' },
				...{ size: [64, 64], truncated: [false, false], address: '127.0.0.1', query_type: 'A' },
				...{ request: [expect.any(Number), expect.any(Number)], delayed: expect.any(Array) },
			},
		});
	});

	test.each(['tcp', 'tls', 'https'] as const)(
		'answers by %s, and its phases are known',
		onBusyMachine,
		async (transport) => {
			responder.reply = sound;
			const port = transport === 'tcp' ? responder.ports.plain : responder.ports[transport];
			const isTls = transport !== 'tcp';
			const tls = isTls ? { tls_verify: false } : {};
			const result = await measure({ options: { transport, port, ...tls } });
			expect(result).toMatchObject({ samples: [answered, answered], facts: { answer: '192.0.2.7' } });
			if (!('samples' in result)) return;
			const { connect, tls: shaken, request, certificate_subject: subject } = result.facts ?? {};
			expect(connect).toEqual([expect.any(Number), expect.any(Number)]);
			expect(request).toEqual([expect.any(Number), expect.any(Number)]);
			expect(subject).toBe(isTls ? 'CN=localhost' : undefined);
			const [first] = result.samples;
			const sum = [connect, shaken, request].reduce<number>(
				(all, of) => all + Number((of as number[] | undefined)?.[0] ?? 0),
				0,
			);
			expect(sum).toBeLessThanOrEqual((first?.rttSeconds ?? 0) + 0.001);
		},
	);

	test('whose certificate is not valid is lost, and its certificate known', onBusyMachine, async () => {
		const result = await measure({ options: { transport: 'tls', port: responder.ports.tls } });
		expect(result).toEqual(allLost('certificate is signed by itself'));
		expect(result).toMatchObject({ facts: { certificate_subject: 'CN=localhost' } });
	});

	test('that delays has delays in its times', onBusyMachine, async () => {
		responder.reply = (question) => sound(question, Buffer.alloc(0)).map((one) => ({ ...one, afterMs: 80 }));
		const result = await measure();
		for (const { rttSeconds } of 'samples' in result ? result.samples : [])
			expect(rttSeconds).toBeGreaterThanOrEqual(0.079);
		expect(result).toMatchObject({ samples: [answered, answered] });
	});

	test('is asked for hundreds of names at a time, without harm', onBusyMachine, async () => {
		responder.reply = (question) => {
			const name = question.questions?.[0]?.name ?? '';
			return [{ bytes: answerTo(question, [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }]), afterMs: 50 }];
		};
		const names = Array.from({ length: 300 }, (_, i) => `host${i}.example.net`);
		const results = await measureAll({ names, pings: 1 });
		expect(results.size).toBe(300);
		for (const name of names)
			expect(results.get(name)).toMatchObject({ samples: [answered], facts: { answer: '192.0.2.1' } });
	});
});

const lies: Record<string, Reply> = {
	'another id': (question) => [{ bytes: answerTo({ ...question, id: ((question.id ?? 0) + 1) & 0xffff }) }],
	'another question': (question) => [
		{ bytes: answerTo({ ...question, questions: [{ type: 'A', name: 'www.example.com' }] }) },
	],
	'another port': (question, query) => sound(question, query).map((one) => ({ ...one, fromOtherPort: true })),
	garbage: (_question, query) => [
		{ bytes: Buffer.concat([query.subarray(0, 2), Buffer.alloc(30, 0xff)]) },
		{ bytes: Buffer.alloc(0) },
	],
	'the query': (_question, query) => [{ bytes: query }],
};

describe('what is no answer does not count', () => {
	test.each(Object.keys(lies))('%s: lost', onBusyMachine, async (lie) => {
		responder.reply = lies[lie] as Reply;
		const result = await measure({ options: { timeout: 100 } });
		expect(result).toMatchObject({
			samples: [lost, lost],
			facts: { loss_reason: expect.stringMatching(/^timed out/) },
		});
	});

	test.each(Object.keys(lies))('%s: the answer behind it counts', onBusyMachine, async (lie) => {
		responder.reply = (question, query) => [
			...(lies[lie]?.(question, query) ?? []),
			...sound(question, query).map((one) => ({ ...one, afterMs: 30 })),
		];
		const result = await measure();
		expect(result).toMatchObject({ samples: [answered, answered], facts: { answer: '192.0.2.7' } });
		const ignored = lie === 'another port' ? undefined : [expect.any(Number), expect.any(Number)];
		expect('samples' in result ? result.facts?.['ignored'] : null).toEqual(ignored);
	});

	test('a flood of them ends the ping', onBusyMachine, async () => {
		const bytes = Buffer.alloc(12);
		responder.reply = () => Array(1500).fill({ bytes });
		const result = await measure({ options: { transport: 'tcp' } });
		expect(result).toEqual(allLost('flooded with answers to other questions'));
	});
});

describe('a ping is lost', () => {
	test('when nothing comes', onBusyMachine, async () => {
		responder.reply = () => [];
		expect(await measure({ options: { timeout: 100 } })).toEqual(allLost('timed out waiting for the answer'));
	});

	test('when the port is closed, by UDP and TCP', onBusyMachine, async () => {
		const closed = await new Promise<number>((resolve) => {
			const server = createServer().listen(0, '127.0.0.1', () => {
				const { port } = server.address() as { port: number };
				server.close(() => resolve(port));
			});
		});
		for (const transport of ['udp', 'tcp'])
			expect(await measure({ options: { transport, port: closed } })).toEqual(allLost('connection refused'));
	});

	test.each([
		['closed before the answer', (end: () => void) => end()],
		['timed out waiting for the answer', () => {}],
	])('%s', onBusyMachine, async (reason, act) => {
		await using server = await TcpServer.open((socket) => socket.once('data', () => act(() => socket.end())));
		const result = await measure({ options: { transport: 'tcp', port: server.port, timeout: 100 } });
		expect(result).toEqual(allLost(reason));
	});

	test('when what speaks is no TLS, or no DNS over HTTPS', onBusyMachine, async () => {
		const verify = { tls_verify: false };
		const plain = await measure({ options: { transport: 'tls', timeout: 200, ...verify } });
		expect(plain).toMatchObject({ samples: [lost, lost] });
		responder.reply = sound;
		const port = responder.ports.https;
		const path = await measure({ options: { transport: 'https', port, path: '/other', ...verify } });
		expect(path).toEqual(allLost('HTTP 404'));
		const dot = await measure({ options: { transport: 'https', port: responder.ports.tls, ...verify } });
		expect(dot).toMatchObject({
			samples: [lost, lost],
			facts: { loss_reason: expect.stringMatching(/HTTP\/2|TLS/) },
		});
	});

	test('when it is not what is expected, with what came all the same', onBusyMachine, async () => {
		responder.reply = (question) => [{ bytes: answerTo(question, [], { rcode: 3 }) }];
		const result = await measure();
		expect(result).toEqual(allLost('NXDOMAIN'));
		expect(result).toMatchObject({ facts: { rcode: ['NXDOMAIN', 'NXDOMAIN'], answer: '' } });
		expect(await measure({ options: { rcode: 'nxdomain' } })).toMatchObject({
			samples: [answered, answered],
		});
	});

	test('truncated answers are answers, and say so', onBusyMachine, async () => {
		responder.reply = (question) => [{ bytes: answerTo(question, [], { flags: 0x0380 }) }];
		expect(await measure()).toMatchObject({
			samples: [answered, answered],
			facts: { truncated: [true, true] },
		});
	});
});

describe('zones in step', () => {
	const soa = (serial: number): Answer => ({
		...{ type: 'SOA', name: 'example.net', ttl: 60 },
		data: {
			mname: 'ns1.example.net',
			rname: 'root.example.net',
			serial,
			refresh: 1,
			retry: 1,
			expire: 1,
			minimum: 1,
		},
	});
	const names = ['example.net'];

	test.each([
		[7, 7, null],
		[7, 6, null],
		[7, 8, 'serial 7 is behind 8'],
	])('%i and %i', onBusyMachine, async (own, other, reason) => {
		responder.reply = (question) => [{ bytes: answerTo(question, [soa(own)]) }];
		await using reference = await DnsResponder.open((question) => [
			{ bytes: answerTo(question, [soa(other)]) },
		]);
		const serial_of = `127.0.0.1:${reference.ports.plain}`;
		const result = await measure({ names, options: { type: 'SOA', serial_of } });
		if (reason === null)
			expect(result).toMatchObject({ samples: [answered, answered], facts: { serial: [own, own] } });
		else expect(result).toEqual(allLost(reason));
		expect(reference.asked).toBe(1);
	});

	test('nothing is known when the other server does not answer', onBusyMachine, async () => {
		responder.reply = (question) => [{ bytes: answerTo(question, [soa(7)]) }];
		await using reference = await DnsResponder.open(() => []);
		const serial_of = `127.0.0.1:${reference.ports.plain}`;
		const result = await measure({ names, options: { type: 'SOA', serial_of, timeout: 150 } });
		expect(result).toMatchObject({
			failure: expect.stringMatching(/^dns.serial_of: 127.0.0.1 port \d+ has no serial of example.net/),
		});
	});
});

test('what this machine is to blame for is unknown', onBusyMachine, async () => {
	const unknown = await measure({ options: { server: 'no-such-server.invalid' } });
	expect(unknown).toMatchObject({
		failure: expect.stringContaining('no-such-server.invalid'),
		code: expect.stringMatching(/^name_/),
	});
	const source = await measure({ options: { source_ip: '192.0.2.99' } });
	expect(source).toMatchObject({ failure: expect.stringContaining('192.0.2.99'), code: 'no_address' });
	const ended = AbortSignal.abort();
	expect(await measure({ tools: { signal: ended } })).toMatchObject({ code: 'stopped' });
	await expect(measure({ options: { transport: 'tls', tls_ca_file: '/nowhere/ca.pem' } })).rejects.toThrow(
		/^tls_ca_file: cannot read \/nowhere\/ca.pem/,
	);
});
