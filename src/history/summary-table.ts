/** What the summary says of one order, as meshping's did. Times are seconds; null without an answer. */
export interface SummaryRow {
	readonly id: string;
	readonly address: string;
	/** Pings since the order began. */
	readonly sent: number;
	readonly received: number;
	readonly minSeconds: number | null;
	/** Of 15 minutes, 6 hours and 24 hours. */
	readonly averagesSeconds: readonly [number | null, number | null, number | null];
	readonly maxSeconds: number | null;
	/** The last median. */
	readonly lastSeconds: number | null;
}

/** Of what several places say of an order, that of the one which has lost most; one that has sent nothing says nothing. */
export function worstSummary(rows: readonly SummaryRow[]): SummaryRow | null {
	const lossOf = ({ sent, received }: SummaryRow) => (sent === 0 ? -1 : 1 - received / sent);
	return rows.reduce<SummaryRow | null>(
		(worst, row) => (worst === null || lossOf(row) > lossOf(worst) ? row : worst),
		null,
	);
}

const header =
	'Target                    Address                    Sent  Recv   Succ    Loss      Min    Avg15m     Avg6h    Avg24h       Max      Last';

/** meshping's table: its header, then a line an order. What is not known is 0; nothing is cut. */
export function* summaryLines(rows: Iterable<SummaryRow>): Generator<string> {
	yield `${header}\n`;
	for (const row of rows) yield `${lineOf(row)}\n`;
}

function lineOf(row: SummaryRow): string {
	const { id, address, sent, received } = row;
	const success = sent === 0 ? 0 : (100 * received) / sent;
	const loss = sent === 0 ? 0 : (100 * (sent - received)) / sent;
	const times = [row.minSeconds, ...row.averagesSeconds, row.maxSeconds, row.lastSeconds].map((seconds) =>
		((seconds ?? 0) * 1000).toFixed(2).padStart(7),
	);
	return [
		id.padEnd(25),
		address.padEnd(25),
		String(sent).padStart(5),
		String(received).padStart(5),
		`${success.toFixed(2).padStart(6)}%`,
		`${loss.toFixed(2).padStart(6)}%`,
		times.join('   '),
	].join(' ');
}
