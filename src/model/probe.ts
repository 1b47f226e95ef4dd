import type { z } from 'zod';
import { canaryFacts, canaryProbe } from './canary.ts';
import type { Clock } from './clock.ts';
import { declaredFacts, type FactDeclaration, type Facts, type FactTable } from './facts.ts';
import type { EarlyPing, Sample } from './measurement.ts';
import type { ReasonCode } from './outcome.ts';
import type { Slot } from './slot.ts';

/** How often and how many: what an order says about time. */
export interface Timing {
	readonly stepSeconds: number;
	readonly pings: number;
}

/** The validated options of an order's probe section. */
export type ProbeOptions = Readonly<Record<string, unknown>>;

/**
 * A way to measure. One folder in `probes/` and one line in `probes/modules.ts`; the engine knows probes only by this
 * contract. `Options` is what `options` accepts, `Settings` what `settings` accepts.
 */
export interface Probe<Options extends ProbeOptions = ProbeOptions, Settings = unknown> {
	/** The value of `probe:` in an order and the key of its section. */
	readonly name: string;
	/**
	 * The section's schema: a strictObject, or one wrapped in refine, pipe, transform or default; its keys are read to
	 * suggest the nearest one. Numbers may come as text. Two orders share a batch when all but the target come out equal.
	 * What comes of a section depends on nothing but what it says: of sections that differ in their target alone it is
	 * found out once.
	 */
	readonly options: z.ZodType<Options>;
	/** Which option says what is measured. */
	readonly target: keyof Options & string;
	/** Strict schema of `probes.<name>` in the config file. Must accept an empty mapping. */
	readonly settings: z.ZodType<Settings>;
	/** It has an option `interval`, the time from one ping to a target to the next, in this unit. */
	readonly intervalUnit?: 'ms' | 's';
	/**
	 * What it may tell of a measurement beyond the samples. The facts of every probe are told without being declared:
	 * `address` and `loss_reason` by the probe, if it knows them, `jitter` and `mos` by the engine.
	 */
	readonly facts?: readonly FactDeclaration[];
	/** How many of its full batches may run at the same time without harming each other. May depend on the settings. */
	readonly lanes: number | ((settings: Settings) => number);
	/** How many targets one batch may hold. */
	batchMax(timing: Timing): number;
	/** The shortest window, in milliseconds, in which so many targets can be measured without distortion. */
	needMs(targets: number, timing: Timing): number;
	/** How a target is shown to people, in logs, `status` and graphs: without passwords. By default as it is. */
	shown?(target: string): string;
	/**
	 * It traces routes, also for orders of others that say `route:`. What its options are to trace the way to a host;
	 * null: it cannot. It tells the route as a fact of kind `path`.
	 */
	route?(to: RouteTarget): Options | null;
	/** What the schema cannot say: each reason names a key, what is wrong and what to write instead. */
	check?(options: Options, timing: Timing): ProbeFinding[];
	/**
	 * Measures every target of the job. Ends before `job.windowMs` is over if it can, and soon after
	 * `tools.signal` fires in any case, with what it has by then.
	 *
	 * A target that is missing from the answer counts as failed. Throws a `ProbeError`, or an `Error` whose message is
	 * fit for the user, when nothing could be measured: the slot is then unknown for every target, never lost.
	 */
	measure(job: Job<Options>, tools: ProbeTools<Settings>): Promise<ProbeResults>;
	/** The daemon ends: lets go of what it holds, such as a thread. Nothing is measured after that. */
	close?(): Promise<void>;
}

/** Any probe, whatever its options: for tables of probes. */
// biome-ignore lint/suspicious/noExplicitAny: options are checked by the probe's own schema before they reach it
export type AnyProbe = Probe<any, any>;

/** The probes there are, by name. */
export type ProbeTable = ReadonlyMap<string, AnyProbe>;

/** Where packets of an order go to, and how. */
export interface RouteTarget {
	/** A name or an address. */
	readonly host: string;
	readonly family: 4 | 6 | null;
	readonly interface?: string | undefined;
	readonly source?: string | undefined;
	/** What is found by then is wanted, though the target does not answer; without it there is time. */
	readonly withinMs?: number | undefined;
}

export interface ProbeFinding {
	/** The option at fault. */
	readonly key: string;
	/** What is wrong and what to write instead. */
	readonly message: string;
}

/** One batch in one slot. */
export interface Job<Options extends ProbeOptions = ProbeOptions> extends Timing {
	readonly slot: Slot;
	/** The options that all targets share; the target option is that of one of them and means nothing here. */
	readonly options: Options;
	/** What to measure: no duplicates, in random order. */
	readonly targets: readonly string[];
	/** How much of the slot the job may use, in milliseconds from its start. Pings go over about 80 % of it. */
	readonly windowMs: number;
}

/** What came of one target. */
export type TargetResult =
	/**
	 * In sending order; fewer than `pings` when the run was cut short, never empty. Facts that were not declared, or are
	 * of another kind, are left out.
	 */
	| { readonly samples: readonly Sample[]; readonly facts?: Facts }
	/** Why there are no samples: fit for the user, names the remedy if there is one. By default `probe_failed`. */
	| { readonly failure: string; readonly code?: ReasonCode };

/** Nothing could be measured. `message` is fit for the user and names the remedy. */
export class ProbeError extends Error {
	override readonly name: string = 'ProbeError';
	readonly code: ReasonCode;

