import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../model/clock.ts';
import { Counters, monotonicMs } from './counters.ts';
import type { PostedRequest, StoreReport, StoreRequest, StoreWorkerData } from './messages.ts';
import { OutputTree } from './output-tree.ts';
import { unpackMeasurements } from './packed-measurements.ts';

/** How long what could not be done rests before it is tried again. */
const retryIntervalMs = 10_000;
/** Reports travel together: a message for each of 10,000 would keep the main thread busy. */
const reportsTogether = 200;
const reportDelayMs = 10;

if (parentPort === null) throw new Error('store-worker is to be run as a worker thread');
const port = parentPort;
const { baseDir, counters: shared } = workerData as StoreWorkerData;
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
	counters,
	clock: systemClock,
	events: {
		enrolled: (id, lastSlotSeconds) => report({ about: 'enrolled', id, lastSlotSeconds }),
		revived: (id) => report({ about: 'revived', id }),
		archived: (id) => report({ about: 'archived', id }),
		kept: (id) => report({ about: 'kept', id }),
		problem: (message) => report({ about: 'problem', message }),
	},
});

/** Counts as done what it has done; each measurement for itself. */
function fulfil(request: StoreRequest): void {
	switch (request.verb) {
		case 'enrol':
			tree.enrol(request.order, request.atSeconds);
			break;
		case 'record':
			tree.record(unpackMeasurements(request.packed));
			return;
		case 'reject':
			tree.reject(request.id, request.message);
			break;
		case 'fail':
			for (const { ids, reason } of request.failures) tree.fail(ids, reason);
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
		case 'keepOnly':
			tree.keepOnly(request.ids);
			break;
		case 'flush':
			// Who waits for it must find that nothing is waiting.
			counters.add('done');
			report({ about: 'flushed', token: request.token });
			return;
	}
	counters.add('done');
}

tree.start();
setInterval(() => tree.retry(), retryIntervalMs);
port.on('message', ({ postedAtMs, request }: PostedRequest) => {
	counters.set('inHandSince', postedAtMs);
	fulfil(request);
	counters.set('inHandSince', 0);
});
