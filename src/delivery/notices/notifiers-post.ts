import { readdirSync } from 'node:fs';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { Notification, NotificationQueue, NotifierTable, NotifierTools } from '../../model/notifier.ts';
import type { NotifierEntry } from '../../model/notifier-entry.ts';
import { readStrict } from '../../reading/strict-section.ts';
import type { SinkStats } from '../sink-stats.ts';
import { messageOf } from '../tries.ts';
import { NotifierCourier } from './notifier-courier.ts';
import { noStandby, type Standby } from './standby.ts';

export interface NotifiersPostParts {
	readonly notifiers: NotifierTable;
	/** Holds a folder for each notifier. */
	readonly folder: string;
	readonly lent: Pick<NotifierTools, 'version' | 'graph'>;
	readonly clock: Clock;
	readonly log: Log;
}

interface Post {
	readonly entry: NotifierEntry;
	readonly courier: NotifierCourier;
	readonly wantsState: boolean;
}

/** How long a notifier that is taken out of the config, or changed, may go on sending. */
const changeGraceMs = 1000;

/** One courier for each notifier that is configured. */
export class NotifiersPost implements NotificationQueue {
	readonly #parts: NotifiersPostParts;
	#posts = new Map<string, Post>();
	/** By name: those that are being closed. A new one of that name has to wait for them. */
	readonly #closing = new Map<string, Promise<void>>();

	constructor(parts: NotifiersPostParts) {
		this.#parts = parts;
	}

	/** From now on there are these notifiers. What has not changed is left alone. `standby`: another hub tells. */
	configure(entries: readonly NotifierEntry[], standby: Standby = noStandby): void {
		const before = this.#posts;
		this.#posts = new Map();
		const wanted = new Map(entries.map((entry) => [entry.name, entry]));
		for (const [name, post] of before) {
			if (JSON.stringify(wanted.get(name)) === JSON.stringify(post.entry)) this.#posts.set(name, post);
			else this.#close(name, post);
		}
		for (const entry of entries) if (!this.#posts.has(entry.name)) this.#open(entry);
		// Who forgets is told by all, and keeps one of each.
		for (const { courier, wantsState } of this.#posts.values())
			courier.standby = wantsState ? noStandby : standby;
		this.#tellLeftovers(wanted);
	}

	names(): readonly string[] {
		return [...this.#posts.keys()];
	}

	wantsState(name: string): boolean {
		return this.#posts.get(name)?.wantsState === true;
	}

	send(name: string, notification: Notification): void {
		this.#posts.get(name)?.courier.accept(notification);
	}

	toldOf(alertId: string): 'raise' | 'clear' | null {
		const told = [...this.#posts.values()].map(({ courier }) => courier.journal.last(alertId));
		return told.includes('raise') ? 'raise' : told.includes('clear') ? 'clear' : null;
	}

	openOf(about: string): string | null {
		for (const { courier } of this.#posts.values()) {
			const id = courier.journal.openOf(about);
			if (id !== null) return id;
		}
		return null;
	}

	/** To be called every second or so. */
	tick(): void {
		for (const { courier } of this.#posts.values()) courier.tick();
	}

	stats(): SinkStats[] {
		return [...this.#posts.values()].map(({ courier }) => courier.stats());
	}

	async close(graceMs: number): Promise<void> {
		const ending = [...this.#posts.values()].map(({ courier }) => courier.close(graceMs));
		await Promise.all([...ending, ...this.#closing.values()]);
	}

	#open(entry: NotifierEntry): void {
		const { notifiers, log } = this.#parts;
		try {
			const notifier = notifiers.get(entry.type);
			if (notifier === undefined) throw new Error(`there is no notifier of the type ${entry.type}`);
			const read = readStrict<unknown>(notifier.settings, entry.settings, '');
			if ('findings' in read) throw new Error(read.findings.map(({ message }) => message).join(' | '));
			const settings = read.value;
			const courier = new NotifierCourier({ ...this.#parts, entry, notifier, settings, random: Math.random });
			this.#posts.set(entry.name, { entry, courier, wantsState: notifier.wantsState === true });
			courier.start(this.#closing.get(entry.name));
		} catch (error) {
			// The config was checked, so the notifier itself has a fault. The others shall not suffer from it.
			log.error(`notifier ${entry.name}: cannot be set up: ${messageOf(error)}`);
		}
	}

	#close(name: string, { courier }: Post): void {
		const closed: Promise<void> = courier.close(changeGraceMs).then(() => {
			if (this.#closing.get(name) === closed) this.#closing.delete(name);
		});
		this.#closing.set(name, closed);
	}

	#tellLeftovers(wanted: ReadonlyMap<string, unknown>): void {
		const { folder, log } = this.#parts;
		for (const name of namesIn(folder)) {
			if (wanted.has(name) || this.#closing.has(name)) continue;
			if (!namesIn(`${folder}/${name}`).some((file) => file.endsWith('.json'))) continue;
			log.warn(
				`${folder}/${name} holds messages for a notifier that is not configured any more: they are kept. Configure it again (name: ${name}), or remove the folder`,
			);
		}
	}
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		// There is none.
		return [];
	}
}