	constructor(code: ReasonCode, message: string) {
		super(message);
		this.code = code;
	}
}

/** What came of a target whose measuring threw this. */
export function failureOf(error: unknown): { readonly failure: string; readonly code: ReasonCode } {
	const failure = error instanceof Error ? error.message : String(error);
	if (error instanceof ProbeError) return { failure, code: error.code };
	// A probe of a user's own has another copy of these classes.
	return { failure, code: (error as Error | null)?.name === 'CommandError' ? 'no_program' : 'probe_failed' };
}

/** What all these probes may tell of a measurement, and others than probes of ours. */
export function factTableOf(probes: ProbeTable): FactTable {
	const own = [...probes].map(([name, { facts }]) => [name, declaredFacts(facts)] as const);
	return new Map([[canaryProbe, declaredFacts(canaryFacts)], ...own]);
}

/** By target. */
export type ProbeResults = ReadonlyMap<string, TargetResult>;

/** What the engine lends to a probe for one job. */
export interface ProbeTools<Settings = unknown> {
	readonly settings: Settings;
	/** The version of pingmachine. */
	readonly version: string;
	/** Fires when the slot is over or the daemon ends: stop now and return what there is. */
	readonly signal: AbortSignal;
	readonly clock: Clock;
	readonly runCommand: RunCommand;
	readonly resolve: ResolveNames;
	/**
	 * Tells in one line, without passwords, how this job measures: for people who ask. A probe that runs programs need
	 * not, since their command lines are known.
	 */
	readonly note: (line: string) => void;
	/** Tells at which address a target is measured: for people who ask. Of literal addresses it goes without saying. */
	readonly measuredAt: (target: string, found: FoundAddress) => void;
	/** For pings that are over before the job is: for those who look at their order just now. A probe need not heed it. */
	readonly early?: EarlyTools;
	/**
	 * Tells the log what people should know and what is no failure, in one line. Messages with one code of a probe are
	 * told at a limited rate.
	 */
	readonly log: (message: string, code?: string) => void;
}

export interface EarlyTools {
	/** The targets that somebody looks at now; mostly none. */
	watched(): readonly string[];
	/** Calls when these may have changed. Returns what ends that. */
	onChange(changed: () => void): () => void;
	/** Tells pings of a target that are over. */
	tell(target: string, pings: readonly EarlyPing[]): void;
}

/** Runs a program to its end. Rejects with `CommandError` when it could not be started. */
export type RunCommand = (
	program: string,
	args: readonly string[],
	options: RunOptions,
) => Promise<CommandResult>;

export type RunOptions = RunLimits & ProgramSource;

/** How the user gets a program that is missing: for the message that says so. */
export type ProgramSource =
	/** The Debian package that brings it. */
	| { readonly debianPackage: string }
	/** For what no Debian package brings: what to do, such as `build it from https://example.net/source`. */
	| { readonly howToInstall: string };

export interface RunLimits {
	/** Written to standard input, which is then closed. */
	readonly input?: string;
	/** Ends the program when it fires. */
	readonly signal: AbortSignal;
	/** Sent first when the program is to end; SIGKILL follows after a grace period. */
	readonly endWith: 'SIGINT' | 'SIGTERM';
	/** Parts of the arguments that nobody may be shown. */
	readonly secrets?: readonly string[];
}

export interface CommandResult {
	readonly stdout: string;
	readonly stderr: string;
	/** Null when a signal ended it. */
	readonly exitCode: number | null;
	/** The signal that ended it, `SIGKILL` say. */
	readonly endedBy: string | null;
	/** True when we ended it, because `signal` fired. */
	readonly stopped: boolean;
	/** True when it printed more than we keep; the rest was read and thrown away. */
	readonly truncated: boolean;
	/** When it was started, seconds since the epoch. */
	readonly startedAtSeconds: number;
}

/** A program could not be started. `message` is fit for the user and names the remedy. */
export class CommandError extends Error {
	override readonly name = 'CommandError';
}

/**
 * Looks up host names, anew each time, side by side, without one slow name delaying the others.
 * Literal addresses come back as they are.
 *
 * Returns for each name its first usable address of the family, or why there is none. Names that are not answered
 * before `deadlineMs` (milliseconds from now) have the address that they had last, or a reason too.
 */
export type ResolveNames = (
	names: readonly NameQuery[],
	deadlineMs: number,
) => Promise<ReadonlyMap<string, FoundAddress | NameFailure>>;

export interface NameQuery {
	readonly name: string;
	readonly family: 4 | 6;
	/** Where link-local addresses of IPv6 are. Without it they are of no use. */
	readonly interface?: string | undefined;
}

/** Where a target is measured. */
export interface FoundAddress {
	readonly address: string;
	/** The name service did not answer: the name had this address at that time, seconds since the epoch. */
	readonly keptSeconds?: number;
}

/** Why a name has no address. The probe words it. */
export type NameFailure =
	/**
	 * The name service says that there is no such name, or no address of this family: `has` is that of others, `useless`
	 * one that belongs to no host.
	 */
	| { readonly code: 'name_unknown'; readonly has?: 4 | 6; readonly useless?: string }
	/** It does not say, and nothing is known from before. */
	| {
			readonly code: 'name_silent';
			/** Null when it did not answer in time; else what the system says, `EAI_AGAIN` say. */
			readonly systemCode: string | null;
			readonly afterMs: number;
	  };
