import type { SinkStats } from '../../delivery/sink-stats.ts';
import { askAboutDaemon } from '../../memory/ask-daemon.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import type { DaemonAnswer, SinkAnswer } from '../../model/answers.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import { sinksTable } from './sinks.ts';
import type { Drawing } from './watch.ts';

interface SinksPlace {
	nowMs(): number;
	columns(): number;
	readonly colours: boolean;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

/** Prints what `status --sinks` does. Resolves with the exit code: 1 when no daemon answers, for only it knows. */
export async function showSinks(baseDir: string, isJson: boolean, place: SinksPlace): Promise<0 | 1> {
	const asked = await askAboutDaemon(baseDir);
	if ('silence' in asked) {
		place.stderr.write(`${printable(noAnswer(baseDir, asked))}\n`);
		return 1;
	}
	const sinks = sinksOf(asked.answer);
	const lines = isJson ? sinks.map((sink) => escapeJson(JSON.stringify(sink))) : tableOf(sinks, place);
	place.stdout.write(lines.map((line) => `${line}\n`).join(''));
	return 0;
}

/** For `--watch`. */
export async function sinksDrawing(baseDir: string, place: SinksPlace): Promise<Drawing> {
	const asked = await askAboutDaemon(baseDir);
	if ('silence' in asked) return { lines: [], footer: [printable(noAnswer(baseDir, asked))] };
	return { lines: tableOf(sinksOf(asked.answer), place), footer: [] };
}

/** And the notifiers, which are counted in messages. */
function sinksOf({ sinks, notifiers }: DaemonAnswer): readonly SinkAnswer[] {
	return [...sinks, ...notifiers];
}

function noAnswer(baseDir: string, { silence }: Extract<Asked<DaemonAnswer>, { silence: string }>): string {
	return `no answer from a daemon in ${baseDir}: ${silence}. Only it knows how the sinks are doing`;
}

function tableOf(sinks: readonly SinkAnswer[], place: SinksPlace): string[] {
	const options = { columns: place.columns(), colours: place.colours, nowMs: place.nowMs() };
	return sinksTable(sinks.map(statsOf), options);
}

function statsOf({ since, spooled_bytes, lag, last_error, dropped, ...same }: SinkAnswer): SinkStats {
	const { queue_full, spool_full, too_old, ...others } = dropped;
	return {
		...same,
		sinceMs: since * 1000,
		spooledBytes: spooled_bytes,
		lagSeconds: lag,
		lastError: last_error,
		dropped: { queueFull: queue_full, spoolFull: spool_full, tooOld: too_old, ...others },
	};
}
