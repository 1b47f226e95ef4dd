import { milliseconds } from '../terminal/text.ts';
import type { ReportRow } from './rows.ts';

/** A share in percent. Cut rather than rounded, so that 100 % and 0 % mean all and nothing. */
function percent(share: number | null): string {
	if (share === null) return '-';
	// The products of numbers with a point are a hair off: 0.999 is 99.9 %.
	const thousandths = Math.floor(share * 100_000 + 1e-6);
	if (share > 0 && thousandths === 0) return '<0.001%';
	return `${(thousandths / 1000).toFixed(3)}%`;
}

/** So much time as so many slots take: `1d 3h`, `43m 12s`, `0s`. */
function timeOfSlots(slots: number, step: number): string {
	const all = Math.round(Math.abs(slots) * step);
	const parts = [
		[Math.floor(all / 86_400), 'd'],
		[Math.floor(all / 3600) % 24, 'h'],
		[Math.floor(all / 60) % 60, 'm'],
		[all % 60, 's'],
	] as const;
	const from = parts.findIndex(([count]) => count > 0);
	const shown = from < 0 ? [] : parts.slice(from, from + 2).filter(([count]) => count > 0);
	return shown.length === 0 ? '0s' : shown.map(([count, unit]) => `${count}${unit}`).join(' ');
}

/** What is left of the objective; below zero it is spent, and more. */
function leftText({ budget, step }: ReportRow): string {
	if (budget === null) return '-';
	const time = timeOfSlots(budget.leftSlots, step);
	return budget.leftSlots < 0 ? `${time} over` : time;
}

function metText({ budget, uptime }: ReportRow): string {
	if (budget === null || uptime === null) return '-';
	return budget.isMet ? 'met' : 'missed';
}

/** Headings and cells of the table that people read. `isText`: starts at the left. */
export const columns: readonly {
	readonly heading: string;
	readonly isText?: boolean;
	/** Only where an order has an objective. */
	readonly isObjective?: boolean;
	cell(row: ReportRow): string;
}[] = [
	{ heading: 'UPTIME', cell: ({ uptime }) => percent(uptime) },
	{ heading: 'DOWN', cell: ({ down, step, slots }) => (slots === 0 ? '-' : timeOfSlots(down, step)) },
	{ heading: 'UNKNOWN', cell: ({ unknownShare }) => percent(unknownShare) },
	{ heading: 'LOSS', cell: ({ loss }) => percent(loss) },
	{ heading: 'MEDIAN ms', cell: ({ median }) => milliseconds(median) },
	{ heading: '90% ms', cell: ({ p90 }) => milliseconds(p90) },
	{ heading: '99% ms', cell: ({ p99 }) => milliseconds(p99) },
	{ heading: 'MAX ms', cell: ({ max }) => milliseconds(max) },
	{
		...{ heading: 'OBJECTIVE', isObjective: true },
		cell: ({ budget }) => (budget === null ? '-' : `${budget.objectivePercent}%`),
	},
	{ heading: 'REACHED', isText: true, isObjective: true, cell: metText },
	{ heading: 'LEFT', isText: true, isObjective: true, cell: leftText },
];
