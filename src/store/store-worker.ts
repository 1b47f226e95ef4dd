import { parentPort, workerData } from 'node:worker_threads';
import { nameThread } from '../host/thread-name.ts';
import { loadTrimMemory } from '../host/trim-memory.ts';
import { systemClock } from '../model/clock.ts';
import { type PackedOutcome, unpackMeasured, unpackOutcome } from '../outcomes/packed.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import { Counters, monotonicMs } from './counters.ts';
import { Hurry } from './hurry.ts';
import type { PostedRequest, StoreReport, StoreRequest, StoreWorkerData } from './messages.ts';
import { OutputTree } from './output-tree.ts';
import { storedMeasurementOf } from './stored-measurement.ts';
import { BoardWriter } from './written-board.ts';

/** How long what could not be done rests before it is tried again. */
const retryIntervalMs = 10_000;
/** Memory is given back once in so many of them: every two minutes. */
const retriesPerTrim = 12;
/** Reports travel together: a message for each of 10,000 would keep the main thread busy. */
const reportsTogether = 200;
const reportDelayMs = 10;
/** How often the archive is held against its limits, and how long it may keep other work waiting. */
const archiveFirstMs = 1000;
const archiveIntervalMs = 600_000;
const archiveSliceMs = 5;
const clockKeptMs = 60_000;

if (parentPort === null) throw new Error('store-worker is to be run as a worker thread');
const port = parentPort;
nameThread('files');
const { baseDir, counters: shared, board, rrdTemplate, historyLimits } = workerData as StoreWorkerData;
const counters = new Counters(shared);

let reports: StoreReport[] = [];
let reportedAtMs = 0;

function report(one: StoreReport): void {
	if (reports.push(one) === 1) setImmediate(sendReports);
	if (reports.length >= reportsTogether || monotonicMs() - reportedAtMs > reportDelayMs) sendReports();
}

function sendReports(): void {
	if (reports.length > 0) port.postMessage(reports);
	reports = [];
	reportedAtMs = monotonicMs();
}

const tree = new OutputTree({
	baseDir,
	rrdTemplate,
	counters,
	clock: systemClock,
	board: new BoardWriter(board),
	events: {
		enrolled: (id, lastSlotSeconds) => report({ about: 'enrolled', id, lastSlotSeconds }),
		revived: (id) => report({ about: 'revived', id }),
		archived: (id) => report({ about: 'archived', id }),
		kept: (id) => report({ about: 'kept', id }),
		stuck: (id, reason) => {
			tree.tellStuck(id, reason);
			report({ about: 'stuck', id, reason });
		},
		problem: (message) => report({ about: 'problem', message }),
		dropped: (id, ageSeconds) => report({ about: 'dropped', id, ageSeconds }),
	},
});

/** Files are named by the id alone. One for all: nothing keeps it. */
const identity = { id: '', user: '', probe: '', target: '', tags: {} };

function record({ ids, packed }: StoreRequest & { readonly verb: 'record' }): void {
	for (const [index, id] of ids.entries()) {
		const text = packed[index] ?? '';
		const brief = unpackMeasured(text);
		if (brief !== null) tree.record(storedMeasurementOf(id, brief));
		else fail(id, text);
	}
}

function fail(id: string, packed: PackedOutcome): void {
	const outcome = unpackOutcome(packed, identity);
	if (outcome.kind !== 'measured') tree.fail([id], outcome.reason, outcome.code, outcome.slot.startSeconds);
	counters.add('done');
}

/** Counts as done what it has done; each outcome for itself. */
function fulfil(request: StoreRequest): void {
	switch (request.verb) {
		case 'enrol':
			tree.enrol(request.order, request.atSeconds, request.place);
			break;
		case 'record':
			record(request);
			return;
		case 'reject':
			tree.reject(request.id, request.message);
			break;
		case 'clear':
			tree.clear(request.id);
			break;
		case 'archive':
			tree.archive(request.id);
			break;
		case 'expire':
			tree.expire(request.id, request.path, request.maxAgeMs);
			break;
		case 'alerts':
			tree.alerts(request.id, request.lines);
			break;
		case 'keepOnly':
			tree.keepOnly(request.ids);
			break;
		case 'edited':
			tree.history.edited(request.id, request.keys);
			break;
		case 'keepHistory':
			tree.history.limits = request.limits;
			break;
		case 'end':
			tree.history.end(request.timeoutMs);
			break;
		case 'limitArchive':
			keepArchive(request.limits);
			break;
		case 'flush':
			// Who waits for it must find that nothing is waiting.
			counters.add('done');
			report({ about: 'flushed', token: request.token });
			return;
	}
	counters.add('done');
}

let archiveTimers: NodeJS.Timeout[] = [];

/** Looks at the archive soon and again and again, in small pieces between the requests. */
function keepArchive(limits: ArchiveLimits): void {
	for (const timer of archiveTimers) clearTimeout(timer);
	archiveTimers = [];
	if (limits.maxAgeSeconds === null && limits.maxBytes === null) return;
	let round: Generator<void> | null = null;
	const work = () => {
		const startedAtMs = monotonicMs();
		while (round !== null && monotonicMs() - startedAtMs < archiveSliceMs) {
			if (round.next().done === true) round = null;
		}
		if (round !== null) archiveTimers[0] = setTimeout(work, archiveSliceMs);
	};
	let skewMs = Number.NaN;
	const begin = () => {
		if (round !== null) return;
		// A clock that is wrong until it has been set, after a start of the machine say, makes everything look old.
		const newSkewMs = systemClock.wallMs() - systemClock.monotonicMs();
		const isClockKept = Math.abs(newSkewMs - skewMs) < clockKeptMs;
		skewMs = newSkewMs;
		round = tree.limitArchive(isClockKept ? limits : { ...limits, maxAgeSeconds: null });
		work();
	};
	archiveTimers = [setTimeout(begin, archiveFirstMs), setInterval(begin, archiveIntervalMs)];
}

const hurry = new Hurry(fulfil);

/** Histories and events are written between the requests, in small pieces. */
const historySliceMs = 5;
const historyRestMs = 5;
let historyTimer: NodeJS.Timeout | undefined;
let historyAtMs = Number.POSITIVE_INFINITY;

function writeHistory(): void {
	historyAtMs = Number.POSITIVE_INFINITY;
	tree.history.work(historySliceMs);
	planHistory();
}

function planHistory(): void {
	const restMs = tree.history.restMs;
	if (restMs === null) return;
	const delayMs = Math.max(historyRestMs, restMs);
	const atMs = monotonicMs() + delayMs;
	if (atMs >= historyAtMs) return;
	clearTimeout(historyTimer);
	historyTimer = setTimeout(writeHistory, delayMs);
	historyAtMs = atMs;
}

tree.history.limits = historyLimits;
tree.start();
const trimMemory = loadTrimMemory();
let retries = 0;
setInterval(() => {
	tree.retry();
	planHistory();
	// This thread has nobody who waits for it.
	if (++retries % retriesPerTrim === 0) trimMemory?.();
}, retryIntervalMs);
port.on('message', (posted: readonly PostedRequest[]) => {
	for (const { postedAtMs, request } of posted) {
		counters.set('inHandSince', postedAtMs);
		if (counters.get('isClosing') === 0) fulfil(request);
		else hurry.take(request);
		counters.set('changesLeft', hurry.count);
	}
	counters.set('inHandSince', 0);
	planHistory();
});
