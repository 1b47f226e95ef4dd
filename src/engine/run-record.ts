import { isIP } from 'node:net';
import type { RunAnswer } from '../model/answers.ts';
import type { FoundAddress, Job, ProbeTools, RunOptions } from '../model/probe.ts';

/** A program that was started. */
interface Command {
	readonly program: string;
	readonly args: readonly string[];
	readonly isCut: boolean;
	readonly inputLines: number;
	/** Its standard input, between line feeds; null when that is too much to be kept. */
	readonly input: string | null;
	/** The targets that are among its arguments, as they are. */
	readonly names: readonly string[];
}

/** What is more than this is left out: it is kept in memory for each batch. */
const commandsMax = 32;
const notesMax = 8;
/** Of a command or note, and of all commands. */
const charactersMax = 4000;
const charactersInAllMax = 16_000;
/** A thousand addresses take 16,000 or so. */
const inputMax = 64_000;

/** What one run of a probe was like, for people who ask: what was started, when, how long it took. */
export class RunRecord {
	readonly #startedMs: number;
	readonly #job: Pick<Job, 'windowMs'> & { readonly targets: number };
	#tookMs: number | null = null;
	readonly #commands: Command[] = [];
	#commandsLeftOut = 0;
	#room = charactersInAllMax;
	readonly #notes: string[] = [];
	/** By target; of names only. */
	readonly #addresses = new Map<string, FoundAddress>();

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
			measuredAt: (target, found) => {
				if (targets.has(target)) this.#addresses.set(target, found);
				tools.measuredAt(target, found);
			},
		};
	}

	/** Where a target was measured; null when that is not known. */
	addressOf(target: string): string | null {
		return this.#addresses.get(target)?.address ?? (isIP(target) === 0 ? null : target);
	}

	over(tookMs: number): void {
		this.#tookMs = tookMs;
	}

	/** As seen by the order with this target: without the programs of other orders. */
	answerFor(target: string): RunAnswer {
		const { commands, leftOut } = this.#commandsFor(target);
		const address = this.addressOf(target);
		return {
			started: this.#startedMs / 1000,
			took: this.#tookMs === null ? null : Math.round(this.#tookMs) / 1000,
			window: this.#job.windowMs / 1000,
			targets: this.#job.targets,
			address,
			address_kept_since: this.#addresses.get(target)?.keptSeconds ?? null,
			commands: commands.map(({ program, args, isCut, inputLines, input }) => ({
				program,
				args: [...args],
				is_cut: isCut,
				input_lines: inputLines,
				...(address !== null && input?.includes(`\n${address}\n`) ? { own_input: address } : {}),
			})),
			commands_left_out: leftOut,
			notes: [...this.#notes],
		};
	}

	/**
	 * Those that name the target, then those that all share. What names no target may have run for any: it is not shown,
	 * since it may be another order's, but counted. Where none is shown, all are counted.
	 */
	#commandsFor(target: string): { readonly commands: readonly Command[]; readonly leftOut: number } {
		const own = this.#commands.filter(({ names }) => names.includes(target));
		const shared = this.#commands.filter((command) => !own.includes(command) && this.#isShared(command));
		const unnamed = this.#commands.filter(
			(command) => command.names.length === 0 && !this.#isShared(command),
		);
		const commands = [...own, ...shared];
		const hidden = commands.length === 0 ? this.#commands.length : unnamed.length;
		return { commands, leftOut: this.#commandsLeftOut + hidden };
	}

	/** It gets its targets on standard input, or there is only one. */
	#isShared({ names, inputLines }: Command): boolean {
		return this.#job.targets === 1 || (names.length === 0 && inputLines > 0);
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
		const { input = '' } = options;
		this.#commands.push({
			program: hide(program),
			args: cut(whole, most),
			isCut: length > most,
			inputLines: linesIn(input),
			input: input === '' || input.length > inputMax ? null : `\n${input}\n`,
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
