import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { DaemonAnswer } from '../../model/answers.ts';
import type { Clock } from '../../model/clock.ts';
import type { KafkaLogin } from '../../model/kafka-login.ts';
import type { Log } from '../../model/log.ts';
import { race } from '../../model/race.ts';
import { RepeatLimiter } from '../../model/repeat-limiter.ts';
import type { CanaryReport, CanaryRequest, CanaryWorkerData } from './canary-messages.ts';
import { type CanaryDesk, CanaryOrders, type CanaryOrdersOptions } from './canary-orders.ts';
import { CanaryState } from './canary-state.ts';

/** Where the platform's canaries tell what they measure. */
export interface CanariesSettings extends CanaryOrdersOptions {
	readonly brokers: readonly string[];
	readonly topic: string;
	readonly login?: KafkaLogin;
}

export interface CanariesParts {
	/** Where orders and the name of our group outlast a restart. */
	readonly stateFile: string;
	readonly desk: CanaryDesk & {
		/** Resolves when all outcomes that were told are in files. */
		flush(): Promise<void>;
	};
	readonly clock: Clock;
	readonly log: Log;
}

const saveMs = 60_000;
const closeMs = 3000;
const restartMs = 5000;

/** What a platform's own canaries write to their topic, as orders that others measure. Read in a thread of its own. */
export class Canaries {
	readonly #parts: CanariesParts;
	readonly #settings: CanariesSettings;
	readonly #state: CanaryState;
	readonly #orders: CanaryOrders;
	readonly #limited: RepeatLimiter;
	#worker: Worker | null = null;
	#problem: string | null = 'not reached yet';
	#broken = 0;
	#isClosing = false;
	readonly #cancels: (() => void)[] = [];

	/** Orders of the time before a restart are told at once. */
	constructor(settings: CanariesSettings, parts: CanariesParts) {
		const { clock, desk, log, stateFile } = parts;
		this.#settings = settings;
		this.#parts = parts;
		this.#limited = new RepeatLimiter(log, clock);
		this.#state = new CanaryState(stateFile, (message) => this.#limited.limited('state', 'error', message));
		this.#orders = new CanaryOrders(settings, desk, () => clock.wallMs() / 1000);
		this.#orders.restore(this.#state.orders);
	}

	/** How the reading of canaries does. */
	get answer(): NonNullable<DaemonAnswer['canaries']> {
		const { size: orders, tally } = this.#orders;
		const { tooMany, ...same } = tally;
		const messages = { ...same, too_many: tooMany, broken: this.#broken };
		return { orders, messages, problem: this.#problem };
	}

	start(): void {
		this.#open();
		this.#save();
		this.#every(saveMs, () => {
			this.#orders.expire();
			this.#save();
		});
	}

	/** After it is closed, where its orders do not go on. */
	forget(): void {
		this.#orders.forget();
	}

	async close(): Promise<void> {
		this.#isClosing = true;
		for (const cancel of this.#cancels) cancel();
		this.#limited.flush();
		const worker = this.#worker;
		if (worker !== null) {
			this.#tell({ verb: 'close' });
			await race(once(worker, 'exit'), { ms: closeMs }, () => worker.terminate());
		}
		await this.#state.save(this.#orders.kept());
	}

	#open(): void {
		const { brokers, topic, login } = this.#settings;
		const workerData: CanaryWorkerData = { brokers, topic, login, group: this.#state.group };
		const worker = new Worker(new URL('./canaries-worker.js', import.meta.url), {
			workerData,
			name: 'canaries',
		});
		this.#worker = worker;
		worker.on('message', (report: CanaryReport) => this.#hear(report));
		worker.on('error', (error) =>
			this.#limited.limited('fault', 'error', `reading canaries failed: ${String(error)}`),
		);
		worker.on('exit', () => {
			this.#worker = null;
			if (!this.#isClosing) this.#cancels.push(this.#parts.clock.after(restartMs, () => this.#open()));
		});
	}

	#hear(report: CanaryReport): void {
		if (report.about === 'reached') this.#reached(report.problem);
		else if (report.about === 'readings') void this.#take(report);
	}

	async #take({ number, readings, broken }: CanaryReport & { readonly about: 'readings' }): Promise<void> {
		this.#broken += broken;
		if (broken > 0)
			this.#limited.limited(
				'broken',
				'warn',
				`canaries: ${this.#broken} messages of ${this.#settings.topic} were not understood so far, and skipped`,
			);
		const { tooMany, future } = this.#orders.tally;
		const { version } = this.#orders;
		this.#orders.take(readings);
		// What is new is known after a kill, too.
		if (this.#orders.version !== version) await this.#state.save(this.#orders.kept());
		this.#tellRefused(this.#orders.tally.tooMany - tooMany, this.#orders.tally.future - future);
		await this.#parts.desk.flush().then(
			() => this.#tell({ verb: 'taken', number }),
			// The store has ended, and so does the daemon.
			() => {},
		);
	}

	#tellRefused(tooMany: number, future: number): void {
		if (tooMany > 0) {
			const { ordersMax } = this.#settings;
			const message = `canaries: there are ${ordersMax} orders of canaries, and no more are taken. Raise hub: canaries: max_orders`;
			this.#limited.limited('many', 'warn', message);
		}
		if (future > 0) {
			const message =
				'canaries: results of canaries are ahead of our clock by more than 60 s and refused. Set the clocks';
			this.#limited.limited('future', 'warn', message);
		}
	}

	#reached(problem: string | null): void {
		if (problem !== null) this.#limited.limited('reached', 'warn', `canaries: ${problem}`);
		else if (this.#problem !== null) this.#parts.log.info(`canaries are read from ${this.#settings.topic}`);
		this.#problem = problem;
	}

	#tell(request: CanaryRequest): void {
		this.#worker?.postMessage(request);
	}

	#save(): void {
		void this.#state.save(this.#orders.kept());
	}

	#every(ms: number, action: () => void): void {
		const again = () => {
			action();
			this.#cancels[0] = this.#parts.clock.after(ms, again);
		};
		this.#cancels[0] = this.#parts.clock.after(ms, again);
	}
}
