import { countedReasons } from '../shared/loss-reasons.ts';
import { masked } from './url.ts';

/** What httping writes of a ping that is lost, in short: `connection refused` for `could not connect (Connection refused)`. */
export function lossByLine(line: string): string {
	if (/^(?:connect time out|timeout )/i.test(line)) return 'timed out';
	const [, cause] = /^could not connect \((.+)\)/i.exec(line) ?? [];
	const text = (cause ?? line).replace(/: \(null\)$/, '').trim();
	// Unless it is an abbreviation.
	return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** How often each reason is among them. A proxy's own words, and so our secrets, may be in them. */
export function countedLosses(losses: readonly string[], secrets: readonly string[]): Record<string, number> {
	return countedReasons(losses.map((loss) => masked(loss, secrets)));
}
