/**
 * Patterns of losses and round-trip times as SmokePing has them: `>20%,*12*,>20%`. A round is a slot. Elements stand for
 * neighbouring rounds, the oldest first, the last one for the newest round; `*N*` stands for up to N rounds of any kind.
 */

/** What a pattern is of. Losses are compared in percent, round-trip times (medians) in milliseconds. */
export type PatternKind = 'loss' | 'rtt';

/**
 * One round: a number, `unknown` for one that was not measured, `start` before the first one there is. Of `rtt` a round
 * without any answer is `none`: it is known, and neither shorter nor longer than anything.
 */
export type Round = number | 'unknown' | 'start' | 'none';

type Operator = '==' | '!=' | '<' | '>' | '<=' | '>=';

type Element =
	/** All of these hold. */
	| { readonly kind: 'numbers'; readonly comparisons: readonly { operator: Operator; limit: number }[] }
	| { readonly kind: 'unknown' | 'known' | 'start' | 'any' }
	| { readonly kind: 'gap'; readonly rounds: number };

export interface Pattern {
	readonly kind: PatternKind;
	readonly elements: readonly Element[];
	/** How many rounds it may look at. */
	readonly roundsMax: number;
}

/** More rounds than any history of alerts has. */
const gapMax = 10_000;
const elementsMax = 100;
const textMax = 2000;

/** Reads a pattern, or says what is wrong with it. */
export function readPattern(
	kind: PatternKind,
	text: string,
): { readonly pattern: Pattern } | { readonly fault: string } {
	if (text.length > textMax) return { fault: `must have ${textMax} characters at most` };
	const parts = text.split(',').map((part) => part.trim());
	if (parts.length > elementsMax) return { fault: `must have ${elementsMax} elements at most` };
	const elements: Element[] = [];
	for (const part of parts) {
		const element = readElement(kind, part);
		if (typeof element === 'string') return { fault: element };
		elements.push(element);
	}
	const first = elements[0];
	const last = elements.at(-1);
	if (first?.kind === 'gap' || last?.kind === 'gap')
		return { fault: 'begins or ends with *N*, which must have an element on each side' };
	if (elements.some((element, at) => element.kind === 'gap' && elements[at + 1]?.kind === 'gap'))
		return { fault: 'has two *N* side by side. Write one with the sum of both' };
	const roundsMax = elements.reduce((sum, one) => sum + (one.kind === 'gap' ? one.rounds : 1), 0);
	return { pattern: { kind, elements, roundsMax } };
}

const comparison = /^(==|!=|<=|>=|<|>)(\d{1,9}(?:\.\d{1,9})?)(%?)/;

function readElement(kind: PatternKind, text: string): Element | string {
	if (text === '') return 'has an empty element. Write one between each two commas';
	const gap = /^\*(\d{1,6})\*$/.exec(text)?.[1];
	if (gap !== undefined) {
		const rounds = Number(gap);
		if (rounds < 1 || rounds > gapMax) return `${text} must skip 1 to ${gapMax} rounds`;
		return { kind: 'gap', rounds };
	}
	if (text === '==*') return { kind: 'any' };
	if (text === '==U') return { kind: 'unknown' };
	if (text === '!=U') return { kind: 'known' };
	if (text === '==S') return { kind: 'start' };
	if (/^(?:==|!=|<=|>=|<|>)[US]/.test(text))
		return `${excerptOf(text)}: U goes with == and != alone, S with ==`;
	return readNumbers(kind, text);
}

function readNumbers(kind: PatternKind, text: string): Element | string {
	const comparisons: { operator: Operator; limit: number }[] = [];
	let rest = text;
	while (rest !== '') {
		const [whole, operator, limit, percent] = comparison.exec(rest) ?? [];
		if (whole === undefined || comparisons.length === 2)
			return `${excerptOf(text)} is no element. Write one such as ${kind === 'loss' ? '>20%' : '>50'}, >10${kind === 'loss' ? '%' : ''}<=50${kind === 'loss' ? '%' : ''}, ==U or *3*`;
		if (kind === 'loss' && percent === '')
			return `${excerptOf(text)}: losses are percent. Write ${operator}${limit}%`;
		if (kind === 'rtt' && percent !== '')
			return `${excerptOf(text)}: times are milliseconds. Write ${operator}${limit}`;
		comparisons.push({ operator: operator as Operator, limit: Number(limit) });
		rest = rest.slice(whole.length);
	}
	return { kind: 'numbers', comparisons };
}

function excerptOf(text: string): string {
	return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

/**
 * Whether the newest rounds are as the pattern says.
 *
 * @param rounds the oldest first; those that are missing before them are as `start`
 */
export function matches({ elements }: Pattern, rounds: readonly Round[]): boolean {
	/** Counted from the newest round backwards: how many rounds may be behind us. */
	let used: ReadonlySet<number> = new Set([0]);
	for (let at = elements.length - 1; at >= 0 && used.size > 0; at--) {
		const element = elements[at];
		if (element === undefined) return false;
		used =
			element.kind === 'gap'
				? reachedOver(element.rounds, used, rounds.length)
				: new Set(
						[...used]
							.filter((count) => holds(element, rounds[rounds.length - 1 - count] ?? 'start'))
							.map((count) => count + 1),
					);
	}
	return used.size > 0;
}

/** All places that can be reached by up to so many steps; each is looked at once. */
function reachedOver(steps: number, from: ReadonlySet<number>, end: number): ReadonlySet<number> {
	const reached = new Set<number>();
	let next = 0;
	for (const count of [...from].sort((a, b) => a - b)) {
		for (next = Math.max(next, count); next <= count + steps && next < end; next++) reached.add(next);
	}
	return reached;
}

function holds(element: Exclude<Element, { kind: 'gap' }>, round: Round): boolean {
	switch (element.kind) {
		case 'any':
			return true;
		case 'unknown':
			return round === 'unknown';
		case 'known':
			return round !== 'unknown' && round !== 'start';
		case 'start':
			return round === 'start';
		default:
			return typeof round === 'number' && element.comparisons.every((one) => compare(round, one));
	}
}

function compare(value: number, { operator, limit }: { operator: Operator; limit: number }): boolean {
	switch (operator) {
		case '==':
			return value === limit;
		case '!=':
			return value !== limit;
		case '<':
			return value < limit;
		case '>':
			return value > limit;
		case '<=':
			return value <= limit;
		default:
			return value >= limit;
	}
}
