/** Texts from outside of any length: what they cost grows no faster than they do. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultRounds } from './support/rounds.ts';
import { textReaders } from './support/text-readers.ts';

const root = new URL('../../', import.meta.url).pathname;

/** What a module does that looks into texts. */
const looksIntoText =
	/\.(?:replace|replaceAll|split|match|matchAll|search|indexOf|lastIndexOf|exec|test)\(|JSON\.parse\(|loadBounded\(/;

test('every module that looks into texts is fed here', () => {
	const modules = ['src', 'probes'].flatMap((folder) =>
		readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
	);
	const sources = modules.filter((path) => path.endsWith('.ts'));
	const looking = sources.filter((path) => looksIntoText.test(readFileSync(root + path, 'utf8')));
	const missing = looking.filter((path) => textReaders[path] === undefined);
	const remedy = 'add what feeds them to support/text-readers.ts, or why nothing from outside gets there';
	expect(missing, remedy).toEqual([]);
	expect(Object.keys(textReaders).filter((path) => !sources.includes(path))).toEqual([]);
});

/**
 * Characters. An order has at most 64 KiB, and what stands around the text is a part of that. A tenth of it tells work
 * that grows with the square as well, in a tenth of the time.
 */
const largest = faultRounds(6000, 60_000);
const smaller = largest / 4;

const units = [
	...['a', '1', ' ', '"', "'", '\\', '@', '\n', '\r', '\t', ':', '/', '?', '*', '#', '-', '.', ',', '%', '='],
	...['[', ']', '{', '&', '!', '~', '|', '\0', 'é', '\u0301', '\u2028', '\ud800', '漢'],
	...['a:', '://', 'a@', 'a:a@', 'a b ', ' #', '\\ ', '\\"', '- ', '? ', ': ', 'a: ', '*a,', '&a ', '{a: '],
	...['[a', 'a\n', '\n ', 'a=', 'a.', '1.', '::', '1:', '-a ', '%41', '%TAG ! a\n', '--- \n', '*?', '**a'],
	...[
		'timeout: ',
		'sudo: ',
		' : ',
		' : 1',
		' -',
		'ICMP',
		' dropped=1',
		": unable to parse '",
		'SSH-',
		'seq=',
	],
];
/** A text that goes on the same to its end is found costly by the one that ends otherwise, too, but for some of these. */
const openUnits = new Set([
	'a',
	'1',
	' ',
	'"',
	"'",
	'\\',
	'\n',
	':',
	'/',
	'-',
	'[',
	'{',
	'a:',
	' #',
	'a\n',
	'\n ',
]);
const endsOf = (unit: string) => (openUnits.has(unit) ? ['', '!'] : ['!']);

/** CPU time of this process for one call, milliseconds: the least of some, as others may have been disturbed. */
function costMs(feed: () => unknown, tries: number): number {
	let least = Number.POSITIVE_INFINITY;
	for (let left = tries; left > 0; left--) {
		const before = process.cpuUsage();
		try {
			void Promise.resolve(feed()).catch(() => {});
		} catch {
			// It says what is wrong with the text.
		}
		const { user, system } = process.cpuUsage(before);
		least = Math.min(least, (user + system) / 1000);
	}
	return least;
}

/** The square of the length, in the kindest of loops, cannot be done in this time. Milliseconds. */
const surelyLinearMs = faultRounds(2, 10);
/** For a text of four times the length: four where the work grows with the text, sixteen where with its square. */
const growthMax = 9;

/** Null, or how the work grows. Tried again before it is believed: a collection of garbage costs as much. */
function growthOf(feed: (text: string) => unknown, unit: string, end: string): string | null {
	const textOf = (length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length) + end;
	const [long, short] = [textOf(largest), textOf(smaller)];
	let said = '';
	for (let round = 1; round <= 6; round++) {
		const longMs = costMs(() => feed(long), round);
		if (longMs <= surelyLinearMs) return null;
		const shortMs = costMs(() => feed(short), round);
		if (longMs / shortMs < growthMax) return null;
		said = `${JSON.stringify(unit + end)}: ${shortMs.toFixed(1)} ms, ${longMs.toFixed(1)} ms`;
		if (longMs > 1000) break;
	}
	return said;
}

const fed = Object.entries(textReaders).flatMap(([module, feeds]) =>
	typeof feeds === 'string' ? [] : feeds.map((feed, index) => ({ module, feed, index })),
);

describe('the work grows no faster than the text', () => {
	test.each(fed)(
		'$module, $index',
		({ feed }) => {
			for (const unit of units) {
				for (const end of endsOf(unit)) expect(growthOf(feed, unit, end)).toBeNull();
			}
		},
		120_000,
	);
});
