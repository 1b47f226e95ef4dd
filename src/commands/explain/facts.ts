import { askAboutDaemon, askAboutOrder } from '../../memory/ask-daemon.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import type { BookState, DaemonAnswer, OrderAnswer } from '../../model/answers.ts';
import { declarationsFor, declaredFacts } from '../../model/facts.ts';
import type { Measured } from '../../model/outcome.ts';
import { popFolderIn } from '../../model/pop.ts';
import type { ProbeTable } from '../../model/probe.ts';
import type { RrdTemplate } from '../../model/rrd-template.ts';
import { outcomeFromJson } from '../../outcomes/outcome-json.ts';
import type { LastResult } from '../../store/last-result.ts';
import { CommandProblem, type FoundOrder, findOrderFolder, popsIn } from '../shared/find-orders.ts';
import { listedOrder } from '../shared/listed-orders.ts';
import { isAllLost } from '../shared/order-verdict.ts';
import { readPopRow, readRow } from '../shared/read-row.ts';
import type { State } from '../shared/status-row.ts';
import {
	type ArchivedWhy,
	archivedWhy,
	type FileFacts,
	filesOf,
	lastFactsIn,
	lastResultIn,
} from './files.ts';
import { storedMeasurements } from './measurements.ts';
import { archivedOrder, type OrderFacts, orderFacts } from './order.ts';
import { type RouteTold, routeTold } from './route.ts';
import { tracedElsewhere } from './route-source.ts';
import { type FactsTold, factsTold } from './told-facts.ts';

/** All that can be said of an order: what `explain --json` prints. Times in seconds since the epoch. */
export interface Explanation {
	readonly id: string;
	readonly state: State | 'archived';
	/** Why it is not measured. */
	readonly reason: string | null;
	/** As understood, with what was left out filled in; null when it cannot be read as one. */
	readonly order: OrderFacts | null;
	readonly result: LastResult | null;
	/** What the last measurement tells beyond its samples, as its probe declares it. */
	readonly facts: FactsTold['facts'];
	/** Start of its slot; null when nothing is known. */
	readonly facts_time: number | null;
	/** Newest first. */
	readonly measurements: readonly MeasurementFacts[];
	/** Null when none is known. */
	readonly route: RouteTold | null;
	readonly files: readonly FileFacts[];
	/** How it does at each point of presence that has results of it, or says why it has none; left out of `ID/@POP`. */
	readonly pops?: readonly PopTold[];
	/** When it is archived unless it is refreshed; null for what is not measured. */
	readonly expires: number | null;
	/** How it came to be in archive/; null when it is not. */
	readonly archived: ArchivedWhy | null;
	/** What the daemon says, or why it says nothing. */
	readonly daemon: DaemonFacts | { readonly silence: string };
}

/** What one point of presence has of an order. */
interface PopTold {
	readonly pop: string;
	readonly state: State;
	/** Why it is not measured there. */
	readonly reason: string | null;
	readonly result: LastResult | null;
}

export type MeasurementFacts = WholeMeasurement | SortedMeasurement;

/** What the daemon remembers of a measurement. */
export interface WholeMeasurement {
	/** Start of the slot. */
	readonly time: number;
	readonly step: number;
	/** How many pings the order asked for. */
	readonly pings: number;
	/** In sending order; `rtt` is null when the answer did not come. */
	readonly samples: readonly { readonly sent: number; readonly rtt: number | null }[];
}

/** What main.rrd keeps of a measurement. */
export interface SortedMeasurement {
	readonly time: number;
	readonly step: number;
	readonly pings: number;
	readonly loss: number;
	/** Seconds, smallest first, without the lost ones. */
	readonly sorted_rtts: readonly number[];
}

export interface DaemonFacts {
	readonly version: string;
	readonly pid: number;
	readonly started: number;
	/** `unseen`: it has not seen the file yet, or any more. */
	readonly state: BookState | 'unseen';
	/** What it remembers, but for the measurements, which stand elsewhere; null for what it does not measure. */
	readonly memory: OrderMemory | null;
}

