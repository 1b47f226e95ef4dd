/** meshping's columns of an order. Pure. */
import type { Writer } from './row-words.ts';

/** How many cells there are. */
export const summaryColumns = 10;

/** @param wire sent, received, then min, the averages of 15 minutes, 6 and 24 hours, max and last in seconds */
export function summaryTexts(wire: readonly (number | null)[] | null, writer: Writer): string[] {
	if (wire === null) return new Array<string>(summaryColumns).fill('');
	const [sent, received, ...times] = wire;
	const success = (sent ?? 0) === 0 ? null : (received ?? 0) / (sent ?? 1);
	return [
		...[writer.count(sent ?? 0), writer.count(received ?? 0)],
		...[writer.share(success), writer.share(success === null ? null : 1 - success)],
		...times.map((seconds) => writer.rtt(seconds)),
	];
}
