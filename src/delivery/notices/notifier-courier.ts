import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { AnyNotifier, Notification, NotifierTools, OpenNotifier } from '../../model/notifier.ts';
import type { NotifierEntry } from '../../model/notifier-entry.ts';
import { printable } from '../../model/printable.ts';
import { backoffMs } from '../backoff.ts';
import { reasonOf } from '../file-errors.ts';
import { Health } from '../health.ts';
import { hiderFor } from '../secrets.ts';
import { noDrops, type SinkStats } from '../sink-stats.ts';
import { messageOf, Patience, retryAfterMs, SinkStopped } from '../tries.ts';
import { closeWithin } from './close-within.ts';
import { nextNotice } from './next-notice.ts';
import { dropReasons, NoticeSpool, type WaitingNotice } from './notice-spool.ts';
import { keptMs, type Standby } from './standby.ts';
import { stateWithout } from './state-without.ts';
import { ToldJournal } from './told-journal.ts';

export interface NotifierCourierParts {
	readonly entry: NotifierEntry;
	readonly notifier: AnyNotifier;
	/** What the notifier's schema made of its settings. */
	readonly settings: unknown;
	/** Holds the folders of all notifiers. */
	readonly folder: string;
	readonly lent: Pick<NotifierTools, 'version' | 'graph'>;
	readonly clock: Clock;
	readonly log: Log;
	/** From 0 to 1. */
	random(): number;
}

const closeMs = 500;

/** Brings messages to one notifier: keeps them on disk meanwhile, tries again, and counts. */
export class NotifierCourier {
	readonly #parts: NotifierCourierParts;
	readonly #destination: string;
	readonly #hide: (text: string) => string;
	readonly #health: Health;
	readonly #drops = noDrops();
	readonly #spool: NoticeSpool;
	/** What it took to tell. */
	readonly journal: ToldJournal;
	readonly #patience: Patience;
	/** How it is now, for those who want that. Only the newest counts, and nothing is lost with it. */
	#state: Notification | null = null;
	#open: OpenNotifier | null = null;
	#sent = 0;
	#retried = 0;
	/** Of the oldest message. */
	#headFailures = { number: 0, count: 0 };
	/** What came before the one of the same name that was there before had ended. */
	#early: Notification[] | null = [];
	#isEnding = false;
	#isStandby = false;
	#running: Promise<void> = Promise.resolve();

