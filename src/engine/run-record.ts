import type { RunAnswer } from '../model/answers.ts';
import type { Job, ProbeTools, RunOptions } from '../model/probe.ts';

/** A program that was started. */
interface Command {
	readonly program: string;
	readonly args: readonly string[];
	readonly isCut: boolean;
	readonly inputLines: number;
	/** The targets that are among its arguments, as they are. None: it may have measured any of them. */
	readonly names: readonly string[];
}

/** What is more than this is left out: it is kept in memory for each batch. */
const commandsMax = 32;
const notesMax = 8;
/** Of a command or note, and of all commands. */
const charactersMax = 4000;
const charactersInAllMax = 16_000;

/** What one run of a probe was like, for people who ask: what was started, when, how long it took. */
export class RunRecord {
	readonly #startedMs: number;
	readonly #job: Pick<Job, 'windowMs'> & { readonly targets: number };
	#tookMs: number | null = null;
	readonly #commands: Command[] = [];
	#commandsLeftOut = 0;
	#room = charactersInAllMax;
	readonly #notes: string[] = [];

	/** `startedMs` since the epoch. */
	constructor(job: Job, startedMs: number) {
		this.#startedMs = startedMs;
		this.#job = { windowMs: job.windowMs, targets: job.targets.length };
	}

	/** The same tools, but what is done with them is remembered. */
	watched<Settings>(tools: ProbeTools<Settings>, job: Job): ProbeTools<Settings> {
		const targets = new Set(job.targets);
		return {
			...tools,
			runCommand: (program, args, options) => {
				this.#addCommand(program, args, options, targets);
				return tools.runCommand(program, args, options);
			},
			note: (line) => {
				if (this.#notes.length < notesMax) this.#notes.push(line.slice(0, charactersMax));
				tools.note(line);
			},
		};
	}

	over(tookMs: number): void {
		this.#tookMs = tookMs;
	}

	/** As seen by the order with this target: without programs that measured other targets only. */
	answerFor(target: string): RunAnswer {
		const commands = this.#commands.filter(({ names }) => names.length === 0 || names.includes(target));
		return {
			started: this.#startedMs / 1000,
			took: this.#tookMs === null ? null : Math.round(this.#tookMs) / 1000,
			window: this.#job.windowMs / 1000,
			targets: this.#job.targets,
			commands: commands.map(({ program, args, isCut, inputLines }) => ({
				program,
				args: [...args],
				is_cut: isCut,
				input_lines: inputLines,
			})),
			commands_left_out: this.#commandsLeftOut,
			notes: [...this.#notes],
		};
	}

	#addCommand(
		program: string,
		args: readonly string[],
		options: RunOptions,
		targets: ReadonlySet<string>,
	): void {
		if (this.#commands.length >= commandsMax || this.#room <= 0) {
			this.#commandsLeftOut++;
			return;
		}
		const hide = hiding(options.secrets ?? []);
		const whole = args.map(hide);
		const length = whole.join(' ').length;
		const most = Math.min(charactersMax, this.#room);
		this.#room -= length;
		this.#commands.push({
			program: hide(program),
			args: cut(whole, most),
			isCut: length > most,
			inputLines: linesIn(options.input ?? ''),
			names: args.filter((arg) => targets.has(arg)),
		});
	}
}

/** The longest first: one secret may be a part of another. */
function hiding(secrets: readonly string[]): (text: string) => string {
	const longestFirst = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
	return (text) => longestFirst.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

/** The arguments as far as they fit in; the last one may be a part of itself. */
function cut(args: readonly string[], most: number): string[] {
	const fitting: string[] = [];
	let left = most;
	for (const arg of args) {
		if (left <= 0) break;
		fitting.push(arg.slice(0, left));
		left -= arg.length + 1;
	}
	return fitting;
}

function linesIn(text: string): number {
	let lines = 0;
	for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) lines++;
	return text === '' || text.endsWith('\n') ? lines : lines + 1;
}
