import { decode } from 'dns-packet';
import { printable } from '../../src/model/printable.ts';
import { presented } from './present.ts';
import type { Query, Question } from './query.ts';
import { encoderType, rcodeName } from './types.ts';
import { countsIn, headerBytes, wholePart } from './whole.ts';

/** What a server answered to a question. */
export interface DnsAnswer {
	readonly rcode: string;
	/** The records that were asked for, as `dig +short` writes them, sorted. */
	readonly records: readonly string[];
	/** The least of the records that were asked for, and of those that led to them; null when there are none. Seconds. */
	readonly ttlSeconds: number | null;
	/** Of a SOA record that was asked for. */
	readonly serial: number | null;
	/** As `dig` writes them: `qr rd ra ad`. */
	readonly flags: string;
	readonly authenticData: boolean;
	readonly truncated: boolean;
	/** Bytes of the message. */
	readonly size: number;
	/** The name of the server, if it tells one: as text, or else in hexadecimal digits. */
	readonly nsid: string | null;
}

/** Why a message is none to our query. */
export interface Foreign {
	readonly foreign: string;
}

/** To take more records apart would hold up others. */
const recordsMax = 1000;

type Decoded = ReturnType<typeof decode> & { readonly rcode: string; readonly opcode: string };
type Record = NonNullable<Decoded['answers']>[number];

/** Reads a message. Never throws, whatever the bytes. */
export function readAnswer(bytes: Buffer, query: Query, question: Question): DnsAnswer | Foreign {
	if (bytes.length < headerBytes) return { foreign: 'malformed' };
	if (bytes.readUInt16BE(0) !== query.id) return { foreign: 'with another id' };
	if ((bytes.readUInt8(2) & 0xf8) !== 0x80) return { foreign: 'no answer, but a query' };
	const records = countsIn(bytes).reduce((sum, count) => sum + count, 0);
	if (records > recordsMax) return { foreign: `with more than ${recordsMax} records` };
	const whole = wholePart(bytes);
	if (whole === null) return { foreign: 'malformed' };
	try {
		const decoded = decode(whole) as Decoded;
		const wrong = wrongQuestion(decoded, question);
		return wrong === null ? answerOf(decoded, question, bytes.length) : { foreign: wrong };
	} catch {
		return { foreign: 'malformed' };
	}
}

const withoutQuestion: ReadonlySet<string> = new Set(['FORMERR', 'NOTIMP']);

function wrongQuestion({ questions = [], rcode }: Decoded, question: Question): string | null {
	// Who cannot read a query cannot repeat it.
	if (questions.length === 0 && withoutQuestion.has(rcode)) return null;
	const [one] = questions;
	const isSame =
		questions.length === 1 &&
		one !== undefined &&
		sameName(one.name, question.name) &&
		String(one.type) === encoderType(question.type) &&
		one.class === question.class;
	return isSame ? null : 'to another question';
}

function sameName(a: string, b: string): boolean {
	return plainName(a) === plainName(b);
}

function plainName(name: string): string {
	const lower = name.toLowerCase();
	return lower.length > 1 && lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

function answerOf(decoded: Decoded, question: Question, size: number): DnsAnswer {
	const { own, way } = askedFor(decoded.answers ?? [], question);
	const type = encoderType(question.type);
	const ttls = [...own, ...way].map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0));
	const soa = own.find((record) => record.type === 'SOA');
	const opt = (decoded.additionals ?? []).find((record) => record.type === 'OPT');
	return {
		rcode: rcodeName(rcodeNumber(decoded.rcode) + (opt?.type === 'OPT' ? opt.extendedRcode * 16 : 0)),
		records: own.map((record) => printable(presented(nameOfType(record, type), dataOf(record)))).sort(),
		ttlSeconds: ttls.length === 0 ? null : ttls.reduce((least, ttl) => Math.min(least, ttl)),
		serial: soa?.type === 'SOA' ? (soa.data.serial ?? null) : null,
		flags: flagsText(decoded),
		authenticData: decoded.flag_ad,
		truncated: decoded.flag_tc,
		size,
		nsid: opt?.type === 'OPT' ? nsidOf(opt.options) : null,
	};
}

const rcodeNumbers: ReadonlyMap<string, number> = new Map(
	Array.from({ length: 16 }, (_, number) => [number <= 10 ? rcodeName(number) : `RCODE_${number}`, number]),
);

function rcodeNumber(name: string): number {
	return rcodeNumbers.get(name) ?? 0;
}

function nameOfType(record: Record, asked: string): string {
	return asked === 'ANY' ? record.type : asked;
}

function dataOf(record: Record): unknown {
	return 'data' in record ? record.data : undefined;
}

/**
 * The records of the type that was asked for, of the name that was asked for and of those that it leads to, and the
 * aliases on the way. Others do not belong to the answer.
 */
function askedFor(answers: readonly Record[], question: Question): { own: Record[]; way: Record[] } {
	const names = new Set([plainName(question.name)]);
	const type = encoderType(question.type);
	const ofClass = answers.filter((record) => 'class' in record && record.class === question.class);
	const way = new Set<Record>();
	const aliases = ofClass.filter((record) => record.type === 'CNAME');
	for (let before = -1; before !== way.size && type !== 'CNAME' && type !== 'ANY'; ) {
		before = way.size;
		for (const alias of aliases) {
			if (way.has(alias) || !names.has(plainName(alias.name))) continue;
			way.add(alias);
			names.add(plainName(String(dataOf(alias))));
		}
		if (way.size > aliasesMax) break;
	}
	const own = ofClass.filter(
		(record) => (type === 'ANY' || String(record.type) === type) && names.has(plainName(record.name)),
	);
	return { own, way: [...way] };
}

/** No honest chain is longer. */
const aliasesMax = 30;

function flagsText(decoded: Decoded): string {
	const all = [
		['qr', decoded.flag_qr],
		['aa', decoded.flag_aa],
		['tc', decoded.flag_tc],
		['rd', decoded.flag_rd],
		['ra', decoded.flag_ra],
		['ad', decoded.flag_ad],
		['cd', decoded.flag_cd],
	] as const;
	return all
		.filter(([, isSet]) => isSet)
		.map(([name]) => name)
		.join(' ');
}

const nsidMax = 100;

function nsidOf(options: readonly { readonly code: unknown; readonly data?: unknown }[]): string | null {
	const nsid = options.find(({ code }) => code === 3)?.data;
	if (!Buffer.isBuffer(nsid)) return null;
	const bytes = nsid.subarray(0, nsidMax);
	return bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)
		? bytes.toString('latin1')
		: bytes.toString('hex');
}
