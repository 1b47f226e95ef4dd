/** Values of facts for people, by their declaration. Knows no document. */
import { rttText } from './scale.ts';

export type FactPart = number | string | boolean | null;

export interface DeclaredFact {
	/** `count`, `gauge`, `seconds`, `text`, `flag` or `path`. */
	readonly kind: string;
	/** Of a gauge. */
	readonly unit?: string | null | undefined;
}

/** Longer lists are cut. */
const partsMax = 60;

/** `0.312 ms`, `yes`, `57 58 57`, `a > b > ?`. */
export function factText({ kind, unit }: DeclaredFact, value: FactPart | readonly FactPart[]): string {
	if (!Array.isArray(value)) {
		const text = partText(kind, value as FactPart);
		return unit === undefined || unit === null || typeof value !== 'number' ? text : `${text} ${unit}`;
	}
	const parts = value as readonly FactPart[];
	const shown = parts.slice(0, partsMax).map((part) => partText(kind, part));
	const isOne = kind !== 'path' && new Set(shown).size === 1 && parts.length <= partsMax;
	const text = isOne ? `${shown[0]} (each ping)` : shown.join(kind === 'path' ? ' > ' : ' ');
	return parts.length > partsMax ? `${text} ...` : text;
}

function partText(kind: string, part: FactPart): string {
	if (part === null || part === undefined) return '?';
	if (typeof part === 'boolean') return part ? 'yes' : 'no';
	if (typeof part !== 'number') return part;
	if (kind !== 'seconds') return String(Number(part.toPrecision(6)));
	return part >= 0 && part < 100 ? rttText(part) : secondsText(part);
}

/** Spans that nobody reads in seconds: `12 d 4 h`. */
function secondsText(seconds: number): string {
	const sign = seconds < 0 ? '-' : '';
	const whole = Math.round(Math.abs(seconds));
	const units = [
		[Math.floor(whole / 86_400), 'd'],
		[Math.floor(whole / 3600) % 24, 'h'],
		[Math.floor(whole / 60) % 60, 'min'],
		[whole % 60, 's'],
	] as const;
	const first = units.findIndex(([count]) => count > 0);
	const shown = first < 0 ? units.slice(3) : units.slice(first, first + 2);
	return sign + shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
