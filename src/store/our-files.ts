import { isTemporaryName } from './replace-file.ts';

// The names stand here again: what completes words at a press of TAB loads this, and nothing that knows the files.

/** True for the files that tell that a folder is an order's: only the store writes them. */
export function isOurFile(name: string): boolean {
	return ourNames.has(name) || isRrdFile(name) || isTemporaryName(name) || isKeptSlots(name);
}

const ourNames: ReadonlySet<string> = new Set([
	...['last_result', 'last_facts', 'error', 'order', 'histograms', 'slots', 'events', 'alerts', 'routes'],
]);

/** Kept when the order was changed. */
function isKeptSlots(name: string): boolean {
	return name.startsWith('slots.');
}

export function isRrdFile(name: string): boolean {
	return name.startsWith('main') && name.endsWith('.rrd');
}
