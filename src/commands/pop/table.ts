import type { PopAnswer, PopsAnswer } from '../../model/pops-answer.ts';
import { printable } from '../../model/printable.ts';
import { size } from '../shared/words.ts';
import { duration, milliseconds } from '../terminal/text.ts';

const heads = [
	'NAME',
	'STATE',
	'HEARD',
	'ASKED',
	'MEASURED',
	'FAILING',
	'REJECTED',
	'WAITING',
	'SPOOL',
	'CLOCK',
	'PLACE',
	'VERSION',
	'LABELS',
	'PROBES',
];

/** Several hubs that share a key, in a line; empty where there is one. */
export function hubLine(hubs: PopsAnswer['hubs']): string {
	if (hubs === undefined || hubs.length < 2) return '';
	const words = hubs.map(({ name, silent, speaks }) => {
		if (speaks) return `${name} (speaks for all)`;
		return silent > lostSeconds ? `${name} (not heard of for ${duration(silent)})` : name;
	});
	return `Hubs: ${printable(words.join(', '))}\n`;
}

/** After three heartbeats. */
const lostSeconds = 30;

/** A row each, for people. */
export function popTable(pops: readonly PopAnswer[], nowSeconds: number): string {
	if (pops.length === 0) return 'There is no point of presence. pingmachine pop add makes one known.\n';
	const rows = [
		heads,
		...pops.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((pop) => cellsOf(pop, nowSeconds)),
	];
	const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows
		.map(
			(row) =>
				`${row
					.map((cell, at) => cell.padEnd(widths[at] ?? 0))
					.join('  ')
					.trimEnd()}\n`,
		)
		.join('');
}

function cellsOf(pop: PopAnswer, nowSeconds: number): string[] {
	const number = (value: number | null) => (value === null ? '-' : String(value));
	const labels = Object.entries(pop.labels).map(([key, value]) => `${key}=${value}`);
	return [
		pop.name,
		pop.state,
		pop.heard === null ? '-' : `${Math.max(0, Math.round(nowSeconds - pop.heard))} s ago`,
		...[pop.asked, pop.measured, pop.failing, pop.rejected, pop.waiting].map(number),
		pop.spooled_bytes === null ? '-' : size(pop.spooled_bytes),
		clockOf(pop),
		pop.place === null ? '-' : `${pop.place.latitude},${pop.place.longitude}`,
		pop.version ?? '-',
		labels.length === 0 ? '-' : labels.join(' '),
		pop.probes.length === 0 ? '-' : pop.probes.join(' '),
	].map(printable);
}

/** What the way takes is in it: less than that is no news. */
const aheadLeastSeconds = 1;

function clockOf({ ahead, synced, offset }: PopAnswer): string {
	if (ahead === null) return '-';
	const kept = synced === true ? 'synced' : 'not synced';
	const says = offset === null ? '' : ` to ${milliseconds(Math.abs(offset))} ms`;
	if (Math.abs(ahead) < aheadLeastSeconds) return `${kept}${says}`;
	return `${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? 'ahead' : 'behind'}, ${kept}`;
}
