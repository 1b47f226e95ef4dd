import { resolve } from 'node:path';
import { askAboutAlerts } from '../../memory/ask-daemon.ts';
import type { FiringAlertAnswer } from '../../model/alert-answer.ts';
import { CommandProblem } from '../shared/find-orders.ts';
import { duration } from '../terminal/text.ts';
import { type AlertsPlace, type CommonOptions, jsonLine, tableText, telling } from './place.ts';

/** Lists the alerts that fire. Resolves with the exit code. */
export function firingCommand(options: CommonOptions, place: AlertsPlace): Promise<0 | 1> {
	return telling(place, async (): Promise<0 | 1> => {
		const firing = await firingOf(options.basedir);
		const { stdout, nowSeconds } = place;
		if (options.json === true) stdout.write(firing.map(jsonLine).join(''));
		else if (firing.length === 0) stdout.write('no alert fires\n');
		else
			stdout.write(
				tableText(
					titles,
					firing.map((alert) => rowOf(alert, nowSeconds)),
				),
			);
		return 0;
	});
}

/** What the daemon says fires. Rejects with a `CommandProblem` when it does not answer. */
export async function firingOf(baseDir: string): Promise<readonly FiringAlertAnswer[]> {
	const asked = await askAboutAlerts(resolve(baseDir));
	if ('answer' in asked) return asked.answer.firing;
	throw new CommandProblem(
		`the daemon of ${resolve(baseDir)} does not answer: ${asked.silence}. What fired before is in pingmachine alerts history`,
	);
}

const titles = ['SEVERITY', 'SINCE', 'STATE', 'ORDER', 'RULE', 'WHAT'];

function rowOf(
	{ severity, since, order, part, rule, what, ...alert }: FiringAlertAnswer,
	nowSeconds: number,
): string[] {
	return [severity, duration(nowSeconds - since), stateOf(alert), order ?? part ?? '-', rule, what];
}

/** In a word or two, for people. */
function stateOf({
	held,
	acknowledged,
	told,
}: Pick<FiringAlertAnswer, 'held' | 'acknowledged' | 'told'>): string {
	if (acknowledged !== null) return `ack by ${acknowledged}`;
	if (held === null) return told === null ? 'not told yet' : 'told';
	if (held.why === 'muted') return `muted by ${held.by}`;
	return held.why === 'parent' ? `held by ${held.by}` : 'held, isolated';
}
