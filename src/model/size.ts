const bytesIn: Readonly<Record<string, number>> = { '': 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** For messages: what a size may look like. */
export const sizeForms = 'a size such as 500MB or 20GB';

/** Reads a size as the config has it: a number of bytes, or one with `KB`, `MB`, `GB` or `TB`. Null when it is none. */
export function sizeBytes(written: unknown): number | null {
	const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?) ?([KMGT]B)?$/.exec(String(written)) ?? [];
	return number === undefined ? null : Math.round(Number(number) * (bytesIn[unit] ?? 1));
}
