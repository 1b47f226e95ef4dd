import { isIPv4, isIPv6 } from 'node:net';
import { type StatusRow, states } from '../shared/status-row.ts';

/** Ascending for names; for the rest the worst comes first. */
export const sortKeys = ['order', 'target', 'step', 'age', 'median', 'loss', 'state'] as const;
export type SortKey = (typeof sortKeys)[number];

/** The rows of one user, null where none is known. */
export interface UserRows {
	readonly user: string | null;
	readonly rows: readonly StatusRow[];
}

/** Rows by user, users by name; those without a known user last. */
export function groupByUser(rows: readonly StatusRow[], sort: SortKey): UserRows[] {
	const groups = new Map<string | null, StatusRow[]>();
	for (const row of sorted(rows, sort)) {
		const group = groups.get(row.user);
		if (group === undefined) groups.set(row.user, [row]);
		else group.push(row);
	}
	return [...groups]
		.map(([user, ofUser]) => ({ user, rows: ofUser, key: user === null ? '\uffff' : nameKey(user) }))
		.sort((a, b) => compare(a.key, b.key))
		.map(({ user, rows: ofUser }) => ({ user, rows: ofUser }));
}

function sorted(rows: readonly StatusRow[], sort: SortKey): StatusRow[] {
	return rows
		.map((row) => ({ row, key: keyOf(row, sort), idKey: nameKey(row.id) }))
		.sort((a, b) => compare(a.key, b.key) || compare(a.idKey, b.idKey) || compare(a.row.id, b.row.id))
		.map(({ row }) => row);
}

/** Numbers that are to come first are the smallest; what there is not comes last. */
function keyOf(row: StatusRow, sort: SortKey): string | number {
	const { result } = row;
	const last = Number.POSITIVE_INFINITY;
	switch (sort) {
		case 'order':
			return '';
		case 'target':
			return row.target === null ? '\uffff' : nameKey(row.target);
		case 'step':
			return row.stepSeconds ?? last;
		case 'age':
			return row.ageSeconds === null ? last : -row.ageSeconds;
		case 'median':
			return typeof result?.median === 'number' ? -result.median : last;
		case 'loss':
			return result === null ? last : -result.loss / Math.max(1, result.pings);
		case 'state':
			return -states.indexOf(row.state);
	}
}

function compare(a: string | number, b: string | number): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorts names and paths as people do: `eth9` before `eth10`, addresses by their number, IPv4 first. */
function nameKey(name: string): string {
	if (mayHoldAddress.test(name)) return name.split('/').map(partKey).join('\0');
	return wordsKey(name).replaceAll('/', '\0');
}

const mayHoldAddress = /:|\d\.\d/;

function partKey(part: string): string {
	if (isIPv4(part)) return `\x014${ipv4Hex(part)}`;
	if (isIPv6(part)) return `\x016${ipv6Hex(part)}`;
	return wordsKey(part);
}

const digitsMax = 15;
const noughts = '0'.repeat(digitsMax);

/** With a loop: a pattern and a function for each number of each name take four times as long. */
function wordsKey(text: string): string {
	const words = text.toLowerCase();
	let key = '';
	let done = 0;
	for (let at = 0; at < words.length; at++) {
		if (!isDigit(words, at)) continue;
		const from = at;
		while (isDigit(words, at)) at++;
		key += words.slice(done, from) + noughts.slice(Math.min(at - from, digitsMax));
		done = from;
	}
	return key + words.slice(done);
}

function isDigit(text: string, at: number): boolean {
	const code = text.charCodeAt(at);
	return code >= 0x30 && code <= 0x39;
}

function ipv4Hex(address: string): string {
	return address
		.split('.')
		.map((byte) => Number(byte).toString(16).padStart(2, '0'))
		.join('');
}

/** All eight groups in full, then the zone. */
function ipv6Hex(address: string): string {
	const [bare = '', zone = ''] = address.split('%');
	const plain = bare.replace(/[\d.]+$/, (tail) => (tail.includes('.') ? groupsOf(ipv4Hex(tail)) : tail));
	const [head = [], tail = []] = plain
		.split('::')
		.map((half) => half.split(':').filter((group) => group !== ''));
	const gap = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
	const groups = [...head, ...gap, ...tail].map((group) => group.toLowerCase().padStart(4, '0'));
	return `${groups.join('')}%${zone}`;
}

function groupsOf(hex: string): string {
	return `${hex.slice(0, 4)}:${hex.slice(4)}`;
}
