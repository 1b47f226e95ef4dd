/** Messages that were cut or lie about their lengths are no answers: no records are made of what is not there. */
import { decode } from 'dns-packet';
import { expect, test } from 'vitest';
import { readAnswer } from '../../../probes/dns/answer.ts';
import { makeQuery, type Question } from '../../../probes/dns/query.ts';
import { answerTo } from '../../support/dns-responder.ts';
import { records } from './records.ts';

function questionOf(type: string): Question {
	return {
		...{ name: 'all.example.net', type, class: 'IN', ednsSize: 1232, dnssecOk: false },
		...{ checkingDisabled: false, recursionDesired: true, authenticData: false, nsid: false },
		clientSubnet: null,
	};
}

test.each(records.map((record) => [record.type, record] as const))('%s, cut anywhere', (type, record) => {
	const question = questionOf(type);
	const query = makeQuery(question);
	const whole = answerTo(decode(query.bytes), [record, record]);
	const taken = (bytes: Buffer) => !('foreign' in readAnswer(bytes, query, question));
	expect([...whole.keys()].filter((end) => taken(whole.subarray(0, end)))).toEqual([]);
	expect(taken(whole)).toBe(true);
});

test.each([
	['longer than the message', 400],
	['longer than an address is', 5],
	['shorter', 3],
])('an address that is said to be %s', (_, length) => {
	const question = questionOf('A');
	const query = makeQuery(question);
	const record = { type: 'A', name: 'all.example.net', ttl: 300, data: '192.0.2.7' } as const;
	const answer = answerTo(decode(query.bytes), [record]);
	const bytes = Buffer.concat([answer, Buffer.alloc(9)]);
	expect(readAnswer(bytes, query, question)).toMatchObject({ records: ['192.0.2.7'] });
	bytes.writeUInt16BE(length, answer.length - 4 - 2);
	expect(readAnswer(bytes, query, question)).toEqual({ foreign: 'malformed' });
});

test('one that says itself that it was cut counts as far as it is whole: servers do cut in a record', () => {
	const question = questionOf('A');
	const query = makeQuery(question);
	const record = (data: string) => ({ type: 'A', name: 'all.example.net', ttl: 300, data }) as const;
	const answer = answerTo(decode(query.bytes), [record('192.0.2.7'), record('192.0.2.8')]);
	answer.writeUInt8(answer.readUInt8(2) | 0x02, 2);
	const recordsOf = (end: number) => readAnswer(answer.subarray(0, end), query, question);
	expect(recordsOf(answer.length)).toMatchObject({ truncated: true, records: ['192.0.2.7', '192.0.2.8'] });
	expect(recordsOf(answer.length - 1)).toMatchObject({ truncated: true, records: ['192.0.2.7'] });
	// Behind the question, within the first record.
	const inFirst = query.bytes.length;
	expect(recordsOf(inFirst)).toMatchObject({ truncated: true, records: [], size: inFirst });
	expect(recordsOf(inFirst - 20)).toEqual({ foreign: 'malformed' });
});
