import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { MuteTrouble } from '../../orders/mute-writer.ts';
import { RuleTrouble } from '../../web/alerts/rule-files.ts';
import { CommandProblem, reasonOf } from '../shared/find-orders.ts';

/** What the commands about alerts stand on. */
export interface AlertsPlace {
	readonly probes: ProbeTable;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
	readonly nowSeconds: number;
}

/** As typed; every command has these. */
export interface CommonOptions {
	readonly basedir: string;
	readonly json?: boolean | undefined;
}

/** Runs a command, and tells what is wrong, if something is. Resolves with the exit code. */
export async function telling(
	{ stderr }: Pick<AlertsPlace, 'stderr'>,
	act: () => 0 | 1 | Promise<0 | 1>,
): Promise<0 | 1> {
	try {
		return await act();
	} catch (error) {
		stderr.write(`pingmachine alerts: ${problemText(error)}\n`);
		return 1;
	}
}

/** One line for the user. */
export function problemText(error: unknown): string {
	const isWorded =
		error instanceof CommandProblem || error instanceof RuleTrouble || error instanceof MuteTrouble;
	return isWorded ? error.message : printable(reasonOf(error));
}

/** One JSON object a line. */
export function jsonLine(value: object): string {
	return `${JSON.stringify(value)}\n`;
}

/** Columns below their titles. The last cell of a row widens no column. */
export function tableText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
	const shown = [titles, ...rows.map((row) => row.map(printable))];
	const widths = titles.map((_, column) =>
		shown.reduce(
			(most, row) => (column < row.length - 1 ? Math.max(most, row[column]?.length ?? 0) : most),
			0,
		),
	);
	const line = (row: readonly string[]) =>
		row
			.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
			.join('  ');
	return shown.map((row) => `${line(row)}\n`).join('');
}
