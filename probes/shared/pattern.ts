import { createContext, runInContext } from 'node:vm';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';

/** Longer ones are no pattern for people. */
const patternMax = 500;
/** A pattern that takes longer on one text is stopped: by the clock, so there is room for a busy machine. */
const limitMs = 100;
/** Stopped so often in a row, it is not tried again for a while: not even so much time may be lost with each ping. */
const patience = 2;
const restMs = 10 * 60_000;
const restingMax = 1000;

/** `(?i)` at its beginning means that upper and lower case are the same. */
function parts(pattern: string): { readonly source: string; readonly flags: string } {
	return pattern.startsWith('(?i)')
		? { source: pattern.slice(4), flags: 'i' }
		: { source: pattern, flags: '' };
}

/** A regular expression of JavaScript, as text. */
export const patternOption = once(() =>
	z.string().superRefine((pattern, context) => {
		const complain = (message: string) => context.addIssue({ code: 'custom', message });
		if (pattern === '') return complain('is empty. Write a regular expression');
		if (pattern.length > patternMax) return complain(`is longer than ${patternMax} characters`);
		try {
			const { source, flags } = parts(pattern);
			new RegExp(source, flags);
		} catch (error) {
			const words = error instanceof Error ? error.message : String(error);
			complain(`is not a regular expression: ${inWords(pattern)} (${words}). Write one such as ok|ready`);
		}
	}),
);

/** Without anything of ours in it. Made when the first pattern is tried. */
let room: ReturnType<typeof createContext> | undefined;
const overruns = new Map<string, { count: number; atMs: number }>();

/** Why it is not known whether a text matches, fit for the user. */
export interface TookTooLong {
	readonly tooLong: string;
}

/**
 * Whether a text matches a pattern that `patternOption()` has accepted. Some patterns take for ever on some texts; this
 * stops one after 100 ms, and does not try it for ten minutes once that has happened twice in a row.
 */
export function matches(pattern: string, text: string): boolean | TookTooLong {
	const shown = inWords(pattern);
	const last = overruns.get(pattern);
	const tooLong = {
		tooLong: `the regular expression ${shown} takes too long on what was received. Write a simpler one`,
	};
	if (last !== undefined && last.count >= patience && performance.now() - last.atMs < restMs) return tooLong;
	room ??= createContext(Object.create(null));
	try {
		Object.assign(room, { ...parts(pattern), text });
		const found = runInContext('new RegExp(source, flags).test(text)', room, { timeout: limitMs }) as boolean;
		overruns.delete(pattern);
		return found;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
			return { tooLong: `the regular expression ${shown} is too large. Write a simpler one` };
		}
		const count = last === undefined || last.count >= patience ? 1 : last.count + 1;
		overruns.delete(pattern);
		overruns.set(pattern, { count, atMs: performance.now() });
		const [oldest] = overruns.keys();
		if (overruns.size > restingMax && oldest !== undefined) overruns.delete(oldest);
		return tooLong;
	} finally {
		Object.assign(room, { text: '' });
	}
}
