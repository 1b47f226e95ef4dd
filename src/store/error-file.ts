import { dump, load } from 'js-yaml';

/** The text of an order's `error` file: YAML with the time, seconds since the epoch, and the message. */
export function errorText(timeSeconds: number, message: string): string {
	const forceQuotes = !message.includes('\n');
	return dump({ time: Math.floor(timeSeconds), message }, { lineWidth: -1, forceQuotes, quotingType: '"' });
}

/** The message in the text of an `error` file, or null when it is not one. */
export function readErrorMessage(text: string): string | null {
	try {
		const read = load(text);
		if (typeof read !== 'object' || read === null || !('message' in read)) return null;
		return typeof read.message === 'string' ? read.message : null;
	} catch {
		return null;
	}
}
