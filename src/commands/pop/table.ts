import type { PopAnswer } from '../../model/pops-answer.ts';
import { printable } from '../../model/printable.ts';

const heads = [
	'NAME',
	'STATE',
	'HEARD',
	'ASKED',
	'MEASURED',
	'FAILING',
	'REJECTED',
	'WAITING',
	'CLOCK',
	'VERSION',
	'LABELS',
];

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
		clockOf(pop),
		pop.version ?? '-',
		labels.join(' '),
	].map(printable);
}

/** What the way takes is in it: less than that is no news. */
const aheadLeastSeconds = 1;

function clockOf({ ahead, synced }: PopAnswer): string {
	if (ahead === null) return '-';
	if (Math.abs(ahead) < aheadLeastSeconds) return synced === true ? 'synced' : 'right';
	return `${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? 'ahead' : 'behind'}`;
}
