import type { ProbeOptions, Timing } from './probe.ts';

/**
 * Orders with equal keys can share a run. Derived from the probe, the timing and every validated option but the
 * target, so that a new option can never be forgotten here.
 */
export function batchKey(probe: string, timing: Timing, options: ProbeOptions, target: string): string {
	const key = canonicalJson([probe, timing.stepSeconds, timing.pings, sharedOf(options, target)]);
	if (key !== lastKey) lastKey = key;
	return lastKey;
}

function sharedOf(options: ProbeOptions, target: string): ProbeOptions {
	const { [target]: _target, ...shared } = options;
	return shared;
}

/** Most orders have the key of the one before: then they share its text too. */
let lastKey = '';

/** JSON with sorted keys: equal values give equal text. Keys whose value is undefined are left out. */
function canonicalJson(value: unknown): string {
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	const parts = Object.entries(value)
		.filter(([, part]) => part !== undefined)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`);
	return `{${parts.join(',')}}`;
}
