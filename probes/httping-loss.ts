import { printable, withoutPasswords } from '../src/model/printable.ts';
import { masked } from './httping-url.ts';

const textMax = 60;

/** What httping writes of a ping that is lost, in short: `connection refused` for `could not connect (Connection refused)`. */
export function lossByLine(line: string): string {
	if (/^(?:connect time out|timeout )/i.test(line)) return 'timed out';
	const [, cause] = /^could not connect \((.+)\)/i.exec(line) ?? [];
	const text = (cause ?? line).replace(/: \(null\)$/, '').trim();
	// Unless it is an abbreviation.
	return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** How often each reason is among them, fit to be shown and short. A proxy's own words may be among them. */
export function countedReasons(
	losses: readonly string[],
	secrets: readonly string[],
): Record<string, number> {
	const counts = new Map<string, number>();
	for (const loss of losses) {
		const reason = short(printable(withoutPasswords(masked(loss, secrets))));
		counts.set(reason, (counts.get(reason) ?? 0) + 1);
	}
	return Object.fromEntries(counts);
}

function short(text: string): string {
	return text.length <= textMax ? text : `${text.slice(0, textMax - 3).replace(/[\ud800-\udbff]$/, '')}...`;
}
