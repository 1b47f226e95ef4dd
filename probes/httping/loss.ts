import { countedReasons } from '../shared/loss-reasons.ts';
import { masked } from '../shared/url.ts';

/** What httping writes of a ping that is lost, in short: `connection refused` for `could not connect (Connection refused)`. */
export function lossByLine(line: string): string {
	if (/^(?:connect time out|timeout )/i.test(line)) return 'timed out';
	const [, cause] = /^could not connect \((.+)\)/i.exec(line) ?? [];
	const text = (cause ?? line).replace(/: \(null\)$/, '').trim();
	// Unless it is an abbreviation.
	return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** What the C library says when this machine has nothing left, or no address, to connect with. Of routes the kernel is asked. */
const ofThisMachine =
	/(?:Too many open files(?: in system)?|Cannot assign requested address|Cannot allocate memory|No buffer space available|Address family not supported by protocol|Operation not permitted)\)?$/i;

/** Whether a ping is lost through no fault of the network. */
export function isOfThisMachine(reason: string): boolean {
	return ofThisMachine.test(reason);
}

/** How often each reason is among them. A proxy's own words, and so our secrets, may be in them. */
export function countedLosses(losses: readonly string[], secrets: readonly string[]): Record<string, number> {
	return countedReasons(losses.map((loss) => masked(loss, secrets)));
}
