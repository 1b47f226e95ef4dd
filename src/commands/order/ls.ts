import { resolve } from 'node:path';
import { describeFindings } from '../../model/findings.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { OrderReport, type OrderStreams } from '../../orders/lists/report.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import type { OrderFileSeen } from '../../orders/seen.ts';
import { OrderWriter } from '../../orders/writer.ts';
import { readOrder } from '../../reading/order.ts';
import { listedById, selectedIds } from './listed.ts';

/** One line of `order ls --json`. */
interface OrderLine {
	readonly id: string;
	/** Since it was written or refreshed; absent when the file cannot be read. */
	readonly ageSeconds?: number;
	/** Why it is not measured; the keys below are then absent. */
	readonly error?: string;
	readonly user?: string;
	readonly task?: string;
	readonly step?: number;
	readonly pings?: number;
	readonly probe?: string;
	readonly target?: string;
	readonly tags?: Readonly<Record<string, string>>;
}

/** Lists orders; all of them without patterns. Returns the exit code: 1 when something was not found or not readable. */
export function listOrders(
	baseDir: string,
	patterns: readonly string[],
	isJson: boolean,
	probes: ProbeTable,
	streams: OrderStreams,
	nowMs: number,
): 0 | 1 {
	const report = new OrderReport(streams);
	// Says what is wrong with the folder as a whole.
	new OrderWriter(resolve(baseDir));
	const listed = listedById(baseDir, probes, report);
	const all = [...listed.keys()];
	const ids = patterns.length === 0 ? all : selectedIds(patterns, all, 'whole', report);
	const lines = ids.flatMap((id) => lineFor(listed.get(id), probes, nowMs) ?? []);
	const text = isJson ? lines.map((line) => escapeJson(JSON.stringify(line))) : table(lines);
	if (text.length > 0) streams.stdout.write(`${text.join('\n')}\n`);
	return report.exitCode;
}

/** Null when the file is gone, or is a link that leads nowhere. */
function lineFor(seen: OrderFileSeen | undefined, probes: ProbeTable, nowMs: number): OrderLine | null {
	if (seen === undefined) return null;
	const { id, path, refusal } = seen;
	if (refusal !== undefined) return { id, error: refusal };
	const file = readOrderFile(path);
	if ('gone' in file) return null;
	if ('problem' in file) return { id, error: file.problem };
	const ageSeconds = Math.max(0, Math.floor((nowMs - file.mtimeMs) / 1000));
	const read = readOrder(id, file.text, probes);
	if ('findings' in read) return { id, ageSeconds, error: describeFindings(read.findings) };
	const { user, task, stepSeconds, pings, probe, target, shownTarget, tags } = read.order;
	return {
		id,
		ageSeconds,
		user,
		...(task === undefined ? {} : { task }),
		step: stepSeconds,
		pings,
		probe,
		target: shownTarget ?? target,
		tags,
	};
}

function table(lines: readonly OrderLine[]): readonly string[] {
	if (lines.length === 0) return [];
	const rows = lines.map((line) => {
		const age = line.ageSeconds === undefined ? '' : `${line.ageSeconds} s`;
		const cells = [line.id, age];
		return line.error === undefined
			? [...cells, line.user, line.step, line.pings, line.probe, line.target].map((cell) =>
					printable(String(cell)),
				)
			: [...cells, `wrong: ${line.error}`].map(printable);
	});
	const head = ['ORDER', 'AGE', 'USER', 'STEP', 'PINGS', 'PROBE', 'TARGET'];
	// The last cell of a row, and so a long reason, does not widen its column.
	const widths = head.map((title, column) =>
		rows.reduce(
			(most, row) => (column < row.length - 1 ? Math.max(most, row[column]?.length ?? 0) : most),
			title.length,
		),
	);
	return [head, ...rows].map((row) =>
		row
			.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
			.join('  '),
	);
}
