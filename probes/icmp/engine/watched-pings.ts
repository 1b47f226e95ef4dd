import type { EarlyTargetPing } from '../../shared/worker-thread.ts';
import { noSample } from './messages.ts';
import type { PingJob } from './ping-job.ts';
import { rttOf } from './ping-report.ts';

/** Pings of a job to targets that somebody looks at: tells each once, as soon as it is over. */
export class WatchedPings {
	readonly #job: PingJob;
	readonly #targets: readonly number[];
	readonly #told: Uint8Array;

	constructor(job: PingJob, targets: readonly number[]) {
		this.#job = job;
		this.#targets = targets;
		this.#told = new Uint8Array(job.total);
	}

	/** Those that are over and have not been told. What had come by `drainedMs` has been read; monotonic. */
	over(drainedMs: number, baseSeconds: number): EarlyTargetPing[] {
		const job = this.#job;
		const pings: EarlyTargetPing[] = [];
		for (const target of this.#targets) {
			for (let ping = target, index = 0; ping < job.next; ping += job.targets, index++) {
				if (this.#told[ping] === 1) continue;
				const rtt = rttOf(job, ping, drainedMs);
				if (rtt === noSample) continue;
				this.#told[ping] = 1;
				const sentAtSeconds = baseSeconds + (job.sentNs[ping] as number) / 1e9;
				pings.push({ target, index, sentAtSeconds, rttSeconds: Number.isNaN(rtt) ? null : rtt });
			}
		}
		return pings;
	}
}