export type OrderMemory = Omit<NonNullable<OrderAnswer['memory']>, 'outcomes' | 'last_facts' | 'fact_sums'>;

export interface ExplainSources {
	/** Absolute path. */
	readonly baseDir: string;
	readonly probes: ProbeTable;
	/** Of orders that do not say. */
	readonly rrdTemplate: RrdTemplate;
	readonly nowSeconds: number;
	/** What holds if no daemon says otherwise. */
	readonly maxAgeSeconds: number | null;
	/** Told of each file that cannot be read. */
	problem(path: string, message: string): void;
}

/** How many measurements are told. */
const measurementsMax = 10;

/** Puts together what the files say and the daemon knows. */
export async function explanationOf(id: string, sources: ExplainSources): Promise<Explanation> {
	const { baseDir } = sources;
	const [daemon, order] = await Promise.all([askAboutDaemon(baseDir), askAboutOrder(baseDir, id)]);
	const known = 'answer' in order ? order.answer : null;
	const memory = known?.memory ?? known?.remembered ?? null;
	const outcomes = (memory?.outcomes ?? []).map(outcomeFromJson).filter((outcome) => outcome !== null);
	const measured = outcomes.filter((outcome) => outcome.kind === 'measured');
	const judgement = judged(id, sources, daemon, known);
	const facts = factsOf(id, sources, judgement.order?.probe ?? null, memory, measured[0] ?? null);
	return {
		...judgement,
		facts: facts?.facts ?? {},
		facts_time: facts?.time ?? null,
		measurements: measurementsOf(id, sources, measured.map(wholeMeasurement)),
		route: routeOfOrder(id, sources, judgement.order),
		files: filesOf(id, sources),
		...(popFolderIn(id) === null ? { pops: popsToldOf(id, sources) } : {}),
		daemon: daemonFacts(daemon, order),
	};
}

type Judged = Omit<
	Explanation,
	'facts' | 'facts_time' | 'measurements' | 'route' | 'files' | 'pops' | 'daemon'
>;

function wholeMeasurement({ slot, pings, measurement }: Measured): WholeMeasurement {
	const samples = measurement.samples.map(({ sentAtSeconds, rttSeconds }) => ({
		sent: sentAtSeconds,
		rtt: rttSeconds,
	}));
	return { time: slot.startSeconds, step: slot.stepSeconds, pings, samples };
}

/** What the daemon remembers, or else what the file says. */
function factsOf(
	id: string,
	sources: ExplainSources,
	probe: string | null,
	memory: NonNullable<OrderAnswer['remembered']> | null,
	newest: Measured | null,
): FactsTold | null {
	const declared = declaredFacts(probe === null ? [] : sources.probes.get(probe)?.facts);
	const remembered = memory?.last_facts ?? null;
	if (remembered !== null) {
		const isNewest = newest?.slot.startSeconds === remembered.time;
		const samples = isNewest ? newest.measurement.samples : null;
		return factsTold(
			remembered,
			declarationsFor(declared, remembered.facts),
			samples,
			memory?.fact_sums ?? null,
		);
	}
	const folder = folderOf(id, sources)?.folder ?? null;
	const stored = folder === null ? null : lastFactsIn(folder, sources);
	return stored === null ? null : factsTold(stored, declarationsFor(declared, stored.facts), null, null);
}