	constructor(parts: NotifierCourierParts) {
		const { entry, notifier, settings, clock, log, folder } = parts;
		this.#parts = parts;
		this.#hide = hiderFor(entry.settings);
		this.#destination = this.#clean(notifier.destination(settings));
		this.#health = new Health({
			...{ name: entry.name, destination: this.#destination, clock, log },
			...{ kind: 'notifier', what: 'messages' },
		});
		this.#patience = new Patience(clock);
		this.journal = new ToldJournal(`${folder}/${entry.name}/told`);
		this.#spool = new NoticeSpool({
			folder: `${folder}/${entry.name}`,
			maxBytes: entry.limits.spoolMaxBytes,
			maxAgeMs: entry.limits.spoolMaxAgeMs,
			dropped: (reason) => {
				this.#drops[reason]++;
				this.#health.tell(`dropped ${reason}`, 'warn', `${dropReasons[reason]}: a message is lost`);
			},
			problem: (kind, message) => this.#health.tell(`spool: ${kind}`, 'error', message),
		});
	}

	/** Takes what an earlier run has left, and begins to send: at once, or when `after` has settled. */
	start(after: Promise<unknown> | undefined): void {
		if (after === undefined) {
			this.#load();
			this.#running = this.#run();
			return;
		}
		this.#running = after.then(() => {
			this.#load();
			return this.#run();
		});
	}

	#load(): void {
		this.journal.start();
		this.#spool.start();
		const { waiting } = this.#spool;
		const newest = waiting.at(-1);
		// It was kept, but perhaps not noted any more.
		const unnoted = newest === undefined ? null : this.#spool.read(newest);
		if (unnoted !== null) this.#note(unnoted);
		if (waiting.length > 0)
			this.#health.tell('found', 'info', `${waiting.length} messages of before are waiting`);
		const early = this.#early ?? [];
		this.#early = null;
		for (const one of early) this.accept(one);
	}

	/** Once it has returned, a kill loses nothing. What was told of an alert already is not told again. */
	accept(notification: Notification): void {
		if (this.#early !== null) {
			this.#early.push(notification);
			return;
		}
		const { severities } = this.#parts.entry;
		const { about } = notification;
		const members = notification.members.filter(
			({ id, severity }) =>
				(severities === null || severities.includes(severity)) &&
				!((about === 'raise' || about === 'clear') && this.journal.last(id) === about),
		);
		if (members.length === 0) return;
		const told = { ...notification, members };
		if (about === 'state') this.#state = told;
		else {
			this.#spool.add(told, this.#parts.clock.wallMs());
			this.#note(told);
			if (about === 'clear') this.#state = stateWithout(this.#state, members);
		}
		this.#patience.wake();
	}

	/** Another tells in our place, until it does not any more. */
	set standby({ isOn, toldUntilMs }: Standby) {
		this.#isStandby = isOn;
		if (!isOn) this.#spool.passOver(toldUntilMs);
		this.#patience.wake();
	}

	/** To be called every second or so. */
	tick(): void {
		this.#spool.expire(this.#parts.clock.wallMs(), this.#isStandby ? keptMs : null);
	}

	stats(): SinkStats {
		const { waiting, bytes } = this.#spool;
		const oldestMs = waiting[0]?.sinceMs ?? null;
		return {
			...{ name: this.#parts.entry.name, destination: this.#destination, confirms: true },
			...{ state: this.#health.state, sinceMs: this.#health.sinceMs },
			...{ queued: waiting.length, spooled: waiting.length, spooledBytes: bytes },
			...{ sent: this.#sent, failed: this.#health.failed, retried: this.#retried },
			dropped: { ...this.#drops },
			lagSeconds: oldestMs === null ? 0 : Math.max(0, (this.#parts.clock.wallMs() - oldestMs) / 1000),
			lastError: this.#health.lastError,
		};
	}

	/** Sends what waits within `graceMs`; what was not sent by then is on disk. */
	async close(graceMs: number): Promise<void> {
		this.#isEnding = true;
		this.#patience.wake();
		const cancel = this.#parts.clock.after(graceMs, () => this.#patience.stop());
		await this.#running;
		cancel();
		await this.#closeOpen();
		this.#health.flush();
	}

	get #isOver(): boolean {
		const isDone = this.#isStandby || this.#spool.waiting.length === 0 || this.#health.failedInARow > 0;
		return this.#patience.isStopped || (this.#isEnding && isDone);
	}

	async #run(): Promise<void> {
		while (!this.#isOver) {
			const notice = this.#isStandby ? null : nextNotice(this.#spool.waiting, this.#headFailures);
			if (notice !== null) await this.#deliver(notice);
			else if (this.#state !== null) await this.#tellState(this.#state);
			else await this.#patience.untilWoken();
		}
	}

	async #deliver(notice: WaitingNotice): Promise<void> {
		const [head] = this.#spool.waiting;
		const notification = this.#spool.read(notice);
		if (notification === null) return;
		if (this.#headFailures.number === notice.number && this.#headFailures.count > 0) this.#retried++;
		try {
			await this.#send(notification);
			this.#spool.remove(notice);
			if (head !== undefined && head.number !== notice.number)
				this.#refuse(head, `not taken in ${this.#headFailures.count} tries, while another was`);
			this.#took();
		} catch (error) {
			if (error instanceof Error && error.name === 'NotifierRefusal') {
				this.#refuse(notice, this.#clean(error.message));
				return;
			}
			const { number, count } = this.#headFailures;
			const headNumber = head?.number ?? notice.number;
			this.#headFailures = { number: headNumber, count: number === headNumber ? count + 1 : 1 };
			await this.#fail(error);
		}
	}

	async #tellState(state: Notification): Promise<void> {
		try {
			this.#state = null;
			await this.#send(state);
			this.#took();
		} catch (error) {
			if (error instanceof Error && error.name === 'NotifierRefusal') {
				this.#health.lastError = this.#clean(error.message);
				this.#health.tell('refused', 'warn', `${this.#destination} refuses: ${this.#health.lastError}`);
				return;
			}
			this.#state ??= state;
			await this.#fail(error);
		}
	}

	#took(): void {
		this.#sent++;
		this.#health.wrote(this.#spool.waiting.length);
	}

	#refuse(notice: WaitingNotice, reason: string): void {
		this.#drops.refused++;
		this.#health.lastError = reason;
		this.#spool.refuse(notice);
		this.#health.tell(
			'refused',
			'error',
			`${this.#destination} refuses a message, which is set aside: ${reason}`,
		);
	}

	#note({ about, members }: Notification): void {
		if (about !== 'raise' && about !== 'clear') return;
		try {
			const ids = members.map(({ id }) => id);
			this.journal.add(about, ids);
		} catch (error) {
			this.#health.tell('journal', 'error', `cannot write what was told: ${reasonOf(error)}`);
		}
	}

	async #send(notification: Notification): Promise<void> {
		const { timeoutMs } = this.#parts.entry.limits;
		const open = await this.#opened();
		await this.#patience.during(timeoutMs, (signal) => open.send(notification, signal));
	}

	async #opened(): Promise<OpenNotifier> {
		if (this.#open !== null) return this.#open;
		const { notifier, settings, lent, entry } = this.#parts;
		const { timeoutMs } = entry.limits;
		const warn = (message: string) => this.#health.tell('warn', 'warn', this.#clean(message));
		const open = await this.#patience.during(
			timeoutMs,
			(signal) => notifier.open(settings, { ...lent, timeoutMs, warn, signal }),
			(late) => late.close(),
		);
		this.#open = open;
		return open;
	}

	/** Rests before the next try. */
	async #fail(error: unknown): Promise<void> {
		await this.#closeOpen();
		if (error instanceof SinkStopped) return;
		const { clock, random } = this.#parts;
		const asked = retryAfterMs(error);
		const reason = this.#clean(messageOf(error));
		if (asked === null) this.#health.fails('write', reason);
		else this.#health.isBusy(reason);
		const restMs =
			asked === null || asked < 0
				? backoffMs(this.#health.failedInARow, random())
				: asked * (1 + random() / 10);
		const endMs = clock.monotonicMs() + restMs;
		while (!this.#isOver && clock.monotonicMs() < endMs)
			await this.#patience.untilWoken(endMs - clock.monotonicMs());
	}

	async #closeOpen(): Promise<void> {
		const open = this.#open;
		this.#open = null;
		if (open === null) return;
		await closeWithin(closeMs, open, this.#parts.clock);
	}

	#clean(text: string): string {
		return printable(this.#hide(text));
	}
}
