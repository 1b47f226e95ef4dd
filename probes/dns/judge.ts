import { matches } from '../shared/pattern.ts';
import type { DnsAnswer } from './answer.ts';
import { comparable } from './present.ts';

/** What an order expects of an answer. Plain data. */
export interface Expected {
	/** Any of them. */
	readonly rcode: readonly string[];
	/** These records and no others. */
	readonly answer: readonly string[] | null;
	/** These records, and maybe others. */
	readonly answerHas: readonly string[] | null;
	/** A pattern that one of the records has to match. */
	readonly answerMatch: string | null;
	/** Seconds. */
	readonly ttlMin: number | null;
	readonly serialMin: number | null;
	/** The answer must be one that the server has checked. */
	readonly authenticData: boolean;
}

/** What is not as it should be. */
export type Verdict = { readonly lossReason: string } | { readonly unknown: string } | null;

const patternRecordsMax = 100;

/**
 * Holds an answer against what is expected of it; null when all is as it should be.
 *
 * @param type of the records, as the order has it
 * @param reference the serial of the other server, where there is one
 */
export function judge(
	answer: DnsAnswer,
	type: string,
	expected: Expected,
	reference: number | null,
): Verdict {
	const { rcode, records } = answer;
	if (!expected.rcode.includes(rcode)) return { lossReason: rcode };
	const wrong =
		wrongRecords(records, type, expected) ??
		wrongTtl(answer.ttlSeconds, expected.ttlMin) ??
		wrongSerial(answer.serial, expected.serialMin, reference) ??
		(expected.authenticData && !answer.authenticData ? 'not authenticated (no AD flag)' : null);
	if (wrong !== null) return { lossReason: answer.truncated ? `${wrong} (truncated)` : wrong };
	return expected.answerMatch === null ? null : matched(records, expected.answerMatch);
}

function wrongRecords(
	records: readonly string[],
	type: string,
	{ answer, answerHas }: Expected,
): string | null {
	if (answer === null && answerHas === null) return null;
	const has = new Set(records.map((record) => comparable(type, record)));
	const missing = [...(answer ?? []), ...(answerHas ?? [])].find((one) => !has.has(comparable(type, one)));
	if (missing !== undefined) return records.length === 0 ? 'no such records' : `answer lacks ${missing}`;
	if (answer === null) return null;
	const wanted = new Set(answer.map((one) => comparable(type, one)));
	const more = records.find((record) => !wanted.has(comparable(type, record)));
	return more === undefined ? null : `answer has ${more}`;
}

function wrongTtl(ttlSeconds: number | null, least: number | null): string | null {
	if (least === null) return null;
	if (ttlSeconds === null) return 'no records, so no TTL';
	return ttlSeconds < least ? `TTL ${ttlSeconds} is less than ${least}` : null;
}

function wrongSerial(serial: number | null, least: number | null, reference: number | null): string | null {
	if (least === null && reference === null) return null;
	if (serial === null) return 'no SOA record, so no serial';
	if (least !== null && isBehind(serial, least)) return `serial ${serial} is behind ${least}`;
	return reference !== null && isBehind(serial, reference) ? `serial ${serial} is behind ${reference}` : null;
}

/** Serials go round: RFC 1982. */
export function isBehind(serial: number, other: number): boolean {
	const ahead = (other - serial) >>> 0;
	return ahead !== 0 && ahead < 0x8000_0000;
}

function matched(records: readonly string[], pattern: string): Verdict {
	for (const record of records.slice(0, patternRecordsMax)) {
		const found = matches(pattern, record);
		if (typeof found === 'object') return { unknown: `dns.answer_match: ${found.tooLong}` };
		if (found) return null;
	}
	return { lossReason: `answer does not match ${pattern}` };
}
