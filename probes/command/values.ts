import type { FactScalar } from '../../src/model/facts.ts';
import { printable } from '../../src/model/printable.ts';
import type { PingFacts } from '../shared/timing/pings.ts';

/** What a program said beyond its exit code. */
export interface Said {
	/** The round-trip time that it has printed, seconds; null when it has printed none. */
	readonly rttSeconds: number | null;
	/** Its perfdata and its `name=value` lines, by names that facts can have. */
	readonly values: PingFacts;
	/** Its first line, without perfdata, fit to be shown. */
	readonly line: string;
}

/** Of what a program prints so much is looked at, characters. */
const lookedAtMax = 65_536;
const linesMax = 1000;
const nameMax = 60;
const textMax = 250;
const lineMax = 200;

const named = /^\s*([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;

/** Reads what a program has printed. Never throws, whatever the text. */
export function readSaid(stdout: string, valuesMax: number): Said {
	const lines = stdout.slice(0, lookedAtMax).split('\n', linesMax);
	const values = new Map<string, FactScalar>();
	let rttSeconds: number | null = null;
	const take = (name: string, text: string) => {
		const value = readValue(text);
		if (name.toLowerCase() === 'rtt' && typeof value === 'number') {
			rttSeconds = value >= 0 ? value : rttSeconds;
			return;
		}
		const known = factName(name);
		if (known !== null && value !== '' && (values.has(known) || values.size < valuesMax))
			values.set(known, value);
	};
	for (const whole of lines) {
		const bar = whole.indexOf('|');
		const [, name, text = ''] =
			named.exec(bar === -1 ? whole.trimEnd() : whole.slice(0, bar).trimEnd()) ?? [];
		if (name !== undefined) take(name, text);
		if (bar !== -1) for (const [label, value] of perfdata(whole.slice(bar + 1))) take(label, value);
	}
	const line = printable((lines[0] ?? '').split('|', 1)[0]?.trim().slice(0, lineMax) ?? '');
	return { rttSeconds, values: Object.fromEntries(values), line };
}

/** `'free space'=81%;20;10 load=0.5`: labels and values with their units, without the limits. */
function* perfdata(text: string): Generator<[label: string, value: string]> {
	let at = 0;
	while (at < text.length) {
		while (text[at] === ' ' || text[at] === '\t') at++;
		const isQuoted = text[at] === "'";
		const start = isQuoted ? at + 1 : at;
		const end = text.indexOf(isQuoted ? "'" : '=', start);
		const equals = isQuoted ? end + 1 : end;
		if (end === -1 || text[equals] !== '=') return;
		const label = text.slice(start, end);
		const next = text.slice(equals + 1).search(/\s/);
		const stop = next === -1 ? text.length : equals + 1 + next;
		const [value = ''] = text.slice(equals + 1, stop).split(';', 1);
		if (isQuoted || !/\s/.test(label)) yield [label, value];
		at = stop;
	}
}

const number =
	/^([+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e[+-]?\d{1,3})?)\s?(s|ms|us|%|c|[KMGT]?i?B)?$/i;

const factors: Readonly<Record<string, number>> = {
	...{ s: 1, ms: 1e-3, us: 1e-6 },
	...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
	...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
};

/** A number in seconds, bytes or without a unit; yes or no; else the text, fit to be shown. */
function readValue(text: string): FactScalar {
	const trimmed = text.slice(0, 4 * textMax).trim();
	const [, digits, unit = ''] = trimmed.length <= 60 ? (number.exec(trimmed) ?? []) : [];
	if (digits !== undefined) {
		const value = Number(digits) * (factors[unit.toLowerCase()] ?? 1);
		if (Number.isFinite(value)) return Number(value.toPrecision(15));
	}
	if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
	return printable(trimmed).slice(0, textMax);
}

/** Names of facts that are none of the program's. */
const taken: ReadonlySet<string> = new Set([
	...['time', 'address', 'jitter', 'mos', 'loss_reason'],
	...['exit_code', 'output', 'delayed'],
]);

/** The same as the names that facts have; null when nothing of it could be one. */
function factName(name: string): string | null {
	const plain = name
		.slice(0, nameMax)
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, '_')
		.replaceAll(/^_+|_+$/g, '');
	if (plain === '') return null;
	const known = /^[a-z]/.test(plain) ? plain : `n${plain}`;
	return taken.has(known) ? `program_${known}` : known;
}