function judged(
	id: string,
	sources: ExplainSources,
	daemon: Asked<DaemonAnswer>,
	known: OrderAnswer | null,
): Judged {
	const maxAgeSeconds = 'answer' in daemon ? daemon.answer.max_age : sources.maxAgeSeconds;
	const named = popFolderIn(id);
	const listed = listedOrder(sources.baseDir, named?.id ?? id, sources.probes);
	const rows = { ...sources, maxAgeSeconds };
	const row =
		listed === null ? null : named === null ? readRow(listed, rows) : readPopRow(listed, named.pop, rows);
	if (row === null) return judgedArchived(id, sources);
	const { state, reason, result, expiresInSeconds } = row;
	const expires = expiresInSeconds === null ? null : sources.nowSeconds + expiresInSeconds;
	return {
		...{ id, state, reason, result },
		order: orderFacts(`${sources.baseDir}/orders/${listed?.id ?? id}`, listed?.id ?? id, sources),
		expires: known?.expires ?? expires,
		archived: null,
	};
}

function popsToldOf(id: string, sources: ExplainSources): PopTold[] {
	const listed = listedOrder(sources.baseDir, id, sources.probes);
	if (listed === null) return [];
	return popsIn(sources.baseDir, id).flatMap((pop) => {
		const row = readPopRow(listed, pop, sources);
		return row === null ? [] : [{ pop, state: row.state, reason: row.reason, result: row.result }];
	});
}

/** There is no order file, so that its files are in archive/, or will be soon. */
function judgedArchived(id: string, sources: ExplainSources): Judged {
	const found = folderOf(id, sources);
	if (found?.isArchived === false && id.startsWith('@canary/')) return judgedCanary(id, found, sources);
	const order = found === null ? null : archivedOrder(found.folder, id, sources);
	return {
		...{ id, state: 'archived', reason: null, expires: null },
		order,
		result: found === null ? null : lastResultIn(found.folder, sources),
		archived: found === null ? null : archivedWhy(found, order?.once === true),
	};
}

/** Nobody has written an order for what canaries of others measure: what they have told is all that there is. */
function judgedCanary(id: string, { folder }: FoundOrder, sources: ExplainSources): Judged {
	const result = lastResultIn(folder, sources);
	const state = result === null ? 'waiting' : isAllLost(result) ? 'down' : 'measuring';
	return { id, state, reason: null, order: null, result, expires: null, archived: null };
}

function measurementsOf(
	id: string,
	sources: ExplainSources,
	remembered: readonly WholeMeasurement[],
): MeasurementFacts[] {
	const missing = measurementsMax - remembered.length;
	const folder = folderOf(id, sources);
	if (missing <= 0 || folder === null) return [...remembered];
	const beforeSeconds = remembered.at(-1)?.time ?? Number.POSITIVE_INFINITY;
	return [...remembered, ...storedMeasurements(folder, beforeSeconds, missing, sources)];
}

/** Its own, or that of the order that traces the way to the same host. */
function routeOfOrder(id: string, sources: ExplainSources, order: OrderFacts | null): RouteTold | null {
	const own = folderOf(id, sources);
	try {
		const told = own === null ? null : routeTold(id, own.folder);
		if (told !== null || order === null) return told;
		const other = tracedElsewhere(id, order, sources);
		const folder = other === null ? null : folderOf(other, sources);
		return other === null || folder === null ? null : routeTold(other, folder.folder);
	} catch {
		// Whatever it is, the list of files tells it.
		return null;
	}
}

/** What cannot be read is told where the files are listed. */
function folderOf(id: string, { baseDir }: ExplainSources): FoundOrder | null {
	try {
		return findOrderFolder(baseDir, id);
	} catch (error) {
		if (error instanceof CommandProblem) return null;
		throw error;
	}
}

function daemonFacts(daemon: Asked<DaemonAnswer>, order: Asked<OrderAnswer | null>): Explanation['daemon'] {
	if ('silence' in daemon) return daemon;
	if ('silence' in order) return order;
	const { version, pid, started } = daemon.answer;
	const state = order.answer?.state ?? 'unseen';
	const told = order.answer?.memory ?? null;
	if (told === null) return { version, pid, started, state, memory: null };
	const { outcomes: _outcomes, last_facts: _facts, fact_sums: _sums, ...memory } = told;
	return { version, pid, started, state, memory };
}
