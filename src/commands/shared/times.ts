import { timeForms, timePoint } from '../../model/time-point.ts';
import { CommandProblem } from './find-orders.ts';

/**
 * Reads a point in time as it is typed.
 *
 * @param flag for the message: `--start`, say
 * @returns whole seconds since the epoch
 *
 * Throws `CommandProblem` when it is not one.
 */
export function readTime(flag: string, text: string, nowSeconds: number): number {
	const seconds = timePoint(text, nowSeconds);
	if (seconds !== null) return seconds;
	throw new CommandProblem(`${flag}: must be ${timeForms}, not ${JSON.stringify(text)}`);
}
