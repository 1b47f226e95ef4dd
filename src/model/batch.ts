import type { ProbeOptions, Timing } from './probe.ts';

/**
 * Orders with equal keys can share a run. Derived from the probe, the timing and every validated option but the
 * target, so that a new option can never be forgotten here.
 */
export function batchKey(probe: string, timing: Timing, options: ProbeOptions, target: string): string {
	const { [target]: _target, ...shared } = options;
	const key = canonicalJson([probe, timing.stepSeconds, timing.pings, shared]);
	if (key !== lastKey) lastKey = key;
	return lastKey;
}

/** Most orders have the key of the one before: then they share its text too. */
let lastKey = '';

/** JSON with sorted keys: equal values give equal text. Keys whose value is undefined are left out. */
function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_key, part: unknown) => {
		if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
		return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
	});
}
