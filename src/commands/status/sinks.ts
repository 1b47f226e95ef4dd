import { allDropped, type DropCounts, type SinkState, type SinkStats } from '../../delivery/sink-stats.ts';
import { printable } from '../../model/printable.ts';
import { type Paint, painter } from '../terminal/paint.ts';
import { cutMiddle, duration, padEnd, padStart, widthOf, wrap } from '../terminal/text.ts';

export interface SinksTableOptions {
	/** How wide the terminal is; Infinity: each sink on one line, with its whole reason. */
	readonly columns: number;
	readonly colours: boolean;
	/** Milliseconds since the epoch. */
	readonly nowMs: number;
}

interface Column {
	readonly title: string;
	readonly align: 'left' | 'right';
	text(sink: SinkStats): string;
	colour?(sink: SinkStats): 'red' | 'yellow' | null;
	/** Is left out where there is no room for all. */
	readonly canGo?: boolean;
}

/** What waits longer than that is late. */
const lateSeconds = 10;

const columns: readonly Column[] = [
	{ title: 'SINK', align: 'left', text: ({ name }) => name },
	{ title: 'QUEUED', align: 'right', text: ({ queued }) => String(queued) },
	{
		title: 'SPOOL',
		align: 'right',
		text: ({ confirms, spooledBytes }) => (confirms ? size(spooledBytes) : '-'),
	},
	{
		title: 'LAG',
		align: 'right',
		text: ({ lagSeconds }) => duration(lagSeconds),
		colour: ({ lagSeconds }) => (lagSeconds < lateSeconds ? null : 'yellow'),
	},
	{ title: 'SENT', align: 'right', text: ({ sent }) => String(sent) },
	{ title: 'RETRIED', align: 'right', text: ({ retried }) => String(retried), canGo: true },
	{ title: 'FAILED', align: 'right', text: ({ failed }) => String(failed), canGo: true },
	{
		title: 'DROPPED',
		align: 'right',
		text: ({ dropped }) => String(allDropped(dropped)),
		colour: ({ dropped }) => (allDropped(dropped) > 0 ? 'red' : null),
	},
];

const stateColours = { starting: 'dim', working: 'green', failing: 'red' } as const satisfies Record<
	SinkState,
	string
>;

const gap = '  ';
const indent = '      ';
/** A longer name is cut where the terminal is narrow. */
const nameMin = 16;
const stateWidth = 'starting for 119s'.length;

/** What `status --sinks` prints: a title, a line a sink, and below it what is to be said about it. */
export function sinksTable(sinks: readonly SinkStats[], options: SinksTableOptions): string[] {
	if (sinks.length === 0) return ['no sinks are configured: see sinks: in the config file'];
	const paint = painter(options.colours);
	const widths = widthsFor(sinks, options.columns);
	const titles = columns.flatMap(({ title, align }, index) => {
		const width = widths[index] ?? 0;
		return width === 0 ? [] : [aligned(title, align, width)];
	});
	const lines = [paint('bold', [...titles, 'STATE'].join(gap))];
	for (const sink of sinks) lines.push(...sinkLines(sink, widths, options, paint));
	return lines;
}

function sinkLines(
	sink: SinkStats,
	widths: readonly number[],
	options: SinksTableOptions,
	paint: Paint,
): string[] {
	const cells = columns.flatMap(({ text, align, colour }, index) => {
		const width = widths[index] ?? 0;
		if (width === 0) return [];
		const cell = aligned(cutMiddle(printable(text(sink)), width), align, width);
		const paintAs = colour?.(sink) ?? null;
		return [paintAs === null ? cell : paint(paintAs, cell)];
	});
	const since = `${sink.state} for ${duration((options.nowMs - sink.sinceMs) / 1000)}`;
	const lines = [[...cells, paint(stateColours[sink.state], since)].join(gap)];
	const room = Math.max(20, options.columns - indent.length);
	for (const note of notesOn(sink)) {
		lines.push(...wrap(printable(note), room, 3).map((line) => indent + line));
	}
	return lines;
}

/** Where it sends to, why it fails, and what was dropped and why. */
function* notesOn({
	name,
	destination,
	state,
	lagSeconds,
	lastError,
	dropped,
}: SinkStats): Generator<string> {
	if (destination !== '' && destination !== name) yield `to ${destination}`;
	const isBehind = lagSeconds >= lateSeconds;
	if (lastError !== null && (state === 'failing' || isBehind)) yield lastError;
	const reasons = (Object.keys(dropWords) as (keyof DropCounts)[])
		.filter((reason) => dropped[reason] > 0)
		.map((reason) => `${dropped[reason]} ${dropWords[reason]}`);
	if (reasons.length > 0) yield `dropped: ${reasons.join(', ')}`;
}

const dropWords: Readonly<Record<keyof DropCounts, string>> = {
	queueFull: 'because the queue was full',
	spoolFull: 'because the spool was full',
	tooOld: 'too old',
	refused: 'refused',
	unsent: 'could not be sent',
	damaged: 'damaged in the spool',
	overload: 'because the thread of the sinks did not take them',
};

/** Of each column; 0 for those that are left out. */
function widthsFor(sinks: readonly SinkStats[], available: number): readonly number[] {
	const widths = columns.map(({ title, text }) =>
		sinks.reduce((most, sink) => Math.max(most, widthOf(printable(text(sink)))), title.length),
	);
	const [name = 0, ...others] = widths;
	const fixed = (columnWidths: readonly number[]) =>
		columnWidths.reduce(
			(sum, width) => sum + (width === 0 ? 0 : width + gap.length),
			stateWidth + gap.length,
		);
	const isTight = fixed(others) + Math.min(name, nameMin) > available;
	const kept = others.map((width, index) => (isTight && columns[index + 1]?.canGo === true ? 0 : width));
	return [Math.min(name, Math.max(nameMin, available - fixed(kept))), ...kept];
}

function aligned(text: string, align: Column['align'], width: number): string {
	return align === 'left' ? padEnd(text, width) : padStart(text, width);
}

function size(bytes: number): string {
	if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
	return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
