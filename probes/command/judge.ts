import type { ReasonCode } from '../../src/model/outcome.ts';
import type { CommandResult } from '../../src/model/probe.ts';
import { describeFailedRun } from '../shared/command.ts';
import type { PingFacts } from '../shared/timing/pings.ts';
import { readSaid } from './values.ts';

/** What came of one run of a program. */
export type Judged =
	/** `lossReason`: why it is lost; null when it is an answer. */
	| {
			readonly rttSeconds: number | null;
			readonly lossReason: string | null;
			readonly exitCode: number | null;
			readonly said: Said;
	  }
	/** Nothing is known: why, fit for the user. */
	| { readonly failure: string; readonly code: ReasonCode };

interface Said {
	readonly values: PingFacts;
	readonly line: string;
}

/** How a run was, beyond what the program did. */
export interface RunTimes {
	/** From its start to its end. */
	readonly tookSeconds: number;
	/** It was ended because its time was over; else null. */
	readonly timedOutAfterMs: number | null;
}

/** So many values of one run become facts. */
export const valuesMax = 30;

/**
 * Exit code 0 is an answer, any other a loss; of a monitoring plug-in 0 and 1 are answers, 2 is a loss, and the rest
 * says that it does not know. What a signal ended, other than ours, says nothing.
 */
export function judge(
	program: { readonly name: string; readonly nagios: boolean },
	run: CommandResult,
	{ tookSeconds, timedOutAfterMs }: RunTimes,
): Judged {
	const { rttSeconds, ...said } = readSaid(run.stdout, valuesMax);
	const { exitCode } = run;
	const lost = (lossReason: string) => ({ rttSeconds: null, lossReason, exitCode, said });
	if (timedOutAfterMs !== null) return lost(`timed out after ${timedOutAfterMs / 1000} s`);
	if (exitCode === null) {
		return {
			failure: describeFailedRun(program.name, run, run.stderr.split('\n', 100)),
			code: 'program_failed',
		};
	}
	const isAnswer = exitCode === 0 || (program.nagios && exitCode === 1);
	if (isAnswer) return { rttSeconds: rttSeconds ?? tookSeconds, lossReason: null, exitCode, said };
	if (!program.nagios) return lost(wordsOf(said.line) || wordsOf(run.stderr) || `exit code ${exitCode}`);
	if (exitCode === 2) return lost(wordsOf(said.line) || 'critical');
	const words = said.line === '' ? run.stderr.split('\n', 100) : [said.line];
	return { failure: describeFailedRun(program.name, run, words), code: 'program_failed' };
}

function wordsOf(text: string): string {
	return text.trimStart().split('\n', 1)[0]?.trim() ?? '';
}
