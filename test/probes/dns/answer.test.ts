/** Questions and answers, without a network but for dig, which has to say the same. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Answer, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DnsAnswer, readAnswer } from '../../../probes/dns/answer.ts';
import { type Expected, isBehind, judge } from '../../../probes/dns/judge.ts';
import { makeQuery, type Question } from '../../../probes/dns/query.ts';
import { answerTo, DnsResponder } from '../../support/dns-responder.ts';
import { records } from './records.ts';

const run = promisify(execFile);

function questionOf(changes: Partial<Question> = {}): Question {
	return {
		...{
			name: 'www.example.net',
			type: 'A',
			class: 'IN',
			ednsSize: 1232,
			dnssecOk: false,
			checkingDisabled: false,
		},
		...{ recursionDesired: true, authenticData: false, nsid: false, clientSubnet: null },
		...changes,
	} as Question;
}

function read(
	answers: readonly Answer[],
	{ question = questionOf(), more = {} }: { question?: Question; more?: Parameters<typeof answerTo>[2] } = {},
) {
	const query = makeQuery(question);
	return readAnswer(answerTo(decode(query.bytes), answers, more), query, question);
}

const a = (data: string, changes: object = {}): Answer => ({
	type: 'A',
	name: 'www.example.net',
	ttl: 300,
	data,
	...changes,
});

describe('a question', () => {
	test('has the flags and the options that are asked for', () => {
		const plain = decode(makeQuery(questionOf({ ednsSize: 0, recursionDesired: false })).bytes);
		expect(plain).toMatchObject({ flag_rd: false, flag_ad: false, flag_cd: false, additionals: [] });
		const question = questionOf({
			...{
				type: 'TYPE65',
				class: 'CH',
				dnssecOk: true,
				checkingDisabled: true,
				authenticData: true,
				nsid: true,
			},
			clientSubnet: '192.0.2.0/24',
		});
		const full = decode(makeQuery(question).bytes);
		expect(full).toMatchObject({
			...{ flag_rd: true, flag_ad: true, flag_cd: true },
			questions: [{ name: 'www.example.net', type: 'UNKNOWN_65', class: 'CH' }],
			additionals: [
				{
					...{ udpPayloadSize: 1232, flag_do: true },
					options: [{ code: 3 }, { code: 8, family: 1, sourcePrefixLength: 24, ip: '192.0.2.0' }],
				},
			],
		});
	});

	const recorded = new URL('../../../fixtures/probes/dns/queries-of-dig/queries.json', import.meta.url);
	const { queries } = JSON.parse(readFileSync(recorded, 'utf8')) as {
		queries: { name: string; question: Partial<Question>; query: string }[];
	};
	test.each(queries)('is to the byte as dig asks it: $name', ({ question, query }) => {
		const id = Number.parseInt(query.slice(0, 4), 16);
		expect(makeQuery(questionOf(question), id).bytes.toString('hex')).toBe(query);
	});

	test('has an id that nobody can guess', () => {
		const ids = new Set(Array.from({ length: 50 }, () => makeQuery(questionOf()).id));
		expect(ids.size).toBeGreaterThan(40);
	});
});

describe('an answer', () => {
	test('tells what was asked for, sorted, and what is known of it', () => {
		const more = {
			flags: 0x01a0,
			additionals: [
				{ type: 'OPT', name: '.', udpPayloadSize: 1232, options: [{ code: 3, data: Buffer.from('ams1') }] },
			],
		} as unknown as Parameters<typeof answerTo>[2];
		expect(read([a('192.0.2.9'), a('192.0.2.10', { ttl: 60 })], { more })).toEqual({
			...{ rcode: 'NOERROR', records: ['192.0.2.10', '192.0.2.9'], ttlSeconds: 60, serial: null },
			...{
				flags: 'qr rd ra ad',
				authenticData: true,
				truncated: false,
				size: expect.any(Number),
				nsid: 'ams1',
			},
		});
	});

	test('is of the name that was asked for, and of those that it leads to', () => {
		const alias = (name: string, data: string, ttl = 20): Answer => ({ type: 'CNAME', name, ttl, data });
		const answers = [
			a('192.0.2.3', { name: 'C.example.net' }),
			alias('b.example.net', 'c.EXAMPLE.net'),
			alias('WWW.example.net', 'b.example.net'),
			a('192.0.2.66', { name: 'evil.example.net', ttl: 0 }),
			a('192.0.2.67', { class: 'CH', ttl: 0 }),
			{ type: 'AAAA', name: 'www.example.net', ttl: 0, data: '::1' } as Answer,
		];
		expect(read(answers)).toMatchObject({ records: ['192.0.2.3'], ttlSeconds: 20 });
		const circle = [alias('www.example.net', 'b.example.net'), alias('b.example.net', 'www.example.net')];
		expect(read(circle)).toMatchObject({ records: [], ttlSeconds: 20 });
	});

	test('cannot turn a screen upside down', () => {
		const question = questionOf({ type: 'CNAME' });
		const answers: Answer[] = [
			{ type: 'CNAME', name: 'www.example.net', ttl: 1, data: 'a\u001b[31m.example.net' },
		];
		expect(read(answers, { question })).toMatchObject({ records: ['a\\x1b[31m.example.net.'] });
	});

	test.each([
		[{ id: 1 }, 'with another id'],
		[{ questions: [{ type: 'A', name: 'www.example.com' }] }, 'to another question'],
		[{ questions: [{ type: 'AAAA', name: 'www.example.net' }] }, 'to another question'],
		[{ questions: [{ type: 'A', class: 'CH', name: 'www.example.net' }] }, 'to another question'],
		[{ questions: [] }, 'to another question'],
		[{ type: 'query' }, 'no answer, but a query'],
		[{ flags: 0x2800 }, 'no answer, but a query'],
	])('%j does not count', (more, foreign) => {
		const question = questionOf();
		const query = { ...makeQuery(question), id: 7 };
		const packet = {
			type: 'response',
			id: 7,
			flags: 0,
			questions: [{ type: 'A', name: 'www.example.net' }],
			answers: [a('192.0.2.1')],
		};
		const bytes = encode({ ...packet, ...more } as Parameters<typeof encode>[0]);
		expect(readAnswer(bytes, query, question)).toEqual({ foreign });
	});

	test('of a server that cannot read the question may be without it', () => {
		expect(read([], { more: { questions: [], rcode: 1 } })).toMatchObject({ rcode: 'FORMERR' });
		expect(read([], { more: { questions: [], rcode: 3 } })).toEqual({ foreign: 'to another question' });
	});

	test('that is garbage, or too much, does not count, whatever it is', () => {
		const question = questionOf();
		const query = makeQuery(question);
		const whole = answerTo(decode(query.bytes), records);
		fc.assert(
			fc.property(
				fc.nat(whole.length),
				fc.nat(whole.length),
				fc.uint8Array({ maxLength: 40 }),
				(end, at, noise) => {
					const bytes = Buffer.from(whole.subarray(0, end));
					bytes.set(noise.subarray(0, Math.max(0, end - at)), Math.min(at, end));
					expect(() => readAnswer(bytes, query, question)).not.toThrow();
				},
			),
		);
		const many = Buffer.from(whole);
		many.writeUInt16BE(60_000, 6);
		expect(readAnswer(many, query, question)).toEqual({ foreign: 'with more than 1000 records' });
		expect(readAnswer(Buffer.alloc(3), query, question)).toEqual({ foreign: 'malformed' });
	});
});

test('dig writes every record the same', async () => {
	await using responder = await DnsResponder.open((question) => {
		const type = question.questions?.[0]?.type;
		return [
			{
				bytes: answerTo(
					question,
					records.filter((record) => record.type === type),
				),
			},
		];
	});
	const port = String(responder.ports.plain);
	await Promise.all(
		records.map(async (record) => {
			const args = [
				'@127.0.0.1',
				'-p',
				port,
				'+short',
				'+nosplit',
				'+time=5',
				'all.example.net',
				record.type,
			];
			const { stdout } = await run('dig', args);
			const question = questionOf({ name: 'all.example.net', type: record.type });
			const answer = read([record], { question }) as DnsAnswer;
			expect(answer.records, record.type).toEqual(stdout.trim().split('\n'));
		}),
	);
});

describe('what is expected', () => {
	const nothing: Expected = {
		...{
			rcode: ['NOERROR'],
			answer: null,
			answerHas: null,
			answerMatch: null,
			ttlMin: null,
			serialMin: null,
		},
		authenticData: false,
	};
	const of = (changes: Partial<DnsAnswer>): DnsAnswer => ({
		...{ rcode: 'NOERROR', records: ['192.0.2.1', '192.0.2.2'], ttlSeconds: 60, serial: 5, flags: 'qr' },
		...{ authenticData: false, truncated: false, size: 50, nsid: null },
		...changes,
	});

	test.each<[Partial<Expected>, Partial<DnsAnswer>, string | null, string?]>([
		[{}, {}, null],
		[{}, { rcode: 'NXDOMAIN' }, 'NXDOMAIN'],
		[{ rcode: ['NXDOMAIN', 'REFUSED'] }, { rcode: 'REFUSED' }, null],
		[{ rcode: ['NXDOMAIN'] }, {}, 'NOERROR'],
		[{ answer: ['192.0.2.2', '192.0.2.1'] }, {}, null],
		[{ answer: ['192.0.2.1'] }, {}, 'answer has 192.0.2.2'],
		[{ answer: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }, {}, 'answer lacks 192.0.2.3'],
		[{ answer: ['192.0.2.1'] }, { records: [], truncated: true }, 'no such records (truncated)'],
		[{ answer: [] }, { records: [] }, null],
		[{ answer: [] }, {}, 'answer has 192.0.2.1'],
		[{ answerHas: ['192.0.2.2'] }, {}, null],
		[{ answerHas: ['192.0.2.3'] }, {}, 'answer lacks 192.0.2.3'],
		[{ answer: ['10  Mail.Example.net'] }, { records: ['10 mail.example.net.'] }, null, 'MX'],
		[{ answer: ['2001:db8:0::7'] }, { records: ['2001:db8::7'] }, null, 'AAAA'],
		[{ answer: ['v=spf1 -all'] }, { records: ['"v=spf1 " "-all"'] }, null, 'TXT'],
		[{ answer: ['V=spf1 -all'] }, { records: ['"v=spf1 -all"'] }, 'answer lacks V=spf1 -all', 'TXT'],
		[{ answerMatch: '^192\\.0\\.2\\.2$' }, {}, null],
		[{ answerMatch: '^10\\.' }, {}, 'answer does not match ^10\\.'],
		[{ ttlMin: 60 }, {}, null],
		[{ ttlMin: 61 }, {}, 'TTL 60 is less than 61'],
		[{ ttlMin: 1 }, { records: [], ttlSeconds: null }, 'no records, so no TTL'],
		[{ serialMin: 5 }, {}, null],
		[{ serialMin: 6 }, {}, 'serial 5 is behind 6'],
		[{ serialMin: 1 }, { serial: null }, 'no SOA record, so no serial'],
		[{ authenticData: true }, {}, 'not authenticated (no AD flag)'],
		[{ authenticData: true }, { authenticData: true }, null],
	])('%j of %j', (expected, answer, lossReason, type = 'A') => {
		const verdict = judge(of(answer), type, { ...nothing, ...expected }, null);
		expect(verdict).toEqual(lossReason === null ? null : { lossReason });
	});

	test('the serial of another server is one to be in step with', () => {
		expect(judge(of({}), 'SOA', nothing, 5)).toBeNull();
		expect(judge(of({}), 'SOA', nothing, 4)).toBeNull();
		expect(judge(of({}), 'SOA', nothing, 6)).toEqual({ lossReason: 'serial 5 is behind 6' });
	});

	test('serials go round', () => {
		expect(isBehind(4_294_967_295, 0)).toBe(true);
		expect(isBehind(0, 4_294_967_295)).toBe(false);
		expect(isBehind(7, 7)).toBe(false);
	});

	test('a pattern that never ends is stopped, and then nothing is known', () => {
		const records = [`${'a'.repeat(40)}!`];
		const verdict = judge(of({ records }), 'TXT', { ...nothing, answerMatch: '^(a+)+$' }, null);
		expect(verdict).toEqual({
			unknown: expect.stringMatching(/^dns.answer_match: the regular expression .* takes too long/),
		});
	});
});
